//! A kept copy on its way to the published files.
//!
//! Owns where its bytes are. Never changes them.

use std::path::PathBuf;
#[cfg(feature = "many-machines")]
use std::{fs, io, sync::Arc};

#[cfg(feature = "many-machines")]
use bytes::Bytes;

#[cfg(feature = "many-machines")]
use super::{error::PublishError, kept_bucket::KeptBucket};

/// A kept copy whose bytes are to be published.
#[derive(Clone, Debug)]
pub enum KeptSource {
    /// In this file.
    File(PathBuf),
    /// In an object of this name.
    #[cfg(feature = "many-machines")]
    Object(Arc<KeptBucket>, String),
}

#[cfg(feature = "many-machines")]
impl KeptSource {
    /// Whether the copy is there, with this length.
    pub(super) fn is_there(&self, bytes: u64) -> Result<bool, PublishError> {
        match self {
            Self::File(file) => Ok(fs::metadata(file).is_ok_and(|file| file.len() == bytes)),
            // Its name contains its hash.
            #[cfg(feature = "many-machines")]
            Self::Object(bucket, path) => bucket.has(path),
        }
    }

    /// The bytes of the copy.
    pub(super) fn read(&self) -> io::Result<Bytes> {
        match self {
            Self::File(file) => fs::read(file).map(Bytes::from),
            #[cfg(feature = "many-machines")]
            Self::Object(bucket, path) => bucket.read(path),
        }
    }
}
