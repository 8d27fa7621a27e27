//! A backfill: a column's older list pages, one after another, and the articles of each before the
//! next. What it brings goes into the archive, never into the live feed.
//!
//! Owns the order of things, and when a backfill begins, pauses and is complete. Every list page is
//! a checkpoint in the store, so that it may be killed at any instant. Never holds a host against
//! a run that wants it.

mod older;
mod report;
mod walk;

use std::time::Instant;

use chrono::NaiveDate;

use super::collect::Collector;
use super::trouble::Trouble;
use crate::config::Column;
use crate::fetch::host_of;
use crate::model::Timestamp;
use crate::store::{BackfillState, Resting, StoreError};

pub use report::{BackfillReport, Halt, Standing};
use walk::Walk;

/// List pages that a piece of a backfill reads, which dibao works off by itself.
pub const PIECE: u32 = 3;

/// How far a backfill is to go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// It pauses after so many list pages.
    pub pages: Option<u32>,
    /// What is older than this day is left out.
    pub since: Option<NaiveDate>,
    /// It pauses at this instant, at which something else is due for the host.
    pub until: Option<Timestamp>,
}

impl Reach {
    /// Whether it goes on where another has left off: what that one left out as too old would be
    /// missing for good.
    fn continues(&self, state: &BackfillState) -> bool {
        state
            .since
            .is_none_or(|cut| self.since.is_some_and(|since| since >= cut))
    }
}

/// Works off a piece of the column's backfill, if a run has queued one and the portal is well.
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
    let is_wanted = matches!(state, Ok(Some(state)) if state.wanted && state.is_under_way());
    // A store that fails, or a portal at rest, is told of by the runs.
    if !is_wanted || !matches!(collector.at_rest(column).await, Ok(None)) {
        return None;
    }
    Some(backfill(collector, column, reach).await)
}

/// Goes on with the column's backfill, or begins one. Never fails as a whole: the report says why
/// it stopped, and everything that went well is stored.
pub async fn backfill(collector: &Collector, column: &Column, reach: &Reach) -> BackfillReport {
    let stopwatch = Instant::now();
    let mut report = BackfillReport::new(&column.name);
    let host = host_of(&column.url);
    report.halt = match collector.at_rest(column).await {
        Err(error) => Halt::failed(Trouble::Store(error)),
        Ok(Some(resting)) => Halt::resting(&host, &resting),
        Ok(None) => {
            let mut walk = Walk {
                collector,
                column,
                reach,
                host: &host,
                report: &mut report,
                is_in_new: false,
            };
            let halt = walk.in_turns().await;
            match collector.write_down(column, &host, &mut report).await {
                Ok(()) => halt,
                Err(trouble) => Halt::failed(trouble),
            }
        }
    };
    report.elapsed = stopwatch.elapsed();
    report
}

impl Collector {
    async fn at_rest(&self, column: &Column) -> Result<Option<Resting>, StoreError> {
        let host = host_of(&column.url);
        let resting = self.store.hosts().trouble(&host, self.clock.now()).await?;
        Ok(resting.filter(|resting| self.leaves_alone(resting)))
    }

    /// Writes down what came of the fetches, and how the host is.
    async fn write_down(
        &self,
        column: &Column,
        host: &str,
        report: &mut BackfillReport,
    ) -> Result<(), Trouble> {
        let BackfillReport { older, news, .. } = report;
        self.settle(column, news).await?;
        self.note_drift(column, news).await?;
        older.waiting = self.store.queue().waiting(&older.column).await?;
        older.host_trouble = older.host_trouble.or(news.host_trouble);
        for report in [&*older, &*news] {
            self.store
                .columns()
                .note_verdicts(&report.column, &report.verdicts)
                .await?;
        }
        Ok(self.note_host(host, self.clock.now(), older).await?)
    }
}
