//! Temporary files.
//!
//! Owns their names, and their removal after a crash. Never removes one that is being written.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

const PREFIX: &str = ".dibao-";
const SUFFIX: &str = ".tmp";

/// Creates a temporary file in `folder`, so that a rename can put it in place. It is locked while
/// it is open, so that other processes do not remove it.
pub(super) fn create(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Web servers must be able to read the published file. The umask still applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    file.as_file().lock()?;
    Ok(file)
}

/// Removes the temporary files below `root` that no process is writing. It does not follow symbolic
/// links. It skips folders that it cannot read: publishing into them will report the error.
pub(super) fn leftovers(root: &Path) {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && is_temporary(&entry.file_name()) => {
                    remove_if_abandoned(&path);
                }
                _ => {}
            }
        }
    }
}

pub(super) fn is_temporary(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

fn remove_if_abandoned(path: &Path) {
    let abandoned = File::open(path).is_ok_and(|file| file.try_lock().is_ok());
    if abandoned && let Err(error) = fs::remove_file(path) {
        tracing::warn!(path = %path.display(), %error, "a temporary file of an earlier run cannot be removed");
    }
}
