//! The queue: what column pages list and is still to be read, oldest first.

use chrono::NaiveDate;
use url::Url;

use super::finder::Finder;
use super::{Store, StoreError};
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Instant};

/// An item as a column page lists it.
#[derive(Clone, Debug)]
pub struct ListedItem {
    /// The article's page.
    pub url: Url,
    /// The title as listed.
    pub title: String,
    /// The day as listed; where the item shows none, its neighbour's.
    pub listed_on: Option<NaiveDate>,
    /// How far down the column it stands, from 0, over all pages of the walk.
    pub position: i64,
}

/// An item that is due to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedItem {
    /// The article's page.
    pub url: Url,
    /// How often it was tried in vain.
    pub attempts: u32,
}

impl Store {
    /// Queues the items of one list page and says how many of them were unknown: not found by a
    /// walk that was completed. That one was read meanwhile does not count: the walk that found it
    /// may have ended before it came to what stands below. Items whose page is known from another
    /// column are done at once, and their article learns that this column lists it too.
    pub async fn queue_items(
        &self,
        now: Instant,
        column: &ColumnName,
        portal: &str,
        walk: i64,
        items: &[ListedItem],
    ) -> Result<usize, StoreError> {
        let mut tx = self.begin().await?;
        let finder = Finder {
            now,
            column,
            portal,
            walk,
        };
        let mut unknown = 0;
        for item in items {
            unknown += usize::from(finder.list(&mut tx, item).await?);
        }
        tx.commit().await?;
        Ok(unknown)
    }

    /// The items of this column that are due, oldest first; what a backfill left behind comes
    /// after the news.
    pub async fn queued(
        &self,
        now: Instant,
        column: &ColumnName,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.queue(now, column, None).await
    }

    /// What is due; of that, where `older` says so, what a backfill found, or all but that.
    pub(super) async fn queue(
        &self,
        now: Instant,
        column: &ColumnName,
        older: Option<bool>,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        let rows: Vec<(String, u32)> = sqlx::query_as(
            "SELECT url, attempts FROM items
             WHERE column_name = ?1 AND done = 0
               -- Later than any rest is what a clock of the future wrote down.
               AND (next_try_ms <= ?2 OR next_try_ms > ?2 + 2764800000)
               AND backfill = COALESCE(?3, backfill)
             ORDER BY backfill, listed_on, walk, position DESC",
        )
        .bind(column.as_str())
        .bind(now.millis())
        .bind(older)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(url, attempts)| {
                let url = Url::parse(&url).map_err(|e| StoreError::record("queued URL", e))?;
                Ok(QueuedItem { url, attempts })
            })
            .collect()
    }

    /// Puts an item back into the queue after a vain try.
    pub async fn put_back(
        &self,
        column: &ColumnName,
        url: &Url,
        next_try: Instant,
        reason: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE items SET attempts = attempts + 1, next_try_ms = ?, reason = ?
             WHERE column_name = ? AND canonical_url = ?",
        )
        .bind(next_try.millis())
        .bind(reason)
        .bind(column.as_str())
        .bind(CanonicalUrl::from(url).as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How many items wait to be read, whether due or not.
    pub async fn waiting(&self, column: &ColumnName) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT COUNT(*) FROM items WHERE column_name = ? AND done = 0")
                .bind(column.as_str())
                .fetch_one(&self.pool)
                .await?,
        )
    }
}
