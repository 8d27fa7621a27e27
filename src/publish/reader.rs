//! The published files for who only reads them.
//!
//! Owns nothing. Never writes a file, and never waits for a publisher.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
#[cfg(feature = "many-machines")]
use std::sync::Arc;

use url::Url;

#[cfg(feature = "many-machines")]
use super::bucket::Bucket;
use super::error::{PublishError, PublishStep};
use super::place::PublishPlace;
use crate::config::FilePlace;

/// The published files. Clones share the connection to a bucket.
#[derive(Clone, Debug)]
pub enum PublishedFiles {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket.
    #[cfg(feature = "many-machines")]
    Bucket(Arc<Bucket>),
}

impl PublishedFiles {
    /// Opens them, without asking for anything yet.
    pub fn open(place: &FilePlace, data: &Path) -> Result<Self, PublishError> {
        match place {
            FilePlace::Folder(folder) => Ok(Self::Folder(folder.clone())),
            FilePlace::Bucket(url) => Self::in_bucket(url, data),
        }
    }

    #[cfg(feature = "many-machines")]
    fn in_bucket(url: &Url, data: &Path) -> Result<Self, PublishError> {
        Ok(Self::Bucket(Arc::new(Bucket::new(url, data)?)))
    }

    #[cfg(not(feature = "many-machines"))]
    fn in_bucket(url: &Url, _: &Path) -> Result<Self, PublishError> {
        Err(no_bucket(url))
    }

    /// The folder; `None` if they are in a bucket.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            #[cfg(feature = "many-machines")]
            Self::Bucket(_) => None,
        }
    }

    /// The file at this path, as people write it.
    pub fn name_of(&self, path: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(path).display().to_string(),
            #[cfg(feature = "many-machines")]
            Self::Bucket(bucket) => bucket.name_of(path),
        }
    }

    /// The bytes of a file; `None` where there is none.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PublishError> {
        let folder = match self {
            Self::Folder(folder) => folder,
            #[cfg(feature = "many-machines")]
            Self::Bucket(bucket) => return bucket.read_file(path),
        };
        let file = folder.join(path);
        match fs::read(&file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(e) => Err(PublishError::new(&file, PublishStep::Read, e)),
        }
    }
}

/// Opens a bucket to publish into it, and checks that this can be done. The data folder holds the
/// name of this publisher.
#[cfg(feature = "many-machines")]
pub fn open_bucket(url: &Url, data: &Path) -> Result<Box<dyn PublishPlace>, PublishError> {
    Ok(Box::new(Bucket::open(url, data)?))
}

/// Says that this build opens no bucket.
#[cfg(not(feature = "many-machines"))]
pub fn open_bucket(url: &Url, _: &Path) -> Result<Box<dyn PublishPlace>, PublishError> {
    Err(no_bucket(url))
}

/// No address of a bucket is read without the feature; see [`FilePlace::read`].
#[cfg(not(feature = "many-machines"))]
fn no_bucket(url: &Url) -> PublishError {
    let cause = std::io::Error::new(
        ErrorKind::Unsupported,
        "object storage needs a build with the feature many-machines",
    );
    PublishError::new(Path::new(url.as_str()), PublishStep::Open, cause)
}
