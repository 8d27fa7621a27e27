//! One cycle: the due columns of a host are collected, published, and followed by the rest of the
//! work on that host.
//!
//! Owns the order: columns, kept files, publishing, old files of the archive, backfills. Never
//! chooses which columns are due.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::active::ActiveConfig;
use super::publisher::Publisher;
use super::retention::DailyRetention;
use crate::archive::ArchiveFiles;
use crate::config::Column;
use crate::fetch::host_of;
use crate::model::LogList;
use crate::pipeline::{self, Collector, ColumnReport, Ending, Reach, Standing};
use crate::schedule::Due;
use crate::store::StoreError;

/// How long new articles wait for their files before they are published without them.
const NEWS_WAITS: Duration = Duration::from_secs(60);
/// Whether the store's server is back is asked after so long, and then ever less often.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The last request of a backfill begins at least this long before the next run is due.
const BEFORE_DUE: TimeDelta = TimeDelta::minutes(1);

/// The state that all cycles share.
#[derive(Clone)]
pub(super) struct Cycles {
    publisher: Publisher,
    /// One permit for each host that may be asked at the same time.
    hosts: Arc<Semaphore>,
    retention: Arc<DailyRetention>,
}

impl Cycles {
    pub(super) fn new(publisher: Publisher, archive: ArchiveFiles) -> Self {
        let hosts_at_once = publisher.active().config.service.hosts_at_once;
        Self {
            publisher,
            hosts: Arc::new(Semaphore::new(hosts_at_once)),
            retention: Arc::new(DailyRetention::new(archive)),
        }
    }

    /// Runs one cycle with the configuration of its beginning.
    pub(super) async fn run(self, active: Arc<ActiveConfig>, due: Due) {
        let permit = self.hosts.acquire().await;
        // On the heap: thousands of cycles may wait, and each is small until its turn.
        let has_run = Box::pin(self.collect(&active, &due)).await;
        drop(permit);
        if !has_run {
            // Another process had the host, and does the rest.
            return;
        }
        self.publisher.publish().await;
        let Publisher { collector, .. } = &self.publisher;
        if collector.stop.is_cancelled() {
            // The rest can wait, and the stop must not wait for it.
            return;
        }
        let keep = self.publisher.active().config.service.keep_archive;
        let now = collector.clock.now();
        self.retention.run(&collector.store, keep, now).await;
        // Runs report a store that fails.
        let wanted = collector.store.backfills().wanted().await;
        let wanted = wanted.inspect_err(|error| self.publisher.stop_at(error.reason()));
        let wanted = wanted.unwrap_or_default();
        if !wanted.is_empty() {
            Box::pin(self.work_off(&due, &wanted)).await;
        }
    }

    /// Collects the due columns, then the files that they keep. Returns whether there was any that no
    /// other process collects.
    async fn collect(&self, active: &ActiveConfig, due: &Due) -> bool {
        let mut reports = Vec::new();
        // Asked together: most often, another process has run all of a host, or none.
        let looks = due.columns().map(|column| async move {
            let is_due = self.is_still_due(active, due, column).await;
            is_due.then_some(column)
        });
        let still_due = join_all(looks).await.into_iter().flatten();
        for (place, column) in still_due.enumerate() {
            if place > 0 && !self.is_still_due(active, due, column).await {
                continue;
            }
            let limit = active.config.cron.job(&column.name).timeout;
            let report = self.collect_one(column, limit).await;
            if !matches!(report.ending, Ending::PassedOver { .. }) {
                reports.push((column, limit, report));
            }
        }
        let has_run = !reports.is_empty();
        {
            let mut files = std::pin::pin!(self.keep_files(reports));
            tokio::select! {
                () = &mut files => (),
                () = tokio::time::sleep(NEWS_WAITS) => {
                    tokio::join!(files, self.publisher.publish());
                }
            }
        }
        has_run
    }

    /// Collects a column. If the store's server was out of reach, waits for it and begins again: with a
    /// server that is restarted, all columns would else wait for their next tick.
    async fn collect_one(&self, column: &Column, limit: Duration) -> ColumnReport {
        let Collector { store, stop, .. } = &self.publisher.collector;
        let mut pause = SHORTEST_WAIT;
        loop {
            let report =
                pipeline::collect_with_others(&self.publisher.collector, column, limit).await;
            self.stop_after(&report);
            log(&report);
            // While a server is away, statements also wait for a connection until they give up.
            let away = [StoreError::UNREACHABLE, StoreError::LOCKED];
            let is_away = matches!(
                report.ending,
                Ending::Failed { reason, .. } if away.contains(&reason)
            );
            if !is_away || !store.is_shared() {
                return report;
            }
            // Whoever finds this process dead does what it could not begin again.
            let host = host_of(&column.url);
            store.hosts().stay(&host);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return report,
                    () = tokio::time::sleep(pause) => (),
                }
                pause = (pause * 2).min(LONGEST_WAIT);
                if store.hosts().is_in_touch().await {
                    break;
                }
            }
            store.hosts().go_on(&host);
        }
    }

    /// Whether no other process that shares the store has run this column since its tick.
    async fn is_still_due(&self, active: &ActiveConfig, due: &Due, column: &Column) -> bool {
        let Collector { store, clock, .. } = &self.publisher.collector;
        if !store.is_shared() || due.hastened.contains(&column.name) {
            return true;
        }
        // A run tells of a store that fails.
        let last = store.columns().last_run(&column.name).await.ok().flatten();
        let next = last.map(|last| active.config.cron.next(&column.name, last));
        next.is_none_or(|next| next.is_some_and(|next| next <= clock.now()))
    }

    /// Fetches the files of columns that keep them, after all columns had their run.
    async fn keep_files(&self, reports: Vec<(&Column, Duration, ColumnReport)>) {
        for (column, limit, mut report) in reports {
            pipeline::keep_files(&self.publisher.collector, column, limit, &mut report).await;
            if report.kept_files > 0 {
                tracing::info!(column = %report.column, kept_files = report.kept_files, "files kept");
            }
            self.stop_after(&report);
        }
    }

    /// Does, piece by piece, the backfills that runs have queued for this host, until one of its
    /// columns is due again. The host counts as busy meanwhile.
    async fn work_off(&self, due: &Due, wanted: &BTreeSet<String>) {
        let Publisher { collector, .. } = &self.publisher;
        let now = collector.clock.now();
        let active = self.publisher.active();
        let next = due
            .columns()
            .map(|column| active.config.cron.next(&column.name, now));
        let next = next.chain([due.others_at]).flatten().min();
        let until = next.map(|next| next.plus(-BEFORE_DUE));
        if until.is_some_and(|until| until <= now) {
            return;
        }
        let Some(host) = due.columns().next().map(|column| host_of(&column.url)) else {
            return;
        };
        let piece = Reach {
            pages: Some(pipeline::PIECE),
            since: None,
            until,
        };
        let columns = active.config.columns.iter();
        let of_host = |column: &&Column| {
            wanted.contains(column.name.as_str()) && host_of(&column.url) == host
        };
        for column in columns.filter(of_host) {
            while let Some(report) = pipeline::work_off(collector, column, &piece).await {
                if report.is_failure() {
                    tracing::warn!(%report, "backfill ended");
                } else {
                    tracing::info!(%report, "backfill ended");
                }
                if report.older.new + report.news.new > 0 {
                    self.publisher.publish().await;
                }
                if report.halt.standing == Standing::Failed {
                    self.publisher.stop_at(&report.halt.reason);
                }
                if report.halt.reason != "page-limit" {
                    break;
                }
            }
        }
    }

    fn stop_after(&self, report: &ColumnReport) {
        let Collector { store, clock, .. } = &self.publisher.collector;
        match report.not_written() {
            // `dibao status` tells of it.
            Some((reason, message)) => store.note_trouble(reason, message, clock.now()),
            // A poll without news writes nothing.
            None if report.new + report.revised > 0 => store.clear_trouble(),
            None => (),
        }
        // A damaged row has a verdict: it ends one column's run, and nothing else.
        if let Ending::Failed {
            reason,
            verdict: None,
            ..
        } = report.ending
        {
            self.publisher.stop_at(reason);
        }
    }
}

fn log(report: &ColumnReport) {
    if matches!(report.ending, Ending::Paused { .. }) {
        tracing::debug!(%report, "run ended");
        return;
    }
    let (new, revised, waiting) = (report.new, report.revised, report.waiting);
    let (column, verdict) = (&report.column, report.verdict());
    let duration = (report.elapsed.as_secs_f64() * 10.0).round() / 10.0;
    let reasons: Vec<String> = report
        .failures_by_verdict()
        .into_iter()
        .map(|(_, message)| message)
        .collect();
    if report.is_failure() {
        tracing::warn!(%column, new, revised, waiting, verdict, duration, reasons = %LogList(&reasons), %report, "run ended");
    } else {
        tracing::info!(%column, new, revised, waiting, verdict, duration, %report, "run ended");
    }
}
