//! The processes of several machines that share a store on a server.
//!
//! Owns the time by which they agree, which is the server's, and which of them are alive. With a store
//! in a file, all are on one machine: its clock counts, and its table of processes tells who lives.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use sqlx::AssertSqlSafe;
use tokio::time::Instant;

use super::Hosts;
use super::holder::Holder;
use crate::model::{Clock, Timestamp};
use crate::store::{Store, StoreError};

/// A process tells this often that it is alive.
pub const BEAT: Duration = Duration::from_secs(5);
/// Whoever has not told so for so long is dead: others take its hosts.
const SILENT: TimeDelta = TimeDelta::seconds(50);
/// A process that could not tell so for so long asks no host any more: what it asked before has its answer
/// when others take the host.
const QUIET: Duration = Duration::from_secs(20);

/// The server's time in milliseconds.
const NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

/// A process that shares the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Its machine and its number, as leases name it.
    pub holder: String,
    /// When it told last that it is alive, by the server's clock.
    pub seen_at: Timestamp,
    /// The hosts that it holds.
    pub hosts: u64,
}

/// What this process knows of the server.
#[derive(Debug, Default)]
pub(in crate::store) struct Contact {
    /// By how many milliseconds its clock is ahead of this machine's.
    ahead_ms: AtomicI64,
    /// When this process told it last that it is alive; `None` before the first time.
    told: Mutex<Option<Instant>>,
    /// How often it took this process for dead: others may have taken its hosts.
    deaths: AtomicU64,
    /// The hosts that this process took from one that died, until they are told.
    inherited: Mutex<Vec<String>>,
}

impl Contact {
    fn told(&self) -> MutexGuard<'_, Option<Instant>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a host that was taken from a process that died.
    pub(super) fn inherit(&self, host: &str) {
        self.inherited().push(host.to_owned());
    }

    fn inherited(&self) -> MutexGuard<'_, Vec<String>> {
        let inherited = self.inherited.lock();
        inherited.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Whether processes of several machines may share this store.
    pub fn is_shared(&self) -> bool {
        self.is_postgres()
    }

    /// The server's time at this time of this machine's clock.
    pub(in crate::store) fn server_time(&self, now: Timestamp) -> Timestamp {
        now.plus(TimeDelta::milliseconds(
            self.contact.ahead_ms.load(Ordering::Relaxed),
        ))
    }

    /// The time of this machine's clock at this time of the server's.
    pub(in crate::store) fn own_time(&self, at: Timestamp) -> Timestamp {
        at.plus(TimeDelta::milliseconds(
            -self.contact.ahead_ms.load(Ordering::Relaxed),
        ))
    }
}

impl Hosts<'_> {
    /// Tells that this process is alive, and compares its clock with the server's. To be called before
    /// a host is asked, and every [`BEAT`] from then on.
    pub async fn beat(self, holder: &Holder, clock: &Clock) -> Result<(), StoreError> {
        if !self.store.is_postgres() {
            return Ok(());
        }
        let asked = clock.now();
        let alive: Option<i64> = sqlx::query_scalar(AssertSqlSafe(format!(
            "UPDATE workers SET seen_ms = {NOW} WHERE holder = ? AND seen_ms >= {NOW} - ?
             RETURNING seen_ms"
        )))
        .bind(holder.text())
        .bind(SILENT.num_milliseconds())
        .fetch_optional(&self.store.pool)
        .await?;
        let server = match alive {
            Some(server) => server,
            None => self.begin(holder).await?,
        };
        let contact = &self.store.contact;
        let middle = i64::midpoint(asked.millis(), clock.now().millis());
        contact.ahead_ms.store(server - middle, Ordering::Relaxed);
        *contact.told() = Some(Instant::now());
        Ok(())
    }

    /// Enters the process as a new one, and returns the server's time in milliseconds. What the process
    /// held before is forgotten.
    async fn begin(self, holder: &Holder) -> Result<i64, StoreError> {
        let server = sqlx::query_scalar(AssertSqlSafe(format!(
            "INSERT INTO workers (holder, seen_ms) VALUES (?, {NOW})
             ON CONFLICT (holder) DO UPDATE SET seen_ms = excluded.seen_ms RETURNING seen_ms"
        )))
        .bind(holder.text())
        .fetch_one(&self.store.pool)
        .await?;
        let contact = &self.store.contact;
        if contact.told().is_some() {
            self.store.held.forget_all();
            contact.deaths.fetch_add(1, Ordering::SeqCst);
        }
        Ok(server)
    }

    /// Whether the server answers, and knows that this process is alive.
    pub async fn is_in_touch(self) -> bool {
        let answer = sqlx::query("SELECT 1").execute(&self.store.pool).await;
        answer.is_ok() && self.are_own(self.deaths()).is_ok()
    }

    /// How often the server has taken this process for dead.
    pub fn deaths(self) -> u64 {
        self.store.contact.deaths.load(Ordering::SeqCst)
    }

    /// Whether the hosts that this process took after so many deaths are still its own, as far as it
    /// knows. An error if it could not tell for a while that it is alive: others may have them.
    pub fn are_own(self, deaths: u64) -> Result<(), StoreError> {
        let told = *self.store.contact.told();
        let is_quiet = told.is_some_and(|told| told.elapsed() > QUIET);
        if is_quiet || self.deaths() != deaths {
            return Err(StoreError::out_of_reach("its hosts may be another's now"));
        }
        Ok(())
    }

    /// The processes that share the store, by name; empty for a store in a file.
    pub async fn workers(self) -> Result<Vec<Worker>, StoreError> {
        if !self.store.is_postgres() {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT holder, seen_ms,
                    (SELECT COUNT(*) FROM leases l WHERE l.holder = w.holder)
             FROM workers w ORDER BY holder",
        )
        .fetch_all(&self.store.pool)
        .await?;
        let workers = rows.into_iter().filter_map(|(holder, seen, hosts)| {
            Some(Worker {
                holder,
                seen_at: Timestamp::from_millis(seen)?,
                hosts: u64::try_from(hosts).unwrap_or(0),
            })
        });
        Ok(workers.collect())
    }

    /// The hosts whose holder has died in the middle of its work: those that nobody holds since, which
    /// are free from then on, and those that this process took. Each is told once.
    pub async fn abandoned(self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        if !self.store.is_postgres() {
            return Ok(Vec::new());
        }
        let silent = self.store.server_time(now).plus(-SILENT).millis();
        let has_silent: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM workers WHERE seen_ms < ?)")
                .bind(silent)
                .fetch_one(&self.store.pool)
                .await?;
        let mut hosts = match has_silent {
            true => self.bury(silent).await?,
            false => Vec::new(),
        };
        hosts.append(&mut self.store.contact.inherited());
        Ok(hosts)
    }

    /// Forgets the processes that told nothing since `silent`, and frees their hosts, which it returns.
    async fn bury(self, silent: i64) -> Result<Vec<String>, StoreError> {
        let mut tx = self.store.begin_note().await?;
        let hosts: Vec<String> = sqlx::query_scalar(
            "DELETE FROM leases WHERE holder IN (SELECT holder FROM workers WHERE seen_ms < ?)
             RETURNING host",
        )
        .bind(silent)
        .fetch_all(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM workers WHERE seen_ms < ?")
            .bind(silent)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(hosts)
    }
}

/// Whether a process that told last at this time that it is alive is dead.
pub(super) fn is_silent(seen_ms: Option<i64>, now: Timestamp) -> bool {
    seen_ms.is_some_and(|seen| seen < now.plus(-SILENT).millis())
}
