//! Notices to hubs, webhooks and people, with the result for each receiver.
//!
//! Owns the last state that each receiver accepted. Never sends anything.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Store, StoreError};
use crate::model::Timestamp;

/// The state of one receiver for one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The last state that the receiver accepted.
    pub state: String,
    /// Failed tries in a row since then.
    pub failures: u32,
    /// When it may be tried again.
    pub next_try_at: Timestamp,
}

/// A receiver that accepts nothing at present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailingReceiver {
    /// Its URL or name.
    pub receiver: String,
    /// The subject that it does not accept: a feed, or the changes.
    pub subject: String,
    /// Failed tries in a row.
    pub failures: u32,
    /// When it is tried again.
    pub next_try_at: Timestamp,
    /// Why it failed last.
    pub reason: String,
}

/// A change that a receiver never accepted, or the last one of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// The webhook's URL, or the receiver's name.
    pub receiver: String,
    /// The change's sequence number.
    pub seq: i64,
    /// Why the last try failed.
    pub reason: String,
    /// When it was given up.
    pub at: Timestamp,
}

/// Notices to hubs and webhooks.
#[derive(Clone, Copy, Debug)]
pub struct Notices<'a> {
    store: &'a Store,
}

impl Store {
    /// Notices to hubs and webhooks, with the result for each receiver.
    pub fn notices(&self) -> Notices<'_> {
        Notices { store: self }
    }
}

impl Notices<'_> {
    /// The state of a receiver, by subject.
    pub async fn of_receiver(self, receiver: &str) -> Result<BTreeMap<String, Notice>, StoreError> {
        let rows: Vec<(String, String, u32, i64)> = sqlx::query_as(
            "SELECT subject, state, failures, next_try_ms FROM notices WHERE receiver = ?",
        )
        .bind(receiver)
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(subject, state, failures, next_try)| {
                let notice = Notice {
                    state,
                    failures,
                    next_try_at: instant(next_try)?,
                };
                Ok((subject, notice))
            })
            .collect()
    }

    /// Notes that a receiver has accepted this state of a subject.
    pub async fn note_taken(
        self,
        receiver: &str,
        subject: &str,
        state: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO notices (receiver, subject, state) VALUES (?1, ?2, ?3)
             ON CONFLICT (receiver, subject)
             DO UPDATE SET state = ?3, failures = 0, next_try_ms = 0, reason = NULL",
        )
        .bind(receiver)
        .bind(subject)
        .bind(state)
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// Notes that a receiver did not accept a notice, and when it may be tried again. The state
    /// that it accepted before stays.
    pub async fn note_not_taken(
        self,
        receiver: &str,
        subject: &str,
        next_try_at: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO notices (receiver, subject, state, failures, next_try_ms, reason)
             VALUES (?1, ?2, '', 1, ?3, ?4)
             ON CONFLICT (receiver, subject)
             DO UPDATE SET failures = notices.failures + 1, next_try_ms = ?3, reason = ?4",
        )
        .bind(receiver)
        .bind(subject)
        .bind(next_try_at.millis())
        .bind(reason)
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// Notes another state, whatever became of the tries.
    pub async fn note_state(
        self,
        receiver: &str,
        subject: &str,
        state: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE notices SET state = ? WHERE receiver = ? AND subject = ?")
            .bind(state)
            .bind(receiver)
            .bind(subject)
            .execute(&self.store.pool)
            .await?;
        Ok(())
    }

    /// Lets a receiver rest until then. It did not fail.
    pub async fn rest(
        self,
        receiver: &str,
        subject: &str,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE notices SET next_try_ms = ? WHERE receiver = ? AND subject = ?")
            .bind(until.millis())
            .bind(receiver)
            .bind(subject)
            .execute(&self.store.pool)
            .await?;
        Ok(())
    }

    /// Gives up what ends with this change for a receiver, and continues after it, in this state.
    pub async fn bury(
        self,
        (receiver, subject, state): (&str, &str, &str),
        letter: (i64, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (seq, reason) = letter;
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "INSERT INTO dead_letters (receiver, seq, reason, at_ms) VALUES (?, ?, ?, ?)
             ON CONFLICT (receiver, seq)
             DO UPDATE SET reason = excluded.reason, at_ms = excluded.at_ms",
        )
        .bind(receiver)
        .bind(seq)
        .bind(reason)
        .bind(now.millis())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE notices SET state = ?, failures = 0, next_try_ms = 0, reason = NULL
             WHERE receiver = ? AND subject = ?",
        )
        .bind(state)
        .bind(receiver)
        .bind(subject)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The receivers that accept nothing at present.
    pub async fn failing_receivers(self) -> Result<Vec<FailingReceiver>, StoreError> {
        let rows: Vec<(String, String, u32, i64, Option<String>)> = sqlx::query_as(
            "SELECT receiver, subject, failures, next_try_ms, reason FROM notices
             WHERE failures > 0 ORDER BY receiver, subject",
        )
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(receiver, subject, failures, next_try, reason)| {
                Ok(FailingReceiver {
                    receiver,
                    subject,
                    failures,
                    next_try_at: instant(next_try)?,
                    reason: reason.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// The changes that webhooks never accepted, the newest first, at most `limit`.
    pub async fn dead_letters(self, limit: i64) -> Result<Vec<DeadLetter>, StoreError> {
        let rows: Vec<(String, i64, String, i64)> = sqlx::query_as(
            "SELECT receiver, seq, reason, at_ms FROM dead_letters
             ORDER BY at_ms DESC, seq DESC LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(receiver, seq, reason, at)| {
                Ok(DeadLetter {
                    receiver,
                    seq,
                    reason,
                    at: instant(at)?,
                })
            })
            .collect()
    }
}

fn instant(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millis(millis)
        .ok_or_else(|| StoreError::unreadable("notice", "time out of range"))
}
