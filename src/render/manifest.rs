//! `manifest.json` and `PORTAL/manifest.json`, with which a mirror finds changed files and checks its
//! copies.
//!
//! Owns the members of the manifests. Never reads a file.

use serde::Serialize;

use super::RenderError;
use crate::model::FileEntry;

#[derive(Serialize)]
struct Manifest<'a> {
    seq: i64,
    files: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct PortalManifest<'a> {
    portal: &'a str,
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

/// Writes `{"seq", "files"}`: the number of the last change in all published files, and the files
/// of the site, sorted by path: among them the manifest of each portal.
pub fn render(seq: i64, files: &[(&FileEntry, Option<u64>)]) -> Result<Vec<u8>, RenderError> {
    let files = sorted(files);
    Ok(serde_json::to_vec(&Manifest { seq, files })?)
}

/// Writes `{"portal", "files"}`: the files of a portal, sorted by path.
pub fn of_portal(
    portal: &str,
    files: &[(&FileEntry, Option<u64>)],
) -> Result<Vec<u8>, RenderError> {
    let files = sorted(files);
    Ok(serde_json::to_vec(&PortalManifest { portal, files })?)
}

/// The files, each with the number of its articles or changes.
fn sorted<'a>(files: &[(&'a FileEntry, Option<u64>)]) -> Vec<Listed<'a>> {
    let listed = files.iter().map(|(file, records)| Listed {
        file,
        records: *records,
    });
    let mut listed: Vec<Listed<'_>> = listed.collect();
    listed.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    listed
}
