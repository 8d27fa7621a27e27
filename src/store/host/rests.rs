//! The pauses and rests of hosts, which outlive a process.
//!
//! Owns the length of a failing host's rest. Never sends a request.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Hosts, left};
use crate::fetch::Rest;
use crate::model::{Timestamp, backoff};
use crate::store::driver::EngineConnection;
use crate::store::rows::from_row;
use crate::store::{Store, StoreError};

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

/// A rest as it is stored, by the clock.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::store) struct StoredRest {
    free_ms: i64,
    asked_ms: Option<i64>,
    asked_status: Option<i64>,
}

from_row!(StoredRest: free_ms, asked_ms, asked_status);

impl StoredRest {
    pub(super) fn new(
        free_ms: Option<i64>,
        asked_ms: Option<i64>,
        asked_status: Option<i64>,
    ) -> Self {
        Self {
            free_ms: free_ms.unwrap_or_default(),
            asked_ms,
            asked_status,
        }
    }

    pub(super) fn from(now: Timestamp, rest: Rest) -> Self {
        let after = |length: Duration| {
            let length = TimeDelta::from_std(length).unwrap_or(LONGEST_REST);
            now.plus(length).millis()
        };
        Self {
            free_ms: after(rest.pause),
            asked_ms: rest.asked.map(|(_, length)| after(length)),
            asked_status: rest.asked.map(|(status, _)| i64::from(status)),
        }
    }

    /// What is left of it.
    pub(super) fn left(self, now: Timestamp) -> Rest {
        let asked = self.asked_ms;
        let asked = asked.map_or(Duration::ZERO, |asked| left(asked, now, LONGEST_REST));
        let status = self.asked_status;
        let status = status.and_then(|status| u16::try_from(status).ok());
        let pause = TimeDelta::milliseconds(self.free_ms.saturating_sub(now.millis()));
        Rest {
            pause: match pause {
                pause if pause > LONGEST_PAUSE => SOME_PAUSE,
                pause => pause,
            }
            .to_std()
            .unwrap_or_default(),
            asked: status
                .filter(|_| !asked.is_zero())
                .map(|status| (status, asked)),
        }
    }
}

/// Stores how long each host must be left alone.
pub(super) async fn write_rests(
    connection: &mut EngineConnection,
    rests: &[(&str, StoredRest)],
) -> Result<(), StoreError> {
    if rests.is_empty() {
        return Ok(());
    }
    let rests: Vec<_> = rests
        .iter()
        .map(|(host, rest)| (host, rest.free_ms, rest.asked_ms, rest.asked_status))
        .collect();
    sqlx::query(
        "INSERT INTO hosts (host, free_ms, asked_ms, asked_status)
         SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT),
                CAST(value ->> 3 AS BIGINT)
         FROM json_each(?) WHERE true
         ON CONFLICT (host) DO UPDATE SET free_ms = excluded.free_ms,
             asked_ms = excluded.asked_ms, asked_status = excluded.asked_status",
    )
    .bind(serde_json::json!(rests).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// The rest of a host after a failure, if it is not over.
fn resting((retry, failures, reason): (i64, u32, String), now: Timestamp) -> Option<Resting> {
    let rest = TimeDelta::from_std(left(retry, now, LONGEST_REST)).ok()?;
    (!rest.is_zero()).then(|| Resting {
        reason,
        failures,
        until: now.plus(rest),
    })
}

impl Store {
    /// The rest of a host after a failure, if it is not over, by this machine's clock.
    pub(in crate::store) fn resting(
        &self,
        stored: (i64, u32, String),
        now: Timestamp,
    ) -> Option<Resting> {
        let resting = resting(stored, self.server_time(now))?;
        Some(Resting {
            until: self.own_time(resting.until),
            ..resting
        })
    }
}

impl Hosts<'_> {
    /// How long a host must still be left alone, as its last user noted.
    pub async fn rest(self, host: &str, now: Timestamp) -> Result<Rest, StoreError> {
        let row: Option<StoredRest> =
            sqlx::query_as("SELECT free_ms, asked_ms, asked_status FROM hosts WHERE host = ?")
                .bind(host)
                .fetch_optional(&self.store.pool)
                .await?;
        let now = self.store.server_time(now);
        Ok(row.map_or_else(Rest::default, |stored| stored.left(now)))
    }

    /// Notes how long a host must be left alone from now on.
    pub async fn note_rest(self, host: &str, now: Timestamp, rest: Rest) -> Result<(), StoreError> {
        let now = self.store.server_time(now);
        let mut connection = self.store.pool.acquire().await?;
        write_rests(&mut connection, &[(host, StoredRest::from(now, rest))]).await
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
        Ok(row.and_then(|row| self.store.resting(row, now)))
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
        let now = self.store.server_time(now);
        let failures: u32 = sqlx::query_scalar(
            "INSERT INTO hosts (host, failures, reason) VALUES (?1, 1, ?2)
             ON CONFLICT (host) DO UPDATE SET reason = ?2,
                 failures = hosts.failures + CASE
                 WHEN hosts.retry_ms IS NULL OR hosts.retry_ms <= ?3 OR hosts.failures = 0
                 THEN 1 ELSE 0 END
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
            until: self
                .store
                .own_time(Timestamp::from_millis(until).unwrap_or(now)),
        })
    }

    /// Notes that a host is well: former failures are over.
    pub async fn note_well(self, host: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE hosts SET failures = 0, retry_ms = NULL, reason = NULL
             WHERE host = ? AND failures > 0",
        )
        .bind(host)
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }
}
