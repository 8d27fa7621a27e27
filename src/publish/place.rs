//! What a place of published files must do: a folder, or a bucket of an object store.
//!
//! Owns the interface. Whatever the place, a file is complete or does not exist, one that did not
//! change is not written, and one publisher at a time writes. Never knows what a file means.

use std::any::Any;
use std::fmt;
use std::fs::File;
use std::io;

use futures_util::future::BoxFuture;

use super::error::PublishError;
use super::kept_source::KeptSource;
use super::published::{Counts, Published, entry_of};
use super::room::Room;
use crate::config::FreeSpace;
use crate::model::{FileCopy, FileEntry};

/// The compressed copies that a file has beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// None: for files that are many, and read rarely.
    None,
    /// One by gzip, for files that change too often for the time that Brotli takes.
    Gzip,
    /// Both, for files that readers request often.
    Both,
}

/// Keeps others from publishing into the place until it is dropped.
pub struct PublishLock {
    _kept: Option<Box<dyn Any + Send + Sync>>,
}

impl PublishLock {
    pub(super) fn new(kept: Option<impl Any + Send + Sync>) -> Self {
        Self {
            _kept: kept.map(|kept| Box::new(kept) as Box<dyn Any + Send + Sync>),
        }
    }
}

impl fmt::Debug for PublishLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublishLock")
    }
}

/// A file that is being written. If it is dropped, it leaves nothing behind.
pub trait PendingWrite: io::Write + Send {
    /// Puts the file in place, unless the published file has the same bytes.
    fn commit_file(self: Box<Self>) -> Result<(), PublishError>;
}

/// A file that is being written in some place.
pub type Pending<'a> = Box<dyn PendingWrite + 'a>;

/// A place into which files are published. It keeps a list of them for the manifest. Paths are
/// relative to the place, of plain names.
pub trait PublishPlace: fmt::Debug + Send + Sync {
    /// The place, or something in it, as people write it.
    fn name_of(&self, path: &str) -> String;

    /// The room on its disk, which is to keep this space free; `None` where there is no disk to fill.
    fn room(&self, free_space: FreeSpace) -> Option<Room>;

    /// Leaves compressed copies out from now on, or writes them again.
    fn spare_copies(&self, is_sparing: bool);

    /// Checks that files can be written here, before other work begins.
    fn check_writable(&self) -> Result<(), PublishError>;

    /// A stamp of the file at `path`, and of the place. Another place, or a file that was written
    /// anew, has another one. `None` if the file does not exist.
    fn stamp(&self, path: &str) -> Result<Option<String>, PublishError>;

    /// Waits until no other process publishes here, and keeps others out until the lock is dropped.
    fn lock(&self) -> BoxFuture<'_, Result<PublishLock, PublishError>>;

    /// Empties the list of published files, and forgets what a publication that did not end has left
    /// waiting. A service calls this before each publishing.
    fn begin(&self);

    /// Prepares to write everything (`is_all`), or what a publication that did not end has left.
    fn catch_up(&self, is_all: bool) -> Result<(), PublishError>;

    /// Publishes `bytes` at `path`, together with others: readers see the old file or the new one,
    /// never a part. It is in place after [`PublishPlace::settle_all`].
    fn put_file(&self, path: &str, bytes: &[u8], copies: Copies) -> Result<(), PublishError>;

    /// The same, with both copies. It ends parts at `ends`, and compressed parts that stay may be
    /// kept. `before` is the published file, if the caller has read it.
    fn put_in_parts(
        &self,
        path: &str,
        parted: (&[u8], &[usize]),
        before: Option<&[u8]>,
    ) -> Result<(), PublishError>;

    /// Begins a file that is too large to hold in memory: with the first bytes of the published one,
    /// if that is as it was published. `kept` says how many bytes of it. The answer is `true` if they
    /// are kept.
    fn begin_behind(
        &self,
        path: &str,
        published: Option<FileEntry>,
        kept: &mut dyn FnMut(&mut File) -> io::Result<u64>,
    ) -> Result<(Pending<'_>, bool), PublishError>;

    /// Publishes a kept copy, of this length and hash. The path contains the hash: a file of this
    /// length at the path is the same file, and stays. `false` if there is no such copy.
    fn put_copy(
        &self,
        path: &str,
        source: &KeptSource,
        hash: (u64, &str),
    ) -> Result<bool, PublishError>;

    /// Puts all files in place that wait for others. From then on, everything that was published
    /// survives a power cut.
    fn settle_all(&self) -> BoxFuture<'_, Result<(), PublishError>>;

    /// The files that were published or listed since [`PublishPlace::begin`].
    fn published(&self) -> &Published;

    /// What was done since [`PublishPlace::begin`].
    fn counts(&self) -> Counts {
        self.published().counts()
    }

    /// The bytes of a file; `None` where there is none.
    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, PublishError>;

    /// Whether a file is as it was published, and its compressed copies are of the same state.
    /// `is_compressed` says whether it has any.
    fn is_whole(&self, entry: &FileEntry, is_compressed: bool) -> Result<bool, PublishError>;

    /// Removes a file, with its compressed copies.
    fn remove_file(&self, path: &str) -> Result<(), PublishError>;

    /// The names of the folders in this folder.
    fn folders_in(&self, folder: &str) -> Result<Vec<String>, PublishError>;

    /// Whether there is such a folder.
    fn has_folder(&self, folder: &str) -> Result<bool, PublishError>;

    /// Removes the files of this folder that were not published since [`PublishPlace::begin`].
    fn sweep_folder(&self, folder: &str) -> Result<(), PublishError>;

    /// The same for all folders of kept files.
    fn sweep_copies(&self) -> Result<(), PublishError> {
        FileCopy::folders().try_for_each(|folder| self.sweep_folder(&folder))
    }

    /// Removes this folder, if nothing is in it.
    fn remove_empty_folder(&self, folder: &str) -> Result<(), PublishError>;

    /// Lists a file that was published before, without looking at it.
    fn list(&self, entry: FileEntry) {
        self.published().add(entry);
    }

    /// Takes a file off the list.
    fn unlist(&self, path: &str) {
        self.published().remove(path);
    }

    /// The entry of a file that was published so far.
    fn entry(&self, path: &str) -> Option<FileEntry> {
        self.published().get(path)
    }

    /// The files published so far, sorted by path.
    fn files(&self) -> Vec<FileEntry> {
        self.published().list()
    }

    /// The text of a file; `None` if there is none.
    fn text_of(&self, path: &str) -> Result<Option<String>, PublishError> {
        let bytes = self.read_file(path)?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// The bytes of a file; `None` if it is not as it was published.
    fn bytes_of(&self, entry: &FileEntry) -> Result<Option<Vec<u8>>, PublishError> {
        let bytes = self.read_file(&entry.path)?;
        Ok(bytes.filter(|bytes| entry_of(&entry.path, bytes) == *entry))
    }
}
