//! How long the archive is kept: files that are older than `dibao.toml` says are deleted.
//!
//! Owns the order of a deletion: the index forgets a file first, so a kill leaves a file too many
//! and never an entry without its file. Never deletes a part of a file.

use std::fmt;

use chrono::TimeDelta;
use tokio::sync::Mutex;

use super::open::DataError;
use crate::archive::ArchiveFiles;
use crate::model::{Timestamp, megabytes};
use crate::store::Store;

/// A file of the archive that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    file: String,
    bytes: u64,
    /// Pages of articles that were only in this file.
    pages: u64,
}

impl fmt::Display for Deleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "archive  {} deleted, {}: older than [archive] keep; {} pages of articles can no longer \
             be read anew from it",
            self.file,
            megabytes(self.bytes),
            self.pages
        )
    }
}

/// Deletes the files of the archive whose newest page was captured longer than `keep`
/// ago; none if `keep` is not set.
pub async fn delete_old_files(
    store: &Store,
    archive: &ArchiveFiles,
    keep: Option<TimeDelta>,
    now: Timestamp,
) -> Result<Vec<Deleted>, DataError> {
    let Some(keep) = keep else {
        return Ok(Vec::new());
    };
    let before = now.plus(-keep);
    let mut old = {
        let archive = archive.clone();
        let listed = tokio::task::spawn_blocking(move || archive.left_since(before));
        listed.await.map_err(std::io::Error::other)??
    };
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let newest = store.captures().newest_by_file().await?;
    old.retain(|name| newest.get(name).is_none_or(|at| *at < before));
    let mut deleted = Vec::with_capacity(old.len());
    for file in old {
        let pages = store.captures().forget_file(&file).await?;
        let (archive, name) = (archive.clone(), file.clone());
        let gone = tokio::task::spawn_blocking(move || archive.delete(&name));
        if let Some(bytes) = gone.await.map_err(std::io::Error::other)?? {
            deleted.push(Deleted { file, bytes, pages });
        }
    }
    Ok(deleted)
}

/// Deletes old files at most once a day.
pub(super) struct DailyRetention {
    archive: ArchiveFiles,
    last: Mutex<Option<Timestamp>>,
}

impl DailyRetention {
    pub(super) fn new(archive: ArchiveFiles) -> Self {
        Self {
            archive,
            last: Mutex::default(),
        }
    }

    /// Deletes old files, if that was not done within the last day.
    pub(super) async fn run(&self, store: &Store, keep: Option<TimeDelta>, now: Timestamp) {
        let mut last = self.last.lock().await;
        if last.is_some_and(|last| last.plus(TimeDelta::days(1)) > now) {
            return;
        }
        *last = Some(now);
        match delete_old_files(store, &self.archive, keep, now).await {
            Ok(deleted) => deleted.iter().for_each(|file| tracing::info!("{file}")),
            Err(error) => {
                let reason = error.reason();
                tracing::error!(reason, %error, "old files of the archive could not be deleted");
            }
        }
    }
}
