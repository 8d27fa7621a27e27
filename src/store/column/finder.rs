//! Takes in the items that a walk finds. An unknown item is queued; an article that is known from
//! another column is listed in this one, too.
//!
//! Owns the treatment of items by runs and backfills. Never chooses the items.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use url::Url;

use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Timestamp};
use crate::store::StoreError;
use crate::store::article::{By, prefer_https, refresh};
use crate::store::driver::EngineConnection;
use crate::store::rows::{from_row, json};

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

/// What is known of an item's address.
pub(super) struct KnownItem {
    /// Whether a complete walk has found it; `None` if the column has not listed it.
    walk_complete: Option<bool>,
    /// The row of its page, if that was read.
    found: Option<i64>,
    article_id: Option<String>,
    withdrawn: bool,
    /// Whether a removed article stood there, and no other one has since.
    is_removed: bool,
}

from_row!(KnownItem: walk_complete, found, article_id, withdrawn, is_removed);

impl KnownItem {
    /// Whether the column has listed it, or its page was read.
    pub(super) fn is_known(&self) -> bool {
        self.walk_complete.is_some() || self.found.is_some()
    }

    /// Whether no complete walk had found it.
    fn is_unknown(&self) -> bool {
        match self.walk_complete {
            Some(walk_complete) => !walk_complete,
            None => self.found.is_none() && !self.is_removed,
        }
    }
}

/// The addresses by which items are known.
pub(super) fn addresses<'a>(items: impl IntoIterator<Item = &'a ListedItem>) -> Vec<String> {
    let urls = items.into_iter().map(|item| CanonicalUrl::from(&item.url));
    urls.map(|url| url.as_str().to_owned()).collect()
}

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
        tx: &mut EngineConnection,
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

    /// Takes in items that a run found, in this order, and says what each of them was.
    pub(super) async fn list(
        &self,
        tx: &mut EngineConnection,
        items: &[&ListedItem],
    ) -> Result<Vec<FoundItem>, StoreError> {
        let known = self.known(tx, addresses(items.iter().copied())).await?;
        self.insert(tx, items, &known).await?;
        let mut found = Vec::with_capacity(items.len());
        let mut listed_before = BTreeSet::new();
        for (item, known) in items.iter().zip(&known) {
            // A list may show an item twice. It was taken in with the first row.
            let is_first = listed_before.insert(CanonicalUrl::from(&item.url));
            let is_new = known.walk_complete.is_none() && is_first;
            let is_repeated = known.walk_complete.is_none() && !is_first;
            self.listed(tx, item, known, is_new).await?;
            found.push(FoundItem {
                is_unknown: is_repeated || known.is_unknown(),
                is_new,
            });
        }
        Ok(found)
    }

    /// Takes in an item that a backfill found below all items that runs know. Returns whether it
    /// was new. Runs treat it as known: they need not look that far.
    pub(super) async fn list_older(
        &self,
        tx: &mut EngineConnection,
        item: &ListedItem,
    ) -> Result<bool, StoreError> {
        if self.mark(tx, item).await? {
            return Ok(false);
        }
        let known = self.known(tx, addresses([item])).await?;
        self.insert(tx, &[item], &known).await?;
        for known in &known {
            self.listed(tx, item, known, true).await?;
        }
        Ok(true)
    }

    /// What is known of the items at these addresses: one statement for all of a list page.
    pub(super) async fn known(
        &self,
        tx: &mut EngineConnection,
        urls: Vec<String>,
    ) -> Result<Vec<KnownItem>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT i.walk_complete, p.found, p.article_id, a.withdrawn_ms IS NOT NULL AS withdrawn,
                    p.found IS NULL AND EXISTS
                        (SELECT 1 FROM removed_urls
                         WHERE portal = ?2 AND canonical_url = j.value) AS is_removed
             FROM json_each(?3) j
             LEFT JOIN items i ON i.column_name = ?1 AND i.canonical_url = j.value
             LEFT JOIN pages p ON p.portal = ?2 AND p.canonical_url = j.value
             LEFT JOIN articles a ON a.id = p.article_id
             ORDER BY j.key",
        )
        .bind(self.column.as_str())
        .bind(self.portal)
        .bind(json(&urls)?)
        .fetch_all(tx)
        .await?)
    }

    /// Inserts items, in this order: as done if its page is known or its article was removed, else as
    /// waiting. An item that is done stays as it is. A waiting one takes its place in this walk, so
    /// that a run after a kill reads in the same order as an undisturbed one.
    async fn insert(
        &self,
        tx: &mut EngineConnection,
        items: &[&ListedItem],
        known: &[KnownItem],
    ) -> Result<(), StoreError> {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        let rows = items.iter().zip(known).map(|(item, known)| {
            (
                CanonicalUrl::from(&item.url).as_str().to_owned(),
                item.url.as_str(),
                if known.is_removed { "" } else { &item.title },
                day(item.listed_on),
                item.position,
                i64::from(known.found.is_some() || known.is_removed),
                day(item.published_on),
            )
        });
        let rows: Vec<_> = rows.collect();
        sqlx::query(
            "INSERT INTO items (column_name, portal, walk, walk_complete, backfill, backfill_walk,
                                canonical_url, url, title, listed_on, position, done, row_day)
             SELECT ?1, ?2, ?3, ?4, ?4, ?5, value ->> 0, value ->> 1, value ->> 2, value ->> 3,
                    CAST(value ->> 4 AS BIGINT), CAST(value ->> 5 AS BIGINT), value ->> 6
             FROM json_each(?6) WHERE true ORDER BY key
             ON CONFLICT (column_name, canonical_url) DO UPDATE
             SET url = excluded.url, title = excluded.title, listed_on = excluded.listed_on,
                 walk = excluded.walk, position = excluded.position, row_day = excluded.row_day
             WHERE items.done = 0 AND items.backfill = 0",
        )
        .bind(self.column.as_str())
        .bind(self.portal)
        .bind(self.walk)
        .bind(self.is_older)
        .bind(if self.is_older { self.walk } else { 0 })
        .bind(json(&rows)?)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Notes that a backfill has seen an item. Returns whether the item was listed already.
    pub(super) async fn mark(
        &self,
        tx: &mut EngineConnection,
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

    /// Updates the article of a known page, which may come from another column.
    async fn listed(
        &self,
        tx: &mut EngineConnection,
        item: &ListedItem,
        known: &KnownItem,
        is_new: bool,
    ) -> Result<(), StoreError> {
        let Some((found, id)) = known.found.zip(known.article_id.as_deref()) else {
            return Ok(());
        };
        let moved = prefer_https(tx, found, &item.url).await?;
        if moved || is_new {
            refresh(tx, self.now, id, By::Portal).await?;
        }
        if known.withdrawn {
            look_soon(tx, self.now, self.portal, &CanonicalUrl::from(&item.url)).await?;
        }
        Ok(())
    }
}

/// Makes a withdrawn article that is listed again due for a recheck, at most once a day: lists
/// often keep dead pages.
async fn look_soon(
    tx: &mut EngineConnection,
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
