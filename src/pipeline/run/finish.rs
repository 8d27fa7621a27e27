//! The end of a run: decides on the remaining pages, and stores the state of the column and its
//! host.
//!
//! Owns when a failure becomes an incident, and when a host is left alone. Never fetches.

use super::report::Ending;
use super::state::Run;
use crate::model::{Timestamp, Verdict};
use crate::pipeline::reading::RunError;
use crate::pipeline::record::{FLOOD, low};
use crate::publish::DISK_LOW;
use crate::store::{QuietPoll, Resting, RunEnd, StoreError};

/// A failure that may pass becomes an incident after this many failed runs in a row.
const FAILED_RUNS: i64 = 3;

impl Run<'_> {
    /// Decides on the pages that were read, also if a run is cut short. Otherwise a slow portal
    /// would be asked for the same pages again and again.
    pub(in crate::pipeline) async fn settle(&mut self) -> Result<(), RunError> {
        self.settle_new().await?;
        self.settle_rechecks().await
    }

    /// Stores how the run ended.
    pub(super) async fn finish(&mut self) -> Result<(), StoreError> {
        let (now, name, store) = (self.now(), &self.column.name, self.store());
        if self.is_quiet && self.report.ending == Ending::Complete {
            store.columns().note_quiet(QuietPoll {
                column: name.clone(),
                began_at: self.began,
                ended_at: now,
                url: self.column.url.clone(),
            });
            return Ok(());
        }
        self.begin_walk().await?;
        let ending = self.report.ending.clone();
        self.note_left_aside(&ending).await?;
        if self.column.publish.keeps_files()
            && let Some(message) = self.spending.files_left(now)
        {
            self.note_incident(FLOOD, &message).await?;
        }
        self.spending.write_down(store, true).await?;
        self.report.waiting = store.queue().waiting(name).await?;
        store
            .columns()
            .note_verdicts(name, &self.report.verdicts)
            .await?;
        self.note_host(now).await?;
        self.note_drift().await?;
        let report = &self.report;
        let failure = match (&report.ending, report.failures.first()) {
            // This run says nothing about the column; the next one does.
            (Ending::Stopped | Ending::TimeLimit | Ending::PassedOver { .. }, _) => return Ok(()),
            (
                Ending::Failed {
                    reason, message, ..
                },
                _,
            ) => Some((*reason, message.as_str())),
            (_, Some(failure)) => Some((failure.verdict.code(), failure.message.as_str())),
            _ => None,
        };
        let end = RunEnd {
            found_new: report.new > 0,
            failure,
        };
        store.columns().end_run(now, name, end).await?;
        self.note_failure(now, failure).await
    }

    /// Stores how rechecks that somebody asked for ended. They say nothing of the column as a whole.
    pub(super) async fn finish_rechecks(&mut self) -> Result<(), StoreError> {
        let (now, name, store) = (self.now(), &self.column.name, self.store());
        self.spending.write_down(store, true).await?;
        let columns = store.columns();
        columns.note_verdicts(name, &self.report.verdicts).await?;
        self.note_host(now).await
    }

    /// Tells of what a limit left aside, with the remedy.
    pub(in crate::pipeline) async fn note_left_aside(
        &mut self,
        ending: &Ending,
    ) -> Result<(), StoreError> {
        match ending {
            Ending::LeftAside { reason, message } if *reason == FLOOD => {
                self.note_incident(FLOOD, message).await
            }
            Ending::LeftAside { .. } => self.look_at_disk().await,
            _ => Ok(()),
        }
    }

    /// Tells of a disk with little room, or that it has room again.
    pub(in crate::pipeline) async fn look_at_disk(&self) -> Result<(), StoreError> {
        let room = self.spending.room().filter(|room| room.is_low());
        let message = room.map(|room| format!("the data folder: {}", low(room)));
        let incidents = self.store().incidents();
        incidents
            .stand(self.now(), DISK_LOW, "data", message.as_deref())
            .await?;
        Ok(())
    }

    /// A host that is in trouble as a whole is left alone for a while; a host that answered is
    /// well.
    pub(in crate::pipeline) async fn note_host(&self, now: Timestamp) -> Result<(), StoreError> {
        let (host, store) = (self.host(), self.store());
        for other in &self.blocked_hosts {
            let reason = Verdict::BlockedByWaf.code();
            store.hosts().note_trouble(other, now, reason).await?;
        }
        match self.report.host_trouble {
            Some(verdict) => {
                let reason = verdict.code();
                let Resting {
                    failures, until, ..
                } = store.hosts().note_trouble(&host, now, reason).await?;
                let column = &self.column.name;
                tracing::warn!(%column, host, reason, failures, next_try = %until,
                               "the host is left alone for a while");
                Ok(())
            }
            None if self.report.verdicts.has_answer() => store.hosts().note_well(&host).await,
            None => Ok(()),
        }
    }

    /// A failure that will not pass becomes an incident at once, another after the third failed run
    /// in a row. A run that ends well closes the open incidents.
    async fn note_failure(
        &self,
        now: Timestamp,
        failure: Option<(&'static str, &str)>,
    ) -> Result<(), StoreError> {
        let (name, store, noted) = (&self.column.name, self.store(), &self.report.noted);
        let Some((reason, message)) = failure else {
            return store.incidents().close_of_column(now, name, noted).await;
        };
        let state = store
            .columns()
            .state(name, self.column.url.as_str())
            .await?;
        let verdict = self.report.failure_verdict();
        let is_lasting = verdict.is_some_and(Verdict::needs_person);
        let is_due = is_lasting || state.failures >= FAILED_RUNS;
        if is_due && !noted.contains(&reason) {
            store
                .incidents()
                .note(now, reason, name.as_str(), message)
                .await?;
        }
        Ok(())
    }
}
