//! Folders of the published files.
//!
//! Owns how a folder is made. Never removes one.

use std::fs;
use std::io;
use std::path::Path;

use super::unsynced::Unsynced;

pub(super) fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Creates a folder and its parents. The parent of each new folder is noted as not synced.
pub(super) fn create_folder(path: &Path, unsynced: &Unsynced) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder(path);
    create_folder(above, unsynced)?;
    match fs::create_dir(path) {
        // Another process made the folder first.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created,
    }?;
    unsynced.note(above);
    Ok(())
}
