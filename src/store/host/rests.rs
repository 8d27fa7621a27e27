//! The pauses and rests of hosts, which outlive a process.
//!
//! Owns the length of a failing host's rest. Never sends a request.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Hosts, left};
use crate::fetch::Rest;
use crate::model::{Timestamp, backoff};
use crate::store::StoreError;

/// A host rests this long after the first run in which it failed, and twice as long after each
/// further one,
const FIRST_REST: TimeDelta = TimeDelta::minutes(15);
/// but never longer than this: no host is given up for good.
const LONGEST_REST: TimeDelta = TimeDelta::days(1);
/// The longest pause between two requests. A longer one was stored before the clock was set back.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// The pause to make then: its real length is unknown, and no run shall wait for hours.
const SOME_PAUSE: TimeDelta = TimeDelta::seconds(10);

/// A host that rests after a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    /// The code of the last failure.
    pub reason: String,
    /// Failed runs in a row.
    pub failures: u32,
    /// When it is tried again.
    pub until: Timestamp,
}

impl Hosts<'_> {
    /// How long a host must still be left alone, as its last user noted.
    pub async fn rest(self, host: &str, now: Timestamp) -> Result<Rest, StoreError> {
        let row: Option<(i64, Option<i64>, Option<i64>)> =
            sqlx::query_as("SELECT free_ms, asked_ms, asked_status FROM hosts WHERE host = ?")
                .bind(host)
                .fetch_optional(&self.store.pool)
                .await?;
        let Some((free, asked, status)) = row else {
            return Ok(Rest::default());
        };
        let status = status.and_then(|status| u16::try_from(status).ok());
        let asked = asked.map_or(Duration::ZERO, |asked| left(asked, now, LONGEST_REST));
        Ok(Rest {
            pause: match TimeDelta::milliseconds(free.saturating_sub(now.millis())) {
                pause if pause > LONGEST_PAUSE => SOME_PAUSE,
                pause => pause,
            }
            .to_std()
            .unwrap_or_default(),
            asked: status
                .filter(|_| !asked.is_zero())
                .map(|status| (status, asked)),
        })
    }

    /// Notes how long a host must be left alone from now on.
    pub async fn note_rest(self, host: &str, now: Timestamp, rest: Rest) -> Result<(), StoreError> {
        let after = |length: Duration| {
            let length = TimeDelta::from_std(length).unwrap_or(LONGEST_REST);
            now.plus(length).millis()
        };
        sqlx::query(
            "INSERT INTO hosts (host, free_ms, asked_ms, asked_status) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (host) DO UPDATE SET free_ms = ?2, asked_ms = ?3, asked_status = ?4",
        )
        .bind(host)
        .bind(after(rest.pause))
        .bind(rest.asked.map(|(_, length)| after(length)))
        .bind(rest.asked.map(|(status, _)| i64::from(status)))
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// The rest of a host after a failure, if it is not over.
    pub async fn trouble(self, host: &str, now: Timestamp) -> Result<Option<Resting>, StoreError> {
        let row: Option<(i64, u32, String)> = sqlx::query_as(
            "SELECT retry_ms, failures, reason FROM hosts
             WHERE host = ? AND retry_ms IS NOT NULL AND reason IS NOT NULL",
        )
        .bind(host)
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(row.and_then(|(retry, failures, reason)| {
            let rest = TimeDelta::from_std(left(retry, now, LONGEST_REST)).ok()?;
            (!rest.is_zero()).then(|| Resting {
                reason,
                failures,
                until: now.plus(rest),
            })
        }))
    }

    /// Notes that a whole host failed in a run. It rests a quarter of an hour, doubled with each
    /// further failure, up to a day. A failure before the rest is over does not count: another
    /// column or a person may have asked.
    pub async fn note_trouble(
        self,
        host: &str,
        now: Timestamp,
        reason: &str,
    ) -> Result<Resting, StoreError> {
        let failures: u32 = sqlx::query_scalar(
            "INSERT INTO hosts (host, failures, reason) VALUES (?1, 1, ?2)
             ON CONFLICT (host) DO UPDATE SET reason = ?2,
                 failures = failures + (retry_ms IS NULL OR retry_ms <= ?3 OR failures = 0)
             RETURNING failures",
        )
        .bind(host)
        .bind(reason)
        .bind(now.millis())
        .fetch_one(&self.store.pool)
        .await?;
        let rest = backoff(FIRST_REST, LONGEST_REST, failures.saturating_sub(1));
        let until = now.plus(rest);
        let until: i64 = sqlx::query_scalar(
            "UPDATE hosts SET retry_ms = CASE WHEN retry_ms > ?2 THEN retry_ms ELSE ?1 END
             WHERE host = ?3 RETURNING retry_ms",
        )
        .bind(until.millis())
        .bind(now.millis())
        .bind(host)
        .fetch_one(&self.store.pool)
        .await?;
        Ok(Resting {
            reason: reason.to_owned(),
            failures,
            until: Timestamp::from_millis(until).unwrap_or(now),
        })
    }

    /// Notes that a host is well: former failures are over.
    pub async fn note_well(self, host: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE hosts SET failures = 0, retry_ms = NULL, reason = NULL
             WHERE host = ? AND failures > 0",
        )
        .bind(host)
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }
}
