//! Collects columns: walk the lists, read what is queued, look again at what is recent.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Stopwatch};

use futures_util::StreamExt;
use futures_util::stream;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::progress::Progress;
use super::report::{ColumnReport, Ending};
use super::walk::walk;
use crate::config::Column;
use crate::fetch::{FetchError, Fetched, Fetcher, Validators, host_of};
use crate::model::{Clock, Instant};
use crate::store::{Holder, RunEnd, Store, StoreError};

/// How many hosts are asked side by side.
const HOSTS_AT_ONCE: usize = 64;

/// What collecting needs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Where everything is kept.
    pub store: Store,
    /// How pages are fetched.
    pub fetcher: Fetcher,
    /// The time.
    pub clock: Clock,
    /// Who holds the leases.
    pub holder: Holder,
    /// Who listens.
    pub progress: Progress,
    /// Told to stop: what is under way is abandoned, what is done is kept.
    pub stop: CancellationToken,
}

/// Why a column cannot go on.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A page could not be fetched.
    Fetch(FetchError),
    /// The store failed.
    Store(StoreError),
    /// The column's pages are not what they should be.
    Failed {
        reason: &'static str,
        message: String,
    },
}

impl Trouble {
    pub(super) fn failed(reason: &'static str, message: String) -> Self {
        Self::Failed { reason, message }
    }

    pub(super) fn into_ending(self) -> Ending {
        match self {
            Self::Fetch(error) => Ending::Failed {
                reason: error.reason(),
                message: error.to_string(),
            },
            Self::Store(error) => Ending::Failed {
                reason: error.reason(),
                message: error.to_string(),
            },
            Self::Failed { reason, message } => Ending::Failed { reason, message },
        }
    }

    pub(super) fn is_transient(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.is_transient())
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

/// Collects all these columns: those of one host one after another, hosts side by side. Each is
/// given its time limit. The reports come in the order of the columns.
pub async fn collect_all(
    collector: &Collector,
    columns: &[(&Column, Duration)],
) -> Vec<ColumnReport> {
    let mut hosts: BTreeMap<String, Vec<(&Column, Duration)>> = BTreeMap::new();
    for (column, limit) in columns {
        hosts
            .entry(host_of(&column.url))
            .or_default()
            .push((column, *limit));
    }
    let mut reports: Vec<ColumnReport> = stream::iter(hosts.into_values())
        .map(|columns| async move {
            let mut reports = Vec::with_capacity(columns.len());
            for (column, limit) in columns {
                reports.push(collect(collector, column, limit).await);
            }
            reports
        })
        .buffer_unordered(HOSTS_AT_ONCE)
        .flat_map(stream::iter)
        .collect()
        .await;
    reports.sort_by(|a, b| a.column.cmp(&b.column));
    reports
}

/// Collects one column, for at most `limit`. Never fails as a whole: the report says what went
/// wrong, and everything that went well is stored.
pub async fn collect(collector: &Collector, column: &Column, limit: Duration) -> ColumnReport {
    let stopwatch = Stopwatch::now();
    let mut report = ColumnReport::new(column.name.clone());
    let host = host_of(&column.url);
    let leased = collector
        .store
        .lease(&host, &collector.holder, collector.clock.now())
        .await;
    match leased {
        Err(error) => report.ending = Trouble::Store(error).into_ending(),
        Ok(Some(until)) => report.ending = Ending::PassedOver { host, until },
        Ok(None) => {
            report.ending = collector
                .run_leased(column, limit, &host, &mut report)
                .await;
            if let Err(error) = collector.finish(column, &host, &mut report).await {
                report.ending = Trouble::Store(error).into_ending();
            }
        }
    }
    report.elapsed = stopwatch.elapsed();
    report
}

impl Collector {
    async fn run_leased(
        &self,
        column: &Column,
        limit: Duration,
        host: &str,
        report: &mut ColumnReport,
    ) -> Ending {
        tokio::select! {
            () = self.stop.cancelled() => Ending::Stopped,
            () = tokio::time::sleep(limit) => Ending::TimeLimit,
            failed = self.keep_lease(host) => failed.into_ending(),
            ended = self.cycle(column, limit, report) => ended.unwrap_or_else(Trouble::into_ending),
        }
    }

    /// Renews the lease for as long as it is polled; ends only when it is lost.
    async fn keep_lease(&self, host: &str) -> Trouble {
        loop {
            tokio::time::sleep(Duration::from_secs(30)).await;
            match self.store.lease(host, &self.holder, self.clock.now()).await {
                Ok(None) => (),
                Ok(Some(_)) => {
                    let message = format!("the lease of {host} was taken by another process");
                    return Trouble::failed("lease-lost", message);
                }
                Err(error) => return error.into(),
            }
        }
    }

    /// One cycle: what the lists show, then what waits, then what is due for another look. A
    /// list that cannot be read does not keep what waits from being read, and the lists may take
    /// half the time limit only: else a slow portal would never get to its articles.
    async fn cycle(
        &self,
        column: &Column,
        limit: Duration,
        report: &mut ColumnReport,
    ) -> Result<Ending, Trouble> {
        let walked = tokio::time::timeout(limit / 2, walk(self, column, report)).await;
        let ending = match walked {
            Ok(Ok(())) => Ending::Complete,
            // The portal does not answer: asking on would only add to its trouble.
            Ok(Err(trouble)) if trouble.is_transient() && report.list_pages == 0 => {
                return Err(trouble);
            }
            Ok(Err(trouble)) => trouble.into_ending(),
            Err(_) => Ending::TimeLimit,
        };
        self.read_queue(column, report).await?;
        self.look_again(column, report).await?;
        Ok(ending)
    }

    pub(super) async fn get(
        &self,
        column: &Column,
        url: &Url,
        validators: Option<&Validators>,
    ) -> Result<Fetched, Trouble> {
        let conditions = Self::conditions(validators);
        Ok(self.fetcher.get(url, &column.fetch, conditions).await?)
    }

    /// Writes down how the run ended, and gives the host back.
    async fn finish(
        &self,
        column: &Column,
        host: &str,
        report: &mut ColumnReport,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        report.waiting = self.store.waiting(&column.name).await?;
        if matches!(report.ending, Ending::Stopped | Ending::TimeLimit) {
            // It says nothing of how the column is; the next run does.
            return self.store.release(host, &self.holder).await;
        }
        let failure = match (&report.ending, report.failures.first()) {
            (Ending::Failed { reason, message }, _) => Some((*reason, message.as_str())),
            (_, Some(failure)) => Some((failure.reason, failure.message.as_str())),
            _ => None,
        };
        let end = RunEnd {
            found_new: report.new > 0,
            failure,
        };
        self.store.end_run(now, &column.name, end).await?;
        self.note_incidents(column, now, failure, report).await?;
        self.store.release(host, &self.holder).await
    }

    /// A failure becomes an incident at once where time will not mend it, else after the third
    /// run in a row; a run that ends well closes what was open.
    async fn note_incidents(
        &self,
        column: &Column,
        now: Instant,
        failure: Option<(&str, &str)>,
        report: &ColumnReport,
    ) -> Result<(), StoreError> {
        let name = column.name.as_str();
        match failure {
            None => {
                let still = &report.noted;
                self.store.close_incidents(now, &column.name, still).await
            }
            Some((reason, message)) => {
                let state = self.store.column(&column.name, column.url.as_str()).await?;
                let lasting = matches!(
                    reason,
                    "blocked-by-waf"
                        | "doubtful-page"
                        | "empty-list"
                        | "field-missing"
                        | "layout-changed"
                        | "no-items"
                        | "no-title"
                        | "robots"
                );
                if lasting || state.failures >= 3 {
                    self.store.note_incident(now, reason, name, message).await?;
                }
                Ok(())
            }
        }
    }
}
