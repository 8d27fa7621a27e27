//! Who waits for a change, and how they hear of it.
//!
//! One task looks for all of them, now and then and only while somebody waits: other processes write to the store, too, and tell
//! nobody. Owns how many may wait; never reads what changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use super::Source;

/// How often it is looked for a change.
const LOOK: Duration = Duration::from_millis(500);
/// Clients that may wait at once: each keeps a connection.
const WAITING: usize = 64;

/// The number of the last change, as far as that was looked for.
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

    /// A place among those who wait; `None` where there are too many.
    pub(super) fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }

    /// Waits for a change after number `after`, for so long at the most. The end of the service
    /// ends it, too.
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
            let Some(live) = source.open_store() else {
                continue;
            };
            // A store that gives no answer is told of by whoever asks for one.
            if let Ok(seq) = live.store.changes().last_seq().await {
                self.last.send_replace(seq);
            }
        }
    }
}
