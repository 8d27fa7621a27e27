//! Publishes after runs. Gives the server the new state, and sends notices to hubs, webhooks and people.
//!
//! Owns the rule that one publishing serves everybody who waits for one. Never collects.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Mutex, watch};

use super::active::ActiveConfig;
use super::address::Address;
use crate::config::{Column, Config};
use crate::model::{ColumnName, FileEntry, Timestamp};
use crate::notify::Published;
use crate::pipeline::{self, Collector, PublishFailure, PublishInput};
use crate::publish::PublishPlace;
use crate::render::{Site, paths};
use crate::schedule::Plan;
use crate::serve::{OpenStore, Source};
use crate::store::{Purpose, RENAMED, Store, StoreError};

/// How long publishing waits for a server or a bucket that was out of reach.
const AGAIN: Duration = Duration::from_secs(10);
/// How often failed notices are checked for a new try.
const RETELL: Duration = Duration::from_secs(20);

/// The published folder.
#[derive(Debug)]
pub(super) struct PublicFolder {
    pub(super) directory: Box<dyn PublishPlace>,
    /// The number of the last request that is published; see [`Publisher::publish`].
    covered: u64,
    /// The configuration with which it was published last.
    pub(super) active: Option<Arc<ActiveConfig>>,
}

impl PublicFolder {
    pub(super) fn new(directory: Box<dyn PublishPlace>) -> Self {
        Self {
            directory,
            covered: 0,
            active: None,
        }
    }
}

/// What became of the last try to publish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tried {
    /// Nothing was tried since the start.
    #[default]
    Never,
    /// It ended, well or with an error that does not pass by itself.
    Ended,
    /// A server or a bucket was out of reach.
    Behind,
}

/// Publishes after runs, one publishing at a time.
#[derive(Clone)]
pub(super) struct Publisher {
    pub(super) collector: Collector,
    active: watch::Receiver<Arc<ActiveConfig>>,
    address: Address,
    source: Source,
    pub(super) public: Arc<Mutex<PublicFolder>>,
    /// How often publishing was requested.
    requests: Arc<AtomicU64>,
    /// The live feeds as they were published last, for hubs.
    published: Arc<watch::Sender<Vec<FileEntry>>>,
    /// What became of the last try to publish.
    tried: Arc<watch::Sender<Tried>>,
}

impl Publisher {
    pub(super) fn new(
        collector: Collector,
        active: watch::Receiver<Arc<ActiveConfig>>,
        address: Address,
        source: Source,
        public: Arc<Mutex<PublicFolder>>,
    ) -> Self {
        Self {
            collector,
            active,
            address,
            source,
            public,
            requests: Arc::default(),
            published: Arc::default(),
            tried: Arc::default(),
        }
    }

    /// The configuration in force now.
    pub(super) fn active(&self) -> Arc<ActiveConfig> {
        self.active.borrow().clone()
    }

    /// The site by this configuration.
    pub(super) async fn site(&self, active: &ActiveConfig) -> Result<Site, StoreError> {
        let (service, store) = (&active.config.service, &self.collector.store);
        self.address.site(service, Purpose::Real, store).await
    }

    /// Lets the server answer from the store, with the titles that columns have now.
    pub(super) async fn open(&self) -> Result<(), StoreError> {
        let store = self.collector.store.clone();
        let active = self.active();
        let config = &active.config;
        let columns = pipeline::column_infos(&store, &config.columns, &config.cron).await?;
        let site = self.site(&active).await?;
        self.source.open(OpenStore {
            store,
            site,
            topics: pipeline::topic_infos(&config.topics, &columns),
            columns,
            cron: Arc::new(config.cron.clone()),
        });
        Ok(())
    }

    /// Brings the store up to date with the feed files, before a column is collected by them.
    async fn settle(&self, config: &Config) -> Result<(), StoreError> {
        let Collector { store, clock, .. } = &self.collector;
        let (columns, broken) = (&config.columns, &config.broken);
        let settled = pipeline::settle(store, clock.now(), columns, broken).await?;
        for (from, into) in &settled.followed {
            tracing::info!(%from, %into, "a feed file was renamed: its column follows");
        }
        for column in &settled.ended {
            tracing::info!(%column, "a column has no feed file any more: its feed says that it ended");
        }
        for (column, message) in &settled.refused {
            tracing::error!(reason = RENAMED, %column, "{message}");
        }
        Ok(())
    }

    /// The plan of the scheduler by the configuration in force.
    pub(super) async fn plan(&self) -> Result<Plan, StoreError> {
        let active = self.active();
        self.settle(&active.config).await?;
        let columns = active.config.columns.clone();
        Ok(Plan {
            last_runs: last_runs(&self.collector.store, &columns).await?,
            cron: active.config.cron.clone(),
            columns,
        })
    }

    /// Applies each new configuration: to the scheduler, then to the server, then to the published
    /// files.
    pub(super) async fn follow(&self, plans: watch::Sender<Arc<Plan>>) {
        let mut active = self.active.clone();
        loop {
            tokio::select! {
                () = self.collector.stop.cancelled() => return,
                changed = active.changed() => if changed.is_err() { return },
            }
            active.mark_unchanged();
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

    /// Indexes articles that an older dibao stored without an index, beside everything else.
    pub(super) async fn complete_index(&self) {
        let completed = tokio::select! {
            () = self.collector.stop.cancelled() => return,
            completed = self.collector.store.search().complete_index() => completed,
        };
        match completed {
            Ok(0) => (),
            Ok(articles) => {
                tracing::info!(articles, "the search index is complete");
                // Earlier search results lack the articles that were not indexed yet.
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

    /// Publishes, unless told to stop meanwhile; the next start publishes the rest. Requests that
    /// come while another publishing runs are served together by the next one.
    pub(super) async fn publish(&self) {
        tokio::select! {
            () = self.collector.stop.cancelled() => (),
            () = self.publish_all() => (),
        }
    }

    async fn publish_all(&self) {
        let request = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let mut public = self.public.lock().await;
        let PublicFolder {
            directory,
            covered,
            active: last,
        } = &mut *public;
        if *covered >= request {
            // The last publishing began after this request, so it includes everything.
            return;
        }
        let requests = self.requests.load(Ordering::SeqCst);
        let active = self.active();
        let Collector {
            store,
            progress,
            clock,
            kept,
            ..
        } = &self.collector;
        let config = &active.config;
        let directory = &**directory;
        let done = async {
            let is_as_it_was = last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &active));
            if is_as_it_was && pipeline::is_published(store, directory).await? {
                tracing::info!(published = "nothing changed", "published");
                *covered = requests;
                return Ok(());
            }
            let site = self.site(&active).await?;
            let input = PublishInput::new(config, &site, store, (directory, kept), progress);
            let mut published = Box::pin(pipeline::publish(&input)).await?;
            let damaged = store.incidents().note_damage(clock.now()).await?;
            for row in &damaged {
                tracing::error!(reason = StoreError::CORRUPT, "{row}");
            }
            if !damaged.is_empty() {
                // The feed of incidents tells of it.
                published = Box::pin(pipeline::publish(&input)).await?;
            }
            store.clear_trouble();
            tracing::info!(%published, "published");
            *covered = requests;
            *last = Some(active.clone());
            Ok::<_, PublishFailure>(self.show(directory).await?)
        };
        let done = done.await;
        self.tried.send_replace(match &done {
            Err(error) if error.may_pass() => Tried::Behind,
            _ => Tried::Ended,
        });
        if let Err(error) = done {
            let reason = error.reason();
            if StoreError::NOT_WRITABLE.contains(&reason) {
                store.note_trouble(reason, &error.to_string(), clock.now());
            }
            tracing::error!(reason, %error, "nothing more was published");
            self.stop_at(reason);
        }
    }

    /// Publishes again, until told to stop, what could not be published while a server or a bucket was
    /// out of reach.
    pub(super) async fn try_again(&self) {
        let mut tried = self.tried.subscribe();
        loop {
            let due = async {
                // The sender lives as long as this.
                let _ = tried.wait_for(|tried| *tried == Tried::Behind).await;
                tokio::time::sleep(AGAIN).await;
            };
            tokio::select! {
                () = self.collector.stop.cancelled() => return,
                () = due => (),
            }
            self.publish().await;
        }
    }

    /// Waits until this process has tried to publish since its start.
    pub(super) async fn has_begun(&self) {
        // The sender lives as long as this.
        let mut tried = self.tried.subscribe();
        let _ = tried.wait_for(|tried| *tried != Tried::Never).await;
    }

    /// Shows readers and hubs what was just published.
    pub(super) async fn show(&self, directory: &dyn PublishPlace) -> Result<(), StoreError> {
        let mut feeds = directory.files();
        feeds.retain(|file| paths::is_live_feed(&file.path));
        self.published.send_replace(feeds);
        self.open().await
    }

    /// Sends notices to hubs, webhooks and people after each publishing, and tries failed notices again. A
    /// slow receiver delays neither readers nor collecting nor another receiver.
    pub(super) async fn tell_others(&self) {
        let (stop, mut active) = (&self.collector.stop, self.active.clone());
        let (mut told, mut receivers) = (FuturesUnordered::new(), BTreeSet::new());
        loop {
            let now = active.borrow_and_update().clone();
            for receiver in now.notifier.receivers() {
                if receivers.insert(receiver.clone()) {
                    told.push(self.tell_one(receiver));
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = active.changed() => if changed.is_err() { return },
                Some(ended) = told.next() => { receivers.remove(&ended); }
            }
        }
    }

    /// Sends one receiver its notices, until it is no receiver any more.
    async fn tell_one(&self, receiver: String) -> String {
        let Collector { store, clock, .. } = &self.collector;
        let (mut published, mut changed) = (self.published.subscribe(), self.active.clone());
        loop {
            let files = published.borrow_and_update().clone();
            let active = changed.borrow_and_update().clone();
            let notifier = &active.notifier;
            if !notifier.receivers().any(|known| known == receiver) {
                return receiver;
            }
            let told = async {
                let site = self.site(&active).await?;
                let open = self.source.open_store();
                let published = Published {
                    store,
                    site: &site,
                    columns: open.as_ref().map_or(&[], |open| &open.columns),
                    files: &files,
                    clock,
                };
                notifier.tell_one(&receiver, &published).await
            };
            if let Err(error) = told.await {
                let reason = error.reason();
                tracing::error!(reason, %error, "notices could not be sent");
                self.stop_at(reason);
            }
            tokio::select! {
                _ = published.changed() => (),
                _ = changed.changed() => (),
                () = tokio::time::sleep(RETELL) => (),
            }
        }
    }

    /// Stops collecting if the store is damaged: further writes could harm it more.
    pub(super) fn stop_at(&self, reason: &str) {
        if reason == StoreError::CORRUPT {
            self.collector.stop.cancel();
        }
    }
}

/// When each column ran last; columns that never ran are left out.
async fn last_runs(
    store: &Store,
    columns: &[Column],
) -> Result<BTreeMap<ColumnName, Timestamp>, StoreError> {
    let last_runs = store.columns().last_runs().await?;
    let names = columns.iter().map(|column| &column.name);
    Ok(names
        .filter_map(|name| Some((name.clone(), *last_runs.get(name.as_str())?)))
        .collect())
}
