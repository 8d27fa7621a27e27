//! A file that is being published, for content that is too large to hold in memory.
//!
//! Owns the steps from the temporary file to the published one. Never knows what the file means.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::compressed::{self, Coding};
use super::error::{PublishError, PublishStep};
use super::folder::folder;
use super::place::PendingWrite;
use super::published::{Published, WriteOutcome};
use super::spool::{Spool, each_part};
use super::sweep;
use super::unsynced::{Unsynced, WrittenFile};
use crate::model::FileEntry;
use crate::model::sha256_hex;

/// Takes the bytes of a file. [`PendingFile::commit`] puts the file in place. If it is dropped
/// before, it leaves nothing behind.
#[derive(Debug)]
pub struct PendingFile<'a> {
    files: &'a Published,
    unsynced: &'a Unsynced,
    path: String,
    target: PathBuf,
    spool: Spool,
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
            spool: Spool::new(file),
        })
    }

    /// Takes the first bytes of a published file: so many as `kept` says. `false` if that cannot say
    /// it, or the file is not as it was published.
    pub(super) fn begin_with(
        &mut self,
        file: &mut File,
        published: &FileEntry,
        kept: &mut dyn FnMut(&mut File) -> io::Result<u64>,
    ) -> Result<bool, PublishError> {
        let begun = self.spool.begin_with(file, published, kept);
        begun.map_err(|e| PublishError::new(&self.target, PublishStep::Compare, e))
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
        let now = self.spool.entry(&self.path);
        match published.filter(|old| *old == now) {
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
        let entry = self.spool.entry(&self.path);
        let file = self.spool.into_file().map_err(fail)?;
        date_later(file.as_file(), &self.target).map_err(fail)?;
        place(file, &self.target, self.unsynced)?;
        self.files.add(entry);
        Ok(WriteOutcome::Written)
    }
}

impl Write for PendingFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.spool.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spool.flush()
    }
}

impl PendingWrite for PendingFile<'_> {
    fn commit_file(self: Box<Self>) -> Result<(), PublishError> {
        let files = self.files;
        files.count(self.commit()?);
        Ok(())
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
