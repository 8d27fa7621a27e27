//! A WARC file that is being written.
//!
//! Owns the file's name and its lock. Sees that the file ends with a whole record, or leaves it
//! alone. Never looks at the content.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::archive::error::ArchiveError;
use crate::archive::name;
use crate::model::Timestamp;

/// Files that may be begun within one second.
const SERIALS: u32 = 100_000;

/// The names of the archive's files.
pub(super) fn newest_first(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name::is_name(&name) {
            names.push(name);
        }
    }
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

/// A file that this archive holds locked, until it is dropped.
#[derive(Debug)]
pub(super) struct WarcFile {
    name: String,
    path: PathBuf,
    file: File,
    /// Where the last whole record ends.
    end: u64,
}

impl WarcFile {
    /// Creates a file. Its name is the time of its first capture, in UTC.
    pub(super) fn create(folder: &Path, at: Timestamp) -> Result<Self, ArchiveError> {
        for serial in 0..SERIALS {
            let name = name::name(at, &format!("{serial:05}"));
            let path = folder.join(&name);
            let failed = |source| ArchiveError::write(&path, source);
            let file = match OpenOptions::new()
                .read(true)
                .append(true)
                .create_new(true)
                .open(&path)
            {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                file => file.map_err(failed)?,
            };
            // Another process may have found the new file before it was locked.
            if try_lock(&file).map_err(failed)? {
                sync_folder(folder).map_err(failed)?;
                return Ok(Self {
                    name,
                    path,
                    file,
                    end: 0,
                });
            }
        }
        Err(ArchiveError::write(
            &folder.join(name::name(at, "…")),
            ErrorKind::AlreadyExists.into(),
        ))
    }

    /// Takes a file of the folder for writing, unless it is sealed or another process writes it.
    pub(super) fn claim(folder: &Path, name: &str) -> Result<Option<Self>, ArchiveError> {
        let path = folder.join(name);
        let failed = |source| ArchiveError::write(&path, source);
        if fs::metadata(&path).is_ok_and(|metadata| metadata.permissions().readonly()) {
            return Ok(None);
        }
        let file = match OpenOptions::new().read(true).append(true).open(&path) {
            // Since the folder was listed, the file was sealed or moved, or it belongs to another
            // user.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::NotFound
                ) =>
            {
                return Ok(None);
            }
            file => file.map_err(failed)?,
        };
        if !try_lock(&file).map_err(failed)? {
            return Ok(None);
        }
        // This is checked under the lock: the former holder may have sealed the file in the
        // meantime.
        let metadata = file.metadata().map_err(failed)?;
        Ok((!metadata.permissions().readonly()).then(|| Self {
            name: name.to_owned(),
            path,
            file,
            end: metadata.len(),
        }))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Where the next record begins.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether the file is still in its place and no other process wrote to it.
    pub(super) fn is_as_left(&self) -> bool {
        let is_as_left = fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() == self.end);
        if !is_as_left {
            let file = &self.name;
            tracing::warn!(%file, "somebody moved or changed this archive file; a new one is begun");
        }
        is_as_left
    }

    /// Appends whole records, syncs them to the disk and returns their offset. After an error the
    /// caller must cut the file back.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<u64, ArchiveError> {
        self.file
            .write_all(bytes)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| ArchiveError::write(&self.path, source))?;
        let start = self.end;
        self.end += bytes.len() as u64;
        Ok(start)
    }

    /// Removes the remains of a failed [`WarcFile::append`]. `false` if that fails too; then the
    /// file must not be written any more.
    pub(super) fn cut_back(&self) -> bool {
        let cut = self
            .file
            .set_len(self.end)
            .and_then(|()| self.file.sync_data());
        if let Err(error) = &cut {
            let file = &self.name;
            tracing::warn!(%file, %error, "a failed write cannot be taken back; a new archive file is begun, and this one repaired at the next start");
        }
        cut.is_ok()
    }

    /// Cuts the file off at `end`, where a record ends.
    pub(super) fn cut_at(&mut self, end: u64) -> Result<(), ArchiveError> {
        self.file
            .set_len(end)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| ArchiveError::write(&self.path, source))?;
        self.end = end;
        Ok(())
    }

    /// Makes the file read-only, so that no process continues it. A failure is only logged: the
    /// content is whole, and the next start tries again.
    pub(super) fn seal(self) {
        let sealed = self.file.metadata().and_then(|metadata| {
            let mut permissions = metadata.permissions();
            permissions.set_readonly(true);
            self.file.set_permissions(permissions)
        });
        if let Err(error) = sealed {
            let file = &self.name;
            tracing::warn!(%file, %error, "a full archive file cannot be made read-only");
        }
    }
}

impl Drop for WarcFile {
    /// Releases the lock. Closing the file is not enough: a child process that is being started has
    /// a copy of the handle, and the lock with it, until it runs its program.
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!(file = %self.name, %error, "an archive file was not unlocked");
        }
    }
}

/// `false` where another process, or another archive of this one, holds the lock.
fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A new file survives a power cut only after its folder is synced too.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Other systems cannot open folders; their file systems sync them.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
