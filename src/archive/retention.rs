//! Deleting files of the archive that are older than the configured age.
//!
//! Owns the deletion of files. Never deletes a file that a process writes, and never decides how
//! long files are kept.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::error::ArchiveError;
use super::file;
use crate::model::Timestamp;

/// The files without a write since `before`, oldest first, without the newest file of all.
pub fn left_since(folder: &Path, before: Timestamp) -> Result<Vec<String>, ArchiveError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let failed = |source: io::Error| ArchiveError::folder(folder, source);
    let mut names = file::newest_first(folder).map_err(failed)?;
    let mut old = names.split_off(names.len().min(1));
    old.reverse();
    old.retain(|name| {
        let written = fs::metadata(folder.join(name)).and_then(|file| file.modified());
        written.is_ok_and(|written| Timestamp::from(chrono::DateTime::from(written)) < before)
    });
    Ok(old)
}

/// Deletes a file, unless a process holds it. Returns the freed bytes.
pub fn delete(folder: &Path, name: &str) -> Result<Option<u64>, ArchiveError> {
    let path = folder.join(name);
    let failed = |source: io::Error| ArchiveError::write(&path, source);
    let file = File::open(&path).map_err(failed)?;
    if file.try_lock().is_err() {
        return Ok(None);
    }
    let bytes = file.metadata().map_err(failed)?.len();
    fs::remove_file(&path).map_err(failed)?;
    Ok(Some(bytes))
}
