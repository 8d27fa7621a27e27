//! Leases: of all processes, only one at a time may send requests to a host.
//!
//! Owns the holder of each host. A backfill makes room for a run: the run marks the host as wanted,
//! the backfill releases it between two requests, and then only a run may take it. Never waits.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;
use sqlx::AssertSqlSafe;
use tokio::time::Instant;

use super::Hosts;
use super::held::{HeldHost, Left};
use super::holder::{Holder, LEASE, LeaseKind};
use super::rests::StoredRest;
use super::workers::is_silent;
use crate::fetch::Rest;
use crate::model::Timestamp;
use crate::store::driver::EngineConnection;
use crate::store::rows::from_row;
use crate::store::{Store, StoreError};

/// A waiting run renews its mark every second. After this long without a renewal, it waits no more.
const WANTED: TimeDelta = TimeDelta::seconds(15);

/// The result of asking for a host's lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// It was taken, or renewed.
    Taken,
    /// Another holder has it, or is to have it next; nothing was taken.
    Held {
        /// The purpose of that lease.
        kind: LeaseKind,
        /// When that lease expires unless it is renewed.
        until: Timestamp,
    },
}

/// A wish to take or renew the lease of a host.
#[derive(Clone, Debug)]
pub(in crate::store) struct LeaseAsk {
    kind: LeaseKind,
    host: String,
    holder: Holder,
    now: Timestamp,
}

#[derive(Clone, PartialEq)]
struct LeaseRow {
    holder: String,
    expires_ms: i64,
    kind: String,
    wanted_ms: Option<i64>,
}

from_row!(LeaseRow: holder, expires_ms, kind, wanted_ms);

impl LeaseRow {
    fn kind(&self) -> LeaseKind {
        if self.kind == LeaseKind::Backfill.name() {
            LeaseKind::Backfill
        } else {
            LeaseKind::Run
        }
    }

    fn is_wanted(&self, now: Timestamp) -> bool {
        let age = self.wanted_ms.map(|wanted| (now.millis() - wanted).abs());
        age.is_some_and(|age| age <= WANTED.num_milliseconds())
    }
}

impl LeaseAsk {
    /// Whether the holder of a lease died with it.
    fn is_orphan(&self, held: &LeaseRow, seen_ms: Option<i64>) -> bool {
        held.holder != self.holder.text()
            && held.expires_ms > self.now.millis()
            && (self.holder.is_dead(&held.holder) || is_silent(seen_ms, self.now))
    }

    /// Answers a wish, and returns the lease as it is from then on.
    fn answer(&self, row: Option<&LeaseRow>, seen_ms: Option<i64>) -> (Lease, LeaseRow) {
        let Self {
            kind, holder, now, ..
        } = self;
        let longest = now.plus(LEASE).millis();
        let others = row.filter(|held| held.holder != holder.text());
        if let Some(held) = others {
            let is_free = held.expires_ms <= now.millis() || self.is_orphan(held, seen_ms);
            let is_next = *kind == LeaseKind::Backfill && held.is_wanted(*now);
            if !is_free || is_next {
                let asks = *kind == LeaseKind::Run && held.kind() == LeaseKind::Backfill;
                // A longer time than a lease lasts comes from a clock that was set back.
                let until = held.expires_ms.min(longest);
                let lease = Lease::Held {
                    kind: held.kind(),
                    until: Timestamp::from_millis(until).unwrap_or(*now),
                };
                let asked = LeaseRow {
                    expires_ms: until,
                    wanted_ms: asks.then_some(now.millis()).or(held.wanted_ms),
                    ..held.clone()
                };
                return (lease, asked);
            }
        }
        // A renewal keeps the mark of the run that waits.
        let own = row.filter(|held| *kind == LeaseKind::Backfill && held.holder == holder.text());
        let taken = LeaseRow {
            holder: holder.text(),
            expires_ms: longest,
            kind: kind.name().to_owned(),
            wanted_ms: own.and_then(|held| held.wanted_ms),
        };
        (Lease::Taken, taken)
    }
}

/// A host with its lease and its stored rest.
struct Found {
    holder: Option<String>,
    expires_ms: Option<i64>,
    kind: Option<String>,
    wanted_ms: Option<i64>,
    free_ms: Option<i64>,
    asked_ms: Option<i64>,
    asked_status: Option<i64>,
    /// When its holder told last that it is alive.
    seen_ms: Option<i64>,
}

from_row!(Found: holder, expires_ms, kind, wanted_ms, free_ms, asked_ms, asked_status, seen_ms);

impl Found {
    fn lease(&self) -> Option<LeaseRow> {
        Some(LeaseRow {
            holder: self.holder.clone()?,
            expires_ms: self.expires_ms?,
            kind: self.kind.clone()?,
            wanted_ms: self.wanted_ms,
        })
    }
}

/// Takes or renews the leases of several hosts in one transaction.
async fn take(store: &Store, asks: &[LeaseAsk]) -> Result<Vec<(Lease, StoredRest)>, StoreError> {
    // A server may crash while its workers live: then a lost lease would be taken by a second one. A file
    // loses it with all who have it open.
    let mut tx = match store.is_postgres() {
        true => store.begin().await?,
        false => store.begin_note().await?,
    };
    // With this connection, nobody else in this process takes a host or gives one back.
    for ask in asks {
        if let Some(held) = store.held.forget(&ask.host).filter(HeldHost::is_left) {
            Left::one(&ask.host, held).write(&mut tx).await?;
        }
    }
    let hosts: Vec<&str> = asks.iter().map(|ask| ask.host.as_str()).collect();
    // Only processes that share a server tell that they are alive.
    let seen = match tx.is_postgres() {
        true => "(SELECT seen_ms FROM workers w WHERE w.holder = l.holder)",
        false => "NULL",
    };
    let found: Vec<Found> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT l.holder, l.expires_ms, l.kind, l.wanted_ms, h.free_ms, h.asked_ms, h.asked_status,
                {seen} AS seen_ms
         FROM json_each(?) j LEFT JOIN leases l ON l.host = j.value
         LEFT JOIN hosts h ON h.host = j.value ORDER BY j.key"
    )))
    .bind(serde_json::json!(hosts).to_string())
    .fetch_all(&mut *tx)
    .await?;
    // One host may be asked for twice.
    let mut changed: HashMap<&str, LeaseRow> = HashMap::new();
    let mut answers = Vec::with_capacity(asks.len());
    let mut orphans = Vec::new();
    for (ask, found) in asks.iter().zip(&found) {
        let before = changed.get(ask.host.as_str()).cloned();
        let before = before.or_else(|| found.lease());
        let (lease, row) = ask.answer(before.as_ref(), found.seen_ms);
        let is_new = before.as_ref() != Some(&row);
        if lease == Lease::Taken
            && tx.is_postgres()
            && before.is_some_and(|held| ask.is_orphan(&held, found.seen_ms))
        {
            orphans.push(&ask.host);
        }
        if is_new {
            changed.insert(&ask.host, row);
        }
        let rest = StoredRest::new(found.free_ms, found.asked_ms, found.asked_status);
        answers.push((lease, rest));
    }
    if !changed.is_empty() {
        write(&mut tx, &changed).await?;
    }
    tx.commit().await?;
    for host in orphans {
        store.contact.inherit(host);
    }
    for (ask, (lease, rest)) in asks.iter().zip(&answers) {
        if *lease == Lease::Taken {
            let until = ask.now.plus(LEASE);
            store
                .held
                .take(&ask.host, ask.kind, &ask.holder, until, *rest);
        }
    }
    Ok(answers)
}

/// Writes the leases of these hosts.
async fn write(
    connection: &mut EngineConnection,
    leases: &HashMap<&str, LeaseRow>,
) -> Result<(), StoreError> {
    let mut rows: Vec<_> = leases
        .iter()
        .map(|(host, row)| (host, &row.holder, row.expires_ms, &row.kind, row.wanted_ms))
        .collect();
    // In the order of the table, which fills its pages: hosts are asked for in about that order.
    rows.sort_unstable();
    sqlx::query(
        "INSERT INTO leases (host, holder, expires_ms, kind, wanted_ms)
         SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), value ->> 3,
                CAST(value ->> 4 AS BIGINT)
         FROM json_each(?) WHERE true
         ON CONFLICT (host) DO UPDATE SET holder = excluded.holder,
             expires_ms = excluded.expires_ms, kind = excluded.kind,
             wanted_ms = excluded.wanted_ms",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

impl Hosts<'_> {
    /// Takes or renews the lease of `host` for a run of `holder`. `Ok(Some(expiry))` if another
    /// holder has it: then nothing was taken, and a backfill is asked to make room.
    pub async fn lease(
        self,
        host: &str,
        holder: &Holder,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let lease = self.lease_for(LeaseKind::Run, host, holder, now).await?;
        Ok(match lease {
            Lease::Taken => None,
            Lease::Held { until, .. } => Some(until),
        })
    }

    /// Takes or renews the lease of `host` for `holder`. A run asks a backfill to make room; a
    /// backfill takes no host that a run waits for.
    pub async fn lease_for(
        self,
        kind: LeaseKind,
        host: &str,
        holder: &Holder,
        now: Timestamp,
    ) -> Result<Lease, StoreError> {
        Ok(self.enter(kind, host, holder, now).await?.0)
    }

    /// Takes or renews the lease of `host` like [`Hosts::lease_for`], and returns how long the host
    /// must still be left alone, as its last user noted.
    pub async fn enter(
        self,
        kind: LeaseKind,
        host: &str,
        holder: &Holder,
        now: Timestamp,
    ) -> Result<(Lease, Rest), StoreError> {
        let now = self.store.server_time(now);
        if let Some(rest) = self.store.held.again(host, kind, holder, now) {
            return Ok((Lease::Taken, rest.left(now)));
        }
        let ask = LeaseAsk {
            kind,
            host: host.to_owned(),
            holder: holder.clone(),
            now,
        };
        let (store, asks) = (self.store, &self.store.lease_asks);
        let answered = asks.ask(store, ask, |store, asks| Box::pin(take(store, asks)));
        let (lease, rest) = answered.await?;
        let lease = match lease {
            Lease::Taken => Lease::Taken,
            Lease::Held { kind, until } => Lease::Held {
                kind,
                until: self.store.own_time(until),
            },
        };
        Ok((lease, rest.left(now)))
    }

    /// Gives a host back, and stores what is left of its rest. For a run this is written down
    /// together with others, within a second.
    pub async fn leave(
        self,
        host: &str,
        holder: &Holder,
        now: Timestamp,
        rest: Rest,
    ) -> Result<(), StoreError> {
        let stored = StoredRest::from(self.store.server_time(now), rest);
        let asked = rest.asked.map_or(Duration::ZERO, |(_, length)| length);
        let over = Instant::now() + rest.pause.max(asked);
        if self.store.held.leave(host, holder, stored, over) {
            self.store.write_down_soon();
            return Ok(());
        }
        let noted = self.note_rest(host, now, rest).await;
        noted.and(self.release(host, holder).await)
    }

    /// Keeps a host, although its run gave it back, while the run waits for the store to begin again: if
    /// this process dies meanwhile, others find the host as one that was left in the middle of a run.
    pub fn stay(self, host: &str) {
        self.store.held.stay(host);
    }

    /// The run begins again, and gives the host back at its end.
    pub fn go_on(self, host: &str) {
        self.store.held.go_on(host);
        self.store.write_down_soon();
    }

    /// Whether a run waits for the host that `holder` has for a backfill.
    pub async fn is_wanted(
        self,
        host: &str,
        holder: &Holder,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let held: Option<LeaseRow> = sqlx::query_as(
            "SELECT holder, expires_ms, kind, wanted_ms FROM leases WHERE host = ? AND holder = ?",
        )
        .bind(host)
        .bind(holder.text())
        .fetch_optional(&self.store.pool)
        .await?;
        let now = self.store.server_time(now);
        Ok(held.is_some_and(|held| held.is_wanted(now)))
    }

    /// Releases the lease of `host`. If a run waits for it, no backfill takes it before that run
    /// has had it or waits no more.
    pub async fn release(self, host: &str, holder: &Holder) -> Result<(), StoreError> {
        let mut tx = self.store.begin_note().await?;
        self.store.held.forget(host);
        sqlx::query(
            "UPDATE leases SET holder = '', expires_ms = 0
             WHERE host = ? AND holder = ? AND wanted_ms IS NOT NULL",
        )
        .bind(host)
        .bind(holder.text())
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM leases WHERE host = ? AND holder = ?")
            .bind(host)
            .bind(holder.text())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
