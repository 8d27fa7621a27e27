//! What a column has learned of itself, and how its last run ended.

use super::from_row::from_row;
use super::{Store, StoreError};
use crate::fetch::Validators;
use crate::model::{ColumnName, Instant};

/// A column's state between runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnState {
    /// What the column page calls the column.
    pub title: Option<String>,
    /// Of the first list page, from the last complete walk over this URL.
    pub validators: Validators,
    /// How many walks have begun.
    pub walks: i64,
    /// Whether a walk has been completed.
    pub walked: bool,
    /// When the last run began.
    pub last_run_at: Option<Instant>,
    /// When the last run ended well.
    pub last_ok_at: Option<Instant>,
    /// When a run last found an article.
    pub last_new_at: Option<Instant>,
    /// Runs in a row that did not end well.
    pub failures: i64,
    /// Why the last run did not end well: a stable code.
    pub reason: Option<String>,
    /// The same in words.
    pub message: Option<String>,
}

/// How a run of a column ended.
#[derive(Clone, Copy, Debug)]
pub struct RunEnd<'a> {
    /// Whether it found an article.
    pub found_new: bool,
    /// A stable code and its words where something failed.
    pub failure: Option<(&'a str, &'a str)>,
}

struct ColumnRow {
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

from_row!(
    ColumnRow:
    url, title, etag, last_modified, walks, walked, last_run_ms, last_ok_ms, last_new_ms,
    failures, reason, message
);

impl Store {
    /// When something was last written, by the clock of then: the last change, or a run's begin.
    pub async fn last_written(&self) -> Result<Option<Instant>, StoreError> {
        let last: Option<i64> = sqlx::query_scalar(
            "SELECT MAX(at) FROM (SELECT MAX(last_run_ms) AS at FROM columns
             UNION ALL SELECT at_ms FROM (SELECT at_ms FROM changes ORDER BY seq DESC LIMIT 1))",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(last.and_then(Instant::from_millis))
    }

    /// The column's state; the default for one that never ran. Validators of another URL than
    /// `url` are not given: the feed file has changed since.
    pub async fn column(&self, name: &ColumnName, url: &str) -> Result<ColumnState, StoreError> {
        let row: Option<ColumnRow> = sqlx::query_as(
            "SELECT url, title, etag, last_modified, walks, last_run_ms, last_ok_ms, last_new_ms,
                    failures, reason, message,
                    EXISTS (SELECT 1 FROM items
                            WHERE column_name = name AND walk_complete = 1) AS walked
             FROM columns WHERE name = ?",
        )
        .bind(name.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(ColumnState::default());
        };
        let validators = if row.url == url {
            Validators {
                etag: row.etag,
                last_modified: row.last_modified,
            }
        } else {
            Validators::default()
        };
        let instant = |millis: Option<i64>| millis.and_then(Instant::from_millis);
        Ok(ColumnState {
            title: row.title,
            validators,
            walks: row.walks,
            walked: row.walked,
            last_run_at: instant(row.last_run_ms),
            last_ok_at: instant(row.last_ok_ms),
            last_new_at: instant(row.last_new_ms),
            failures: row.failures,
            reason: row.reason,
            message: row.message,
        })
    }

    /// Begins a walk over the column's list pages and gives it its number.
    pub async fn begin_walk(
        &self,
        now: Instant,
        name: &ColumnName,
        portal: &str,
        url: &str,
    ) -> Result<i64, StoreError> {
        let walk = sqlx::query_scalar(
            "INSERT INTO columns (name, portal, url, walks, last_run_ms) VALUES (?1, ?2, ?3, 1, ?4)
             ON CONFLICT (name) DO UPDATE SET portal = ?2, walks = walks + 1, last_run_ms = ?4,
                 etag = CASE WHEN url = ?3 THEN etag END,
                 last_modified = CASE WHEN url = ?3 THEN last_modified END,
                 url = ?3
             RETURNING walks",
        )
        .bind(name.as_str())
        .bind(portal)
        .bind(url)
        .bind(now.millis())
        .fetch_one(&self.pool)
        .await?;
        Ok(walk)
    }

    /// Ends a walk that read as far as it should: its items count as known from now on, and the
    /// first page's validators are worth keeping.
    pub async fn complete_walk(
        &self,
        name: &ColumnName,
        title: Option<&str>,
        validators: &Validators,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
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
        .bind(title)
        .bind(&validators.etag)
        .bind(&validators.last_modified)
        .bind(name.as_str())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes how a run ended.
    pub async fn end_run(
        &self,
        now: Instant,
        name: &ColumnName,
        end: RunEnd<'_>,
    ) -> Result<(), StoreError> {
        let (reason, message) = end.failure.unzip();
        sqlx::query(
            "UPDATE columns SET
                 last_ok_ms = CASE WHEN ?2 IS NULL THEN ?1 ELSE last_ok_ms END,
                 last_new_ms = CASE WHEN ?4 THEN ?1 ELSE last_new_ms END,
                 failures = CASE WHEN ?2 IS NULL THEN 0 ELSE failures + 1 END,
                 reason = ?2, message = ?3
             WHERE name = ?5",
        )
        .bind(now.millis())
        .bind(reason)
        .bind(message)
        .bind(end.found_new)
        .bind(name.as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
