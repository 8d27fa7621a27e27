//! A file that is being published, for content that is too large to hold in memory.
//!
//! Owns the steps from the temporary file to the published one. Never knows what the file means.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::compressed::{self, Coding};
use super::error::{PublishError, PublishStep};
use super::folder::folder;
use super::published::Published;
use super::sweep;
use super::unsynced::{Unsynced, WrittenFile};
use crate::model::FileEntry;
use crate::model::sha256_hex;

/// The result of publishing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// The file is new or changed.
    Written,
    /// The published file has the same bytes already, and was not touched.
    Unchanged,
}

/// Takes the bytes of a file. [`PendingFile::commit`] puts the file in place. If it is dropped
/// before, it leaves nothing behind.
#[derive(Debug)]
pub struct PendingFile<'a> {
    files: &'a Published,
    unsynced: &'a Unsynced,
    path: String,
    target: PathBuf,
    file: BufWriter<NamedTempFile>,
    hash: Sha256,
    bytes: u64,
}

impl<'a> PendingFile<'a> {
    pub(super) fn new(
        (files, unsynced): (&'a Published, &'a Unsynced),
        path: &str,
        target: PathBuf,
    ) -> Result<Self, PublishError> {
        let file = sweep::create(folder(&target))
            .map_err(|e| PublishError::new(&target, PublishStep::Write, e))?;
        Ok(Self {
            files,
            unsynced,
            path: path.to_owned(),
            target,
            file: BufWriter::new(file),
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Takes the first bytes of a published file. `false` if that is not as it was published.
    pub(super) fn begin_with(
        &mut self,
        file: &mut File,
        bytes: u64,
        published: &FileEntry,
    ) -> Result<bool, PublishError> {
        let mut whole = Sha256::new();
        let mut left = bytes;
        let read = each_part(file, |part| {
            whole.update(part);
            let end = usize::try_from(left).map_or(part.len(), |left| left.min(part.len()));
            left -= end as u64;
            self.write_all(part.get(..end).unwrap_or(part))
        });
        let length = read.map_err(|e| PublishError::new(&self.target, PublishStep::Compare, e))?;
        Ok(length == published.bytes && sha256_hex(whole) == published.sha256)
    }

    /// Puts the file in place, unless the published file has the same bytes.
    ///
    /// An error at any step leaves the old file in place. Until [`PublishFolder::settle`], a power cut
    /// may bring it back.
    ///
    /// [`PublishFolder::settle`]: super::PublishFolder::settle
    pub fn commit(self) -> Result<WriteOutcome, PublishError> {
        let published = published(&self.target, &self.path)
            .map_err(|e| PublishError::new(&self.target, PublishStep::Compare, e))?;
        let is_same = |old: &FileEntry| old.bytes == self.bytes && old.sha256 == self.sha256();
        match published.filter(is_same) {
            Some(entry) => {
                self.files.add(entry);
                Ok(WriteOutcome::Unchanged)
            }
            None => self.replace(),
        }
    }

    /// Puts the file in place of one that has other bytes.
    pub(super) fn replace(self) -> Result<WriteOutcome, PublishError> {
        self.end(|file, target, unsynced| {
            let fail = |step, e| PublishError::new(target, step, e);
            file.as_file()
                .sync_all()
                .map_err(|e| fail(PublishStep::Sync, e))?;
            file.persist(target)
                .map_err(|e| fail(PublishStep::Rename, e.error))?;
            unsynced.note(folder(target));
            Ok(())
        })
    }

    /// Like [`PendingFile::replace`], but the file is put in place together with others, and with
    /// copies of these bytes in these codings. `had_copies` says whether the former file may have some.
    pub(super) fn replace_with_others(
        self,
        bytes: &[u8],
        codings: &[Coding],
        had_copies: bool,
    ) -> Result<WriteOutcome, PublishError> {
        self.end(|file, target, unsynced| {
            let fail = |e| PublishError::new(target, PublishStep::Write, e);
            let time = file.as_file().metadata().and_then(|file| file.modified());
            let time = time.map_err(fail)?;
            let copies = compressed::written(target, bytes, codings, time).map_err(fail)?;
            let former = match had_copies {
                true => compressed::paths(target),
                false => Vec::new(),
            };
            unsynced.add(WrittenFile {
                file: (file, target.to_owned()),
                copies,
                former,
            })
        })
    }

    fn end(
        self,
        place: impl FnOnce(NamedTempFile, &Path, &Unsynced) -> Result<(), PublishError>,
    ) -> Result<WriteOutcome, PublishError> {
        let fail = |e| PublishError::new(&self.target, PublishStep::Write, e);
        let sha256 = self.sha256();
        let file = self.file.into_inner().map_err(|e| fail(e.into_error()))?;
        date_later(file.as_file(), &self.target).map_err(fail)?;
        place(file, &self.target, self.unsynced)?;
        self.files.add(FileEntry {
            path: self.path,
            bytes: self.bytes,
            sha256,
        });
        Ok(WriteOutcome::Written)
    }

    /// The hash of what was written so far.
    fn sha256(&self) -> String {
        sha256_hex(self.hash.clone())
    }
}

impl Write for PendingFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The length and hash of these bytes.
pub(super) fn entry_of(path: &str, bytes: &[u8]) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(Sha256::new_with_prefix(bytes)),
    }
}

/// The length and hash of the file at `target`; `None` if it does not exist.
pub(super) fn published(target: &Path, path: &str) -> io::Result<Option<FileEntry>> {
    let mut file = match File::open(target) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut hash = Sha256::new();
    let bytes = each_part(&mut file, |part| {
        hash.update(part);
        Ok(())
    })?;
    Ok(Some(FileEntry {
        path: path.to_owned(),
        bytes,
        sha256: sha256_hex(hash),
    }))
}

/// Reads a file to its end, and returns its length.
fn each_part(file: &mut File, mut with: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<u64> {
    let mut bytes = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            return Ok(bytes);
        };
        with(part)?;
        bytes += read as u64;
    }
}

/// Makes the file's time later than the old file's, in whole seconds: HTTP dates have no fractions.
/// Some readers (all that use libcurl) discard an answer if its `Last-Modified` is not later than
/// the one that they know.
fn date_later(file: &File, target: &Path) -> io::Result<()> {
    let former = match fs::metadata(target) {
        Ok(former) => whole_seconds(former.modified()?),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    if whole_seconds(file.metadata()?.modified()?) > former {
        return Ok(());
    }
    file.set_modified(SystemTime::UNIX_EPOCH + former + Duration::from_secs(1))
}

/// The file's time in whole seconds; 1970 for an earlier time.
fn whole_seconds(time: SystemTime) -> Duration {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    Duration::from_secs(since.unwrap_or_default().as_secs())
}
