//! Whose turn it is at a host, across processes: a run waits for a backfill that makes room, a
//! backfill waits until the run has had its turn.
//!
//! Owns the waiting. Never fetches; who has the host is written in the store.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::collect::Collector;
use crate::config::FetchRules;
use crate::store::{Lease, LeaseKind, StoreError};

/// How often a waiting process asks.
const ASK: Duration = Duration::from_secs(1);
/// How long a run waits for a backfill, besides the request that may be under way.
const PATIENCE: Duration = Duration::from_secs(60);

impl Collector {
    async fn ask(&self, errand: LeaseKind, host: &str) -> Result<Lease, StoreError> {
        let now = self.clock.now();
        self.store
            .hosts()
            .lease_for(errand, host, &self.holder, now)
            .await
    }

    /// Takes the host for a run, where a backfill of another process has it: that sees that it is
    /// wanted, and makes room between two requests. Another run is not waited for. `false` when
    /// dibao was told to stop meanwhile.
    pub(super) async fn wait_for_backfill(
        &self,
        host: &str,
        fetch: &FetchRules,
    ) -> Result<bool, StoreError> {
        let patience = PATIENCE + fetch.timeout;
        let began = Instant::now();
        loop {
            match self.ask(LeaseKind::Run, host).await? {
                Lease::Held {
                    kind: LeaseKind::Backfill,
                    ..
                } if began.elapsed() < patience => (),
                Lease::Taken | Lease::Held { .. } => return Ok(true),
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(false),
                () = sleep(ASK) => (),
            }
        }
    }

    /// Takes a host again for a backfill that has made room, once the run that wanted it has had
    /// its turn. `false` when dibao was told to stop meanwhile.
    pub(super) async fn wait_for_run(&self, host: &str) -> Result<bool, StoreError> {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Ok(false),
                () = sleep(ASK) => (),
            }
            if self.ask(LeaseKind::Backfill, host).await? == Lease::Taken {
                return Ok(true);
            }
        }
    }
}
