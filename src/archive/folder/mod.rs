//! The archive as a folder of WARC files, of which each process continues one.
//!
//! Owns the choice of the file that is continued. Never shortens a file that holds whole records.

mod eraser;
mod file;
mod repair;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use self::eraser::Eraser;
use self::file::WarcFile;
use super::draft;
use super::error::ArchiveError;
use super::place::{ArchiveFile, ArchivePlace, Erasing, Repair, Writing};
use super::source::Source;
use crate::model::Timestamp;

/// A folder of WARC files. It need not exist before it is written to.
#[derive(Clone, Debug)]
pub(super) struct ArchiveFolder(PathBuf);

impl ArchiveFolder {
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The names of the files, oldest first.
    fn names(&self) -> Result<Vec<String>, ArchiveError> {
        if !self.0.exists() {
            return Ok(Vec::new());
        }
        let names = file::newest_first(&self.0);
        let mut names = names.map_err(|source| ArchiveError::folder(&self.0, source))?;
        names.reverse();
        Ok(names)
    }
}

impl ArchivePlace for ArchiveFolder {
    fn name_of(&self, file: &str) -> PathBuf {
        match file {
            "" => self.0.clone(),
            file => self.0.join(file),
        }
    }

    fn reads_at_once(&self) -> usize {
        1
    }

    fn writes_at_once(&self) -> usize {
        1
    }

    fn list(&self) -> Result<Vec<ArchiveFile>, ArchiveError> {
        let files = self.names()?.into_iter().filter_map(|name| {
            // A file that was moved away in the meantime is none.
            let bytes = fs::metadata(self.0.join(&name)).ok()?.len();
            Some(ArchiveFile { name, bytes })
        });
        Ok(files.collect())
    }

    fn left_since(&self, before: Timestamp) -> Result<Vec<String>, ArchiveError> {
        let mut old = self.names()?;
        // The newest file may be continued.
        old.pop();
        old.retain(|name| {
            let written = fs::metadata(self.0.join(name)).and_then(|file| file.modified());
            written.is_ok_and(|written| Timestamp::from(chrono::DateTime::from(written)) < before)
        });
        Ok(old)
    }

    fn open(&self, file: &str) -> io::Result<Box<dyn Source>> {
        Ok(Box::new(File::open(self.0.join(file))?))
    }

    fn begin_writing(
        &self,
        ends: &BTreeMap<String, u64>,
        roll_at: u64,
    ) -> Result<(Box<dyn Writing>, Vec<Repair>), ArchiveError> {
        let (writer, repairs) = FolderWriter::open(&self.0, ends, roll_at)?;
        Ok((Box::new(writer), repairs))
    }

    fn begin_erasing(&self, file: &str) -> Result<Box<dyn Erasing>, ArchiveError> {
        Ok(Box::new(Eraser::begin(&self.0, file)?))
    }

    fn delete(&self, name: &str) -> Result<Option<u64>, ArchiveError> {
        let path = self.0.join(name);
        let failed = |source: io::Error| ArchiveError::write(&path, source);
        let file = File::open(&path).map_err(failed)?;
        if file.try_lock().is_err() {
            return Ok(None);
        }
        let bytes = file.metadata().map_err(failed)?.len();
        fs::remove_file(&path).map_err(failed)?;
        Ok(Some(bytes))
    }
}

/// Writes to a file of its own, one batch after another.
#[derive(Debug)]
struct FolderWriter {
    folder: PathBuf,
    roll_at: u64,
    /// The file that is held locked; made by the first capture.
    current: Mutex<Option<WarcFile>>,
}

impl FolderWriter {
    /// Repairs every file that no process writes, and continues one of them.
    fn open(
        folder: &Path,
        ends: &BTreeMap<String, u64>,
        roll_at: u64,
    ) -> Result<(Self, Vec<Repair>), ArchiveError> {
        let failed = |source| ArchiveError::folder(folder, source);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut repairs = Vec::new();
        let mut current = None;
        for name in file::newest_first(folder).map_err(failed)? {
            eraser::finish_interrupted(folder, &name)?;
            let Some(mut file) = WarcFile::claim(folder, &name)? else {
                continue;
            };
            let is_sound = match repair::repair(&mut file, ends.get(&name).copied())? {
                Some(found) => {
                    let is_sound = !found.set_aside;
                    repairs.push(found);
                    is_sound
                }
                None => true,
            };
            if !is_sound || file.end() >= roll_at {
                file.seal();
            } else if current.is_none() {
                current = Some(file);
            }
        }
        let writer = Self {
            folder: folder.to_owned(),
            roll_at,
            current: Mutex::new(current),
        };
        Ok((writer, repairs))
    }
}

impl Writing for FolderWriter {
    /// With one write and one sync. After an error the file is unchanged.
    fn append(&self, at: Timestamp, records: &[u8]) -> Result<(String, u64), ArchiveError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // The file is taken out and put back after success, so that a file in doubt is not used
        // again.
        let mut file = match current.take().filter(WarcFile::is_as_left) {
            Some(file) => file,
            None => WarcFile::create(&self.folder, at)?,
        };
        let mut bytes = Vec::new();
        if file.end() == 0 {
            bytes = draft::warcinfo(file.name(), at);
        }
        let first = bytes.len() as u64;
        bytes.extend_from_slice(records);
        let start = match file.append(&bytes) {
            Ok(start) => start + first,
            Err(error) => {
                *current = file.cut_back().then_some(file);
                return Err(error);
            }
        };
        let name = file.name().to_owned();
        if file.end() >= self.roll_at {
            file.seal();
        } else {
            *current = Some(file);
        }
        Ok((name, start))
    }
}
