//! Copies of robots.txt, which outlive a process.
//!
//! Owns the stored copies. Never fetches or interprets one.

use chrono::TimeDelta;

use super::{Hosts, Together, left};
use crate::fetch::RobotsCopy;
use crate::model::Timestamp;
use crate::store::{Store, StoreError};

/// Sites whose stored copies are asked for together, each with the time.
pub(in crate::store) type RobotsAsks = Together<(String, Timestamp), Option<RobotsCopy>>;

async fn load(
    store: &Store,
    asks: &[(String, Timestamp)],
) -> Result<Vec<Option<RobotsCopy>>, StoreError> {
    let sites: Vec<&str> = asks.iter().map(|(site, _)| site.as_str()).collect();
    let rows: Vec<(Option<i64>, Option<Vec<u8>>)> = sqlx::query_as(
        "SELECT r.fresh_ms, r.body FROM json_each(?) j LEFT JOIN robots r ON r.site = j.value
         ORDER BY j.key",
    )
    .bind(serde_json::json!(sites).to_string())
    .fetch_all(&store.writer)
    .await?;
    let copies = asks.iter().zip(rows).map(|((_, now), (fresh, body))| {
        let fresh_for = left(fresh?, *now, TimeDelta::days(1));
        (!fresh_for.is_zero()).then_some(RobotsCopy { body, fresh_for })
    });
    Ok(copies.collect())
}

impl Hosts<'_> {
    /// The stored copy of a site's robots.txt, while it is fresh.
    pub async fn robots(
        self,
        site: &str,
        now: Timestamp,
    ) -> Result<Option<RobotsCopy>, StoreError> {
        let (store, asks) = (self.store, &self.store.robots_asks);
        asks.ask(store, (site.to_owned(), now), |store, asks| {
            Box::pin(load(store, asks))
        })
        .await
    }

    /// Stores a copy of a site's robots.txt.
    pub async fn keep_robots(
        self,
        site: &str,
        now: Timestamp,
        copy: &RobotsCopy,
    ) -> Result<(), StoreError> {
        let fresh_for = TimeDelta::from_std(copy.fresh_for).unwrap_or(TimeDelta::days(1));
        sqlx::query(
            "INSERT INTO robots (site, fresh_ms, body) VALUES (?, ?, ?)
             ON CONFLICT (site) DO UPDATE SET fresh_ms = excluded.fresh_ms, body = excluded.body",
        )
        .bind(site)
        .bind(now.plus(fresh_for).millis())
        .bind(&copy.body)
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }
}
