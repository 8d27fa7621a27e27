//! What is written, and may not be on the disk yet.
//!
//! Owns the files that wait for their rename, and the folders with new names. Never renames a file
//! before its bytes are on the disk.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use super::error::{PublishError, PublishStep};
use super::folder::folder;

/// So many files wait at most: each of them is open.
const MOST_FILES: usize = 128;
/// From so many on, one sync of the file system costs less than one of each file.
#[cfg(target_os = "linux")]
const MANY: usize = 8;

/// The files and folders that are not synced yet.
#[derive(Debug, Default)]
pub(super) struct Unsynced(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    /// Written files, each with its place.
    files: Vec<(NamedTempFile, PathBuf)>,
    /// Folders in which a name came, changed or went.
    folders: BTreeSet<PathBuf>,
}

impl Unsynced {
    /// Notes that a name in this folder came, changed or went.
    pub(super) fn note(&self, folder: &Path) {
        let mut waiting = self.waiting();
        if !waiting.folders.contains(folder) {
            waiting.folders.insert(folder.to_owned());
        }
    }

    /// Puts a written file in place, together with others, once all of them are on the disk.
    pub(super) fn add(&self, file: NamedTempFile, target: &Path) -> Result<(), PublishError> {
        let mut waiting = self.waiting();
        waiting.files.push((file, target.to_owned()));
        match waiting.files.len() < MOST_FILES {
            true => Ok(()),
            false => waiting.rename(),
        }
    }

    /// Puts the waiting files in place and syncs the folders, so that all of it survives a power
    /// cut.
    pub(super) fn settle(&self) -> Result<(), PublishError> {
        let mut waiting = self.waiting();
        waiting.rename()?;
        waiting.sync_folders()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn rename(&mut self) -> Result<(), PublishError> {
        let files = std::mem::take(&mut self.files);
        let Some((_, first)) = files.first() else {
            return Ok(());
        };
        sync_all(files.iter().map(|(file, _)| file.as_file()))
            .map_err(|e| PublishError::new(first, PublishStep::Sync, e))?;
        for (file, target) in files {
            file.persist(&target)
                .map_err(|e| PublishError::new(&target, PublishStep::Rename, e.error))?;
            self.folders.insert(folder(&target).to_owned());
        }
        Ok(())
    }

    #[cfg(unix)]
    fn sync_folders(&mut self) -> Result<(), PublishError> {
        let folders: Vec<PathBuf> = std::mem::take(&mut self.folders).into_iter().collect();
        for some in folders.chunks(MOST_FILES) {
            let mut open = Vec::with_capacity(some.len());
            for folder in some {
                match File::open(folder) {
                    Ok(file) => open.push((folder, file)),
                    // Somebody removed it meanwhile, with all that was in it.
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(e) => return Err(PublishError::new(folder, PublishStep::SyncFolder, e)),
                }
            }
            let Some((first, _)) = open.first() else {
                continue;
            };
            sync_all(open.iter().map(|(_, file)| file))
                .map_err(|e| PublishError::new(first, PublishStep::SyncFolder, e))?;
        }
        Ok(())
    }

    /// Does nothing: other systems cannot open folders, and their file systems sync them.
    #[cfg(not(unix))]
    fn sync_folders(&mut self) -> Result<(), PublishError> {
        self.folders.clear();
        Ok(())
    }
}

/// Syncs these files or folders to the disk.
fn sync_all<'a>(mut open: impl ExactSizeIterator<Item = &'a File>) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if open.len() >= MANY {
        return sync_file_systems(open);
    }
    open.try_for_each(File::sync_all)
}

/// Syncs the file systems of these files. A folder below the published one may be another's.
#[cfg(target_os = "linux")]
fn sync_file_systems<'a>(open: impl Iterator<Item = &'a File>) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let mut synced = BTreeSet::new();
    for file in open {
        if synced.insert(file.metadata()?.dev()) {
            rustix::fs::syncfs(file)?;
        }
    }
    Ok(())
}
