//! The state of a column between runs, and the result of its last run.
//!
//! Owns the numbers of walks. Never decides when a walk is complete.

use std::collections::HashMap;

use super::Columns;
use super::quiet::settle;
use crate::fetch::Validators;
use crate::model::{ColumnName, Timestamp};
use crate::store::host::Together;
use crate::store::rows::from_row;
use crate::store::{Store, StoreError};

/// Columns of whose last runs the store is asked together.
pub(in crate::store) type LastRunAsks = Together<ColumnName, Option<Timestamp>>;

async fn last_runs_of(
    store: &Store,
    columns: &[ColumnName],
) -> Result<Vec<Option<Timestamp>>, StoreError> {
    let names: Vec<&str> = columns.iter().map(ColumnName::as_str).collect();
    let last: Vec<Option<i64>> = sqlx::query_scalar(
        "SELECT COALESCE(q.began_ms, c.last_run_ms) FROM json_each(?) j
         LEFT JOIN columns c ON c.name = j.value
         LEFT JOIN quiet_polls q ON q.column_name = c.name ORDER BY j.key",
    )
    .bind(serde_json::json!(names).to_string())
    .fetch_all(&store.pool)
    .await?;
    let last = last.into_iter();
    Ok(last
        .map(|last| last.and_then(Timestamp::from_millis))
        .collect())
}

/// A column's state between runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnState {
    /// The column's title on its page.
    pub title: Option<String>,
    /// The validators of the first list page, from the last complete walk over this URL.
    pub validators: Validators,
    /// How many walks have begun.
    pub walks: i64,
    /// Whether a walk has been completed.
    pub walked: bool,
    /// When the last run began.
    pub last_run_at: Option<Timestamp>,
    /// When the last run ended well.
    pub last_ok_at: Option<Timestamp>,
    /// When a run last found an article.
    pub last_new_at: Option<Timestamp>,
    /// Runs in a row that did not end well.
    pub failures: i64,
    /// Why the last run did not end well: a stable code.
    pub reason: Option<String>,
    /// The same as a message.
    pub message: Option<String>,
}

/// What a column page calls its column and its portal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names<'a> {
    /// The column's title.
    pub column: Option<&'a str>,
    /// The portal's display name.
    pub portal: Option<&'a str>,
}

/// How a run of a column ended.
#[derive(Clone, Copy, Debug)]
pub struct RunEnd<'a> {
    /// Whether it found an article.
    pub found_new: bool,
    /// A stable code and a message, if something failed.
    pub failure: Option<(&'a str, &'a str)>,
}

pub(super) struct ColumnRow {
    url: String,
    title: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
    walks: i64,
    walked: bool,
    last_run_ms: Option<i64>,
    last_ok_ms: Option<i64>,
    last_new_ms: Option<i64>,
    failures: i64,
    reason: Option<String>,
    message: Option<String>,
}

from_row!(ColumnRow: url, title, etag, last_modified, walks, walked, last_run_ms, last_ok_ms, last_new_ms, failures, reason, message);

impl ColumnRow {
    /// The state; validators of another URL than `url` are left out.
    pub(super) fn state(self, url: &str) -> ColumnState {
        let validators = if self.url == url {
            Validators {
                etag: self.etag,
                last_modified: self.last_modified,
            }
        } else {
            Validators::default()
        };
        let instant = |millis: Option<i64>| millis.and_then(Timestamp::from_millis);
        ColumnState {
            title: self.title,
            validators,
            walks: self.walks,
            walked: self.walked,
            last_run_at: instant(self.last_run_ms),
            last_ok_at: instant(self.last_ok_ms),
            last_new_at: instant(self.last_new_ms),
            failures: self.failures,
            reason: self.reason,
            message: self.message,
        }
    }
}

impl Columns<'_> {
    /// The time of the last write: of the last change, or of the last run's begin.
    pub async fn last_written(self) -> Result<Option<Timestamp>, StoreError> {
        let last: Option<i64> = sqlx::query_scalar(
            "SELECT MAX(at) FROM (SELECT MAX(last_run_ms) AS at FROM columns
             UNION ALL SELECT MAX(began_ms) FROM quiet_polls
             UNION ALL
             SELECT at_ms FROM (SELECT at_ms FROM changes ORDER BY seq DESC LIMIT 1) l) t",
        )
        .fetch_one(&self.store.pool)
        .await?;
        Ok(last.and_then(Timestamp::from_millis))
    }

    /// When a column ran last. Several that ask at about the same time are answered together.
    pub async fn last_run(self, column: &ColumnName) -> Result<Option<Timestamp>, StoreError> {
        let (store, asks) = (self.store, &self.store.last_run_asks);
        asks.ask(store, column.clone(), |store, asks| {
            Box::pin(last_runs_of(store, asks))
        })
        .await
    }

    /// When each column ran last, by the columns' names; without those that never ran.
    pub async fn last_runs(self) -> Result<HashMap<String, Timestamp>, StoreError> {
        self.store.write_down().await?;
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT c.name, COALESCE(q.began_ms, c.last_run_ms) AS last FROM columns c
             LEFT JOIN quiet_polls q ON q.column_name = c.name
             WHERE COALESCE(q.began_ms, c.last_run_ms) IS NOT NULL",
        )
        .fetch_all(&self.store.pool)
        .await?;
        let known = rows.into_iter();
        Ok(known
            .filter_map(|(name, at)| Some((name, Timestamp::from_millis(at)?)))
            .collect())
    }

    /// The titles that columns have on their portals, by the columns' names.
    pub async fn titles(self) -> Result<HashMap<String, String>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT name, title FROM columns WHERE title IS NOT NULL")
                .fetch_all(&self.store.pool)
                .await?;
        Ok(rows.into_iter().collect())
    }

    /// The display names that portals told, by their short names.
    pub async fn portal_titles(self) -> Result<HashMap<String, String>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT name, title FROM portals")
            .fetch_all(&self.store.pool)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// The column's state; the default if it never ran. Validators of another URL than `url` are
    /// left out: the feed file has changed since.
    pub async fn state(self, name: &ColumnName, url: &str) -> Result<ColumnState, StoreError> {
        let row: Option<ColumnRow> = sqlx::query_as(
            "SELECT url, title, etag, last_modified, walks,
                    COALESCE(q.began_ms, last_run_ms) AS last_run_ms,
                    COALESCE(q.ended_ms, last_ok_ms) AS last_ok_ms, last_new_ms,
                    failures, reason, message,
                    EXISTS (SELECT 1 FROM items
                            WHERE column_name = name AND walk_complete = 1) AS walked
             FROM columns LEFT JOIN quiet_polls q ON q.column_name = name WHERE name = ?",
        )
        .bind(name.as_str())
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(row.map_or_else(ColumnState::default, |row| row.state(url)))
    }

    /// Begins a walk over the column's list pages, and returns its number.
    pub async fn begin_walk(
        self,
        now: Timestamp,
        name: &ColumnName,
        portal: &str,
        url: &str,
    ) -> Result<i64, StoreError> {
        let mut tx = self.store.begin_note().await?;
        settle(&mut tx, name).await?;
        let walk = sqlx::query_scalar(
            "INSERT INTO columns (name, portal, url, walks, last_run_ms, feed_name)
             -- A renamed column may have the id that this name gives.
             VALUES (?1, ?2, ?3, 1, ?4, (SELECT ?1 || '/' || COUNT(*) FROM columns
                                         WHERE feed_name = ?1 OR substr(feed_name, 1, length(?1) + 1) = ?1 || '/'
                                         HAVING COUNT(*) > 0))
             ON CONFLICT (name) DO UPDATE SET portal = ?2, walks = columns.walks + 1, last_run_ms = ?4,
                 etag = CASE WHEN columns.url = ?3 THEN columns.etag END,
                 last_modified = CASE WHEN columns.url = ?3 THEN columns.last_modified END,
                 url = ?3
             RETURNING walks",
        )
        .bind(name.as_str())
        .bind(portal)
        .bind(url)
        .bind(now.millis())
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(walk)
    }

    /// Ends a complete walk: its items count as known from now on, and the first page's validators
    /// are stored. A portal that has no name yet gets the one that the page tells.
    pub async fn complete_walk(
        self,
        name: &ColumnName,
        told: Names<'_>,
        validators: &Validators,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin_note().await?;
        sqlx::query(
            "UPDATE items SET walk_complete = 1 WHERE column_name = ? AND walk_complete = 0",
        )
        .bind(name.as_str())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE columns SET title = COALESCE(?, title), etag = ?, last_modified = ?
             WHERE name = ?",
        )
        .bind(told.column)
        .bind(&validators.etag)
        .bind(&validators.last_modified)
        .bind(name.as_str())
        .execute(&mut *tx)
        .await?;
        if let Some(portal) = told.portal {
            sqlx::query("INSERT INTO portals (name, title) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .bind(name.portal())
                .bind(portal)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Stores the validators of a list that did not change.
    pub async fn note_validators(
        self,
        name: &ColumnName,
        validators: &Validators,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE columns SET etag = ?, last_modified = ? WHERE name = ?")
            .bind(&validators.etag)
            .bind(&validators.last_modified)
            .bind(name.as_str())
            .execute(&self.store.writer)
            .await?;
        Ok(())
    }

    /// Notes how a run ended.
    pub async fn end_run(
        self,
        now: Timestamp,
        name: &ColumnName,
        end: RunEnd<'_>,
    ) -> Result<(), StoreError> {
        let (reason, message) = end.failure.unzip();
        let mut tx = self.store.begin_note().await?;
        settle(&mut tx, name).await?;
        sqlx::query(
            "UPDATE columns SET
                 last_ok_ms = CASE WHEN ?2 IS NULL THEN ?1 ELSE last_ok_ms END,
                 last_new_ms = CASE WHEN ?4 <> 0 THEN ?1 ELSE last_new_ms END,
                 failures = CASE WHEN ?2 IS NULL THEN 0 ELSE failures + 1 END,
                 reason = ?2, message = ?3
             WHERE name = ?5",
        )
        .bind(now.millis())
        .bind(reason)
        .bind(message)
        .bind(end.found_new)
        .bind(name.as_str())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
