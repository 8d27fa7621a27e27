//! How long a copy stays fresh: `Cache-Control` (RFC 9111), by the timetable.
//!
//! Owns the values of the header. Never reads the timetable.

use std::collections::BTreeMap;

use axum::http::HeaderValue;

use crate::render::served::{Fresh, fresh};
use crate::render::{ColumnInfo, Feed, RunInterval};

/// The longest freshness in minutes. Readers must see a correction sooner than after a day, even if
/// the column runs once a day.
const LONGEST: u32 = 60;
/// The freshness in minutes without a known timetable.
const DEFAULT: u32 = 5;
/// The freshness in minutes of files that only a new version of dibao changes.
const STANDING: u32 = 24 * 60;

/// `Cache-Control` of files whose path contains their hash (RFC 8246).
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// How often each column may change, in minutes, and the header that says so.
#[derive(Clone, Debug)]
pub(super) struct Freshness {
    columns: BTreeMap<String, (u32, HeaderValue)>,
    all: HeaderValue,
}

impl Default for Freshness {
    fn default() -> Self {
        Self::from_columns(&[])
    }
}

impl Freshness {
    pub(super) fn from_columns(columns: &[ColumnInfo]) -> Self {
        let minutes = |column: &ColumnInfo| {
            let run_interval = column.run_interval.map_or(DEFAULT, RunInterval::minutes);
            let minutes = run_interval.min(LONGEST);
            (column.name.to_string(), (minutes, max_age(minutes)))
        };
        let columns: BTreeMap<String, (u32, HeaderValue)> = columns.iter().map(minutes).collect();
        let shortest = columns.values().map(|(minutes, _)| *minutes).min();
        Self {
            columns,
            all: max_age(shortest.unwrap_or(DEFAULT)),
        }
    }

    /// The value for a published file. That clients always ask for the manifest costs a 304.
    pub(super) fn of_path(&self, path: &str) -> HeaderValue {
        let path = path.trim_start_matches('/');
        match fresh(path) {
            Fresh::Never => return HeaderValue::from_static("no-cache"),
            Fresh::ForGood => return HeaderValue::from_static(FOR_GOOD),
            Fresh::Standing => return max_age(STANDING),
            Fresh::Changing => (),
        }
        let end = path.match_indices('/').nth(1).map(|(end, _)| end);
        let column = end.and_then(|end| path.get(..end)).unwrap_or(path);
        let column = self.columns.get(column);
        column.map_or_else(|| self.of_all(), |(_, header)| header.clone())
    }

    /// The value for an answer from these columns.
    pub(super) fn of_columns(&self, columns: &[&str]) -> HeaderValue {
        let known = columns
            .iter()
            .filter_map(|column| self.columns.get(*column));
        let shortest = known.min_by_key(|(minutes, _)| *minutes);
        shortest.map_or_else(|| self.of_all(), |(_, header)| header.clone())
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
        self.all.clone()
    }
}

fn max_age(minutes: u32) -> HeaderValue {
    let text = format!("public, max-age={}", u64::from(minutes) * 60);
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("no-cache"))
}
