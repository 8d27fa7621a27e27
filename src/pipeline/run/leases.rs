//! Whose turn it is at a host, across processes: a run waits for a backfill that makes room, a
//! backfill waits until the run has had its turn.
//!
//! Owns the waiting and the holding. Never fetches; the store says who has a host.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::collector::Collector;
use crate::config::FetchRules;
use crate::fetch::{FetchError, Session};
use crate::pipeline::reading::RunError;
use crate::store::{Lease, LeaseKind, StoreError};

/// How often a waiting process asks.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long a run waits for a backfill, besides the request that may be under way.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often a session's leases are renewed.
const RENEW_EVERY: Duration = Duration::from_secs(30);

/// Takes the host for a run. If a backfill of another process has it, that process sees the wish
/// and makes room between two requests. It never waits for another run. `false` if dibao was told
/// to stop.
pub(in crate::pipeline) async fn wait_for_backfill(
    collector: &Collector,
    host: &str,
    fetch: &FetchRules,
) -> Result<bool, StoreError> {
    let longest = LONGEST_WAIT + fetch.timeout;
    let began = Instant::now();
    loop {
        match ask(collector, LeaseKind::Run, host).await? {
            Lease::Held {
                kind: LeaseKind::Backfill,
                ..
            } if began.elapsed() < longest => (),
            Lease::Taken | Lease::Held { .. } => return Ok(true),
        }
        tokio::select! {
            () = collector.stop.cancelled() => return Ok(false),
            () = sleep(ASK_EVERY) => (),
        }
    }
}

/// Takes a host again for a backfill that has made room, once the run has had its turn. `false` if
/// dibao was told to stop.
pub(in crate::pipeline) async fn wait_for_run(
    collector: &Collector,
    host: &str,
) -> Result<bool, StoreError> {
    loop {
        tokio::select! {
            () = collector.stop.cancelled() => return Ok(false),
            () = sleep(ASK_EVERY) => (),
        }
        if ask(collector, LeaseKind::Backfill, host).await? == Lease::Taken {
            return Ok(true);
        }
    }
}

async fn ask(collector: &Collector, kind: LeaseKind, host: &str) -> Result<Lease, StoreError> {
    let Collector {
        store,
        holder,
        clock,
        ..
    } = collector;
    store
        .hosts()
        .lease_for(kind, host, holder, clock.now())
        .await
}

/// Holds the session's hosts for as long as it is polled; ends only when one is lost.
pub(in crate::pipeline) async fn keep_hosts(session: &Session) -> RunError {
    loop {
        sleep(RENEW_EVERY).await;
        match session.renew().await {
            Ok(()) => {}
            // A lease lasts longer than until the next try.
            Err(error @ FetchError::HostBook { .. }) => {
                tracing::warn!(reason = error.reason(), %error, "a lease was not renewed");
            }
            Err(error) => return error.into(),
        }
    }
}
