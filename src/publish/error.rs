//! The errors of publishing a file.
//!
//! Owns their codes and remedies. Never retries a step.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::{DISK_FULL, is_disk_full, is_read_only};

/// A file could not be published. The old file stays in place.
#[derive(Debug, Error)]
#[error("{} cannot be published: {step}: {source}; {}", path.display(), remedy(source))]
pub struct PublishError {
    /// The file, or the folder that caused the failure.
    pub path: PathBuf,
    /// The step that failed.
    pub step: PublishStep,
    /// The cause.
    #[source]
    pub source: io::Error,
}

impl PublishError {
    pub(super) fn new(path: &Path, step: PublishStep, source: io::Error) -> Self {
        Self {
            path: path.to_owned(),
            step,
            source,
        }
    }

    /// The path leaves the place, or names no file.
    pub(super) fn of_path(path: &str) -> Self {
        let source = io::Error::new(
            ErrorKind::InvalidInput,
            "it is not a relative path within the published folder",
        );
        Self::new(Path::new(path), PublishStep::CheckPath, source)
    }

    /// A failure to write to the stream of this published path.
    pub fn writing(path: &str, source: io::Error) -> Self {
        Self::new(Path::new(path), PublishStep::Write, source)
    }

    /// Whether a bucket failed.
    pub fn is_of_bucket(&self) -> bool {
        #[cfg(feature = "many-machines")]
        return crate::bucket::fault_of(&self.source).is_some();
        #[cfg(not(feature = "many-machines"))]
        false
    }

    /// The stable code of this failure in logs.
    pub fn reason(&self) -> &'static str {
        if is_disk_full(&self.source) {
            DISK_FULL
        } else {
            "publish"
        }
    }
}

/// The steps of publishing a file, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishStep {
    /// Opening a bucket.
    Open,
    /// Waiting for the turn to publish, and keeping it.
    Turn,
    /// Checking that the path stays within the folder.
    CheckPath,
    /// Creating the folders above the file.
    CreateFolder,
    /// Comparing with the published file.
    Compare,
    /// Reading the published file.
    Read,
    /// Writing the temporary file.
    Write,
    /// Writing it into a bucket.
    Upload,
    /// Syncing the temporary file to the disk.
    Sync,
    /// Renaming the temporary file.
    Rename,
    /// Syncing the folder to the disk.
    SyncFolder,
    /// Removing a file.
    Remove,
}

impl fmt::Display for PublishStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "opening it",
            Self::Turn => "taking its turn",
            Self::CheckPath => "checking the path",
            Self::CreateFolder => "creating its folder",
            Self::Compare => "comparing it with the published file",
            Self::Read => "reading the published file",
            Self::Write => "writing the temporary file",
            Self::Upload => "writing it into the bucket",
            Self::Sync => "syncing the temporary file",
            Self::Rename => "renaming the temporary file",
            Self::SyncFolder => "syncing the folder",
            Self::Remove => "removing it",
        })
    }
}

fn remedy(error: &io::Error) -> &'static str {
    #[cfg(feature = "many-machines")]
    if let Some(fault) = crate::bucket::fault_of(error) {
        return fault.remedy();
    }
    match error.kind() {
        _ if is_disk_full(error) => "make room on the disk; the next run continues",
        _ if is_read_only(error) => {
            "make the folder writable for dibao, or name another with --public"
        }
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a folder should be: move it away"
        }
        ErrorKind::IsADirectory | ErrorKind::DirectoryNotEmpty => {
            "a folder stands where a file should be: move it away"
        }
        ErrorKind::InvalidInput => "use a relative path of plain names, without `..`",
        _ => "the earlier file stays in place",
    }
}
