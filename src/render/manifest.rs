//! `manifest.json`, with which a mirror finds changed files and checks its copies.
//!
//! Owns the members of the manifest. Never reads a file.

use serde::Serialize;

use super::{RenderError, paths};
use crate::model::FileEntry;

#[derive(Serialize)]
struct Manifest<'a> {
    seq: i64,
    files: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    file: &'a FileEntry,
    /// The number of its articles or changes, if it holds any.
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
}

/// Writes `{"seq", "files"}`: the number of the last change in these files, and the files that the
/// manifest lists ([`paths::in_manifest`]), sorted by path, each with the number of its articles or
/// changes.
pub fn render(seq: i64, files: &[(FileEntry, Option<u64>)]) -> Result<Vec<u8>, RenderError> {
    let listed = files
        .iter()
        .filter(|(file, _)| paths::in_manifest(&file.path));
    let mut files: Vec<Listed<'_>> = listed
        .map(|(file, records)| Listed {
            file,
            records: *records,
        })
        .collect();
    files.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    Ok(serde_json::to_vec(&Manifest { seq, files })?)
}
