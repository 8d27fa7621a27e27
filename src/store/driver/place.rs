//! Where a store is: in a file of a data folder, or on a server.
//!
//! Owns what an address of a server may be, and how it is shown: without its password. Never connects.

use std::io::Read;
use std::path::{Path, PathBuf};

use url::Url;

use super::StoreError;
use super::engine::Options;

/// The database's name in its folder.
pub(in crate::store) const FILE: &str = "dibao.sqlite";

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// A file of SQLite.
    File(PathBuf),
    /// A database on a server of PostgreSQL. What is no table (the archive, pictures) is in the folder.
    Server {
        /// As `postgres://dibao:secret@db.example/dibao`.
        url: Url,
        /// The data folder.
        folder: PathBuf,
    },
}

impl From<&Path> for StorePlace {
    fn from(folder: &Path) -> Self {
        Self::File(folder.join(FILE))
    }
}

impl From<&PathBuf> for StorePlace {
    fn from(folder: &PathBuf) -> Self {
        Self::from(folder.as_path())
    }
}

impl From<&Self> for StorePlace {
    fn from(place: &Self) -> Self {
        place.clone()
    }
}

impl StorePlace {
    /// The data folder.
    pub fn folder(&self) -> &Path {
        match self {
            Self::File(file) => file.parent().unwrap_or(file),
            Self::Server { folder, .. } => folder,
        }
    }

    /// The file, or the address without its password.
    pub fn shown(&self) -> PathBuf {
        match self {
            Self::File(file) => file.clone(),
            Self::Server { url, .. } => {
                let mut url = url.clone();
                if url.password().is_some() {
                    // Only an address without a host has no place for one.
                    let _ = url.set_password(Some("***"));
                }
                PathBuf::from(String::from(url))
            }
        }
    }

    /// What names this store wherever it is named from: the file with all its folders, or the address
    /// without a password.
    pub(in crate::store) fn name(&self) -> String {
        match self {
            Self::File(file) => {
                let folder = self.folder().canonicalize();
                let file = folder.map_or_else(|_| file.clone(), |folder| folder.join(FILE));
                file.display().to_string()
            }
            Self::Server { url, .. } => {
                let mut url = url.clone();
                // Only an address without a host has no place for one.
                let _ = url.set_password(None);
                url.into()
            }
        }
    }

    /// Whether a store was begun there, as far as one sees without asking a server.
    pub fn is_begun(&self) -> bool {
        match self {
            Self::File(file) => std::fs::metadata(file).is_ok_and(|file| file.len() > 0),
            Self::Server { .. } => true,
        }
    }

    /// How its connections are made. A file that is not a database is refused.
    pub(in crate::store) fn options(&self, create: bool) -> Result<Options, StoreError> {
        match self {
            Self::File(file) => {
                check_header(file)?;
                Ok(Options::sqlite(file, create))
            }
            #[cfg(feature = "many-machines")]
            Self::Server { url, .. } => {
                Options::postgres(url).map_err(|e| StoreError::opening(&self.shown(), &e))
            }
            #[cfg(not(feature = "many-machines"))]
            Self::Server { .. } => Err(StoreError::NotBuilt {
                place: self.shown(),
            }),
        }
    }
}

/// Refuses a file that is not a database. SQLite takes a file of less than one page for an empty
/// database and would overwrite it.
pub(in crate::store) fn check_header(file: &Path) -> Result<(), StoreError> {
    const HEADER: &[u8] = b"SQLite format 3\0";
    let read = std::fs::File::open(file).and_then(|mut file| {
        let mut start = Vec::with_capacity(HEADER.len());
        Read::by_ref(&mut file)
            .take(HEADER.len() as u64)
            .read_to_end(&mut start)?;
        Ok(start)
    });
    let cause = match read {
        Ok(start) if start.is_empty() || start == HEADER => return Ok(()),
        Ok(_) => "it is not an SQLite database".to_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => e.to_string(),
    };
    Err(StoreError::damaged(file, cause))
}
