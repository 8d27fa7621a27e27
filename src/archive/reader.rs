//! Reading the archive's files.
//!
//! Owns the way from a place to a capture. Never creates, locks or repairs a file, so it may read
//! while another process writes.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::capture::Captured;
use super::error::ArchiveError;
use super::file;
use super::members::Members;
use super::record::Records;

/// A folder of WARC files that is only read.
#[derive(Clone, Debug)]
pub struct Reader {
    folder: PathBuf,
}

impl Reader {
    /// A reader of `folder`, which need not exist.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the response or revisit record at `offset` of `file`.
    pub fn read(&self, file: &str, offset: u64) -> Result<Captured, ArchiveError> {
        let path = self.path(file)?;
        let mut records = Records::new(&path, members(&path, offset)?);
        let record = records.next().unwrap_or_else(|| {
            let cause = "the file ends there";
            Err(ArchiveError::record(&path, offset, cause))
        })?;
        Captured::from_record(&record).map_err(|cause| ArchiveError::record(&path, offset, cause))
    }

    /// All records of `file`, from its beginning. The first unreadable record is the last item.
    pub fn scan(&self, file: &str) -> Result<Records, ArchiveError> {
        let path = self.path(file)?;
        Ok(Records::new(&path, members(&path, 0)?))
    }

    /// The names of the archive's files, oldest first.
    pub fn files(&self) -> Result<Vec<String>, ArchiveError> {
        let mut names = file::newest_first(&self.folder)
            .map_err(|source| ArchiveError::folder(&self.folder, source))?;
        names.reverse();
        Ok(names)
    }

    /// The path of a file by its name. A name that leads out of the folder is refused.
    fn path(&self, name: &str) -> Result<PathBuf, ArchiveError> {
        if file::is_name(name) {
            Ok(self.folder.join(name))
        } else {
            Err(ArchiveError::Name {
                name: name.to_owned(),
            })
        }
    }
}

fn members(path: &Path, offset: u64) -> Result<Members<File>, ArchiveError> {
    File::open(path)
        .and_then(|file| Members::new(file, offset))
        .map_err(|source| ArchiveError::read(path, source))
}
