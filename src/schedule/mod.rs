//! Runs what is due: hosts side by side, the columns of a host one after another, never two runs of
//! one column at the same time.
//!
//! Owns the timetable while the service runs, and the clean stop. Never knows what a run does: the
//! caller passes that in.

mod plan;
mod timetable;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::model::{Clock, ColumnName, LogList};
pub use plan::{Due, Plan};
use timetable::Timetable;

/// The longest sleep of the scheduler: it notices after that if the clock was set forward.
const NAP: Duration = Duration::from_secs(30);

/// The span around everything that is logged in one run: its field `run` differs from run to run.
pub fn run_span() -> tracing::Span {
    let mut id = Uuid::new_v4().simple().to_string();
    id.truncate(12);
    // At the level of errors, so that every logged line of a run has it.
    tracing::error_span!("run", run = id)
}

/// Runs due columns until told to stop, then waits for running cycles, which the same token stops.
/// `run` is one cycle: the due columns of one host, and the work on that host afterwards. If a tick
/// comes while its column still runs, it is skipped and counted. A new plan takes effect at once;
/// running cycles continue. All columns of the hosts that come through `hosts` are due at once:
/// somebody else left them in the middle of a run.
pub async fn run<R, F>(
    mut plans: watch::Receiver<Arc<Plan>>,
    mut hosts: mpsc::UnboundedReceiver<BTreeSet<String>>,
    clock: &Clock,
    stop: &CancellationToken,
    mut run: R,
) where
    R: FnMut(Due) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut plan = plans.borrow_and_update().clone();
    let mut timetable = Timetable::new(&plan, clock.now());
    let mut skipped = 0;
    let mut running: JoinSet<(Vec<ColumnName>, tracing::Span, Result<(), JoinError>)> =
        JoinSet::new();
    loop {
        timetable.keep_up(&plan.cron, clock.now());
        for places in timetable.take_due(&plan.columns, clock.now()) {
            let mut due = Due {
                plan: plan.columns.clone(),
                places,
                others_at: None,
                hastened: BTreeSet::new(),
            };
            let names = due.columns().map(|column| column.name.clone());
            due.hastened = names.filter(|name| timetable.was_hastened(name)).collect();
            let others_at = due.columns().next().map(|one| timetable.next_beside(one));
            due.others_at = others_at.flatten();
            let names: Vec<ColumnName> = due.columns().map(|column| column.name.clone()).collect();
            let span = run_span();
            span.in_scope(|| tracing::info!(columns = %LogList(&names), "due"));
            // In a task of its own: if a cycle panics, the outer task still returns the names.
            // Without them its columns would count as running for ever.
            let cycle = tokio::spawn(run(due).instrument(span.clone()));
            running.spawn(async move { (names, span, cycle.await) });
        }
        let nap = timetable.until_next(clock.now()).min(NAP);
        tokio::select! {
            () = stop.cancelled() => break,
            Ok(()) = plans.changed() => {
                let new = plans.borrow_and_update().clone();
                timetable.follow(&plan, &new, clock.now());
                plan = new;
            }
            Some(hosts) = hosts.recv() => timetable.hasten(&hosts, clock.now()),
            Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                Ok((names, span, ended)) => {
                    let _within = span.entered();
                    if let Err(error) = ended {
                        tracing::error!(%error, "a run broke off");
                    }
                    let ticks = timetable.ended(&names, &plan, clock.now());
                    if ticks > 0 {
                        skipped += ticks;
                        tracing::warn!(
                            reason = "tick-skipped",
                            columns = %LogList(&names),
                            ticks,
                            skipped_since_start = skipped,
                            "a run outlasted the timetable; give its job more time between ticks"
                        );
                    }
                }
                Err(error) => tracing::error!(%error, "a run was lost"),
            },
            () = tokio::time::sleep(nap) => (),
        }
    }
    while running.join_next().await.is_some() {}
}
