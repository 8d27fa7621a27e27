//! Incidents: events that need a person.
//!
//! Owns one rule: each reason and subject has at most one open incident, however often it occurs.
//! Never decides what is an incident.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{MutexGuard, PoisonError};

use super::driver::error::ROW_REMEDY;
use super::rows::{DamagedRow, from_row};
use super::{Store, StoreError, error};
use crate::model::{ColumnName, Incident, Timestamp};
use crate::store::driver::EngineConnection;

/// Incidents: events that need a person.
#[derive(Clone, Copy, Debug)]
pub struct Incidents<'a> {
    store: &'a Store,
}

impl Store {
    /// Incidents: events that need a person.
    pub fn incidents(&self) -> Incidents<'_> {
        Incidents { store: self }
    }
}

impl Incidents<'_> {
    /// Notes an incident: opens it, or counts it once more.
    pub async fn note(
        self,
        now: Timestamp,
        reason: &str,
        subject: &str,
        message: &str,
    ) -> Result<(), StoreError> {
        let mut connection = self.store.pool.acquire().await?;
        note(&mut connection, now, reason, subject, message).await
    }

    /// Makes an incident stand as it does now: opens it or counts it once more if there is a message,
    /// else closes it. Returns whether it was open and is closed now. What this process knows to be
    /// closed costs nothing.
    pub async fn stand(
        self,
        now: Timestamp,
        reason: &'static str,
        subject: &'static str,
        message: Option<&str>,
    ) -> Result<bool, StoreError> {
        let place = (reason, subject);
        if let Some(message) = message {
            self.store.closed_incidents().remove(&place);
            self.note(now, reason, subject, message).await?;
            return Ok(false);
        }
        if self.store.closed_incidents().contains(&place) {
            return Ok(false);
        }
        // A look waits for nobody who writes.
        let is_open: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM incidents
                            WHERE reason = ? AND subject = ? AND closed_ms IS NULL)",
        )
        .bind(reason)
        .bind(subject)
        .fetch_one(&self.store.pool)
        .await?;
        if is_open {
            self.close(now, reason, subject).await?;
        }
        self.store.closed_incidents().insert(place);
        Ok(is_open)
    }

    /// Notes the damaged rows that were met since the last call, each as an incident, and returns
    /// them.
    pub async fn note_damage(self, now: Timestamp) -> Result<Vec<DamagedRow>, StoreError> {
        let found = std::mem::take(&mut *self.store.damaged_rows());
        for (name, row) in &found {
            let message = damage_message(row);
            let noted = self.note(now, StoreError::CORRUPT, name, &message).await;
            if noted.is_err() {
                self.store.damaged_rows().extend(found.clone());
            }
            noted?;
        }
        Ok(found.into_values().collect())
    }

    /// Closes the open incidents of this column, which ran well. These stay: incidents with a
    /// reason in `still`, those about an article that still waits, those about known articles while
    /// a recheck of one failed, those about an incomplete backfill, about items that were left aside
    /// and not caught up, and about a text that still changes at every look.
    pub async fn close_of_column(
        self,
        now: Timestamp,
        column: &ColumnName,
        still: &[&str],
    ) -> Result<(), StoreError> {
        let open: Vec<(i64, String)> = sqlx::query_as(
            "SELECT id, reason FROM incidents
             WHERE subject = ?1 AND closed_ms IS NULL AND reason NOT IN
                 (SELECT reason FROM items
                  WHERE column_name = ?1 AND done = 0 AND reason IS NOT NULL)
               AND NOT (reason IN ('doubtful-page', 'field-missing', 'layout-changed',
                                   'no-title')
                        AND EXISTS
                 (SELECT 1 FROM items i
                  JOIN pages p ON p.portal = i.portal AND p.canonical_url = i.canonical_url
                  WHERE i.column_name = ?1 AND p.looked_ms > p.answered_ms
                    AND p.gone_looks = 0 AND p.next_check_ms IS NOT NULL))
               AND NOT (reason = 'walk-limit' AND EXISTS
                 (SELECT 1 FROM backfills WHERE column_name = ?1 AND wanted = 1))
               AND NOT (reason = 'flood' AND (EXISTS
                 (SELECT 1 FROM backfills WHERE column_name = ?1 AND wanted = 1) OR EXISTS
                 (SELECT 1 FROM items WHERE column_name = ?1 AND done = 0 AND tried_ms IS NULL)))
               AND NOT (reason = 'volatile' AND EXISTS
                 (SELECT 1 FROM items i
                  JOIN pages p ON p.portal = i.portal AND p.canonical_url = i.canonical_url
                  JOIN articles a ON a.id = p.article_id
                  WHERE i.column_name = ?1 AND a.told_sha256 IS NOT NULL
                    AND p.next_check_ms IS NOT NULL))",
        )
        .bind(column.as_str())
        .fetch_all(&self.store.pool)
        .await?;
        for (id, reason) in open {
            if !still.contains(&reason.as_str()) {
                sqlx::query("UPDATE incidents SET closed_ms = ? WHERE id = ?")
                    .bind(now.millis())
                    .bind(id)
                    .execute(&self.store.pool)
                    .await?;
            }
        }
        Ok(())
    }

    /// The latest incidents by the time when they were opened or closed, the newest first, each
    /// with the time of its end. The messages are those of the first occurrence.
    pub async fn latest(
        self,
        limit: usize,
    ) -> Result<Vec<(Incident, Option<Timestamp>)>, StoreError> {
        let rows: Vec<IncidentRow> = sqlx::query_as(
            "SELECT reason, subject, COALESCE(first_message, message) AS message, opened_ms,
                    seen_ms, seen_count, closed_ms
             FROM incidents ORDER BY COALESCE(closed_ms, opened_ms) DESC, id DESC LIMIT ?",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let closed_at = row.closed_ms.map(timestamp).transpose()?;
                Ok((row.incident()?, closed_at))
            })
            .collect()
    }

    /// The number of the last incident.
    pub async fn last_id(self) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) FROM incidents")
                .fetch_one(&self.store.pool)
                .await?,
        )
    }

    /// The incidents that were opened between these two numbers, at most `limit`, in order, each with
    /// its number. The messages are those of the first occurrence.
    pub async fn opened_after(
        self,
        (after, to): (i64, i64),
        limit: i64,
    ) -> Result<Vec<(i64, Incident)>, StoreError> {
        let rows: Vec<(i64, String, String, String, i64, i64, u32)> = sqlx::query_as(
            "SELECT id, reason, subject, COALESCE(first_message, message), opened_ms, seen_ms,
                    seen_count
             FROM incidents WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
        )
        .bind(after)
        .bind(to)
        .bind(limit)
        .fetch_all(&self.store.pool)
        .await?;
        let rows = rows.into_iter();
        rows.map(
            |(id, reason, subject, message, opened_ms, seen_ms, seen_count)| {
                let row = IncidentRow {
                    reason,
                    subject,
                    message,
                    opened_ms,
                    seen_ms,
                    seen_count,
                    closed_ms: None,
                };
                Ok((id, row.incident()?))
            },
        )
        .collect()
    }

    /// Closes the open incident of this reason and subject, if any.
    pub async fn close(
        self,
        now: Timestamp,
        reason: &str,
        subject: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE incidents SET closed_ms = ?1
             WHERE reason = ?2 AND subject = ?3 AND closed_ms IS NULL",
        )
        .bind(now.millis())
        .bind(reason)
        .bind(subject)
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// Closes the open incidents of this reason that were not seen since then. Writes nothing where
    /// there is none.
    pub async fn close_unseen(
        self,
        now: Timestamp,
        reason: &str,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let is_open: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM incidents
                            WHERE reason = ? AND seen_ms < ? AND closed_ms IS NULL)",
        )
        .bind(reason)
        .bind(since.millis())
        .fetch_one(&self.store.pool)
        .await?;
        if !is_open {
            return Ok(());
        }
        sqlx::query(
            "UPDATE incidents SET closed_ms = ?1
             WHERE reason = ?2 AND seen_ms < ?3 AND closed_ms IS NULL",
        )
        .bind(now.millis())
        .bind(reason)
        .bind(since.millis())
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// The open incidents of this subject, oldest first.
    pub async fn open_of(self, subject: &str) -> Result<Vec<Incident>, StoreError> {
        let rows: Vec<IncidentRow> = sqlx::query_as(
            "SELECT reason, subject, message, opened_ms, seen_ms, seen_count, closed_ms
             FROM incidents WHERE subject = ? AND closed_ms IS NULL ORDER BY id",
        )
        .bind(subject)
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter().map(IncidentRow::incident).collect()
    }

    /// The open incidents, oldest first.
    pub async fn open(self) -> Result<Vec<Incident>, StoreError> {
        let rows: Vec<IncidentRow> = sqlx::query_as(
            "SELECT reason, subject, message, opened_ms, seen_ms, seen_count, closed_ms
             FROM incidents WHERE closed_ms IS NULL ORDER BY id",
        )
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter().map(IncidentRow::incident).collect()
    }
}

/// What an incident says of a damaged row.
pub(super) fn damage_message(row: &DamagedRow) -> String {
    format!("{row}. It alone is held back, and nothing counts as withdrawn. Remedy: {ROW_REMEDY}")
}

impl Store {
    fn closed_incidents(&self) -> MutexGuard<'_, BTreeSet<(&'static str, &'static str)>> {
        let closed = self.closed_incidents.lock();
        closed.unwrap_or_else(PoisonError::into_inner)
    }

    fn damaged_rows(&self) -> MutexGuard<'_, BTreeMap<String, DamagedRow>> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a damaged row in mind, until it is told of.
    pub fn note_damage(&self, row: DamagedRow) {
        error::note_damage();
        self.damaged_rows().entry(row.name()).or_insert(row);
    }
}

/// A row of `incidents`.
struct IncidentRow {
    reason: String,
    subject: String,
    message: String,
    opened_ms: i64,
    seen_ms: i64,
    seen_count: u32,
    closed_ms: Option<i64>,
}

from_row!(IncidentRow: reason, subject, message, opened_ms, seen_ms, seen_count, closed_ms);

impl IncidentRow {
    fn incident(self) -> Result<Incident, StoreError> {
        Ok(Incident {
            reason: self.reason,
            subject: self.subject,
            message: self.message,
            opened_at: timestamp(self.opened_ms)?,
            seen_at: timestamp(self.seen_ms)?,
            seen_count: self.seen_count,
        })
    }
}

fn timestamp(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millis(millis)
        .ok_or_else(|| StoreError::unreadable("incident", "time out of range"))
}

pub(super) async fn note(
    connection: &mut EngineConnection,
    now: Timestamp,
    reason: &str,
    subject: &str,
    message: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO incidents (reason, subject, message, first_message, opened_ms, seen_ms)
         VALUES (?1, ?2, ?3, ?3, ?4, ?4)
         ON CONFLICT (reason, subject) WHERE closed_ms IS NULL DO UPDATE
         SET message = excluded.message, seen_ms = excluded.seen_ms, seen_count = incidents.seen_count + 1",
    )
    .bind(reason)
    .bind(subject)
    .bind(message)
    .bind(now.millis())
    .execute(connection)
    .await?;
    Ok(())
}
