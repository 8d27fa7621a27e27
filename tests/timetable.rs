//! When columns are due: expressions by outside judges (`DIBAO_VECTORS`), zones with daylight
//! saving, working hours and quiet hours, and pauses.
//!
//! Owns the times. Never leaves loopback.

mod expressions;
mod hours;
mod pauses;

use std::path::Path;

use dibao::config::{ConfigErrors, Cron};
use dibao::model::{ColumnName, Timestamp};

/// A timetable with one job for every column.
fn job(timezone: &str, cron: &str, more: &str) -> Result<Cron, ConfigErrors> {
    let text =
        format!("timezone = {timezone:?}\n[[job]]\ncolumns = [\"*/*\"]\ncron = {cron:?}\n{more}\n");
    Cron::parse(Path::new("cron.toml"), &text)
}

fn column() -> ColumnName {
    "a/news".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    let time = chrono::DateTime::parse_from_rfc3339(text).unwrap();
    Timestamp::from(time.to_utc())
}

/// The first ticks after an instant.
fn ticks(cron: &Cron, after: &str, count: usize) -> Vec<Timestamp> {
    let name = column();
    let next = |at: &Timestamp| cron.next(&name, *at);
    std::iter::successors(next(&at(after)), next)
        .take(count)
        .collect()
}

/// Sees that these are the first ticks after an instant.
#[track_caller]
fn assert_ticks(cron: &Cron, after: &str, expected: &[&str]) {
    let expected: Vec<Timestamp> = expected.iter().map(|text| at(text)).collect();
    assert_eq!(ticks(cron, after, expected.len()), expected);
}
