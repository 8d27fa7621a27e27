//! The queue: what column pages list and is still to be read, oldest first.

use chrono::NaiveDate;
use url::Url;

use super::refresh::{By, refresh};
use super::{Store, StoreError, pages};
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
        let mut unknown = 0;
        for item in items {
            let canonical = CanonicalUrl::from(&item.url);
            let known: Option<bool> = sqlx::query_scalar(
                "SELECT walk_complete FROM items WHERE column_name = ? AND canonical_url = ?",
            )
            .bind(column.as_str())
            .bind(canonical.as_str())
            .fetch_optional(&mut *tx)
            .await?;
            let article: Option<(i64, Option<String>, bool)> = sqlx::query_as(
                "SELECT p.found, p.article_id, a.withdrawn_ms IS NOT NULL FROM pages p
                 LEFT JOIN articles a ON a.id = p.article_id
                 WHERE p.portal = ? AND p.canonical_url = ?",
            )
            .bind(portal)
            .bind(canonical.as_str())
            .fetch_optional(&mut *tx)
            .await?;
            unknown += usize::from(match known {
                Some(walk_complete) => !walk_complete,
                None => article.is_none(),
            });
            // A done item is left as it is; one that waits takes its place in this walk, so that
            // a run that goes on after a kill reads in the order of an undisturbed one.
            sqlx::query(
                "INSERT INTO items (column_name, canonical_url, portal, url, title, listed_on,
                                    walk, position, done)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (column_name, canonical_url) DO UPDATE
                 SET url = ?4, title = ?5, listed_on = ?6, walk = ?7, position = ?8
                 WHERE done = 0",
            )
            .bind(column.as_str())
            .bind(canonical.as_str())
            .bind(portal)
            .bind(item.url.as_str())
            .bind(&item.title)
            .bind(item.listed_on.map(|day| day.to_string()))
            .bind(walk)
            .bind(item.position)
            .bind(article.is_some())
            .execute(&mut *tx)
            .await?;
            if let Some((found, Some(id), withdrawn)) = article {
                let moved = pages::prefer_https(&mut tx, found, &item.url).await?;
                if moved || known.is_none() {
                    refresh(&mut tx, now, &id, By::Portal).await?;
                }
                if withdrawn {
                    look_soon(&mut tx, now, portal, &canonical).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(unknown)
    }

    /// The items of this column that are due, oldest first.
    pub async fn queued(
        &self,
        now: Instant,
        column: &ColumnName,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        let rows: Vec<(String, u32)> = sqlx::query_as(
            "SELECT url, attempts FROM items
             WHERE column_name = ? AND done = 0 AND next_try_ms <= ?
             ORDER BY listed_on, walk, position DESC",
        )
        .bind(column.as_str())
        .bind(now.millis())
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

/// A withdrawn article that is listed again is looked at again, at most once a day: lists go on
/// naming dead pages.
async fn look_soon(
    tx: &mut sqlx::SqliteConnection,
    now: Instant,
    portal: &str,
    url: &CanonicalUrl,
) -> Result<(), StoreError> {
    let day_ago = now.plus(-chrono::TimeDelta::days(1)).millis();
    sqlx::query(
        "UPDATE pages SET next_check_ms = ?1
         WHERE portal = ?2 AND canonical_url = ?3
           AND looked_ms <= ?4 AND COALESCE(next_check_ms, ?1 + 1) > ?1",
    )
    .bind(now.millis())
    .bind(portal)
    .bind(url.as_str())
    .bind(day_ago)
    .execute(tx)
    .await?;
    Ok(())
}
