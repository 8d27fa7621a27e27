//! The progress of a column's backfill: its checkpoint, the pages and items it has seen, its end.
//!
//! Owns one rule: a list page's items and the checkpoint behind it are one transaction, so that a
//! kill leaves both or neither. Never decides where a walk ends.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use url::Url;

use super::Backfills;
use super::finder::{Finder, ListedItem};
use super::queue::Added;
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Timestamp};
use crate::store::StoreError;
use crate::store::rows::from_row;

/// The progress of a walk over a column's older list pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackfillState {
    /// Its number among the column's.
    pub walk: i64,
    /// The list page to read next; `None` after the last, or when the walk is over.
    pub next: Option<Url>,
    /// List pages done.
    pub pages: u32,
    /// The number of list pages, if the pager shows it.
    pub total: Option<u32>,
    /// The day of the last row so far, if days fall without a break down to it.
    pub day: Option<NaiveDate>,
    /// How many of the last list pages in a row listed only items that were seen before.
    pub repeats: u32,
    /// Items older than this day were left out.
    pub since: Option<NaiveDate>,
    /// Whether it goes on without a command.
    pub wanted: bool,
    /// Whether a person asked for it.
    pub asked: bool,
    /// Nothing older than this day was asked for.
    pub asked_since: Option<NaiveDate>,
    /// Why nothing comes after the last page: a stable code, and a message.
    pub end: Option<(String, String)>,
    /// When it was complete.
    pub ended_at: Option<Timestamp>,
}

impl BackfillState {
    /// Whether it continues from its checkpoint. A complete backfill begins anew.
    pub fn is_under_way(&self) -> bool {
        self.ended_at.is_none() && (self.next.is_some() || self.end.is_some())
    }
}

/// A list page that a backfill has read.
#[derive(Clone, Copy, Debug)]
pub struct OlderPage<'a> {
    /// Its URL.
    pub url: &'a Url,
    /// Its items, without those that are too old.
    pub items: &'a [ListedItem],
    /// The list page after it.
    pub next: Option<&'a Url>,
    /// Why nothing comes after it.
    pub end: Option<(&'a str, &'a str)>,
    /// The number of list pages, if the pager shows it.
    pub total: Option<u32>,
    /// The day of its last row, if days fall without a break down to it.
    pub day: Option<NaiveDate>,
    /// Items older than this day were left out.
    pub since: Option<NaiveDate>,
    /// Whether this walk has seen all its items before.
    pub is_repeat: bool,
}

struct BackfillRow {
    walk: i64,
    next_url: Option<String>,
    pages: u32,
    total: Option<u32>,
    repeats: u32,
    since: Option<String>,
    day: Option<String>,
    wanted: bool,
    asked: bool,
    asked_since: Option<String>,
    ended_ms: Option<i64>,
    reason: Option<String>,
    message: Option<String>,
}

from_row!(BackfillRow: walk, next_url, pages, total, repeats, since, day, wanted, asked, asked_since, ended_ms, reason, message);

impl Backfills<'_> {
    /// The columns whose backfills run without a command and are under way.
    pub async fn wanted(self) -> Result<BTreeSet<String>, StoreError> {
        let wanted = "SELECT column_name FROM backfills WHERE wanted = 1 AND ended_ms IS NULL";
        let names: Vec<String> = sqlx::query_scalar(wanted)
            .fetch_all(&self.store.pool)
            .await?;
        Ok(names.into_iter().collect())
    }

    /// The progress of the column's backfill; `None` before the first, and if it walked the list at
    /// another URL than `url`.
    pub async fn state(
        self,
        column: &ColumnName,
        url: &str,
    ) -> Result<Option<BackfillState>, StoreError> {
        let row: Option<BackfillRow> = sqlx::query_as(
            "SELECT walk, next_url, pages, total, repeats, since, day, wanted, asked,
                    asked_since, ended_ms, reason, message
             FROM backfills WHERE column_name = ? AND url = ?",
        )
        .bind(column.as_str())
        .bind(url)
        .fetch_optional(&self.store.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let next = row.next_url.as_deref().map(Url::parse).transpose();
        let day = |text: Option<&str>| {
            let day = text.map(str::parse).transpose();
            day.map_err(|e| StoreError::unreadable("backfill day", e))
        };
        Ok(Some(BackfillState {
            walk: row.walk,
            next: next.map_err(|e| StoreError::unreadable("backfill URL", e))?,
            pages: row.pages,
            total: row.total,
            repeats: row.repeats,
            since: day(row.since.as_deref())?,
            day: day(row.day.as_deref())?,
            wanted: row.wanted,
            asked: row.asked,
            asked_since: day(row.asked_since.as_deref())?,
            end: row.reason.zip(row.message),
            ended_at: row.ended_ms.and_then(Timestamp::from_millis),
        }))
    }

    /// Begins a backfill anew, with the list page `next` after `pages` pages that are done; `day` is
    /// that of the last row on them, if days fall without a break down to it. A backfill that is or
    /// was `wanted` runs without a command.
    pub async fn begin(
        self,
        column: &ColumnName,
        url: &str,
        next: &Url,
        pages: u32,
        day: Option<NaiveDate>,
        wanted: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        sqlx::query("DELETE FROM backfill_pages WHERE column_name = ?")
            .bind(column.as_str())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO backfills (column_name, url, walk, next_url, pages, wanted, day)
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)
             ON CONFLICT (column_name) DO UPDATE SET url = ?2, walk = backfills.walk + 1, next_url = ?3,
                 pages = ?4, wanted = MAX(backfills.wanted, ?5), total = NULL, repeats = 0, since = NULL,
                 day = ?6, ended_ms = NULL, reason = NULL, message = NULL",
        )
        .bind(column.as_str())
        .bind(url)
        .bind(next.as_str())
        .bind(pages)
        .bind(wanted)
        .bind(day.map(|day| day.to_string()))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether this walk has read this list page before.
    pub async fn was_walked(self, column: &ColumnName, page: &Url) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM backfill_pages
                            WHERE column_name = ? AND canonical_url = ?)",
        )
        .bind(column.as_str())
        .bind(CanonicalUrl::from(page).as_str())
        .fetch_one(&self.store.pool)
        .await?)
    }

    /// Whether this walk has seen all of these items on earlier list pages.
    pub async fn were_seen(
        self,
        now: Timestamp,
        column: &ColumnName,
        portal: &str,
        walk: i64,
        items: &[ListedItem],
    ) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        let finder = Finder {
            now,
            column,
            portal,
            walk,
            is_older: true,
        };
        for item in finder.recognise(&mut tx, items).await? {
            let seen: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM items WHERE column_name = ? AND canonical_url = ?
                                AND backfill_walk = ?)",
            )
            .bind(column.as_str())
            .bind(CanonicalUrl::from(&item.url).as_str())
            .bind(walk)
            .fetch_one(&mut *tx)
            .await?;
            if !seen {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Queues the items of a list page and sets the checkpoint behind it, and says how many of them
    /// are new to all list pages. New items on the column's first page are news, which the next run
    /// finds. At most `room` new items are queued; if others are left, the checkpoint stays before
    /// this page.
    pub async fn add_page(
        self,
        now: Timestamp,
        column: &ColumnName,
        portal: &str,
        state: &BackfillState,
        page: OlderPage<'_>,
        room: u32,
    ) -> Result<Added, StoreError> {
        let mut tx = self.store.begin().await?;
        let finder = Finder {
            now,
            column,
            portal,
            walk: state.walk,
            is_older: true,
        };
        let mut added = Added::default();
        let items = finder.recognise(&mut tx, page.items).await?;
        let room = match state.pages {
            0 => u32::MAX,
            _ => room,
        };
        let fitting = finder.fitting(&mut tx, &items, room).await?;
        for (item, fits) in items.iter().zip(fitting) {
            if !fits {
                added.left += 1;
            } else if state.pages > 0 {
                added.new += u32::from(finder.list_older(&mut tx, item).await?);
            } else {
                finder.mark(&mut tx, item).await?;
            }
        }
        if added.left > 0 {
            tx.commit().await?;
            return Ok(added);
        }
        sqlx::query(
            "INSERT INTO backfill_pages (column_name, canonical_url) VALUES (?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(column.as_str())
        .bind(CanonicalUrl::from(page.url).as_str())
        .execute(&mut *tx)
        .await?;
        let (reason, message) = page.end.unzip();
        sqlx::query(
            "UPDATE backfills SET next_url = ?1, pages = pages + 1, total = COALESCE(?2, total),
                 repeats = CASE WHEN ?3 <> 0 THEN repeats + 1 ELSE 0 END,
                 since = MAX(COALESCE(since, ?4), COALESCE(?4, since)), reason = ?5, message = ?6,
                 day = ?8
             WHERE column_name = ?7",
        )
        .bind(page.next.map(Url::as_str))
        .bind(page.total)
        .bind(page.is_repeat)
        .bind(page.since.map(|day| day.to_string()))
        .bind(reason)
        .bind(message)
        .bind(column.as_str())
        .bind(page.day.map(|day| day.to_string()))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Lets the column's backfill, which a person asked for back to the day `since`, go on without a
    /// command.
    pub async fn go_on_later(
        self,
        column: &ColumnName,
        since: Option<NaiveDate>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE backfills SET wanted = 1, asked = 1, asked_since = ? WHERE column_name = ?",
        )
        .bind(since.map(|day| day.to_string()))
        .bind(column.as_str())
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }

    /// Takes back the checkpoint behind a page whose next one cannot be read: the next backfill
    /// begins anew.
    pub async fn give_up(self, column: &ColumnName) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE backfills SET next_url = NULL, wanted = 0, asked = 0, reason = NULL,
                 message = NULL
             WHERE column_name = ?",
        )
        .bind(column.as_str())
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// Notes that the column's backfill is complete, and why. Deletes the checkpoint, and closes
    /// the incident that asked for the backfill.
    pub async fn end(
        self,
        now: Timestamp,
        column: &ColumnName,
        reason: &str,
        message: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "UPDATE backfills SET next_url = NULL, wanted = 0, asked = 0, ended_ms = ?, reason = ?,
                 message = ?
             WHERE column_name = ?",
        )
        .bind(now.millis())
        .bind(reason)
        .bind(message)
        .bind(column.as_str())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE incidents SET closed_ms = ?
             WHERE reason = 'walk-limit' AND subject = ? AND closed_ms IS NULL",
        )
        .bind(now.millis())
        .bind(column.as_str())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
