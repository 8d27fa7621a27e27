//! Collects columns: walk the lists, read what is queued, look again at what is recent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use url::Url;

use super::books::StoreHostBook;
use super::patience::Patience;
use super::pictures::mirror;
use super::progress::Progress;
use super::report::{ColumnReport, Ending};
use super::scribe::ArchiveWriter;
use super::trouble::Trouble;
use super::walk::walk;
use crate::config::Column;
use crate::fetch::{FetchError, Fetched, Fetcher, Session, Validators, host_of};
use crate::model::{Clock, Timestamp, Verdict};
use crate::store::{Holder, LeaseKind, Resting, RunEnd, Store, StoreError};

/// The code of an incident: the lists take longer than a run has for them.
const WALK_TIME: &str = "walk-time";

/// How many hosts are asked side by side.
pub const HOSTS_AT_ONCE: usize = 256;

/// What collecting needs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Where everything is kept.
    pub store: Store,
    /// Who writes down what portals really send.
    pub scribe: ArchiveWriter,
    /// How pages are fetched.
    pub fetcher: Fetcher,
    /// The time.
    pub clock: Clock,
    /// Who holds the leases.
    pub holder: Holder,
    /// Who asked for the run.
    pub asked_by: AskedBy,
    /// Who listens.
    pub progress: Progress,
    /// Told to stop: what is under way is abandoned, what is done is kept.
    pub stop: CancellationToken,
}

/// Who asked for a run, which decides what is tried again before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// Somebody who wants to know now: a host that was merely down is asked again.
    Person,
    /// The timetable, which comes again.
    Timetable,
}

/// Collects all these columns: those of one host one after another, and then the pictures that they
/// keep; hosts side by side. Each is given its time limit. The reports come in the order of the columns.
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
        .map(|hosted| async move {
            let mut reports = Vec::with_capacity(hosted.len());
            for &(column, limit) in &hosted {
                reports.push(collect(collector, column, limit).await);
            }
            // No column's news waits for another's pictures.
            for ((column, limit), report) in hosted.iter().zip(&mut reports) {
                mirror(collector, column, *limit, report).await;
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
    let stopwatch = Instant::now();
    let mut report = ColumnReport::new(column.name.clone());
    let span = tracing::error_span!("collect", column = %column.name);
    let ended = collector.run(column, limit, &mut report);
    let ended = ended.instrument(span).await;
    report.ending = ended.unwrap_or_else(Trouble::into_ending);
    report.elapsed = stopwatch.elapsed();
    report
}

impl Collector {
    async fn run(
        &self,
        column: &Column,
        limit: Duration,
        report: &mut ColumnReport,
    ) -> Result<Ending, Trouble> {
        let host = host_of(&column.url);
        if self.stop.is_cancelled() {
            return Ok(Ending::Stopped);
        }
        if let Some(resting) = self.store.hosts().trouble(&host, self.clock.now()).await?
            && self.leaves_alone(&resting)
        {
            return Ok(Ending::Resting { host, resting });
        }
        if !self.wait_for_backfill(&host, &column.fetch).await? {
            return Ok(Ending::Stopped);
        }
        let session = self.session(LeaseKind::Run);
        match session.enter(&column.url).await {
            Ok(()) => {}
            Err(FetchError::HostLeased { until, .. }) => {
                return Ok(Ending::PassedOver { host, until });
            }
            Err(error) => return Err(error.into()),
        }
        report.ending = self.run_leased(&session, column, limit, report).await;
        if let Err(trouble) = self.settle(column, report).await {
            report.ending = trouble.into_ending();
        }
        let finished = self.finish(column, &host, report).await;
        session.close().await?;
        finished?;
        Ok(std::mem::replace(&mut report.ending, Ending::Complete))
    }

    /// The requests of one run, or of a piece of a backfill.
    pub(super) fn session(&self, errand: LeaseKind) -> Session {
        self.fetcher.session(Arc::new(StoreHostBook {
            store: self.store.clone(),
            scribe: Some(self.scribe.clone()),
            clock: self.clock.clone(),
            holder: self.holder.clone(),
            errand,
        }))
    }

    /// A wall is not asked again before its time, whoever asks; other troubles may have passed.
    pub(super) fn leaves_alone(&self, resting: &Resting) -> bool {
        self.asked_by == AskedBy::Timetable || resting.reason == Verdict::BlockedByWaf.code()
    }

    async fn run_leased(
        &self,
        session: &Session,
        column: &Column,
        limit: Duration,
        report: &mut ColumnReport,
    ) -> Ending {
        tokio::select! {
            () = self.stop.cancelled() => Ending::Stopped,
            () = tokio::time::sleep(limit) => Ending::TimeLimit,
            failed = keep_hosts(session) => failed.into_ending(),
            ended = self.cycle(session, column, limit, report) => {
                ended.unwrap_or_else(Trouble::into_ending)
            }
        }
    }

    /// Decides on what was read, also where a run is cut short: else a slow portal would be asked
    /// for the same pages again and again.
    pub(super) async fn settle(
        &self,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        self.settle_new(column, report).await?;
        self.settle_looks(column, report).await
    }

    /// One cycle: what the lists show, then what waits, then what is due for another look. A
    /// list that cannot be read does not keep what waits from being read, and the lists may take
    /// half the time limit only: else a slow portal would never get to its articles.
    async fn cycle(
        &self,
        session: &Session,
        column: &Column,
        limit: Duration,
        report: &mut ColumnReport,
    ) -> Result<Ending, Trouble> {
        let walked = tokio::time::timeout(limit / 2, walk(self, session, column, report)).await;
        self.learn(column, report).await?;
        let ending = match walked {
            Ok(Ok(())) => Ending::Complete,
            Ok(Err(Trouble::Fetch(FetchError::HostLeased { url, until }))) => {
                return Ok(Ending::PassedOver { host: url, until });
            }
            Ok(Err(trouble)) => {
                report.host_trouble = trouble.of_host(column);
                if let Some(verdict) = trouble.verdict() {
                    report.tell(self.clock.now(), &column.url, verdict);
                }
                let is_walled = report.host_trouble == Some(Verdict::BlockedByWaf);
                // The portal does not answer: asking on would only add to its trouble.
                let is_silent = trouble.is_transient() && report.list_pages == 0;
                if trouble.is_fatal() || is_walled || is_silent {
                    return Err(trouble);
                }
                trouble.into_ending()
            }
            Err(_) => {
                self.note_slow_walk(column, limit).await?;
                report.noted.push(WALK_TIME);
                Ending::TimeLimit
            }
        };
        let mut patience = Patience::default();
        self.read_queue(session, column, report, &mut patience)
            .await?;
        if !patience.is_over() {
            self.look_again(session, column, report, &mut patience)
                .await?;
        }
        Ok(ending)
    }

    /// Lists that are never read to their end would hide news for ever, and no failure tell it.
    async fn note_slow_walk(&self, column: &Column, limit: Duration) -> Result<(), Trouble> {
        let message = format!(
            "{}: the list pages took more than half of the {limit:?} that a run has; what is new \
             there may be missing. Give the job of the column a longer timeout",
            column.url
        );
        let (now, name) = (self.clock.now(), column.name.as_str());
        let noted = self.store.incidents().note(now, WALK_TIME, name, &message);
        Ok(noted.await?)
    }

    pub(super) async fn get(
        &self,
        session: &Session,
        column: &Column,
        url: &Url,
        validators: Option<&Validators>,
    ) -> Result<Fetched, Trouble> {
        let conditions = Self::conditions(validators);
        let fetched = session.get_linked(url, &column.url, &column.fetch, conditions);
        Ok(fetched.await?)
    }

    /// Writes down how the run ended.
    async fn finish(
        &self,
        column: &Column,
        host: &str,
        report: &mut ColumnReport,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        report.waiting = self.store.queue().waiting(&column.name).await?;
        self.store
            .columns()
            .note_verdicts(&column.name, &report.verdicts)
            .await?;
        self.note_host(host, now, report).await?;
        self.note_drift(column, report).await?;
        if matches!(
            report.ending,
            Ending::Stopped | Ending::TimeLimit | Ending::PassedOver { .. }
        ) {
            // It says nothing of how the column is; the next run does.
            return Ok(());
        }
        let failure = match (&report.ending, report.failures.first()) {
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
        self.store.columns().end_run(now, &column.name, end).await?;
        self.note_incidents(column, now, failure, report).await
    }

    /// A host that was in trouble as a whole is left alone for a while; one that answered is well.
    pub(super) async fn note_host(
        &self,
        host: &str,
        now: Timestamp,
        report: &ColumnReport,
    ) -> Result<(), StoreError> {
        for other in &report.walled {
            let reason = Verdict::BlockedByWaf.code();
            self.store.hosts().note_trouble(other, now, reason).await?;
        }
        match report.host_trouble {
            Some(verdict) => {
                let reason = verdict.code();
                let resting = self.store.hosts().note_trouble(host, now, reason).await?;
                let Resting {
                    failures, until, ..
                } = resting;
                tracing::warn!(column = %report.column, host, reason, failures, next_try = %until,
                               "the host is left alone for a while");
                Ok(())
            }
            None if report.verdicts.has_answer() => self.store.hosts().note_well(host).await,
            None => Ok(()),
        }
    }

    /// A failure becomes an incident at once where time will not mend it, else after the third
    /// run in a row; a run that ends well closes what was open.
    async fn note_incidents(
        &self,
        column: &Column,
        now: Timestamp,
        failure: Option<(&'static str, &str)>,
        report: &ColumnReport,
    ) -> Result<(), StoreError> {
        let name = column.name.as_str();
        match failure {
            None => {
                let still = &report.noted;
                self.store
                    .incidents()
                    .close_of_column(now, &column.name, still)
                    .await
            }
            Some((reason, message)) => {
                let state = self
                    .store
                    .columns()
                    .state(&column.name, column.url.as_str())
                    .await?;
                let lasting = report.failure_verdict().is_some_and(Verdict::needs_person);
                let is_told = report.noted.contains(&reason);
                if !is_told && (lasting || state.failures >= 3) {
                    self.store
                        .incidents()
                        .note(now, reason, name, message)
                        .await?;
                }
                Ok(())
            }
        }
    }
}

/// Holds the session's hosts for as long as it is polled; ends only when one is lost.
pub(super) async fn keep_hosts(session: &Session) -> Trouble {
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
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
