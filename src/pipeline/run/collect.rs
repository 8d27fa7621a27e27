//! Collects columns: walks the lists, reads the queue, rechecks recent articles.
//!
//! Owns the order of columns and of a run's three parts, and the run's time limits. Never reads a
//! page itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use tracing::Instrument;

use super::collector::Collector;
use super::kept_files::keep_files;
use super::leases::{keep_hosts, wait_for_backfill};
use super::report::{ColumnReport, Ending};
use super::state::Run;
use super::walk::walk;
use crate::config::Column;
use crate::fetch::{FetchError, host_of};
use crate::model::{Pause, Verdict};
use crate::pipeline::reading::RunError;
use crate::pipeline::record::Spender;
use crate::store::{DuePage, LeaseKind, RENAMED};

/// The code of an incident: a run has too little time for the lists.
const WALK_TIME: &str = "walk-time";

/// Collects all these columns, each within its time limit. Columns of one host follow one after
/// another, then the files that they keep; so many hosts go side by side. The reports come in the
/// order of the columns; `ended` gets each as soon as its run ends.
pub async fn collect_all(
    collector: &Collector,
    columns: &[(&Column, Duration)],
    hosts_at_once: usize,
    ended: impl Fn(&ColumnReport),
) -> Vec<ColumnReport> {
    let ended = &ended;
    let mut hosts: BTreeMap<String, Vec<(&Column, Duration)>> = BTreeMap::new();
    for (column, limit) in columns {
        hosts
            .entry(host_of(&column.url))
            .or_default()
            .push((column, *limit));
    }
    let mut reports: Vec<ColumnReport> = stream::iter(hosts.into_values())
        .map(|hosted| async move {
            let mut reports = Vec::with_capacity(hosted.len());
            for &(column, limit) in &hosted {
                let report = collect_with_others(collector, column, limit).await;
                ended(&report);
                reports.push(report);
            }
            // No column's news waits for another's files.
            for ((column, limit), report) in hosted.iter().zip(&mut reports) {
                keep_files(collector, column, *limit, report).await;
            }
            reports
        })
        .buffer_unordered(hosts_at_once)
        .flat_map(stream::iter)
        .collect()
        .await;
    write_down(collector).await;
    reports.sort_by(|a, b| a.column.cmp(&b.column));
    reports
}

/// Collects one column, for at most `limit`. Never fails as a whole: the report says what went
/// wrong, and everything that went well is stored.
pub async fn collect(collector: &Collector, column: &Column, limit: Duration) -> ColumnReport {
    let report = collect_with_others(collector, column, limit).await;
    write_down(collector).await;
    report
}

async fn write_down(collector: &Collector) {
    // Polls without news come again.
    if let Err(error) = collector.store.write_down().await {
        let reason = error.reason();
        tracing::warn!(reason, %error, "polls without news are not written down");
    }
}

/// Rechecks pages of a column now, which need not be due, for at most `limit`. The report says what came
/// of it; nothing else of the column is read.
pub async fn recheck(
    collector: &Collector,
    column: &Column,
    pages: &[DuePage],
    limit: Duration,
) -> ColumnReport {
    let report = work(collector, column, Work::Rechecks(pages), limit).await;
    write_down(collector).await;
    report
}

/// What a run is for.
#[derive(Clone, Copy)]
enum Work<'a> {
    /// The lists, the queue, and what is due for a recheck.
    Everything,
    /// Rechecks that somebody asked for.
    Rechecks(&'a [DuePage]),
}

/// Collects one column among others: a poll without news is written down with theirs, within a
/// second.
pub async fn collect_with_others(
    collector: &Collector,
    column: &Column,
    limit: Duration,
) -> ColumnReport {
    work(collector, column, Work::Everything, limit).await
}

async fn work(
    collector: &Collector,
    column: &Column,
    work: Work<'_>,
    limit: Duration,
) -> ColumnReport {
    let stopwatch = Instant::now();
    let mut run = Run::new(collector, column, LeaseKind::Run, Spender::Run);
    let span = tracing::error_span!("collect", column = %column.name);
    let ended = run.collect(work, limit).instrument(span).await;
    let mut report = run.report;
    report.ending = ended.unwrap_or_else(Ending::from);
    report.elapsed = stopwatch.elapsed();
    report
}

impl Run<'_> {
    async fn collect(&mut self, work: Work<'_>, limit: Duration) -> Result<Ending, RunError> {
        let (collector, host) = (self.collector, self.host());
        if collector.stop.is_cancelled() {
            return Ok(Ending::Stopped);
        }
        let pause = self.column.pause;
        if pause.rests_on(self.now().date()) {
            let until = match pause {
                Pause::Until(day) => Some(day),
                Pause::None | Pause::Open => None,
            };
            return Ok(Ending::Paused { until });
        }
        let standing = self.standing().await?;
        if let Some(message) = standing.refusal() {
            return Ok(Ending::LeftAside {
                reason: RENAMED,
                message,
            });
        }
        if let Some(resting) = standing.resting
            && collector.leaves_alone(&resting)
        {
            return Ok(Ending::Resting { host, resting });
        }
        self.spending.begin(self.now(), standing.spent);
        self.look_at_disk().await?;
        if let Some((reason, message)) = self.spending.refusal(self.now()) {
            let ending = Ending::LeftAside { reason, message };
            self.note_left_aside(&ending).await?;
            return Ok(ending);
        }
        if !wait_for_backfill(collector, &host, &self.column.fetch).await? {
            return Ok(Ending::Stopped);
        }
        match self.pages.session.enter(&self.column.url).await {
            Ok(()) => {}
            Err(FetchError::HostLeased { until, .. }) => {
                return Ok(Ending::PassedOver { host, until });
            }
            Err(error) => return Err(error.into()),
        }
        self.report.ending = self.read_within(work, limit).await;
        if let Err(error) = self.settle().await {
            self.report.ending = error.into();
        }
        let finished = match work {
            Work::Everything => self.finish().await,
            Work::Rechecks(_) => self.finish_rechecks().await,
        };
        self.pages.session.close().await?;
        finished?;
        Ok(std::mem::replace(&mut self.report.ending, Ending::Complete))
    }

    /// Reads due pages until the time limit, unless dibao is told to stop or the host is lost.
    async fn read_within(&mut self, work: Work<'_>, limit: Duration) -> Ending {
        let (stop, session) = (&self.collector.stop, self.pages.session.clone());
        tokio::select! {
            () = stop.cancelled() => Ending::Stopped,
            () = tokio::time::sleep(limit) => Ending::TimeLimit,
            lost = keep_hosts(&session) => lost.into(),
            ended = self.read(work, limit) => ended.unwrap_or_else(Ending::from),
        }
    }

    async fn read(&mut self, work: Work<'_>, limit: Duration) -> Result<Ending, RunError> {
        match work {
            Work::Everything => self.read_all(limit).await,
            Work::Rechecks(pages) => {
                self.learn().await?;
                self.recheck_all(pages).await?;
                Ok(Ending::Complete)
            }
        }
    }

    /// Reads the lists, then the queue, then the pages that are due for a recheck. The queue is
    /// read even if a list cannot be read. The lists may take only half of the time limit;
    /// otherwise a slow portal's articles would never be read.
    async fn read_all(&mut self, limit: Duration) -> Result<Ending, RunError> {
        let column = self.column;
        let walked = tokio::time::timeout(limit / 2, walk(self)).await;
        if self.is_quiet {
            return Ok(Ending::Complete);
        }
        self.learn().await?;
        let ending = match walked {
            Ok(Ok(())) => Ending::Complete,
            Ok(Err(RunError::Fetch(FetchError::HostLeased { url, until }))) => {
                return Ok(Ending::PassedOver { host: url, until });
            }
            Ok(Err(error)) => {
                self.report.host_trouble = error.host_trouble(column);
                if let Some(verdict) = error.verdict() {
                    self.note_verdict(&column.url, verdict);
                }
                let is_blocked = self.report.host_trouble == Some(Verdict::BlockedByWaf);
                // The portal does not answer; more requests would only add to its trouble.
                let is_silent = error.is_transient() && self.report.list_pages == 0;
                if error.is_fatal() || is_blocked || is_silent {
                    return Err(error);
                }
                error.into()
            }
            Err(_) => {
                self.note_slow_walk(limit).await?;
                Ending::TimeLimit
            }
        };
        self.read_queue().await?;
        if !self.budget.is_spent() {
            self.recheck_due().await?;
        }
        Ok(ending)
    }

    /// A list that is never read to its end would hide news for ever, without any failure.
    async fn note_slow_walk(&mut self, limit: Duration) -> Result<(), RunError> {
        let message = format!(
            "{}: the list pages took more than half of the {limit:?} that a run has; what is new \
             there may be missing. Give the job of the column a longer timeout",
            self.column.url
        );
        Ok(self.note_incident(WALK_TIME, &message).await?)
    }
}
