//! What the service knows of its own health.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the store is open. Clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Health {
    store_open: Arc<AtomicBool>,
}

impl Health {
    /// Notes whether the store is open.
    pub fn set_store_open(&self, open: bool) {
        self.store_open.store(open, Ordering::Relaxed);
    }

    /// Whether it is.
    pub fn is_store_open(&self) -> bool {
        self.store_open.load(Ordering::Relaxed)
    }
}
