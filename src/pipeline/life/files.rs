//! The files of the configuration as commands write them: whole, and one command at a time.
//!
//! Owns the lock and the way of writing. Never chooses a text.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Keeps other commands from writing the configuration until it is dropped.
#[derive(Debug)]
pub struct FileLock {
    _folder: Option<File>,
}

impl FileLock {
    /// Waits for the lock of this folder of feed files, which is made if it is missing. A system that
    /// cannot lock folders has no lock.
    pub fn take(feeds: &Path) -> io::Result<Self> {
        fs::create_dir_all(feeds)?;
        let folder = File::open(feeds).ok();
        let folder = folder.filter(|folder| folder.lock().is_ok());
        Ok(Self { _folder: folder })
    }
}

/// Writes a file whole: readers see the old text or the new one.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let new = beside(path, text)?;
    if let Ok(old) = fs::metadata(path) {
        new.as_file().set_permissions(old.permissions())?;
    }
    new.persist(path).map_err(|error| error.error)?;
    settle(path)
}

/// Writes a file that must not exist, whole.
pub fn create_whole(path: &Path, text: &str) -> io::Result<()> {
    let new = beside(path, text)?;
    new.persist_noclobber(path).map_err(|error| error.error)?;
    settle(path)
}

fn beside(path: &Path, text: &str) -> io::Result<tempfile::NamedTempFile> {
    let folder = folder(path);
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    // No feed file ends so.
    builder.prefix(".dibao-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut new = builder.tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    Ok(new)
}

fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    folder.unwrap_or(Path::new("."))
}

/// Lets the new name survive a power cut, where the system can do that.
fn settle(path: &Path) -> io::Result<()> {
    match File::open(folder(path)) {
        Ok(folder) => folder.sync_all(),
        Err(_) => Ok(()),
    }
}
