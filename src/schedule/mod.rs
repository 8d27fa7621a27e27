//! What is due: columns side by side, one host at a time, never two runs of one column at once.
//!
//! Owns the timetable while the service runs, and the clean stop. Never knows what a run does:
//! that is handed in.

mod timetable;

use timetable::Timetable;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::config::{Column, Cron};
use crate::model::{Clock, ColumnName, Timestamp};

/// How long the scheduler sleeps at most: a clock that is set forward is noticed by then.
const NAP: Duration = Duration::from_secs(30);

/// What is run, and when.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The columns.
    pub columns: Vec<Column>,
    /// When they are due.
    pub cron: Cron,
    /// When each column ran last, of those that did.
    pub last_runs: BTreeMap<ColumnName, Timestamp>,
}

/// Columns of one host that are due.
#[derive(Clone, Debug)]
pub struct Due {
    /// The columns.
    pub columns: Vec<Column>,
    /// When another column of the host is due: it waits until this cycle is over.
    pub others_at: Option<Timestamp>,
}

/// What all that is logged of one run has in common, whatever else is logged at the time: a field
/// `run`, other than that of any other run.
pub fn run_span() -> tracing::Span {
    let mut id = Uuid::new_v4().simple().to_string();
    id.truncate(12);
    // As an error: whatever of a run is logged shall have it.
    tracing::error_span!("run", run = id)
}

/// Runs what is due until told to stop, then waits for what is under way, which is told to stop
/// by the same token. `run` is one cycle over columns of one host, one after another, and whatever it does with the
/// host afterwards. A tick that comes while its column still runs is skipped and counted. A new
/// plan is followed at once; runs that are under way go on.
pub async fn run<R, F>(
    mut plans: watch::Receiver<Arc<Plan>>,
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
        for due in timetable.take_due(&plan.columns, clock.now()) {
            let names: Vec<ColumnName> = due.iter().map(|column| column.name.clone()).collect();
            let due = Due {
                others_at: timetable.next_beside(&due, &plan.columns),
                columns: due,
            };
            let span = run_span();
            span.in_scope(|| tracing::info!(columns = ?as_text(&names), "due"));
            // A task within the task: one that breaks off must not take the names along, or its
            // columns would count as running for ever.
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
            Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                Ok((names, span, ended)) => {
                    let _within = span.entered();
                    if let Err(error) = ended {
                        tracing::error!(%error, "a run broke off");
                    }
                    let ticks = timetable.ended(&names, &plan, clock.now());
                    if ticks > 0 {
                        skipped += ticks;
                        let columns = as_text(&names);
                        tracing::warn!(
                            reason = "tick-skipped",
                            ?columns,
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

fn as_text(names: &[ColumnName]) -> Vec<&str> {
    names.iter().map(ColumnName::as_str).collect()
}
