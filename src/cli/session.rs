//! Collecting within the service: from the opening of the store to its close, and again.
//!
//! Owns what happens when the store cannot be used: nothing is written, readers go on being
//! served, and it is opened anew once it is whole. Never serves, never knows the timetable.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::args::Folders;
use super::reload::InForce;
use super::retention;
use super::setting::{self, OpenError};
use crate::config::Column;
use crate::fetch::{Fetcher, host_of};
use crate::model::FileEntry;
use crate::model::{ColumnName, Timestamp};
use crate::pipeline::{
    self, AskedBy, Collector, ColumnReport, Ending, Progress, PublishFailure, PublishInput, Reach,
    Standing,
};
use crate::publish::Directory;
use crate::render::paths;
use crate::schedule::{self, Due, Plan};
use crate::serve::{Live, Source};
use crate::store::{Store, StoreError};

/// How long a store that cannot be used is left alone before it is tried again.
const REOPEN: Duration = Duration::from_secs(5);
/// How long the store may take to close; a log that is not written back is read at the next start.
const CLOSE: Duration = Duration::from_secs(5);
/// How often it is looked whether somebody who failed to be told is to be tried again.
const RETELL: Duration = Duration::from_secs(20);
/// How long what a run has found waits for its pictures before it is published without.
const NEWS_WAITS: Duration = Duration::from_secs(60);
/// A backfill's last request before a run is due begins no later than this before it.
const BEFORE_DUE: TimeDelta = TimeDelta::minutes(1);

/// What collecting within the service needs, whichever store is open.
pub(super) struct Desk {
    pub(super) places: Folders,
    pub(super) in_force: watch::Receiver<Arc<InForce>>,
    pub(super) fetcher: Fetcher,
    pub(super) directory: Arc<Mutex<Tree>>,
    pub(super) source: Source,
    pub(super) stop: CancellationToken,
}

impl Desk {
    /// Collects until told to stop: with the store at hand, or with the one that is there once
    /// it can be used.
    pub(super) async fn work(&self, store: Result<Store, StoreError>) {
        let mut store = self.or_told(store);
        while !self.stop.is_cancelled() {
            let Some(open) = store.take() else {
                store = self.reopen().await;
                continue;
            };
            if let Err(error) = self.session(&open).await {
                tracing::error!(
                    reason = error.reason(),
                    %error,
                    "the data folder cannot be used: nothing is collected; what is published is served"
                );
            }
            self.source.close();
            // An overdue close is left to the system: what is stored is on the disk.
            let _ = tokio::time::timeout(CLOSE, open.close()).await;
        }
    }

    fn or_told<T>(&self, result: Result<T, StoreError>) -> Option<T> {
        result
            .inspect_err(|error| {
                tracing::error!(
                    reason = error.reason(),
                    %error,
                    "the store cannot be used: nothing is collected; what is published is served"
                );
            })
            .ok()
    }

    /// Waits for a store that can be used; `None` when told to stop. Says nothing twice.
    async fn reopen(&self) -> Option<Store> {
        let mut said = String::new();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(REOPEN) => (),
            }
            match setting::store(&self.places).await {
                Ok(store) => {
                    tracing::info!("the store is open; collecting goes on");
                    return Some(store);
                }
                Err(error) if error.to_string() == said => (),
                Err(error) => {
                    said = error.to_string();
                    self.or_told::<()>(Err(error));
                }
            }
        }
    }

    /// Collects by the timetable until told to stop, or until the store turns out to be damaged.
    async fn session(&self, store: &Store) -> Result<(), OpenError> {
        let collector = setting::collector(
            self.places.data(),
            store.clone(),
            self.fetcher.clone(),
            AskedBy::Timetable,
            Progress::silent(),
            self.stop.child_token(),
        );
        let collector = collector.await?;
        let publisher = Publisher {
            collector: collector.clone(),
            in_force: self.in_force.clone(),
            source: self.source.clone(),
            published: Arc::default(),
            asked: Arc::default(),
            directory: self.directory.clone(),
            places: Arc::new(Semaphore::new(pipeline::HOSTS_AT_ONCE)),
            archive: Arc::new(Retention {
                data: self.places.data(),
                last: Mutex::default(),
            }),
        };
        publisher.open().await?;
        let (plans, planned) = watch::channel(Arc::new(publisher.plan().await?));
        publisher.publish().await;
        let runs = schedule::run(planned, &collector.clock, &collector.stop, |due| {
            // A run ends by what was in force when it began.
            cycle(publisher.clone(), publisher.in_force(), due)
        });
        tokio::join!(
            runs,
            publisher.follow(plans),
            publisher.tell_others(),
            publisher.complete_index()
        );
        Ok(())
    }
}

/// Publishes after runs, one at a time.
#[derive(Clone)]
struct Publisher {
    collector: Collector,
    in_force: watch::Receiver<Arc<InForce>>,
    source: Source,
    /// How often somebody had something to publish.
    asked: Arc<AtomicU64>,
    /// The live feeds as they were published last, for those who are told of them.
    published: Arc<watch::Sender<Vec<FileEntry>>>,
    directory: Arc<Mutex<Tree>>,
    /// For so many hosts side by side.
    places: Arc<Semaphore>,
    archive: Arc<Retention>,
}

/// Where the archive is, and when it was last looked through.
struct Retention {
    data: PathBuf,
    last: Mutex<Option<Timestamp>>,
}

impl Publisher {
    fn in_force(&self) -> Arc<InForce> {
        self.in_force.borrow().clone()
    }

    /// Lets readers have answers from the store; what columns call themselves may have changed.
    async fn open(&self) -> Result<(), StoreError> {
        let store = self.collector.store.clone();
        let in_force = self.in_force();
        let setting = &in_force.setting;
        let columns = pipeline::column_infos(&store, &setting.columns, &setting.cron).await?;
        let site = in_force.site.clone();
        self.source.open(Live {
            store,
            site,
            columns,
            cron: Arc::new(setting.cron.clone()),
        });
        Ok(())
    }

    /// What the scheduler needs to know of what is in force.
    async fn plan(&self) -> Result<Plan, StoreError> {
        let in_force = self.in_force();
        let columns = in_force.setting.columns.clone();
        Ok(Plan {
            last_runs: last_runs(&self.collector.store, &columns).await?,
            cron: in_force.setting.cron.clone(),
            columns,
        })
    }

    /// Goes over to each new configuration: the scheduler, then the answers to readers, then the
    /// published files.
    async fn follow(&self, plans: watch::Sender<Arc<Plan>>) {
        let mut in_force = self.in_force.clone();
        loop {
            tokio::select! {
                () = self.collector.stop.cancelled() => return,
                changed = in_force.changed() => if changed.is_err() { return },
            }
            in_force.mark_unchanged();
            let followed = async {
                plans.send_replace(Arc::new(self.plan().await?));
                self.open().await
            };
            if let Err(error) = followed.await {
                let reason = error.reason();
                tracing::error!(reason, %error, "the new configuration is not followed");
                self.stop_at(reason);
            }
            self.publish().await;
        }
    }

    /// Brings into the index of words what a dibao without one has stored, beside everything else.
    async fn complete_index(&self) {
        let completed = tokio::select! {
            () = self.collector.stop.cancelled() => return,
            completed = self.collector.store.complete_index() => completed,
        };
        match completed {
            Ok(0) => (),
            Ok(articles) => {
                tracing::info!(articles, "the search index is complete");
                // What was found before lacks what was not indexed yet.
                if let Err(error) = self.open().await {
                    self.stop_at(error.reason());
                }
            }
            Err(error) => {
                let reason = error.reason();
                tracing::error!(reason, %error, "the search index is not complete");
                self.stop_at(reason);
            }
        }
    }

    /// Publishes, unless told to stop meanwhile: what is left out then comes at the next start.
    async fn publish(&self) {
        tokio::select! {
            () = self.collector.stop.cancelled() => (),
            () = self.publish_all() => (),
        }
    }

    async fn publish_all(&self) {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut tree = self.directory.lock().await;
        let Tree { directory, told } = &mut *tree;
        if *told >= asked {
            // Whoever published meanwhile began after all of this was stored.
            return;
        }
        let covers = self.asked.load(Ordering::SeqCst);
        let in_force = self.in_force();
        let input = PublishInput {
            store: &self.collector.store,
            columns: &in_force.setting.columns,
            cron: &in_force.setting.cron,
            site: &in_force.site,
            directory,
            progress: &self.collector.progress,
        };
        let done = async {
            let published = pipeline::publish(&input).await?;
            tracing::info!(%published, "published");
            *told = covers;
            self.published.send_replace(live_feeds(directory));
            Ok::<_, PublishFailure>(self.open().await?)
        };
        if let Err(error) = done.await {
            let reason = error.reason();
            tracing::error!(reason, %error, "nothing more was published");
            self.stop_at(reason);
        }
    }

    /// Tells hubs and webhooks after each publishing, and now and then those that failed. Whoever
    /// is slow keeps neither readers nor the crawl.
    async fn tell_others(&self) {
        let Collector {
            store, clock, stop, ..
        } = &self.collector;
        let mut published = self.published.subscribe();
        published.mark_changed();
        while !stop.is_cancelled() {
            let files = published.borrow_and_update().clone();
            let in_force = self.in_force();
            let (notifier, site) = (&in_force.notifier, &in_force.site);
            let told = notifier.tell(store, site, &files, clock, stop).await;
            if let Err(error) = told {
                let reason = error.reason();
                tracing::error!(reason, %error, "others could not be told");
                self.stop_at(reason);
            }
            tokio::select! {
                () = stop.cancelled() => (),
                _ = published.changed() => (),
                () = tokio::time::sleep(RETELL) => (),
            }
        }
    }

    /// Lets go of what of the archive is older than is kept, once a day.
    async fn retain(&self) {
        let now = self.collector.clock.now();
        let mut last = self.archive.last.lock().await;
        if last.is_some_and(|last| last.plus(TimeDelta::days(1)) > now) {
            return;
        }
        *last = Some(now);
        let keep = self.in_force().setting.service.keep_archive;
        let data = &self.archive.data;
        match retention::retain(&self.collector.store, data, keep, now).await {
            Ok(said) => said.iter().for_each(|line| tracing::info!("{line}")),
            Err(error) => {
                let reason = error.reason();
                tracing::error!(reason, %error, "the archive is not cut to what is kept");
            }
        }
    }

    /// Fetches the pictures of columns that keep them, once all of them had their run.
    async fn mirror(&self, reports: Vec<(&Column, Duration, ColumnReport)>) {
        for (column, limit, mut report) in reports {
            pipeline::keep_pictures(&self.collector, column, limit, &mut report).await;
            if report.pictures > 0 {
                tracing::info!(column = %report.column, pictures = report.pictures, "pictures kept");
            }
            if let Ending::Failed { reason, .. } = report.ending {
                self.stop_at(reason);
            }
        }
    }

    /// Works off, piece by piece, the backfills that runs have queued for this host, until one of
    /// its columns is due again. The host counts as busy meanwhile.
    async fn work_off(&self, due: &Due) {
        let now = self.collector.clock.now();
        let in_force = self.in_force();
        let next = due
            .columns
            .iter()
            .map(|column| in_force.setting.cron.next(&column.name, now));
        let next = next.chain([due.others_at]).flatten().min();
        let until = next.map(|next| next.plus(-BEFORE_DUE));
        if until.is_some_and(|until| until <= now) {
            return;
        }
        let Some(host) = due.columns.first().map(|column| host_of(&column.url)) else {
            return;
        };
        let columns = in_force.setting.columns.iter();
        let piece = Reach {
            pages: Some(pipeline::PIECE),
            since: None,
            until,
        };
        for column in columns.filter(|column| host_of(&column.url) == host) {
            while let Some(report) = pipeline::work_off(&self.collector, column, &piece).await {
                if report.is_failure() {
                    tracing::warn!(%report, "backfill ended");
                } else {
                    tracing::info!(%report, "backfill ended");
                }
                if report.older.new + report.news.new > 0 {
                    self.publish().await;
                }
                if report.halt.standing == Standing::Failed {
                    self.stop_at(&report.halt.reason);
                }
                if report.halt.reason != "page-limit" {
                    break;
                }
            }
        }
    }

    /// Writing on into a damaged store could only harm it more.
    fn stop_at(&self, reason: &str) {
        if reason == StoreError::CORRUPT {
            self.collector.stop.cancel();
        }
    }
}

/// The published folder, and the last of those who asked that it has everything of.
pub(super) struct Tree {
    directory: Directory,
    told: u64,
}

impl Tree {
    pub(super) fn new(directory: Directory) -> Self {
        Self { directory, told: 0 }
    }
}

fn live_feeds(directory: &Directory) -> Vec<FileEntry> {
    let mut files = directory.files();
    files.retain(|file| paths::is_live_feed(&file.path));
    files
}

async fn cycle(publisher: Publisher, in_force: Arc<InForce>, due: Due) {
    let place = publisher.places.acquire().await;
    let mut reports = Vec::with_capacity(due.columns.len());
    for column in &due.columns {
        let limit = in_force.setting.cron.job(&column.name).timeout;
        let report = pipeline::collect(&publisher.collector, column, limit).await;
        if report.is_failure() {
            for failure in &report.failures {
                let (url, verdict) = (&failure.url, failure.verdict.code());
                tracing::warn!(column = %report.column, %url, verdict, "{}", failure.message);
            }
            tracing::warn!(%report, "run ended");
        } else {
            tracing::info!(%report, "run ended");
        }
        if let Ending::Failed { reason, .. } = report.ending {
            publisher.stop_at(reason);
        }
        reports.push((column, limit, report));
    }
    {
        let mut pictures = std::pin::pin!(publisher.mirror(reports));
        tokio::select! {
            () = &mut pictures => (),
            () = tokio::time::sleep(NEWS_WAITS) => {
                // News does not wait for many pictures, nor for slow ones.
                tokio::join!(pictures, publisher.publish());
            }
        }
    }
    drop(place);
    publisher.publish().await;
    publisher.retain().await;
    publisher.work_off(&due).await;
}

/// When each column ran last, of those that did.
async fn last_runs(
    store: &Store,
    columns: &[Column],
) -> Result<BTreeMap<ColumnName, Timestamp>, StoreError> {
    let mut last_runs = BTreeMap::new();
    for column in columns {
        let state = store.column(&column.name, column.url.as_str()).await?;
        last_runs.extend(state.last_run_at.map(|last| (column.name.clone(), last)));
    }
    Ok(last_runs)
}
