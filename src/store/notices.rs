//! What others were told of, and what they did not take.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Store, StoreError};
use crate::model::Timestamp;

/// How a receiver and one of its subjects stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The state that the receiver took last.
    pub state: String,
    /// How often in a row it was tried since, in vain.
    pub failures: u32,
    /// When it may be tried again.
    pub next_try_at: Timestamp,
}

/// A receiver that takes nothing at present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailingReceiver {
    /// Its URL.
    pub receiver: String,
    /// What it does not take: a feed, or the changes.
    pub subject: String,
    /// How often in a row it was tried in vain.
    pub failures: u32,
    /// When it is tried again.
    pub next_try_at: Timestamp,
    /// Why it failed last.
    pub reason: String,
}

/// A change that a webhook never took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// The webhook's URL.
    pub receiver: String,
    /// The change's sequence number.
    pub seq: i64,
    /// Why the last try failed.
    pub reason: String,
    /// When it was given up.
    pub at: Timestamp,
}

/// What others were told.
#[derive(Clone, Copy, Debug)]
pub struct Notices<'a> {
    store: &'a Store,
}

impl Store {
    /// What receivers were told, and what they did not take.
    pub fn notices(&self) -> Notices<'_> {
        Notices { store: self }
    }
}

impl Notices<'_> {
    /// What a receiver was told of, by subject.
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

    /// Notes that a receiver has taken this state of a subject.
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

    /// Notes that a receiver did not take what it was told, and shall not be tried again for
    /// `rest`. What it took before stays noted.
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
             DO UPDATE SET failures = failures + 1, next_try_ms = ?3, reason = ?4",
        )
        .bind(receiver)
        .bind(subject)
        .bind(next_try_at.millis())
        .bind(reason)
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// Gives a change up for this webhook, and goes on behind it.
    pub async fn bury(
        self,
        receiver: &str,
        subject: &str,
        letter: (i64, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (seq, reason) = letter;
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "INSERT OR REPLACE INTO dead_letters (receiver, seq, reason, at_ms)
             VALUES (?, ?, ?, ?)",
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
        .bind(seq.to_string())
        .bind(receiver)
        .bind(subject)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The receivers that take nothing at present.
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

    /// The changes that webhooks never took, the newest first, at most `limit`.
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
    Timestamp::from_millis(millis).ok_or_else(|| StoreError::record("notice", "time out of range"))
}
