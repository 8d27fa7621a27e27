//! A lock for each key, of which those that nobody needs any more are forgotten.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is known under each key, for one at a time. From `MANY` keys on, what is stale is
/// forgotten.
pub(super) struct Locks<T, const MANY: usize> {
    keys: Mutex<HashMap<String, Arc<tokio::sync::Mutex<T>>>>,
}

impl<T, const MANY: usize> Default for Locks<T, MANY> {
    fn default() -> Self {
        Self {
            keys: Mutex::default(),
        }
    }
}

impl<T, const MANY: usize> Locks<T, MANY> {
    /// The lock of `key`, which begins with `new`. What `is_stale` may be forgotten, unless
    /// somebody holds it or waits for it.
    pub(super) fn lock(
        &self,
        key: String,
        new: impl FnOnce() -> T,
        is_stale: impl Fn(&T) -> bool,
    ) -> Arc<tokio::sync::Mutex<T>> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MANY && !keys.contains_key(&key) {
            // Nobody else holds one that is counted once; under this lock nobody can begin to.
            keys.retain(|_, lock| {
                Arc::strong_count(lock) > 1 || lock.try_lock().is_ok_and(|known| !is_stale(&known))
            });
        }
        let lock = || Arc::new(tokio::sync::Mutex::new(new()));
        Arc::clone(keys.entry(key).or_insert_with(lock))
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> Vec<String> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.keys().cloned().collect()
    }
}
