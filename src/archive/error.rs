//! The errors of the archive, each with its remedy.
//!
//! Owns their messages. Never decides what follows from an error.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::{DISK_FULL, is_disk_full};

/// An error of the archive. No error loses earlier captures.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The folder cannot be made or listed.
    #[error("{}: the archive cannot be used: {source}\n  remedy: {}", folder.display(), remedy(source))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be opened, locked, written or synced.
    #[error("{}: the capture is not archived: {source}\n  remedy: {}", file.display(), remedy(source))]
    Write {
        /// The WARC file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be opened or read.
    #[error("{}: cannot be read: {source}\n  remedy: {}", file.display(), bucket_remedy(source).unwrap_or(PUT_BACK))]
    Read {
        /// The WARC file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No record is at the place, or one of another kind.
    #[error("{}: no capture can be read at byte {offset}: {cause}\n  remedy: {PUT_BACK}", file.display())]
    Record {
        /// The WARC file.
        file: PathBuf,
        /// Where the record was expected.
        offset: u64,
        /// The cause.
        cause: String,
    },
    /// The capture is not a valid HTTP/1.1 message, so it could not be read back.
    #[error(
        "{url}: the capture cannot be archived: {cause}\n  remedy: this is a fault of dibao; please report it"
    )]
    Capture {
        /// The URL.
        url: String,
        /// The cause.
        cause: String,
    },
    /// The name is not that of a WARC file.
    #[error(
        "{name:?}: is not a file of the archive, whose names are like dibao-20251230010203-00000.warc.gz\n  remedy: use a name as the archive gave it"
    )]
    Name {
        /// The name.
        name: String,
    },
}

impl ArchiveError {
    pub(super) fn folder(folder: &Path, source: io::Error) -> Self {
        Self::Folder {
            folder: folder.to_owned(),
            source,
        }
    }

    pub(super) fn write(file: &Path, source: io::Error) -> Self {
        Self::Write {
            file: file.to_owned(),
            source,
        }
    }

    pub(super) fn read(file: &Path, source: io::Error) -> Self {
        Self::Read {
            file: file.to_owned(),
            source,
        }
    }

    pub(super) fn record(file: &Path, offset: u64, cause: impl ToString) -> Self {
        Self::Record {
            file: file.to_owned(),
            offset,
            cause: cause.to_string(),
        }
    }

    /// The stable code for logs, `status` and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Folder { source, .. } | Self::Write { source, .. } if is_disk_full(source) => {
                DISK_FULL
            }
            _ => "archive",
        }
    }
}

/// The remedy for a file that is missing or damaged.
const PUT_BACK: &str = "put the file back from a backup of the archive";

/// The remedy of a bucket's fault, if the error is one.
#[cfg(feature = "many-machines")]
pub(super) fn bucket_remedy(error: &io::Error) -> Option<&'static str> {
    crate::bucket::fault_of(error).map(crate::bucket::Fault::remedy)
}

/// Without buckets, no error is a bucket's.
#[cfg(not(feature = "many-machines"))]
pub(super) fn bucket_remedy(_: &io::Error) -> Option<&'static str> {
    None
}

fn remedy(error: &io::Error) -> &'static str {
    if let Some(remedy) = bucket_remedy(error) {
        return remedy;
    }
    match error.kind() {
        _ if is_disk_full(error) => "make room on the disk; the archive is whole",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "make it writable for dibao, or name another data folder with --data"
        }
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a folder should be: move it away"
        }
        ErrorKind::IsADirectory => "a folder stands where a file should be: move it away",
        ErrorKind::FileTooLarge => "raise the limit on the size of files (ulimit -f)",
        ErrorKind::Unsupported => "put the data folder on a file system that can lock files",
        _ => "see whether the data folder's disk works; the archive is whole",
    }
}
