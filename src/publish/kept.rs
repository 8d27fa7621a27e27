//! Where copies of portals' pictures and attached files are kept, until they are published: in a
//! folder, or in a bucket.
//!
//! Owns what is there. Never knows which copies an article shows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
#[cfg(feature = "many-machines")]
use std::sync::Arc;

use url::Url;

use super::error::PublishError;
#[cfg(not(feature = "many-machines"))]
use super::error::PublishStep;
#[cfg(feature = "many-machines")]
use super::kept_bucket::KeptBucket;
use super::kept_source::KeptSource;
use super::publish_folder::PublishFolder;
use crate::config::FilePlace;
use crate::model::FileCopy;

/// Where copies are kept. Clones share the connection to a bucket.
#[derive(Clone, Debug)]
pub enum KeptPlace {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket.
    #[cfg(feature = "many-machines")]
    Bucket(Arc<KeptBucket>),
}

impl KeptPlace {
    /// Those at this place. A bucket is asked whether it answers.
    pub fn open(place: &FilePlace) -> Result<Self, PublishError> {
        match place {
            FilePlace::Folder(folder) => Ok(Self::Folder(folder.clone())),
            FilePlace::Bucket(url) => Self::in_bucket(url),
        }
    }

    #[cfg(feature = "many-machines")]
    fn in_bucket(url: &Url) -> Result<Self, PublishError> {
        Ok(Self::Bucket(Arc::new(KeptBucket::open(url)?)))
    }

    /// No address of a bucket is read without the feature; see [`FilePlace::read`].
    #[cfg(not(feature = "many-machines"))]
    fn in_bucket(url: &Url) -> Result<Self, PublishError> {
        let cause = std::io::ErrorKind::Unsupported.into();
        Err(PublishError::new(
            Path::new(url.as_str()),
            PublishStep::Open,
            cause,
        ))
    }

    /// Removes what a kill has left half-written.
    pub fn tidy(&self) -> Result<(), PublishError> {
        match self {
            Self::Folder(root) => {
                let folder = PublishFolder::open_as_it_is(root)?;
                for below in FileCopy::FOLDERS {
                    folder.remove_leftovers_below(below);
                }
                Ok(())
            }
            // An object is there whole or not at all.
            #[cfg(feature = "many-machines")]
            Self::Bucket(_) => Ok(()),
        }
    }

    /// Keeps the bytes of a copy. When it returns, they survive a power cut.
    pub fn put(&self, copy: &FileCopy, bytes: Vec<u8>) -> Result<(), PublishError> {
        match self {
            Self::Folder(root) => {
                let folder = PublishFolder::open_as_it_is(root)?;
                folder.put(&copy.path(), &bytes)?;
                folder.settle()
            }
            #[cfg(feature = "many-machines")]
            Self::Bucket(bucket) => bucket.put(copy, bytes.into()),
        }
    }

    /// Removes a copy.
    pub fn remove(&self, copy: &FileCopy) -> Result<(), PublishError> {
        match self {
            Self::Folder(root) => {
                let folder = PublishFolder::open_as_it_is(root)?;
                folder.remove(&copy.path()).map(|_| ())
            }
            #[cfg(feature = "many-machines")]
            Self::Bucket(bucket) => bucket.remove(&copy.path()),
        }
    }

    /// Whether a copy is there.
    pub fn has(&self, copy: &FileCopy) -> Result<bool, PublishError> {
        match self {
            Self::Folder(root) => Ok(root.join(copy.path()).is_file()),
            #[cfg(feature = "many-machines")]
            Self::Bucket(bucket) => bucket.has(&copy.path()),
        }
    }

    /// Removes all copies but these. Returns the hashes of those that are gone from a bucket, in which
    /// another machine may have put one meanwhile.
    pub fn sweep(&self, kept: &[FileCopy]) -> Result<BTreeSet<String>, PublishError> {
        match self {
            Self::Folder(root) => {
                let folder = PublishFolder::open_as_it_is(root)?;
                for copy in kept {
                    let (path, hash) = (copy.path(), (copy.bytes, copy.sha256.as_str()));
                    // The copy is there already, under its name. From now on it counts as published.
                    folder.link(&path, &root.join(&path), hash)?;
                }
                for name in FileCopy::folders() {
                    folder.sweep(&name)?;
                }
                folder.settle()?;
                Ok(BTreeSet::new())
            }
            #[cfg(feature = "many-machines")]
            Self::Bucket(bucket) => bucket.sweep(kept),
        }
    }

    /// A copy that is to be published.
    pub fn source(&self, copy: &FileCopy) -> KeptSource {
        match self {
            Self::Folder(root) => KeptSource::File(root.join(copy.path())),
            #[cfg(feature = "many-machines")]
            Self::Bucket(bucket) => KeptSource::Object(bucket.clone(), copy.path()),
        }
    }
}

impl From<&Path> for KeptPlace {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }
}
