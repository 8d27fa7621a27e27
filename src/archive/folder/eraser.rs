//! Erasing records of files in a folder, in place.
//!
//! Owns the lock by which only one process erases at a time, and the note by which an overwriting
//! that a crash interrupted is finished. Never decides what goes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::archive::erase::{kept_lines, replacement};
use crate::archive::error::ArchiveError;
use crate::archive::place::Erasing;
use crate::archive::record::{Record, Records};

/// A note beside the file on the member that is about to be overwritten. A crash may leave half a
/// member, and without the note nothing would say where the next one begins.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    offset: u64,
    length: u64,
    lines: Vec<(String, String)>,
}

/// Finishes an overwriting that a crash interrupted in the file `name`. Until then a member in the
/// middle of the file is damaged.
pub(super) fn finish_interrupted(folder: &Path, name: &str) -> Result<(), ArchiveError> {
    match Eraser::intent_of(folder, name).exists() {
        true => Box::new(Eraser::begin(folder, name)?).end().map(|_| ()),
        false => Ok(()),
    }
}

/// Keeps other processes from erasing in the folder, until it is dropped: they would take each
/// other's notes, and read half-written members.
fn lock(folder: &Path) -> Result<Lock, ArchiveError> {
    Lock::acquire(folder).map_err(|source| ArchiveError::folder(folder, source))
}

/// The lock is on the folder: the lock on a file of the archive is held by its writer.
#[cfg(unix)]
struct Lock(File);

#[cfg(unix)]
impl Lock {
    fn acquire(folder: &Path) -> io::Result<Self> {
        let folder = File::open(folder)?;
        folder.lock()?;
        Ok(Self(folder))
    }
}

#[cfg(unix)]
impl Drop for Lock {
    /// Closing is not enough: a child process that is being started has a copy of the handle.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "the archive's folder was not unlocked");
        }
    }
}

/// Other systems cannot open folders, and so cannot lock them.
#[cfg(not(unix))]
struct Lock;

#[cfg(not(unix))]
impl Lock {
    fn acquire(_: &Path) -> io::Result<Self> {
        Ok(Self)
    }
}

/// Overwrites records of one file. The file is opened at the first record to erase.
pub(super) struct Eraser {
    path: PathBuf,
    intent: PathBuf,
    file: Option<File>,
    was_sealed: bool,
    /// The lock is taken file by file, so that others wait for one file at most.
    _alone: Lock,
}

impl Eraser {
    fn intent_of(folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{name}.erasing"))
    }

    /// Begins to erase in the file `name`, after an overwriting that a crash interrupted is finished.
    pub(super) fn begin(folder: &Path, name: &str) -> Result<Self, ArchiveError> {
        let mut eraser = Self {
            path: folder.join(name),
            intent: Self::intent_of(folder, name),
            file: None,
            was_sealed: false,
            _alone: lock(folder)?,
        };
        match eraser.finish_interrupted() {
            Ok(()) => Ok(eraser),
            Err(error) => {
                // The first error is told.
                let _ = eraser.seal_again();
                Err(error)
            }
        }
    }

    /// Finishes an overwriting that a crash interrupted.
    fn finish_interrupted(&mut self) -> Result<(), ArchiveError> {
        let text = match fs::read(&self.intent) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text.map_err(|source| ArchiveError::read(&self.intent, source))?,
        };
        // If the note is cut short, the overwriting had not begun.
        match serde_json::from_slice::<Intent>(&text) {
            Ok(intent) => self.put(&intent),
            Err(_) => self.forget(),
        }
    }

    fn member(&self, intent: &Intent) -> Result<Vec<u8>, ArchiveError> {
        replacement(&self.path, &intent.lines, (intent.offset, intent.length))
    }

    fn put(&mut self, intent: &Intent) -> Result<(), ArchiveError> {
        let member = self.member(intent)?;
        self.write(intent.offset, &member)
            .map_err(|source| ArchiveError::write(&self.path, source))?;
        self.forget()
    }

    fn forget(&self) -> Result<(), ArchiveError> {
        match fs::remove_file(&self.intent) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(ArchiveError::write(&self.intent, error))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            let mut permissions = fs::metadata(&self.path)?.permissions();
            self.was_sealed = permissions.readonly();
            if self.was_sealed {
                make_writable(&mut permissions);
                fs::set_permissions(&self.path, permissions)?;
            }
            self.file = Some(OpenOptions::new().write(true).open(&self.path)?);
        }
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)?;
            file.sync_data()?;
        }
        Ok(())
    }

    /// Seals the file again, if it was sealed.
    fn seal_again(&mut self) -> Result<(), ArchiveError> {
        if !std::mem::take(&mut self.was_sealed) {
            return Ok(());
        }
        fs::metadata(&self.path)
            .and_then(|metadata| {
                let mut permissions = metadata.permissions();
                permissions.set_readonly(true);
                fs::set_permissions(&self.path, permissions)
            })
            .map_err(|source| ArchiveError::write(&self.path, source))
    }
}

impl Erasing for Eraser {
    fn records(&self, offset: u64) -> Result<Records, ArchiveError> {
        let file = File::open(&self.path);
        file.and_then(|file| Records::begin(&self.path, Box::new(file), offset))
            .map_err(|source| ArchiveError::read(&self.path, source))
    }

    fn overwrite(&mut self, record: &Record) -> Result<(), ArchiveError> {
        let intent = Intent {
            offset: record.offset,
            length: record.length,
            lines: kept_lines(record),
        };
        // The member is made before the note is written: a note on an impossible overwriting would
        // be tried again for ever.
        self.member(&intent)?;
        let text = serde_json::to_vec(&intent)
            .map_err(|error| ArchiveError::write(&self.intent, error.into()))?;
        File::create(&self.intent)
            .and_then(|mut file| {
                file.write_all(&text)?;
                file.sync_all()
            })
            .map_err(|source| ArchiveError::write(&self.intent, source))?;
        self.put(&intent)
    }

    fn end(mut self: Box<Self>) -> Result<bool, ArchiveError> {
        self.seal_again().map(|()| true)
    }
}

#[cfg(unix)]
fn make_writable(permissions: &mut fs::Permissions) {
    use std::os::unix::fs::PermissionsExt;
    permissions.set_mode(permissions.mode() | 0o200);
}

#[cfg(not(unix))]
fn make_writable(permissions: &mut fs::Permissions) {
    permissions.set_readonly(false);
}
