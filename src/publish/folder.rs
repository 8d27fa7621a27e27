//! Folders of the published files.
//!
//! Owns how a folder is made and synced to the disk. Never removes one.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Syncs a folder. Only then a rename in it survives a power cut.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Does nothing: other systems cannot open folders, and their file systems sync them.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

pub(super) fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Creates a folder and its parents. The parent of each new folder is synced.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder(path);
    create_folder(above)?;
    match fs::create_dir(path) {
        // Another process made the folder first.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created,
    }?;
    sync_folder(above)
}
