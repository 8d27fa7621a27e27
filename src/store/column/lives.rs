//! What became of columns: which have no feed file any more, which became another one, and what is
//! under way.
//!
//! Owns the notes of these lives. Never moves an article, and never touches a file.

use std::collections::BTreeMap;

use super::Columns;
use crate::model::{ColumnName, Timestamp};
use crate::store::StoreError;
use crate::store::rows::{column_name, from_row};

/// A column that was configured once, and is not under this name now, or was not at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnLife {
    /// Its name.
    pub name: ColumnName,
    /// What its feeds take from its feed file, as JSON.
    pub settings: Option<String>,
    /// Since when it has no feed file.
    pub ended_at: Option<Timestamp>,
    /// The column that it became, and when.
    pub became: Option<(ColumnName, Timestamp)>,
}

/// A column that runs have stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredColumn {
    /// Its name.
    pub name: ColumnName,
    /// The portal whose index numbers and addresses its articles share.
    pub portal: String,
    /// The address of its list.
    pub url: String,
}

struct LifeRow {
    column_name: String,
    settings: Option<String>,
    ended_ms: Option<i64>,
    into_name: Option<String>,
    moved_ms: Option<i64>,
}

from_row!(LifeRow: column_name, settings, ended_ms, into_name, moved_ms);

fn lives_of(rows: Vec<LifeRow>) -> Result<Vec<ColumnLife>, StoreError> {
    let time = |millis: Option<i64>| millis.and_then(Timestamp::from_millis);
    let rows = rows.into_iter();
    rows.map(|row| {
        let into = row.into_name.as_deref().map(column_name).transpose()?;
        Ok(ColumnLife {
            name: column_name(&row.column_name)?,
            settings: row.settings,
            ended_at: time(row.ended_ms),
            became: into.zip(time(row.moved_ms)),
        })
    })
    .collect()
}

impl Columns<'_> {
    /// The lives of all columns that were configured once, in the order of their names.
    pub async fn lives(self) -> Result<Vec<ColumnLife>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT column_name, settings, ended_ms, into_name, moved_ms FROM column_lives
             ORDER BY column_name",
        );
        lives_of(rows.fetch_all(&self.store.pool).await?)
    }

    /// Those of the columns that have ended, or became another one.
    pub async fn past_lives(self) -> Result<Vec<ColumnLife>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT column_name, settings, ended_ms, into_name, moved_ms FROM column_lives
             WHERE ended_ms IS NOT NULL OR into_name IS NOT NULL ORDER BY column_name",
        );
        lives_of(rows.fetch_all(&self.store.pool).await?)
    }

    /// Notes what the feeds of these columns take from their feed files. They live.
    pub async fn note_settings(
        self,
        columns: &BTreeMap<&ColumnName, String>,
    ) -> Result<(), StoreError> {
        if columns.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        for (name, settings) in columns {
            sqlx::query(
                "INSERT INTO column_lives (column_name, settings) VALUES (?1, ?2)
                 ON CONFLICT (column_name) DO UPDATE SET settings = ?2, ended_ms = NULL",
            )
            .bind(name.as_str())
            .bind(settings)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Notes that this column has no feed file any more.
    pub async fn note_end(self, now: Timestamp, name: &ColumnName) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE column_lives SET ended_ms = ?1 WHERE column_name = ?2 AND ended_ms IS NULL",
        )
        .bind(now.millis())
        .bind(name.as_str())
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }

    /// Lets a column that has ended give up its list: a new column with that list is not the same one.
    pub async fn give_up_list(self, name: &ColumnName) -> Result<(), StoreError> {
        sqlx::query("UPDATE columns SET url = '' WHERE name = ?")
            .bind(name.as_str())
            .execute(&self.store.writer)
            .await?;
        Ok(())
    }

    /// Forgets that a column of this name became another one: the name may be used again.
    pub async fn free_name(self, name: &ColumnName) -> Result<bool, StoreError> {
        let done =
            sqlx::query("DELETE FROM column_lives WHERE column_name = ? AND into_name IS NOT NULL")
                .bind(name.as_str())
                .execute(&self.store.writer)
                .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Notes that a column is about to become another one, before its files change.
    pub async fn begin_move(self, from: &ColumnName, into: &ColumnName) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO column_moves (column_name, into_name) VALUES (?, ?)
             ON CONFLICT (column_name) DO UPDATE SET into_name = excluded.into_name",
        )
        .bind(from.as_str())
        .bind(into.as_str())
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }

    /// The moves that are under way, or did not end.
    pub async fn moves(self) -> Result<Vec<(ColumnName, ColumnName)>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT column_name, into_name FROM column_moves ORDER BY column_name")
                .fetch_all(&self.store.pool)
                .await?;
        rows.iter()
            .map(|(from, into)| Ok((column_name(from)?, column_name(into)?)))
            .collect()
    }

    /// The columns that runs have stored.
    pub async fn stored(self) -> Result<Vec<StoredColumn>, StoreError> {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT name, portal, url FROM columns ORDER BY name")
                .fetch_all(&self.store.pool)
                .await?;
        rows.into_iter()
            .map(|(name, portal, url)| {
                Ok(StoredColumn {
                    name: column_name(&name)?,
                    portal,
                    url,
                })
            })
            .collect()
    }

    /// Whether a column stands in one of these portals and has the articles of another one: it moved
    /// there, or its feed file says so.
    pub async fn have_moved(self, portals: &[&str]) -> Result<bool, StoreError> {
        for portal in portals {
            let has_moved: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM columns
                                WHERE name > ?1 || '/' AND name < ?1 || '0' AND portal <> ?1)",
            )
            .bind(portal)
            .fetch_one(&self.store.pool)
            .await?;
            if has_moved {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The names from which the ids of feeds are made, where these are not the columns' own.
    pub async fn feed_names(self) -> Result<BTreeMap<String, String>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT name, feed_name FROM columns WHERE feed_name IS NOT NULL")
                .fetch_all(&self.store.pool)
                .await?;
        Ok(rows.into_iter().collect())
    }
}
