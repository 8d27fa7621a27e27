//! The list of published files, for the manifest.
//!
//! Owns the list. Never reads or writes a file.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::FileEntry;

/// The published files, by path.
#[derive(Debug, Default)]
pub(super) struct Published(Mutex<BTreeMap<String, FileEntry>>);

impl Published {
    pub(super) fn add(&self, entry: FileEntry) {
        self.files().insert(entry.path.clone(), entry);
    }

    pub(super) fn remove(&self, path: &str) {
        self.files().remove(path);
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.files().contains_key(path)
    }

    pub(super) fn get(&self, path: &str) -> Option<FileEntry> {
        self.files().get(path).cloned()
    }

    pub(super) fn clear(&self) {
        self.files().clear();
    }

    /// The files, sorted by path.
    pub(super) fn list(&self) -> Vec<FileEntry> {
        self.files().values().cloned().collect()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, FileEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
