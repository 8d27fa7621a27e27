//! Takes in the items that a walk finds. An unknown item is queued; an article that is known from
//! another column is listed in this one, too.
//!
//! Owns the treatment of items by runs and backfills. Never chooses the items.

use chrono::NaiveDate;
use sqlx::SqliteConnection;
use url::Url;

use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Timestamp};
use crate::store::StoreError;
use crate::store::article::{By, is_removed_url, prefer_https, refresh};
use crate::store::rows::from_row;

/// An item as a column page lists it.
#[derive(Clone, Debug)]
pub struct ListedItem {
    /// The article's page.
    pub url: Url,
    /// The title as listed.
    pub title: String,
    /// The day that the row itself shows.
    pub published_on: Option<NaiveDate>,
    /// The day by which the queue is sorted; where the row shows none, its neighbour's.
    pub listed_on: Option<NaiveDate>,
    /// Its position in the column, from 0, over all list pages of the walk.
    pub position: i64,
}

/// A walk of a column that finds items.
pub(super) struct Finder<'a> {
    pub(super) now: Timestamp,
    pub(super) column: &'a ColumnName,
    pub(super) portal: &'a str,
    /// The number of the walk. Runs and backfills are counted separately.
    pub(super) walk: i64,
    /// Whether it is a backfill's.
    pub(super) is_older: bool,
}

/// A page that is known already.
struct KnownPage {
    found: i64,
    article_id: Option<String>,
    withdrawn: bool,
}

from_row!(KnownPage: found, article_id, withdrawn);

/// What an item was when a run found it.
pub(super) struct FoundItem {
    /// Whether no complete walk had found it.
    pub(super) is_unknown: bool,
    /// Whether the column had not listed it.
    pub(super) is_new: bool,
}

impl Finder<'_> {
    /// Which of these items are taken in: those that the column has listed before, and from the top
    /// as many others as there is room for.
    pub(super) async fn fitting(
        &self,
        tx: &mut SqliteConnection,
        items: &[ListedItem],
        room: u32,
    ) -> Result<Vec<bool>, StoreError> {
        let mut left = usize::try_from(room).unwrap_or(usize::MAX);
        if items.len() <= left {
            return Ok(vec![true; items.len()]);
        }
        let mut fitting = Vec::with_capacity(items.len());
        for item in items {
            let is_listed: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM items WHERE column_name = ? AND canonical_url = ?)",
            )
            .bind(self.column.as_str())
            .bind(CanonicalUrl::from(&item.url).as_str())
            .fetch_one(&mut *tx)
            .await?;
            fitting.push(is_listed || left > 0);
            left = left.saturating_sub(usize::from(!is_listed));
        }
        Ok(fitting)
    }

    /// Takes in an item that a run found, and says what it was.
    pub(super) async fn list(
        &self,
        tx: &mut SqliteConnection,
        item: &ListedItem,
    ) -> Result<FoundItem, StoreError> {
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
        self.insert(tx, item, page.is_some(), is_removed).await?;
        let is_unknown = match known {
            Some(walk_complete) => !walk_complete,
            None => page.is_none() && !is_removed,
        };
        self.listed(tx, item, page, known.is_none()).await?;
        Ok(FoundItem {
            is_unknown,
            is_new: known.is_none(),
        })
    }

    /// Takes in an item that a backfill found below all items that runs know. Returns whether it
    /// was new. Runs treat it as known: they need not look that far.
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
        self.insert(tx, item, page.is_some(), is_removed).await?;
        self.listed(tx, item, page, true).await?;
        Ok(true)
    }

    /// Inserts an item: as done if its page is known or its article was removed, else as waiting.
    /// An item that is done stays as it is. A waiting one takes its place in this walk, so that a
    /// run after a kill reads in the same order as an undisturbed one.
    async fn insert(
        &self,
        tx: &mut SqliteConnection,
        item: &ListedItem,
        is_known: bool,
        is_removed: bool,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO items (column_name, canonical_url, portal, url, title, listed_on,
                                walk, position, done, walk_complete, backfill, backfill_walk,
                                row_day)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12)
             ON CONFLICT (column_name, canonical_url) DO UPDATE
             SET url = ?4, title = ?5, listed_on = ?6, walk = ?7, position = ?8,
                 row_day = ?12
             WHERE done = 0 AND backfill = 0",
        )
        .bind(self.column.as_str())
        .bind(CanonicalUrl::from(&item.url).as_str())
        .bind(self.portal)
        .bind(item.url.as_str())
        .bind(if is_removed { "" } else { &item.title })
        .bind(item.listed_on.map(|day| day.to_string()))
        .bind(self.walk)
        .bind(item.position)
        .bind(is_known || is_removed)
        .bind(self.is_older)
        .bind(if self.is_older { self.walk } else { 0 })
        .bind(item.published_on.map(|day| day.to_string()))
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Notes that a backfill has seen an item. Returns whether the item was listed already.
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

    /// Updates the article of a known page, which may come from another column.
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
        let moved = prefer_https(tx, found, &item.url).await?;
        if moved || is_new {
            refresh(tx, self.now, &id, By::Portal).await?;
        }
        if withdrawn {
            look_soon(tx, self.now, self.portal, &CanonicalUrl::from(&item.url)).await?;
        }
        Ok(())
    }
}

/// Makes a withdrawn article that is listed again due for a recheck, at most once a day: lists
/// often keep dead pages.
async fn look_soon(
    tx: &mut SqliteConnection,
    now: Timestamp,
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
