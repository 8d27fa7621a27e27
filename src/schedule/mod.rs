//! What is due: columns side by side, one host at a time, never two runs of one column at once.
//!
//! Owns the timetable while the service runs, and the clean stop. Never knows what a run does:
//! that is handed in.

mod timetable;

pub use timetable::Timetable;

use std::future::Future;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::config::{Column, Cron};
use crate::model::{Clock, ColumnName, Instant};

/// How long the scheduler sleeps at most: a clock that is set forward is noticed by then.
const NAP: Duration = Duration::from_secs(30);

/// Columns of one host that are due.
#[derive(Clone, Debug)]
pub struct Due {
    /// The columns.
    pub columns: Vec<Column>,
    /// When another column of the host is due: it waits until this cycle is over.
    pub others_at: Option<Instant>,
}

/// Runs what is due until told to stop, then waits for what is under way, which is told to stop
/// by the same token. `run` is one cycle over columns of one host, one after another, and whatever it does with the
/// host afterwards. A tick that
/// comes while its column still runs is skipped and counted.
pub async fn run<R, F>(
    columns: &[Column],
    cron: &Cron,
    clock: &Clock,
    mut timetable: Timetable,
    stop: &CancellationToken,
    mut run: R,
) where
    R: FnMut(Due) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut skipped = 0;
    let mut running: JoinSet<(Vec<ColumnName>, Result<(), JoinError>)> = JoinSet::new();
    loop {
        timetable.keep_up(cron, clock.now());
        for due in timetable.take_due(columns, clock.now()) {
            let names: Vec<ColumnName> = due.iter().map(|column| column.name.clone()).collect();
            let due = Due {
                others_at: timetable.next_beside(&due, columns),
                columns: due,
            };
            tracing::info!(columns = ?as_text(&names), "due");
            // A task within the task: one that breaks off must not take the names along, or its
            // columns would count as running for ever.
            let cycle = tokio::spawn(run(due));
            running.spawn(async move { (names, cycle.await) });
        }
        let nap = timetable.until_next(clock.now()).min(NAP);
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                Ok((names, ended)) => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a run broke off");
                    }
                    let ticks = timetable.ended(&names, cron, clock.now());
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
