//! Why the service cannot start.
//!
//! Owns the kinds of failure. Never chooses an exit code.

use super::active::LoadError;
use super::open::PublicFolderError;
use crate::archive::ArchiveError;
use crate::serve;
use crate::store::StoreError;

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The store cannot be used, and waiting would not help.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The published folder cannot be used.
    #[error(transparent)]
    PublicFolder(#[from] PublicFolderError),
    /// The archive cannot be used.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The server cannot listen at the address.
    #[error(transparent)]
    Listen(serve::BindError),
    /// The system refuses something that dibao needs.
    #[error(transparent)]
    System(std::io::Error),
}
