//! Lists what a walk has found: an item is known, or unknown and queued, and an article that is
//! known from elsewhere learns that it is listed here too.
//!
//! Owns what runs and backfills make of an item. Never says which items those are.

use sqlx::SqliteConnection;

use super::from_row::from_row;
use super::queue::ListedItem;
use super::refresh::{By, refresh};
use super::removal::is_removed_url;
use super::{StoreError, pages};
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Instant};

/// Who found items, and when.
pub(super) struct Finder<'a> {
    pub(super) now: Instant,
    pub(super) column: &'a ColumnName,
    pub(super) portal: &'a str,
    /// The number of the walk: a run's, or a backfill's among the backfills.
    pub(super) walk: i64,
}

/// A page that is known already.
struct KnownPage {
    found: i64,
    article_id: Option<String>,
    withdrawn: bool,
}

from_row!(KnownPage: found, article_id, withdrawn);

impl Finder<'_> {
    /// Lists an item that a run found, and says whether it was unknown.
    pub(super) async fn list(
        &self,
        tx: &mut SqliteConnection,
        item: &ListedItem,
    ) -> Result<bool, StoreError> {
        let canonical = CanonicalUrl::from(&item.url);
        let known: Option<bool> = sqlx::query_scalar(
            "SELECT walk_complete FROM items WHERE column_name = ? AND canonical_url = ?",
        )
        .bind(self.column.as_str())
        .bind(canonical.as_str())
        .fetch_optional(&mut *tx)
        .await?;
        let page = self.page(tx, &canonical).await?;
        let is_removed = is_removed_url(tx, self.portal, &canonical).await?;
        // A done item is left as it is; one that waits takes its place in this walk, so that a
        // run that goes on after a kill reads in the order of an undisturbed one.
        sqlx::query(
            "INSERT INTO items (column_name, canonical_url, portal, url, title, listed_on,
                                walk, position, done)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (column_name, canonical_url) DO UPDATE
             SET url = ?4, title = ?5, listed_on = ?6, walk = ?7, position = ?8
             WHERE done = 0 AND backfill = 0",
        )
        .bind(self.column.as_str())
        .bind(canonical.as_str())
        .bind(self.portal)
        .bind(item.url.as_str())
        .bind(if is_removed { "" } else { &item.title })
        .bind(item.listed_on.map(|day| day.to_string()))
        .bind(self.walk)
        .bind(item.position)
        .bind(page.is_some() || is_removed)
        .execute(&mut *tx)
        .await?;
        let is_unknown = match known {
            Some(walk_complete) => !walk_complete,
            None => page.is_none() && !is_removed,
        };
        self.listed(tx, item, page, known.is_none()).await?;
        Ok(is_unknown)
    }

    /// Lists an item that a backfill found below all that runs know, and says whether it was new.
    /// To runs it is known: it stands beyond what they have to look for.
    pub(super) async fn list_older(
        &self,
        tx: &mut SqliteConnection,
        item: &ListedItem,
    ) -> Result<bool, StoreError> {
        if self.mark(tx, item).await? {
            return Ok(false);
        }
        let canonical = CanonicalUrl::from(&item.url);
        let page = self.page(tx, &canonical).await?;
        let is_removed = is_removed_url(tx, self.portal, &canonical).await?;
        sqlx::query(
            "INSERT INTO items (column_name, canonical_url, portal, url, title, listed_on,
                                walk, position, done, walk_complete, backfill, backfill_walk)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, 1, ?7)",
        )
        .bind(self.column.as_str())
        .bind(canonical.as_str())
        .bind(self.portal)
        .bind(item.url.as_str())
        .bind(if is_removed { "" } else { &item.title })
        .bind(item.listed_on.map(|day| day.to_string()))
        .bind(self.walk)
        .bind(item.position)
        .bind(page.is_some() || is_removed)
        .execute(&mut *tx)
        .await?;
        self.listed(tx, item, page, true).await?;
        Ok(true)
    }

    /// Notes that a backfill has seen an item that is listed already; says whether it is.
    pub(super) async fn mark(
        &self,
        tx: &mut SqliteConnection,
        item: &ListedItem,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE items SET backfill_walk = ? WHERE column_name = ? AND canonical_url = ?",
        )
        .bind(self.walk)
        .bind(self.column.as_str())
        .bind(CanonicalUrl::from(&item.url).as_str())
        .execute(tx)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn page(
        &self,
        tx: &mut SqliteConnection,
        url: &CanonicalUrl,
    ) -> Result<Option<KnownPage>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT p.found, p.article_id, a.withdrawn_ms IS NOT NULL AS withdrawn FROM pages p
             LEFT JOIN articles a ON a.id = p.article_id
             WHERE p.portal = ? AND p.canonical_url = ?",
        )
        .bind(self.portal)
        .bind(url.as_str())
        .fetch_optional(tx)
        .await?)
    }

    /// Tells the article of a page that is known, perhaps from another column, what it learns
    /// from being listed.
    async fn listed(
        &self,
        tx: &mut SqliteConnection,
        item: &ListedItem,
        page: Option<KnownPage>,
        is_new: bool,
    ) -> Result<(), StoreError> {
        let Some(KnownPage {
            found,
            article_id: Some(id),
            withdrawn,
        }) = page
        else {
            return Ok(());
        };
        let moved = pages::prefer_https(tx, found, &item.url).await?;
        if moved || is_new {
            refresh(tx, self.now, &id, By::Portal).await?;
        }
        if withdrawn {
            look_soon(tx, self.now, self.portal, &CanonicalUrl::from(&item.url)).await?;
        }
        Ok(())
    }
}

/// A withdrawn article that is listed again is looked at again, at most once a day: lists go on
/// naming dead pages.
async fn look_soon(
    tx: &mut SqliteConnection,
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
