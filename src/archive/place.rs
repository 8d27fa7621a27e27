//! What a place of the archive must do: a folder, or a bucket of an object store.
//!
//! Owns the interface. Whatever the place, what it has taken survives a power cut, and a record keeps
//! its offset for good. Never knows what a record means.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;

use super::error::ArchiveError;
use super::record::{Record, Records};
use super::source::Source;
use crate::model::Timestamp;

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveFile {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
}

/// The repair of a file that its writer left incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The file's name.
    pub file: String,
    /// The number of bytes that were cut off behind the last whole record.
    pub cut_bytes: u64,
    /// Nothing was cut off, because known or possibly whole records would have gone too. The file
    /// stays unchanged and is sealed.
    pub set_aside: bool,
}

/// Where the archive is. Names of files are those of [`super::name`].
pub(super) trait ArchivePlace: fmt::Debug + Send + Sync {
    /// A file as people write it; the place itself for an empty name.
    fn name_of(&self, file: &str) -> PathBuf;

    /// So many files are read side by side.
    fn reads_at_once(&self) -> usize;

    /// So many batches of captures are written side by side.
    fn writes_at_once(&self) -> usize;

    /// The files, oldest first.
    fn list(&self) -> Result<Vec<ArchiveFile>, ArchiveError>;

    /// The names of files to which nothing was written since `before`, and which nobody continues;
    /// oldest first.
    fn left_since(&self, before: Timestamp) -> Result<Vec<String>, ArchiveError>;

    /// Opens a file to read it.
    fn open(&self, file: &str) -> io::Result<Box<dyn Source>>;

    /// Begins to write, after what a crash has left torn was repaired. `ends` says up to where each
    /// file is known to be whole; a file of `roll_at` bytes is full.
    fn begin_writing(
        &self,
        ends: &BTreeMap<String, u64>,
        roll_at: u64,
    ) -> Result<(Box<dyn Writing>, Vec<Repair>), ArchiveError>;

    /// Begins to erase records of a file.
    fn begin_erasing(&self, file: &str) -> Result<Box<dyn Erasing>, ArchiveError>;

    /// Deletes a file, unless a process writes to it. Returns the freed bytes.
    fn delete(&self, file: &str) -> Result<Option<u64>, ArchiveError>;
}

/// Takes records.
pub(super) trait Writing: fmt::Debug + Send + Sync {
    /// Writes whole records, the first of this time, one behind another. Returns the file that has
    /// them, and where they begin in it, when they survive a power cut. After an error nothing counts
    /// as written.
    fn append(&self, at: Timestamp, records: &[u8]) -> Result<(String, u64), ArchiveError>;
}

/// A file of which records are erased. Each is overwritten by one of the same length.
pub(super) trait Erasing {
    /// The records from this offset on.
    fn records(&self, offset: u64) -> Result<Records, ArchiveError>;

    /// Overwrites a record.
    fn overwrite(&mut self, record: &Record) -> Result<(), ArchiveError>;

    /// Ends with the records erased for good. `false` if the file was changed meanwhile: then none is,
    /// and all is to be done again.
    fn end(self: Box<Self>) -> Result<bool, ArchiveError>;
}
