//! The list of published files, for the manifest, and how many of them changed.
//!
//! Owns the list and the numbers. Never reads or writes a file.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::model::{FileEntry, sha256_hex};

/// The result of publishing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// The file is new or changed.
    Written,
    /// The published file has the same bytes already, and was not touched.
    Unchanged,
}

/// What a publication has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that are new or changed.
    pub written: usize,
    /// Files that had the same bytes already.
    pub unchanged: usize,
}

/// The length and hash of these bytes.
pub(super) fn entry_of(path: &str, bytes: &[u8]) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(Sha256::new_with_prefix(bytes)),
    }
}

/// The published files, by path.
#[derive(Debug, Default)]
pub struct Published {
    files: Mutex<BTreeMap<String, FileEntry>>,
    written: AtomicUsize,
    unchanged: AtomicUsize,
}

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
        self.written.store(0, Ordering::Relaxed);
        self.unchanged.store(0, Ordering::Relaxed);
    }

    pub(super) fn count(&self, outcome: WriteOutcome) {
        let number = match outcome {
            WriteOutcome::Written => &self.written,
            WriteOutcome::Unchanged => &self.unchanged,
        };
        number.fetch_add(1, Ordering::Relaxed);
    }

    /// How many files were counted, by their outcome.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            written: self.written.load(Ordering::Relaxed),
            unchanged: self.unchanged.load(Ordering::Relaxed),
        }
    }

    /// The files, sorted by path.
    pub(super) fn list(&self) -> Vec<FileEntry> {
        self.files().values().cloned().collect()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, FileEntry>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
