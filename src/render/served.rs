//! How a published file is to be served: its media type, and how long a copy stays fresh.
//!
//! Owns both tables, for the server and for buckets. Never knows a timetable.

use super::paths;
use crate::model::{FileCopy, FileFormat};

/// How long a copy of a published file stays fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// Clients always ask: for the manifest, which tells a mirror whether its copy is the newest.
    Never,
    /// Until its column may have changed.
    Changing,
    /// Until there is a new version of dibao.
    Standing,
    /// For good: its path contains its hash (RFC 8246).
    ForGood,
}

/// How long a copy of the file at this path stays fresh.
pub fn fresh(path: &str) -> Fresh {
    let standing = [
        paths::ICON,
        paths::FAVICON,
        paths::ICON_DRAWING,
        paths::LOGO,
    ];
    if path == paths::MANIFEST {
        Fresh::Never
    } else if paths::is_kept_file(path) {
        Fresh::ForGood
    } else if standing.contains(&path) || path.starts_with("schema/") {
        Fresh::Standing
    } else {
        Fresh::Changing
    }
}

/// The media type of the file at this path; `None` for one that dibao does not publish.
pub fn media_type(path: &str) -> Option<&'static str> {
    let file = path.rsplit('/').next().unwrap_or_default();
    match file {
        "" => Some("text/html; charset=utf-8"),
        "rss.xml" => Some("application/rss+xml; charset=utf-8"),
        "atom.xml" => Some("application/atom+xml; charset=utf-8"),
        "feed.json" => Some("application/feed+json; charset=utf-8"),
        _ => match file.rsplit('.').next() {
            Some("atom") => Some("application/atom+xml; charset=utf-8"),
            Some("opml") => Some("text/x-opml; charset=utf-8"),
            Some("html") => Some("text/html; charset=utf-8"),
            Some("css") => Some("text/css; charset=utf-8"),
            Some("json") => Some("application/json; charset=utf-8"),
            Some("ndjson") => Some("application/x-ndjson; charset=utf-8"),
            Some("gz") => Some("application/gzip"),
            // Browsers must not guess the media type.
            _ => FileCopy::format_of(path.trim_start_matches('/')).map(FileFormat::media_type),
        },
    }
}
