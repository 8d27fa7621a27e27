//! Copies of robots.txt, which outlive a process.
//!
//! Owns the stored copies. Never fetches or interprets one.

use chrono::TimeDelta;

use super::{Hosts, left};
use crate::fetch::RobotsCopy;
use crate::model::Timestamp;
use crate::store::StoreError;

impl Hosts<'_> {
    /// The stored copy of a site's robots.txt, while it is fresh.
    pub async fn robots(
        self,
        site: &str,
        now: Timestamp,
    ) -> Result<Option<RobotsCopy>, StoreError> {
        let row: Option<(i64, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT fresh_ms, body FROM robots WHERE site = ?")
                .bind(site)
                .fetch_optional(&self.store.pool)
                .await?;
        Ok(row.and_then(|(fresh, body)| {
            let fresh_for = left(fresh, now, TimeDelta::days(1));
            (!fresh_for.is_zero()).then_some(RobotsCopy { body, fresh_for })
        }))
    }

    /// Stores a copy of a site's robots.txt.
    pub async fn keep_robots(
        self,
        site: &str,
        now: Timestamp,
        copy: &RobotsCopy,
    ) -> Result<(), StoreError> {
        let fresh_for = TimeDelta::from_std(copy.fresh_for).unwrap_or(TimeDelta::days(1));
        sqlx::query("INSERT OR REPLACE INTO robots (site, fresh_ms, body) VALUES (?, ?, ?)")
            .bind(site)
            .bind(now.plus(fresh_for).millis())
            .bind(&copy.body)
            .execute(&self.store.pool)
            .await?;
        Ok(())
    }
}
