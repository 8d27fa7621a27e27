//! A lock for each key.
//!
//! Owns dropping unused locks. Never knows what a lock protects.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A value for each key, behind a lock. From `MANY` keys on, stale values are dropped each time that
/// the number of keys has doubled, so that a new key costs the same among many.
pub(super) struct Locks<T, const MANY: usize> {
    keys: Mutex<Keys<T>>,
}

struct Keys<T> {
    locks: HashMap<String, Arc<tokio::sync::Mutex<T>>>,
    /// The number of keys at which stale values are dropped next.
    most: usize,
}

impl<T, const MANY: usize> Default for Locks<T, MANY> {
    fn default() -> Self {
        Self {
            keys: Mutex::new(Keys {
                locks: HashMap::new(),
                most: MANY,
            }),
        }
    }
}

impl<T, const MANY: usize> Locks<T, MANY> {
    /// The lock of `key`, whose first value is `new`. A value that `is_stale` may be dropped,
    /// unless a task holds its lock or waits for it.
    pub(super) fn lock(
        &self,
        key: String,
        new: impl FnOnce() -> T,
        is_stale: impl Fn(&T) -> bool,
    ) -> Arc<tokio::sync::Mutex<T>> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.locks.len() >= keys.most && !keys.locks.contains_key(&key) {
            // A lock with one reference is held by no task, and no task can get it while the map is
            // locked.
            keys.locks.retain(|_, lock| {
                Arc::strong_count(lock) > 1 || lock.try_lock().is_ok_and(|known| !is_stale(&known))
            });
            keys.most = MANY.max(keys.locks.len() * 2);
        }
        let lock = || Arc::new(tokio::sync::Mutex::new(new()));
        Arc::clone(keys.locks.entry(key).or_insert_with(lock))
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> Vec<String> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.locks.keys().cloned().collect()
    }
}
