//! Leases: of all processes, only one at a time may send requests to a host.
//!
//! Owns the holder of each host. A backfill makes room for a run: the run marks the host as wanted,
//! the backfill releases it between two requests, and then only a run may take it. Never waits.

use chrono::TimeDelta;

use super::Hosts;
use crate::model::Timestamp;
use crate::store::StoreError;
use crate::store::rows::from_row;

/// A lease expires if it is not renewed for this long.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// A waiting run renews its mark every second. After this long without a renewal, it waits no more.
const WANTED: TimeDelta = TimeDelta::seconds(15);

/// A process that holds leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    machine: String,
    process: u32,
}

impl Holder {
    /// This process on this machine.
    pub fn this_process() -> Self {
        let machine = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .or_else(|_| std::fs::read_to_string("/etc/machine-id"))
            .unwrap_or_default();
        // Each container of a machine counts its processes on its own.
        let namespace = std::fs::read_link("/proc/self/ns/pid")
            .map(|link| link.to_string_lossy().into_owned())
            .unwrap_or_default();
        Self {
            machine: format!("{} {namespace}", machine.trim()),
            process: std::process::id(),
        }
    }

    /// Another process of the same machine, by its number.
    pub fn process(number: u32) -> Self {
        Self {
            process: number,
            ..Self::this_process()
        }
    }

    fn text(&self) -> String {
        format!("{}/{}", self.machine, self.process)
    }

    /// Whether the holder named by `text` is a process of this machine that has died. If that
    /// cannot be determined, its lease has to expire.
    fn is_dead(&self, text: &str) -> bool {
        let Some((machine, process)) = text.rsplit_once('/') else {
            return false;
        };
        let proc = std::path::Path::new("/proc");
        !machine.is_empty()
            && machine == self.machine
            && proc.join("self").exists()
            && !proc.join(process).exists()
    }
}

/// The purpose of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseKind {
    /// A run that is due.
    Run,
    /// A backfill, which makes room for runs.
    Backfill,
}

impl LeaseKind {
    fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Backfill => "backfill",
        }
    }
}

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
        let mut tx = self.store.begin().await?;
        let held: Option<LeaseRow> =
            sqlx::query_as("SELECT holder, expires_ms, kind, wanted_ms FROM leases WHERE host = ?")
                .bind(host)
                .fetch_optional(&mut *tx)
                .await?;
        let longest = now.plus(LEASE);
        let others = held.as_ref().filter(|held| held.holder != holder.text());
        if let Some(held) = others {
            let is_free = held.expires_ms <= now.millis() || holder.is_dead(&held.holder);
            let is_next = kind == LeaseKind::Backfill && held.is_wanted(now);
            if !is_free || is_next {
                let asks = kind == LeaseKind::Run && held.kind() == LeaseKind::Backfill;
                // A longer time than a lease lasts comes from a clock that was set back since.
                let until = held.expires_ms.min(longest.millis());
                if asks || until != held.expires_ms {
                    sqlx::query(
                        "UPDATE leases SET expires_ms = ?, wanted_ms = COALESCE(?, wanted_ms)
                         WHERE host = ?",
                    )
                    .bind(until)
                    .bind(asks.then_some(now.millis()))
                    .bind(host)
                    .execute(&mut *tx)
                    .await?;
                    tx.commit().await?;
                }
                return Ok(Lease::Held {
                    kind: held.kind(),
                    until: Timestamp::from_millis(until).unwrap_or(now),
                });
            }
        }
        // A renewal keeps the mark of the run that waits.
        let wanted =
            held.filter(|held| kind == LeaseKind::Backfill && held.holder == holder.text());
        sqlx::query(
            "INSERT OR REPLACE INTO leases (host, holder, expires_ms, kind, wanted_ms)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(host)
        .bind(holder.text())
        .bind(longest.millis())
        .bind(kind.name())
        .bind(wanted.and_then(|held| held.wanted_ms))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Lease::Taken)
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
        Ok(held.is_some_and(|held| held.is_wanted(now)))
    }

    /// Releases the lease of `host`. If a run waits for it, no backfill takes it before that run
    /// has had it or waits no more.
    pub async fn release(self, host: &str, holder: &Holder) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
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
