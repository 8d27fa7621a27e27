//! The hosts that this process holds: what it need not ask the store, and what it still has to
//! write down.
//!
//! Owns this memory. A host that was given back stays leased until that is written down, within a
//! second, together with others: until then only this process may take it again. Never decides who
//! gets a host.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use tokio::time::Instant;

use super::holder::{Holder, LEASE, LeaseKind};
use super::rests::{StoredRest, write_rests};
use crate::model::Timestamp;
use crate::store::StoreError;
use crate::store::driver::EngineConnection;

/// A lease that lasts for less than this is renewed in the store.
const RENEWED: TimeDelta = TimeDelta::seconds(60);

/// A host that this process holds.
#[derive(Clone, Debug)]
pub(super) struct HeldHost {
    holder: Holder,
    kind: LeaseKind,
    until: Timestamp,
    rest: StoredRest,
    /// When the host was given back, the time at which its rest is over.
    left: Option<Instant>,
}

/// The hosts that this process holds.
#[derive(Debug, Default)]
pub(in crate::store) struct HeldHosts(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// By name.
    hosts: HashMap<String, HeldHost>,
    /// The hosts whose runs wait for the store, and which are not given back meanwhile.
    waiting: HashSet<String>,
}

impl HeldHosts {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a host, although its run gave it back, until [`HeldHosts::go_on`].
    pub(super) fn stay(&self, host: &str) {
        self.held().waiting.insert(host.to_owned());
    }

    /// Lets a host be given back again.
    pub(super) fn go_on(&self, host: &str) {
        self.held().waiting.remove(host);
    }

    /// Takes a host again that `holder` holds for long enough; with its rest as it was stored.
    pub(super) fn again(
        &self,
        host: &str,
        kind: LeaseKind,
        holder: &Holder,
        now: Timestamp,
    ) -> Option<StoredRest> {
        let mut held = self.held();
        let held = held.hosts.get_mut(host)?;
        let is_same = held.holder == *holder && held.kind == kind;
        // A longer time than a lease lasts means that the clock was set back.
        let is_long = now.plus(RENEWED) < held.until && held.until <= now.plus(LEASE);
        (is_same && is_long).then(|| {
            held.left = None;
            held.rest
        })
    }

    /// Notes that a host was taken.
    pub(super) fn take(
        &self,
        host: &str,
        kind: LeaseKind,
        holder: &Holder,
        until: Timestamp,
        rest: StoredRest,
    ) {
        let held = HeldHost {
            holder: holder.clone(),
            kind,
            until,
            rest,
            left: None,
        };
        self.held().hosts.insert(host.to_owned(), held);
    }

    /// Notes that a run of `holder` gives a host back. `false` if it must be written down at once.
    pub(super) fn leave(
        &self,
        host: &str,
        holder: &Holder,
        rest: StoredRest,
        over: Instant,
    ) -> bool {
        match self.held().hosts.get_mut(host) {
            // A run of another process waits for what a backfill gives back.
            Some(held) if held.holder == *holder && held.kind == LeaseKind::Run => {
                held.rest = rest;
                held.left = Some(over);
                true
            }
            _ => false,
        }
    }

    /// Forgets a host, which was given back, or is taken anew.
    pub(super) fn forget(&self, host: &str) -> Option<HeldHost> {
        self.held().hosts.remove(host)
    }

    /// Forgets all hosts: others may have them.
    pub(super) fn forget_all(&self) {
        self.held().hosts.clear();
    }

    /// Whether a host was given back and that is not written down.
    pub(in crate::store) fn has_left(&self) -> bool {
        let held = self.held();
        let mut hosts = held.hosts.iter();
        hosts.any(|(host, of)| of.is_free(host, &held.waiting))
    }

    /// Takes out the hosts that were given back, to write that down.
    pub(in crate::store) fn take_left(&self) -> Left {
        let mut held = self.held();
        let Held { hosts, waiting } = &mut *held;
        let left = hosts.extract_if(|host, of| of.is_free(host, waiting));
        Left(left.collect())
    }

    /// Puts hosts back that could not be written down.
    pub(in crate::store) fn put_back(&self, left: Left) {
        let mut held = self.held();
        for (host, of) in left.0 {
            held.hosts.entry(host).or_insert(of);
        }
    }
}

impl HeldHost {
    pub(super) fn is_left(&self) -> bool {
        self.left.is_some()
    }

    /// Whether it was given back, and no run waits for the store with it.
    fn is_free(&self, host: &str, waiting: &HashSet<String>) -> bool {
        self.is_left() && !waiting.contains(host)
    }
}

/// Hosts that were given back.
#[derive(Debug)]
pub(in crate::store) struct Left(Vec<(String, HeldHost)>);

impl Left {
    pub(super) fn one(host: &str, held: HeldHost) -> Self {
        Self(vec![(host.to_owned(), held)])
    }

    /// Writes down that these hosts are free, and what is left of their rests.
    pub(in crate::store) async fn write(
        &self,
        connection: &mut EngineConnection,
    ) -> Result<(), StoreError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let now = Instant::now();
        let resting = self.0.iter();
        let resting = resting.filter(|(_, held)| held.left.is_some_and(|over| over > now));
        let resting = resting.map(|(host, held)| (host.as_str(), held.rest));
        write_rests(connection, &resting.collect::<Vec<_>>()).await?;
        let leases: Vec<(&str, String)> = self
            .0
            .iter()
            .map(|(host, held)| (host.as_str(), held.holder.text()))
            .collect();
        sqlx::query(
            "DELETE FROM leases WHERE host IN
                 (SELECT l.host FROM json_each(?) j
                  CROSS JOIN leases l ON l.host = j.value ->> 0 AND l.holder = j.value ->> 1)",
        )
        .bind(serde_json::json!(leases).to_string())
        .execute(connection)
        .await?;
        Ok(())
    }
}
