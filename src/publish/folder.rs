//! Folders of the published files, and the paths in them.
//!
//! Owns how a folder is made, and which path is plain. Never removes a folder.

use std::fs;
use std::io;
use std::path::{Component, Path};

pub(super) fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Creates a folder and its parents. `note` gets the parent of each new folder, which is to be synced.
pub(super) fn create_folder(path: &Path, note: &dyn Fn(&Path)) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder(path);
    create_folder(above, note)?;
    match fs::create_dir(path) {
        // Another process made the folder first.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created,
    }?;
    note(above);
    Ok(())
}

/// Whether a published path is relative, names a file, and stays within its place.
pub(super) fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\0', '\\'])
        && path.split('/').all(|part| !part.is_empty())
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}
