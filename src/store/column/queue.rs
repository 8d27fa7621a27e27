//! The queue: items that column pages list and that are still to be read, oldest first.
//!
//! Owns the order of the queue. Never decides whether an item is held back.

use url::Url;

use super::Queue;
use super::finder::{Finder, ListedItem};
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Field, HeldCount, ListRow, Timestamp};
use crate::store::StoreError;
use crate::store::rows::{field_list, list_row};

/// An item that is due to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedItem {
    /// The article's page.
    pub url: Url,
    /// What the column's list says of it.
    pub row: Option<ListRow>,
    /// The number of failed tries.
    pub attempts: u32,
    /// Whether a backfill found it.
    pub is_older: bool,
    /// The fields for which it was read and held back; empty for an item that was not read.
    pub held: Vec<Field>,
    /// Whether it may be tried now.
    pub is_due: bool,
}

/// Why an item waits, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Delay<'a> {
    /// When it was tried.
    pub tried_at: Timestamp,
    /// When it is tried again.
    pub next_try_at: Timestamp,
    /// Why: a stable code.
    pub reason: &'a str,
    /// The same in words, with the remedy.
    pub message: &'a str,
}

/// What became of the items of a list page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Which of them were unknown, in their order.
    pub unknown: Vec<bool>,
    /// How many the column has listed now for the first time.
    pub new: u32,
    /// How many new ones found no room, and were left aside.
    pub left: usize,
}

impl Queue<'_> {
    /// Queues the items of one list page, and says which of them were unknown: not found by a
    /// complete walk. An item that was read but found by an incomplete walk is unknown, too, since
    /// that walk may have missed the items below. An item whose page is known from another column
    /// is done at once, and its article is listed in this column, too. At most `room` items that
    /// are new to the column are taken in, from the top; the others are left aside, and are unknown.
    pub async fn add(
        self,
        now: Timestamp,
        column: &ColumnName,
        portal: &str,
        walk: i64,
        items: &[ListedItem],
        room: u32,
    ) -> Result<Added, StoreError> {
        let mut tx = self.store.begin().await?;
        let finder = Finder {
            now,
            column,
            portal,
            walk,
            is_older: false,
        };
        let items = finder.recognise(&mut tx, items).await?;
        let fitting = finder.fitting(&mut tx, &items, room).await?;
        // Oldest first: this publishes known articles that are new to this column.
        let taken = items.iter().zip(&fitting).rev();
        let taken: Vec<&ListedItem> = taken
            .filter(|(_, fits)| **fits)
            .map(|(item, _)| item)
            .collect();
        let mut listed = finder.list(&mut tx, &taken).await?.into_iter().rev();
        let mut added = Added::default();
        for fits in fitting {
            match fits.then(|| listed.next()).flatten() {
                Some(item) => {
                    added.unknown.push(item.is_unknown);
                    added.new += u32::from(item.is_new);
                }
                None => {
                    added.left += 1;
                    added.unknown.push(true);
                }
            }
        }
        tx.commit().await?;
        Ok(added)
    }

    /// The items of this column that are due, oldest first, those of a backfill after the news.
    /// Items that are held back are not among them.
    pub async fn due(
        self,
        now: Timestamp,
        column: &ColumnName,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.due_of(now, column, None).await
    }

    /// The items that the column's backfill found and that are due to be read, oldest first.
    pub async fn due_older(
        self,
        now: Timestamp,
        column: &ColumnName,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.due_of(now, column, Some(true)).await
    }

    /// The items that runs found and that are due to be read, oldest first.
    pub async fn due_news(
        self,
        now: Timestamp,
        column: &ColumnName,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.due_of(now, column, Some(false)).await
    }

    /// The items that are due; with `older`, only those of backfills or only those of runs.
    async fn due_of(
        self,
        now: Timestamp,
        column: &ColumnName,
        older: Option<bool>,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        let mut items = self.items(now, column, false).await?;
        items.retain(|item| item.is_due && older.is_none_or(|older| older == item.is_older));
        Ok(items)
    }

    /// The items that were read and held back, due or not, oldest first.
    pub async fn held(
        self,
        now: Timestamp,
        column: &ColumnName,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.items(now, column, true).await
    }

    async fn items(
        self,
        now: Timestamp,
        column: &ColumnName,
        held: bool,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        // A time beyond the longest rest comes from a clock that was ahead.
        type Row = (
            String,
            String,
            Option<String>,
            u32,
            bool,
            Option<String>,
            bool,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT url, title, row_day, attempts, backfill, held,
                    next_try_ms <= ?2 OR next_try_ms > ?2 + 2764800000 AS due
             FROM items
             WHERE column_name = ?1 AND done = 0 AND CASE WHEN held IS NULL THEN 0 ELSE 1 END = ?3
               AND (?3 <> 0 OR next_try_ms <= ?2 OR next_try_ms > ?2 + 2764800000)
             ORDER BY backfill, listed_on NULLS FIRST, walk, position DESC",
        )
        .bind(column.as_str())
        .bind(now.millis())
        .bind(held)
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(url, title, day, attempts, is_older, held, is_due)| {
                Ok(QueuedItem {
                    url: Url::parse(&url).map_err(|e| StoreError::unreadable("queued URL", e))?,
                    row: list_row(Some(title), day)?,
                    attempts,
                    is_older,
                    held: field_list(&held.unwrap_or_default()),
                    is_due,
                })
            })
            .collect()
    }

    /// Holds back an item that was read, because these fields deviate from the baseline.
    pub async fn hold(
        self,
        column: &ColumnName,
        url: &Url,
        delay: Delay<'_>,
        fields: &[Field],
    ) -> Result<(), StoreError> {
        let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
        sqlx::query(
            "UPDATE items SET tried_ms = ?, next_try_ms = ?, reason = ?, message = ?, held = ?
             WHERE column_name = ? AND canonical_url = ?",
        )
        .bind(delay.tried_at.millis())
        .bind(delay.next_try_at.millis())
        .bind(delay.reason)
        .bind(delay.message)
        .bind(names.join(" "))
        .bind(column.as_str())
        .bind(CanonicalUrl::from(url).as_str())
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }

    /// How many of the column's items wait for each of these reasons.
    pub async fn held_counts(
        self,
        column: &ColumnName,
        reasons: &[&str],
    ) -> Result<Vec<HeldCount>, StoreError> {
        let rows: Vec<(String, i64, String)> = sqlx::query_as(
            "SELECT reason, COUNT(*), MIN(url) FROM items
             WHERE column_name = ? AND done = 0 AND reason IS NOT NULL
             GROUP BY reason ORDER BY reason",
        )
        .bind(column.as_str())
        .fetch_all(&self.store.pool)
        .await?;
        Ok(rows
            .into_iter()
            .filter(|(reason, ..)| reasons.contains(&reason.as_str()))
            .map(|(reason, articles, example)| HeldCount {
                reason,
                articles,
                example,
            })
            .collect())
    }

    /// Puts an item back into the queue after a failed try.
    pub async fn put_back(
        self,
        column: &ColumnName,
        url: &Url,
        delay: Delay<'_>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE items SET attempts = attempts + 1, tried_ms = ?, next_try_ms = ?, reason = ?,
                 message = ?, held = NULL
             WHERE column_name = ? AND canonical_url = ?",
        )
        .bind(delay.tried_at.millis())
        .bind(delay.next_try_at.millis())
        .bind(delay.reason)
        .bind(delay.message)
        .bind(column.as_str())
        .bind(CanonicalUrl::from(url).as_str())
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }

    /// The number of items that wait to be read, due or not.
    pub async fn waiting(self, column: &ColumnName) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT COUNT(*) FROM items WHERE column_name = ? AND done = 0")
                .bind(column.as_str())
                .fetch_one(&self.store.pool)
                .await?,
        )
    }
}
