//! Collecting within the service: from the opening of the store to its close, and again.
//!
//! Owns the behaviour while the store cannot be used: nothing is written, readers are still served,
//! and the store is opened again once it is whole. Never serves, and never knows the timetable.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::active::ActiveConfig;
use super::address::Address;
use super::alive::take_over;
use super::cycle::Cycles;
use super::open::{self, DataError};
use super::publisher::{PublicFolder, Publisher};
use crate::archive::ArchiveFiles;
use crate::config::Folders;
use crate::fetch::Fetcher;
use crate::pipeline::{self, AskedBy, Collector, Progress};
use crate::publish::KeptPlace;
use crate::schedule;
use crate::serve::Source;
use crate::store::{Store, StoreError, Task};

/// The wait before a store that cannot be used is tried again.
const REOPEN: Duration = Duration::from_secs(5);
/// How long the store may take to close; a log that is not written back is read at the next start.
const CLOSE: Duration = Duration::from_secs(5);

/// The tools of collecting, whichever store is open.
#[derive(Debug)]
pub(super) struct Collecting {
    pub(super) folders: Folders,
    pub(super) archive: ArchiveFiles,
    pub(super) kept: KeptPlace,
    pub(super) active: watch::Receiver<Arc<ActiveConfig>>,
    pub(super) address: Address,
    pub(super) fetcher: Fetcher,
    pub(super) public: Arc<Mutex<PublicFolder>>,
    pub(super) source: Source,
    pub(super) stop: CancellationToken,
}

impl Collecting {
    /// Collects until told to stop, with the given store. If that cannot be used, waits until the
    /// store can be opened.
    pub(super) async fn run(&self, store: Result<Store, StoreError>) {
        let mut store = usable(store);
        while !self.stop.is_cancelled() {
            let Some(open) = store.take() else {
                store = self.reopen().await;
                continue;
            };
            if let Err(error) = self.collect(&open).await {
                tracing::error!(
                    reason = error.reason(),
                    %error,
                    "the data folder cannot be used: nothing is collected; the published \
                     files are served"
                );
            }
            self.source.close();
            // A close that takes longer is left to the system: everything stored is on the disk.
            let _ = tokio::time::timeout(CLOSE, open.close()).await;
        }
    }

    /// Waits for a store that can be used; `None` when told to stop. Logs no error twice.
    async fn reopen(&self) -> Option<Store> {
        let mut logged = String::new();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(REOPEN) => (),
            }
            match open::open_store(&self.folders).await {
                Ok(store) => {
                    tracing::info!("the store is open; collecting goes on");
                    return Some(store);
                }
                Err(error) if error.to_string() == logged => (),
                Err(error) => {
                    logged = error.to_string();
                    log_unusable(&error);
                }
            }
        }
    }

    /// Completes the renames and merges that a killed command has left.
    async fn complete_moves(&self, collector: &Collector) {
        let Collector { store, clock, .. } = collector;
        match pipeline::complete_moves(&self.folders, store, clock.now()).await {
            Ok(moves) => {
                for (from, into) in moves {
                    tracing::info!(%from, %into, "a command that was stopped is complete");
                }
            }
            Err(error) => tracing::error!(%error, "a column is not moved yet"),
        }
    }

    /// Collects by the timetable until told to stop, or until the store turns out to be damaged.
    async fn collect(&self, store: &Store) -> Result<(), DataError> {
        let collector = open::open_collector(
            (self.archive.clone(), self.kept.clone()),
            store.clone(),
            self.fetcher.clone(),
            AskedBy::Timetable,
            Progress::silent(),
            self.stop.child_token(),
        );
        let collector = collector.await?;
        self.complete_moves(&collector).await;
        let publisher = Publisher::new(
            collector.clone(),
            self.active.clone(),
            self.address.clone(),
            self.source.clone(),
            self.public.clone(),
        );
        publisher.open().await?;
        let active = publisher.active();
        let now = collector.clock.now();
        active.notifier.begin(store, now).await?;
        let (plans, planned) = watch::channel(Arc::new(publisher.plan().await?));
        let cycles = Cycles::new(publisher.clone(), self.archive.clone());
        let (found, hosts) = mpsc::unbounded_channel();
        let runs = schedule::run(planned, hosts, &collector.clock, &collector.stop, |due| {
            // A run ends by the configuration that was in force when it began.
            cycles.clone().run(publisher.active(), due)
        });
        let published = async {
            // What changed while nothing ran. No column waits for that.
            publisher.publish().await;
            tokio::join!(publisher.follow(plans), publisher.try_again());
        };
        tokio::join!(
            runs,
            published,
            self.lead(&publisher),
            take_over(&collector, found)
        );
        Ok(())
    }

    /// Does what one process does for all that share the store, while it is that one.
    async fn lead(&self, publisher: &Publisher) {
        let Collector { store, stop, .. } = &publisher.collector;
        while !stop.is_cancelled() {
            let turn = tokio::select! {
                () = stop.cancelled() => return,
                turn = store.turn(Task::Lead) => turn,
            };
            let Ok(mut turn) = turn else {
                // Runs tell of a store that fails.
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(REOPEN) => continue,
                }
            };
            let leading = async {
                tokio::join!(
                    publisher.tell_others(),
                    publisher.complete_index(),
                    publisher.check_files(),
                    publisher.check_data(self.archive.clone())
                );
            };
            tokio::select! {
                () = leading => return,
                () = turn.lost() => (),
            }
        }
    }
}

fn usable(store: Result<Store, StoreError>) -> Option<Store> {
    store.inspect_err(log_unusable).ok()
}

fn log_unusable(error: &StoreError) {
    tracing::error!(
        reason = error.reason(),
        %error,
        "the store cannot be used: nothing is collected; the published files are served"
    );
}
