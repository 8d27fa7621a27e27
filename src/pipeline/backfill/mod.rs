//! A backfill: reads a column's older list pages one after another, each with its articles. These
//! go into the feed's history, never into the live feed.
//!
//! Owns when a backfill begins, pauses and is complete. Every list page is a checkpoint in the
//! store, so that a backfill may be killed at any time. Never keeps a host from a run that wants
//! it.

mod older;
mod reach;
mod report;
mod walk;

use std::time::Instant;

use crate::config::Column;
use crate::fetch::host_of;
use crate::pipeline::record::{Budget, Spender};
use crate::pipeline::run::Collector;
use crate::store::{Resting, StoreError};

pub use reach::Reach;
pub use report::{BackfillReport, Halt, Standing};
use walk::Walk;

/// The number of list pages in one piece of a backfill. `serve` and `run` do one piece at a time.
pub const PIECE: u32 = 3;

/// Does one piece of the column's backfill, if one goes on without a command, the portal is well, and
/// the column may still make dibao store something today.
pub async fn work_off(
    collector: &Collector,
    column: &Column,
    reach: &Reach,
) -> Option<BackfillReport> {
    let state = collector
        .store
        .backfills()
        .state(&column.name, column.url.as_str())
        .await;
    // Runs report a store that fails and a portal that rests.
    let state = state.ok().flatten();
    let state = state.filter(|state| state.wanted && state.is_under_way())?;
    if !matches!(at_rest(collector, column).await, Ok(None)) {
        return None;
    }
    let today = collector.clock.now().date();
    if column.pause.rests_on(today) {
        return None;
    }
    let spender = match state.asked {
        true => Spender::Person,
        false => Spender::Backfill,
    };
    let reach = Reach {
        since: reach.since.or(state.asked_since),
        ..*reach
    };
    // What is left aside was told.
    let spending = Budget::new(&collector.store, column, spender);
    let now = collector.clock.now();
    spending.load(&collector.store, now).await.ok()?;
    if spending.refusal(now).is_some() {
        return None;
    }
    Some(go_on(collector, column, &reach, spender).await)
}

/// Goes on with the column's backfill, or begins one, as a person asks. Never fails as a whole: the report says why
/// it stopped, and everything that went well is stored.
pub async fn backfill(collector: &Collector, column: &Column, reach: &Reach) -> BackfillReport {
    go_on(collector, column, reach, Spender::Person).await
}

async fn go_on(
    collector: &Collector,
    column: &Column,
    reach: &Reach,
    spender: Spender,
) -> BackfillReport {
    let stopwatch = Instant::now();
    let mut report = match at_rest(collector, column).await {
        Err(error) => BackfillReport::new(&column.name, Halt::failed(error.into())),
        Ok(Some(resting)) => {
            let halt = Halt::resting(&host_of(&column.url), &resting);
            BackfillReport::new(&column.name, halt)
        }
        Ok(None) => {
            let mut walk = Walk::new(collector, column, reach, spender);
            let halt = walk.in_turns().await;
            let finished = match walk.finish().await {
                Ok(()) => walk.leave_aside(&halt).await,
                failed => failed,
            };
            walk.into_report(finished.map_or_else(Halt::failed, |()| halt))
        }
    };
    report.elapsed = stopwatch.elapsed();
    report
}

async fn at_rest(collector: &Collector, column: &Column) -> Result<Option<Resting>, StoreError> {
    let (host, now) = (host_of(&column.url), collector.clock.now());
    let resting = collector.store.hosts().trouble(&host, now).await?;
    Ok(resting.filter(|resting| collector.leaves_alone(resting)))
}
