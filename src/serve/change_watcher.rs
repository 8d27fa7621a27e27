//! Clients that wait for a change, and how they are woken.
//!
//! Owns how many clients may wait, and the one task that looks into the store for all of them. It
//! looks only while a client waits, because other processes write without a signal. Never reads the
//! changes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use super::Source;

/// The time between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// How many clients may wait at once: each keeps a connection.
const WAITING: usize = 64;

/// Watches the number of the last change.
#[derive(Clone, Debug)]
pub(super) struct ChangeWatcher {
    last: Arc<watch::Sender<i64>>,
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

impl ChangeWatcher {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self {
            last: Arc::new(watch::Sender::new(0)),
            places: Arc::new(Semaphore::new(WAITING)),
            stop,
        }
    }

    /// A place to wait; `None` if all are taken.
    pub(super) fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
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

    /// Looks for changes until the service ends.
    pub(super) async fn watch(&self, source: &Source) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => (),
            }
            if self.places.available_permits() == WAITING {
                continue;
            }
            let Some(open) = source.open_store() else {
                continue;
            };
            // The requests report errors of the store.
            if let Ok(seq) = open.store.changes().last_seq().await {
                self.last.send_replace(seq);
            }
        }
    }
}
