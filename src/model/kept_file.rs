//! The copy of a portal's file that this site serves.
//!
//! Owns its members in the published JSON. Never copies a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A copy that this site serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptFile {
    /// Its path below the site's address.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hex.
    pub sha256: String,
    /// Its media type, by its bytes.
    pub media_type: String,
}
