//! A published file, as the manifest lists it.
//!
//! Owns the entry's type. Never reads a file.

use serde::{Deserialize, Serialize};

/// One published file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the published folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hex.
    pub sha256: String,
}
