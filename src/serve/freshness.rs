//! How long a copy stays fresh: `Cache-Control` (RFC 9111), by the timetable.
//!
//! Owns the values of the header. Never reads the timetable.

use std::collections::BTreeMap;

use axum::http::HeaderValue;

use crate::render::{ColumnInfo, Feed, RunInterval, paths};

/// The longest freshness in minutes. Readers must see a correction sooner than after a day, even if
/// the column runs once a day.
const LONGEST: u32 = 60;
/// The freshness in minutes without a known timetable.
const DEFAULT: u32 = 5;
/// The freshness in minutes of files that only a new version of dibao changes.
const STANDING: u32 = 24 * 60;

/// `Cache-Control` of files whose path contains their hash (RFC 8246).
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// How often each column may change, in minutes.
#[derive(Clone, Debug, Default)]
pub(super) struct Freshness {
    columns: BTreeMap<String, u32>,
}

impl Freshness {
    pub(super) fn from_columns(columns: &[ColumnInfo]) -> Self {
        let minutes = |column: &ColumnInfo| {
            let run_interval = column.run_interval.map_or(DEFAULT, RunInterval::minutes);
            (column.name.to_string(), run_interval.min(LONGEST))
        };
        Self {
            columns: columns.iter().map(minutes).collect(),
        }
    }

    /// The value for a published file. Clients always ask for the manifest, which tells a mirror
    /// whether its copy is the newest. This costs a 304.
    pub(super) fn of_path(&self, path: &str) -> HeaderValue {
        let path = path.trim_start_matches('/');
        if path == paths::MANIFEST {
            return HeaderValue::from_static("no-cache");
        }
        if paths::is_picture(path) {
            return HeaderValue::from_static(FOR_GOOD);
        }
        let standing = [
            paths::ICON,
            paths::FAVICON,
            paths::ICON_DRAWING,
            paths::LOGO,
        ];
        if standing.contains(&path) || path.starts_with("schema/") {
            return max_age(STANDING);
        }
        let column: Vec<&str> = path.splitn(3, '/').take(2).collect();
        let column = self.columns.get(&column.join("/"));
        column.map_or_else(|| self.of_all(), |minutes| max_age(*minutes))
    }

    /// The value for an answer from these columns.
    pub(super) fn of_columns(&self, columns: &[&str]) -> HeaderValue {
        let minutes = columns
            .iter()
            .filter_map(|column| self.columns.get(*column));
        minutes
            .min()
            .map_or_else(|| self.of_all(), |minutes| max_age(*minutes))
    }

    /// The value for a feed, by its own interval.
    pub(super) fn of_feed(&self, feed: &Feed) -> HeaderValue {
        feed.run_interval.map_or_else(
            || self.of_all(),
            |run_interval| max_age(run_interval.minutes().min(LONGEST)),
        )
    }

    /// The value for an answer from all columns: the shortest interval of all.
    pub(super) fn of_all(&self) -> HeaderValue {
        max_age(self.columns.values().copied().min().unwrap_or(DEFAULT))
    }
}

fn max_age(minutes: u32) -> HeaderValue {
    let text = format!("public, max-age={}", u64::from(minutes) * 60);
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("no-cache"))
}
