//! The archive's files, wherever they are: read, checked, erased in, deleted.
//!
//! Owns the way from a place to a capture. Never writes a capture, so it may read while another
//! process writes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use url::Url;

#[cfg(feature = "many-machines")]
use super::bucket::ArchiveBucket;
use super::capture::{CapturePlace, Captured};
use super::erase::{self, Erased};
use super::error::ArchiveError;
use super::folder::ArchiveFolder;
use super::name;
use super::place::{ArchiveFile, ArchivePlace, Repair, Writing};
use super::record::Records;
use super::sums::{self, FileDamage};
use crate::config::FilePlace;
use crate::model::Timestamp;

/// The files of an archive. Clones share the connection to a bucket.
#[derive(Clone, Debug)]
pub struct ArchiveFiles(Arc<dyn ArchivePlace>);

impl<P: AsRef<Path> + ?Sized> From<&P> for ArchiveFiles {
    /// Those of a folder, which need not exist.
    fn from(folder: &P) -> Self {
        Self(Arc::new(ArchiveFolder::new(folder.as_ref())))
    }
}

impl ArchiveFiles {
    /// Those at this place, to read them. A bucket is asked whether it answers.
    pub fn open(place: &FilePlace) -> Result<Self, ArchiveError> {
        Self::at(place, false)
    }

    /// The same, to write to them. A bucket is asked whether it keeps conditions.
    pub fn open_for_writing(place: &FilePlace) -> Result<Self, ArchiveError> {
        Self::at(place, true)
    }

    fn at(place: &FilePlace, is_written: bool) -> Result<Self, ArchiveError> {
        match place {
            FilePlace::Folder(folder) => Ok(Self::from(folder)),
            FilePlace::Bucket(url) => Self::in_bucket(url, is_written),
        }
    }

    #[cfg(feature = "many-machines")]
    fn in_bucket(url: &Url, is_written: bool) -> Result<Self, ArchiveError> {
        Ok(Self(Arc::new(ArchiveBucket::open(url, is_written)?)))
    }

    /// No address of a bucket is read without the feature; see [`FilePlace::read`].
    #[cfg(not(feature = "many-machines"))]
    fn in_bucket(url: &Url, _: bool) -> Result<Self, ArchiveError> {
        let cause = std::io::ErrorKind::Unsupported.into();
        Err(ArchiveError::folder(url.as_str().as_ref(), cause))
    }

    /// A file as people write it; the archive itself for an empty name.
    pub fn name_of(&self, file: &str) -> String {
        self.0.name_of(file).display().to_string()
    }

    /// So many files are read side by side.
    pub fn reads_at_once(&self) -> usize {
        self.0.reads_at_once()
    }

    pub(super) fn writes_at_once(&self) -> usize {
        self.0.writes_at_once()
    }

    pub(super) fn begin_writing(
        &self,
        ends: &BTreeMap<String, u64>,
        roll_at: u64,
    ) -> Result<(Box<dyn Writing>, Vec<Repair>), ArchiveError> {
        self.0.begin_writing(ends, roll_at)
    }

    /// Reads the response or revisit record at `offset` of `file`.
    pub fn read(&self, file: &str, offset: u64) -> Result<Captured, ArchiveError> {
        let path = self.0.name_of(file);
        let record = self.records(file, offset)?.next().unwrap_or_else(|| {
            let cause = "the file ends there";
            Err(ArchiveError::record(&path, offset, cause))
        })?;
        Captured::from_record(&record).map_err(|cause| ArchiveError::record(&path, offset, cause))
    }

    /// All records of `file`, from its beginning. The first unreadable record is the last item.
    pub fn scan(&self, file: &str) -> Result<Records, ArchiveError> {
        self.records(file, 0)
    }

    fn records(&self, file: &str, offset: u64) -> Result<Records, ArchiveError> {
        let path = self.0.name_of(file);
        let source = self.0.open(checked(file)?);
        source
            .and_then(|source| Records::begin(&path, source, offset))
            .map_err(|source| ArchiveError::read(&path, source))
    }

    /// The files, oldest first.
    pub fn list(&self) -> Result<Vec<ArchiveFile>, ArchiveError> {
        self.0.list()
    }

    /// The names of the files, oldest first.
    pub fn files(&self) -> Result<Vec<String>, ArchiveError> {
        Ok(self.list()?.into_iter().map(|file| file.name).collect())
    }

    /// The names of files to which nothing was written since `before`, and which nobody continues;
    /// oldest first.
    pub fn left_since(&self, before: Timestamp) -> Result<Vec<String>, ArchiveError> {
        self.0.left_since(before)
    }

    /// Deletes a file, unless a process writes to it. Returns the freed bytes.
    pub fn delete(&self, file: &str) -> Result<Option<u64>, ArchiveError> {
        self.0.delete(checked(file)?)
    }

    /// Reads the first `end` bytes of a file, compares the hash of the first of them with the `known`
    /// one, and unpacks the records behind those. Returns the hash of all.
    pub fn check(
        &self,
        file: &str,
        end: u64,
        known: Option<(u64, &str)>,
    ) -> Result<String, FileDamage> {
        let mut source = self.0.open(file).map_err(FileDamage::of)?;
        sums::check(&mut *source, end, known)
    }

    /// Overwrites the record at `offset` of `file` by one that says that it was erased.
    pub fn erase_at(&self, file: &str, offset: u64) -> Result<(), ArchiveError> {
        erase::erase_at(&*self.0, checked(file)?, offset)
    }

    /// Overwrites all records whose URL is `is_gone`, in all files: also in sealed files and in those
    /// that another process writes. Records at the places in `spared` stay. `ends` says up to where
    /// each file is known to be whole; beyond that, a process is writing.
    ///
    /// It may be killed at any point and run again.
    pub fn erase(
        &self,
        ends: &BTreeMap<String, u64>,
        spared: &BTreeSet<CapturePlace>,
        is_gone: impl Fn(&Url) -> bool + Sync,
        tell: impl Fn(&str) + Sync,
    ) -> Result<Erased, ArchiveError> {
        erase::erase(&*self.0, ends, spared, is_gone, tell)
    }
}

/// A name that leads out of the archive is refused.
fn checked(file: &str) -> Result<&str, ArchiveError> {
    if name::is_name(file) {
        Ok(file)
    } else {
        Err(ArchiveError::Name {
            name: file.to_owned(),
        })
    }
}
