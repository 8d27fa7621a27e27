//! `manifest.json`, by which a mirror sees what changed and checks what it fetched.

use serde::{Deserialize, Serialize};

use super::{RenderError, paths};

/// One published file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the root of the published tree.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hex.
    pub sha256: String,
}

#[derive(Serialize)]
struct Manifest<'a> {
    seq: i64,
    files: Vec<&'a FileEntry>,
}

/// Writes `{"seq", "files"}`: the last change that these files know of, and those of the files
/// that the manifest lists ([`paths::in_manifest`]), sorted by path.
pub fn render(seq: i64, files: &[FileEntry]) -> Result<Vec<u8>, RenderError> {
    let mut files: Vec<&FileEntry> = files
        .iter()
        .filter(|file| paths::in_manifest(&file.path))
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(serde_json::to_vec(&Manifest { seq, files })?)
}
