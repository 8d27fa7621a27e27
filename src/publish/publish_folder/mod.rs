//! The published files as a folder of the file system.
//!
//! Owns the folder, its lock and the list of its files. Never shows readers half a file.

mod place;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::compressed::{self, Coding};
use super::error::{PublishError, PublishStep};
use super::folder::{create_folder, folder, is_plain};
#[cfg(feature = "many-machines")]
use super::kept_source::KeptSource;
use super::pending::{PendingFile, published};
use super::place::PublishLock;
use super::published::{Published, WriteOutcome, entry_of};
use super::sweep;
use super::unsynced::Unsynced;
use crate::model::{FileEntry, inode, is_read_only};

/// A folder into which files are published. It keeps a list of them for the manifest.
#[derive(Debug)]
pub struct PublishFolder {
    root: PathBuf,
    files: Published,
    unsynced: Unsynced,
    /// Whether compressed copies are left out.
    is_sparing: AtomicBool,
}

impl PublishFolder {
    /// Opens the folder of published files, or creates it. Removes the temporary files that a
    /// crash left behind.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, PublishError> {
        let folder = Self::open_as_it_is(root)?;
        folder.remove_leftovers();
        Ok(folder)
    }

    /// Opens the folder like [`PublishFolder::open`], without a walk over all its files.
    pub fn open_as_it_is(root: impl Into<PathBuf>) -> Result<Self, PublishError> {
        let root = root.into();
        let unsynced = Unsynced::default();
        create_folder(&root, &|above| unsynced.note(above))
            .map_err(|e| PublishError::new(&root, PublishStep::CreateFolder, e))?;
        Ok(Self {
            root,
            files: Published::default(),
            unsynced,
            is_sparing: AtomicBool::default(),
        })
    }

    /// Removes the temporary files that a crash left behind.
    pub fn remove_leftovers(&self) {
        sweep::leftovers(&self.root);
    }

    /// Removes those that a crash left behind below one folder of it.
    pub fn remove_leftovers_below(&self, folder: &str) {
        sweep::leftovers(&self.root.join(folder));
    }

    /// Leaves compressed copies out from now on, or writes them again. A copy of a former state goes
    /// in any case.
    fn spare(&self, is_sparing: bool) {
        self.is_sparing.store(is_sparing, Ordering::Relaxed);
    }

    fn is_sparing(&self) -> bool {
        self.is_sparing.load(Ordering::Relaxed)
    }

    /// A stamp of the file at `path`, and of the folder. Another folder, or a file that was written
    /// anew, has another one. `None` if the file does not exist.
    fn stamp_of(&self, path: &str) -> Option<String> {
        let root = self.root.canonicalize().ok()?;
        let file = fs::metadata(root.join(path)).ok()?;
        let time = file.modified().ok()?;
        let time = time.duration_since(std::time::UNIX_EPOCH).ok()?;
        let (root, bytes, time) = (root.display(), file.len(), time.as_nanos());
        Some(format!("{root} {bytes} {time} {}", inode(&file)))
    }

    /// Checks that files can be created here, before other work begins.
    fn check(&self) -> Result<(), PublishError> {
        match tempfile::tempfile_in(&self.root) {
            Err(e) if is_read_only(&e) => Err(PublishError::new(&self.root, PublishStep::Write, e)),
            _ => Ok(()),
        }
    }

    /// Publishes `bytes` at `path`, relative to the folder.
    ///
    /// Readers see the old file or the new one, never a part. The bytes go to a temporary file in
    /// the same folder and are synced to the disk; then a rename puts the file in place. On an
    /// error, the old file stays. Until [`PublishFolder::settle`], a power cut may bring it back.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<WriteOutcome, PublishError> {
        let target = self.target(path)?;
        if holds(&target, bytes) {
            self.files.add(entry_of(path, bytes));
            return Ok(WriteOutcome::Unchanged);
        }
        self.written(path, &target, bytes)?.replace()
    }

    /// Publishes `bytes` like [`PublishFolder::put`], together with others: for files that are many.
    /// The file is in place after [`PublishFolder::settle`].
    pub fn put_with_others(&self, path: &str, bytes: &[u8]) -> Result<WriteOutcome, PublishError> {
        self.put_with(path, bytes, &[])
    }

    /// Puts all files in place that wait for others. From then on, everything that was published
    /// survives a power cut.
    pub fn settle(&self) -> Result<(), PublishError> {
        self.unsynced.settle()
    }

    /// Publishes `bytes` like [`PublishFolder::put_with_others`], with compressed copies, for files
    /// that readers request often.
    pub fn put_compressed(&self, path: &str, bytes: &[u8]) -> Result<WriteOutcome, PublishError> {
        self.put_with(path, bytes, &compressed::CODINGS)
    }

    /// Publishes `bytes` like [`PublishFolder::put_with_others`], with a copy by gzip, for files that
    /// change too often for the time that Brotli takes.
    pub fn put_gzipped(&self, path: &str, bytes: &[u8]) -> Result<WriteOutcome, PublishError> {
        self.put_with(path, bytes, &[Coding::Gzip])
    }

    fn put_with(
        &self,
        path: &str,
        bytes: &[u8],
        codings: &[Coding],
    ) -> Result<WriteOutcome, PublishError> {
        let target = self.target(path)?;
        if !holds(&target, bytes) {
            let written = self.written(path, &target, bytes)?;
            let copied: &[Coding] = if self.is_sparing() { &[] } else { codings };
            return written.replace_with_others(bytes, copied, !codings.is_empty());
        }
        self.files.add(entry_of(path, bytes));
        if !codings.is_empty() && !self.is_sparing() {
            compressed::complete(&target, bytes, codings, &self.unsynced)
                .map_err(|e| PublishError::new(&target, PublishStep::Write, e))?;
        }
        Ok(WriteOutcome::Unchanged)
    }

    /// A file with these bytes, which is not in place yet.
    fn written(
        &self,
        path: &str,
        target: &Path,
        bytes: &[u8],
    ) -> Result<PendingFile<'_>, PublishError> {
        let mut pending = self.stream(path)?;
        pending
            .write_all(bytes)
            .map_err(|e| PublishError::new(target, PublishStep::Write, e))?;
        Ok(pending)
    }

    /// Publishes `bytes` like [`PublishFolder::put_compressed`]. It ends parts at `ends`: the copy of a
    /// large file keeps the compressed parts that stay. `before` is the published file, if the caller
    /// has read it: otherwise it is read for those.
    pub fn put_parted(
        &self,
        path: &str,
        (bytes, ends): (&[u8], &[usize]),
        before: Option<&[u8]>,
    ) -> Result<WriteOutcome, PublishError> {
        if !compressed::is_large(bytes) {
            return self.put_compressed(path, bytes);
        }
        let target = self.target(path)?;
        if holds(&target, bytes) {
            self.files.add(entry_of(path, bytes));
            if !self.is_sparing() {
                compressed::complete_parted(&target, bytes, ends, None, &self.unsynced)
                    .map_err(|e| PublishError::new(&target, PublishStep::Write, e))?;
            }
            return Ok(WriteOutcome::Unchanged);
        }
        let kept = compressed::kept(&target, before);
        compressed::remove(&target)
            .map_err(|e| PublishError::new(&target, PublishStep::Remove, e))?;
        let outcome = self.written(path, &target, bytes)?.replace()?;
        if !self.is_sparing() {
            compressed::complete_parted(&target, bytes, ends, kept.as_ref(), &self.unsynced)
                .map_err(|e| PublishError::new(&target, PublishStep::Write, e))?;
        }
        Ok(outcome)
    }

    /// Begins a file with the first bytes of the published one, if that is as it was published.
    /// `kept` says how many bytes of it. The answer is `true` if they are kept.
    pub fn stream_behind(
        &self,
        path: &str,
        published: Option<FileEntry>,
        kept: &mut dyn FnMut(&mut fs::File) -> io::Result<u64>,
    ) -> Result<(PendingFile<'_>, bool), PublishError> {
        if let Some(entry) = published {
            let file = fs::File::open(self.target(path)?);
            if let Ok(mut file) = file {
                let mut pending = self.stream(path)?;
                if pending.begin_with(&mut file, &entry, kept)? {
                    return Ok((pending, true));
                }
            }
        }
        Ok((self.stream(path)?, false))
    }

    /// Begins a file that is too large to hold in memory.
    pub fn stream(&self, path: &str) -> Result<PendingFile<'_>, PublishError> {
        let target = self.target(path)?;
        self.create_folder(&target)
            .map_err(|e| PublishError::new(&target, PublishStep::CreateFolder, e))?;
        PendingFile::new((&self.files, &self.unsynced), path, target)
    }

    /// Publishes the file at `source`, as a hard link or, without those, as a copy. The path
    /// contains the hash of the bytes: a file of this length at the path is the same file, and
    /// stays. `None` if `source` is not a file of this length.
    pub fn link(
        &self,
        path: &str,
        source: &Path,
        (bytes, sha256): (u64, &str),
    ) -> Result<Option<WriteOutcome>, PublishError> {
        let target = self.target(path)?;
        let is_whole = |file: &Path| fs::metadata(file).is_ok_and(|file| file.len() == bytes);
        let entry = FileEntry {
            path: path.to_owned(),
            bytes,
            sha256: sha256.to_owned(),
        };
        if is_whole(&target) {
            self.files.add(entry);
            return Ok(Some(WriteOutcome::Unchanged));
        }
        if !is_whole(source) {
            return Ok(None);
        }
        let fail = |step| {
            let target = &target;
            move |e: io::Error| PublishError::new(target, step, e)
        };
        self.create_folder(&target)
            .map_err(fail(PublishStep::CreateFolder))?;
        // It fails if the path has a file. The copy then replaces that file.
        if fs::hard_link(source, &target).is_ok() {
            self.unsynced.note(folder(&target));
            self.files.add(entry);
            return Ok(Some(WriteOutcome::Written));
        }
        let mut copy = PendingFile::new((&self.files, &self.unsynced), path, target.clone())?;
        let mut file = fs::File::open(source).map_err(fail(PublishStep::Compare))?;
        io::copy(&mut file, &mut copy).map_err(fail(PublishStep::Write))?;
        copy.commit().map(Some)
    }

    /// Publishes a kept copy that is in no file, like [`PublishFolder::link`].
    #[cfg(feature = "many-machines")]
    fn put_kept(
        &self,
        path: &str,
        copy: &KeptSource,
        (bytes, sha256): (u64, &str),
    ) -> Result<bool, PublishError> {
        let target = self.target(path)?;
        if fs::metadata(&target).is_ok_and(|file| file.len() == bytes) {
            self.files.add(FileEntry {
                path: path.to_owned(),
                bytes,
                sha256: sha256.to_owned(),
            });
            return Ok(true);
        }
        if !copy.is_there(bytes)? {
            return Ok(false);
        }
        let read = copy.read();
        let read = read.map_err(|e| PublishError::new(&target, PublishStep::Read, e))?;
        self.put_with_others(path, &read).map(|_| true)
    }

    fn create_folder(&self, target: &Path) -> io::Result<()> {
        create_folder(folder(target), &|above| self.unsynced.note(above))
    }

    /// Lists a published file in the manifest without writing it again. `false` if it does not
    /// exist.
    pub fn keep(&self, path: &str) -> Result<bool, PublishError> {
        let target = self.target(path)?;
        let entry = published(&target, path)
            .map_err(|e| PublishError::new(&target, PublishStep::Compare, e))?;
        let found = entry.is_some();
        entry.into_iter().for_each(|entry| self.files.add(entry));
        Ok(found)
    }

    /// Whether a file is as it was published, and its compressed copies are of the same state.
    /// `is_compressed` says whether it has any.
    pub fn is_as_published(&self, entry: &FileEntry, is_compressed: bool) -> bool {
        let Ok(target) = self.target(&entry.path) else {
            return false;
        };
        let has_length = fs::metadata(&target).is_ok_and(|file| file.len() == entry.bytes);
        has_length
            && compressed::are_of(&target, is_compressed && !self.is_sparing()).unwrap_or(false)
            && published(&target, &entry.path).is_ok_and(|file| file.as_ref() == Some(entry))
    }

    /// The bytes of a published file; `None` where there is none.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.target(path).ok()?).ok()
    }

    /// Removes a file. `false` if it did not exist.
    pub fn remove(&self, path: &str) -> Result<bool, PublishError> {
        let target = self.target(path)?;
        let fail = |e| PublishError::new(&target, PublishStep::Remove, e);
        self.files.remove(path);
        compressed::remove(&target).map_err(fail)?;
        match fs::remove_file(&target) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(fail(e)),
        }
        self.unsynced.note(folder(&target));
        Ok(true)
    }

    /// Waits until no other process publishes into this folder, and keeps others out until the lock
    /// is dropped. It does not wait if the system cannot lock folders.
    async fn locked(&self) -> PublishLock {
        let root = self.root.clone();
        let locked = tokio::task::spawn_blocking(move || {
            let folder = fs::File::open(root)?;
            folder.lock()?;
            Ok::<_, io::Error>(folder)
        });
        let folder = locked.await.map_err(io::Error::other).flatten();
        if let Err(error) = &folder {
            let folder = self.root.display();
            tracing::warn!(%folder, %error, "the published folder cannot be locked: let only one process publish into it");
        }
        PublishLock::new(folder.ok())
    }

    /// The names of the folders in this folder.
    pub fn folders(&self, folder: &str) -> Vec<String> {
        let Ok(path) = self.target(folder) else {
            return Vec::new();
        };
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut names: Vec<String> = folders
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Removes the files of this folder that were not published since the publication began.
    pub fn sweep(&self, folder: &str) -> Result<(), PublishError> {
        let target = self.target(folder)?;
        let entries = match fs::read_dir(&target) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(PublishError::new(&target, PublishStep::Compare, e)),
        };
        for entry in entries {
            let entry = entry.map_err(|e| PublishError::new(&target, PublishStep::Compare, e))?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let is_compressed =
                compressed::original(&path).is_some_and(|path| self.files.contains(path));
            let is_stale = !self.files.contains(&path)
                && !is_compressed
                && !sweep::is_temporary(&entry.file_name())
                && entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_stale {
                self.remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes this folder, if nothing is in it.
    pub fn remove_empty(&self, path: &str) -> Result<(), PublishError> {
        let target = self.target(path)?;
        if fs::remove_dir(&target).is_ok() {
            self.unsynced.note(folder(&target));
        }
        Ok(())
    }

    /// The file system's path for a published path, which must be relative, name a file and stay
    /// within the folder.
    fn target(&self, path: &str) -> Result<PathBuf, PublishError> {
        if is_plain(path) {
            return Ok(self.root.join(path));
        }
        Err(PublishError::of_path(path))
    }
}

/// Whether the file at `target` holds these bytes. Most runs change few files; the others cost a
/// read and no write.
fn holds(target: &Path, bytes: &[u8]) -> bool {
    let same_length = fs::metadata(target).is_ok_and(|old| old.len() == bytes.len() as u64);
    same_length && fs::read(target).is_ok_and(|old| old == bytes)
}
