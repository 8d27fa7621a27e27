//! Clients that wait for a change, and how they are woken.
//!
//! Owns how many clients may wait, and the one task that looks into the store for all of them. It
//! looks only while a client waits. Never reads the changes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use super::Source;

/// The time between two looks for a store that is closed.
const CLOSED: Duration = Duration::from_millis(500);
/// How many clients may wait at once: each keeps a connection.
const WAITING: usize = 64;

/// Watches the number of the last change.
#[derive(Clone, Debug)]
pub(super) struct ChangeWatcher {
    last: Arc<watch::Sender<i64>>,
    places: Arc<Semaphore>,
    /// A client began to wait.
    began: Arc<Notify>,
    stop: CancellationToken,
}

impl ChangeWatcher {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self {
            last: Arc::new(watch::Sender::new(0)),
            places: Arc::new(Semaphore::new(WAITING)),
            began: Arc::default(),
            stop,
        }
    }

    /// A place to wait; `None` if all are taken.
    pub(super) fn place(&self) -> Option<SemaphorePermit<'_>> {
        let place = self.places.try_acquire().ok()?;
        self.began.notify_one();
        Some(place)
    }

    /// Waits for a change after number `after`, at most as long as `patience`. The end of the
    /// service also ends the wait.
    pub(super) async fn wait(&self, after: i64, patience: Duration) {
        let mut last = self.last.subscribe();
        let risen = last.wait_for(|last| *last > after);
        tokio::select! {
            () = self.stop.cancelled() => (),
            _ = tokio::time::timeout(patience, risen) => (),
        }
    }

    /// Looks for changes while clients wait, until the service ends.
    pub(super) async fn watch(&self, source: &Source) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.began.notified() => (),
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.look(source) => (),
            }
        }
    }

    /// Looks until no client waits any more.
    async fn look(&self, source: &Source) {
        let mut signal = None;
        while self.places.available_permits() < WAITING {
            // The requests report errors of the store.
            if let Some(open) = source.open_store() {
                let changes = open.store.changes();
                if signal.is_none() {
                    signal = changes.signal().await.ok();
                }
                if let Ok(seq) = changes.last_seq().await {
                    self.last.send_replace(seq);
                }
            }
            match &mut signal {
                Some(signal) => signal.wait().await,
                None => tokio::time::sleep(CLOSED).await,
            }
        }
    }
}
