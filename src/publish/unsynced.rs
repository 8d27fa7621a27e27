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

/// So many files wait at most, with their copies: each of them is open.
const MOST_FILES: usize = 128;
/// From so many on, one sync of the file system costs less than one of each file.
#[cfg(target_os = "linux")]
const MANY: usize = 8;

/// The files and folders that are not synced yet.
#[derive(Debug, Default)]
pub(super) struct Unsynced(Mutex<Waiting>);

/// A written file, and its place.
pub(super) type Written = (NamedTempFile, PathBuf);

/// A written file that waits for its place, with its compressed copies.
#[derive(Debug)]
pub(super) struct WrittenFile {
    pub(super) file: Written,
    pub(super) copies: Vec<Written>,
    /// Copies of the former file, which go before it.
    pub(super) former: Vec<PathBuf>,
}

#[derive(Debug, Default)]
struct Waiting {
    files: Vec<WrittenFile>,
    /// How many files that are, with their copies.
    open: usize,
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
    pub(super) fn add(&self, file: WrittenFile) -> Result<(), PublishError> {
        let mut waiting = self.waiting();
        waiting.open += 1 + file.copies.len();
        waiting.files.push(file);
        match waiting.open < MOST_FILES {
            true => Ok(()),
            false => waiting.rename(),
        }
    }

    /// Removes the files that wait for their places.
    pub(super) fn forget_files(&self) {
        let mut waiting = self.waiting();
        (waiting.files, waiting.open) = (Vec::new(), 0);
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
        self.open = 0;
        let files = std::mem::take(&mut self.files);
        let all = files.iter().flat_map(WrittenFile::all);
        let open: Vec<&File> = all.map(|(file, _)| file.as_file()).collect();
        let Some(first) = files.first() else {
            return Ok(());
        };
        sync_all(open.into_iter())
            .map_err(|e| PublishError::new(&first.file.1, PublishStep::Sync, e))?;
        for WrittenFile {
            file,
            copies,
            former,
        } in files
        {
            self.folders.insert(folder(&file.1).to_owned());
            for copy in former {
                match std::fs::remove_file(&copy) {
                    Err(e) if e.kind() != io::ErrorKind::NotFound => {
                        return Err(PublishError::new(&copy, PublishStep::Remove, e));
                    }
                    _ => {}
                }
            }
            for (file, target) in std::iter::once(file).chain(copies) {
                file.persist(&target)
                    .map_err(|e| PublishError::new(&target, PublishStep::Rename, e.error))?;
            }
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

impl WrittenFile {
    fn all(&self) -> impl Iterator<Item = &Written> {
        std::iter::once(&self.file).chain(&self.copies)
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
