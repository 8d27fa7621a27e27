//! Working hours, working days and quiet hours: a tick outside comes once, when they begin.
//!
//! Owns the hours. Never waits for a tick.

use std::path::Path;

use chrono::TimeDelta;
use dibao::config::Cron;

use super::{assert_ticks, at, column, job};

fn beijing(cron: &str, more: &str) -> Cron {
    job("Asia/Shanghai", cron, more).unwrap()
}

#[test]
fn what_is_due_in_quiet_hours_comes_once_at_their_end() {
    let cron = beijing("*/20 * * * *", "quiet_hours = \"23:00-06:10\"");
    assert_ticks(
        &cron,
        "2026-01-05T22:30:00+08:00",
        &[
            "2026-01-05T22:40:00+08:00",
            "2026-01-06T06:10:00+08:00",
            "2026-01-06T06:20:00+08:00",
        ],
    );
    // From within the night, too: before, at and after the last tick of it.
    for after in ["23:00", "23:59", "06:00", "06:09"] {
        let day = if after > "12" { 5 } else { 6 };
        let after = format!("2026-01-0{day}T{after}:30+08:00");
        assert_ticks(&cron, &after, &["2026-01-06T06:10:00+08:00"]);
    }
    let nightly = beijing("0 3 * * *", "quiet_hours = \"23:00-06:00\"");
    assert_ticks(
        &nightly,
        "2026-01-05T22:30:00+08:00",
        &["2026-01-06T06:00:00+08:00", "2026-01-07T06:00:00+08:00"],
    );
    // Nothing was due in this night, so nothing is made up for.
    let noon = beijing("0 12 * * *", "quiet_hours = \"23:00-06:00\"");
    let expected = ["2026-01-06T12:00:00+08:00"];
    assert_ticks(&noon, "2026-01-06T02:00:00+08:00", &expected);
}

#[test]
fn working_hours_and_days_leave_the_rest_of_the_week_alone() {
    let more = "working_hours = [\"08:00-12:00\", \"14:00-18:00\"]\nworking_days = \"mon-fri\"";
    let cron = beijing("30 */2 * * *", more);
    // Friday, then Monday: what the weekend and the nights would have had comes at eight.
    assert_ticks(
        &cron,
        "2026-01-09T10:00:00+08:00",
        &[
            "2026-01-09T10:30:00+08:00",
            "2026-01-09T14:00:00+08:00",
            "2026-01-09T14:30:00+08:00",
            "2026-01-09T16:30:00+08:00",
            "2026-01-12T08:00:00+08:00",
            "2026-01-12T08:30:00+08:00",
        ],
    );
    // The end is no part of them.
    let cron = beijing("0 18 * * *", "working_hours = \"08:00-18:00\"");
    let expected = ["2026-01-10T08:00:00+08:00"];
    assert_ticks(&cron, "2026-01-09T10:00:00+08:00", &expected);
    // Hours over midnight belong to the day on which they begin.
    let more = "working_hours = \"22:00-02:00\"\nworking_days = [\"fri\"]";
    assert_ticks(
        &beijing("0 * * * *", more),
        "2026-01-09T22:30:00+08:00",
        &[
            "2026-01-09T23:00:00+08:00",
            "2026-01-10T00:00:00+08:00",
            "2026-01-10T01:00:00+08:00",
            "2026-01-16T22:00:00+08:00",
        ],
    );
}

#[test]
fn hours_of_the_file_hold_for_every_job_that_has_none_of_its_own() {
    let text = "quiet_hours = \"22:00-07:00\"\n\
                [[job]]\ncolumns = [\"b/*\"]\ncron = \"0 * * * *\"\nquiet_hours = []\n";
    let cron = Cron::parse(Path::new("cron.toml"), text).unwrap();
    let night = at("2026-01-05T23:30:00+08:00");
    let next = |name: &str| cron.next(&name.parse().unwrap(), night);
    assert_eq!(next("a/no-job"), Some(at("2026-01-06T07:00:00+08:00")));
    assert_eq!(next("b/own"), Some(at("2026-01-06T00:00:00+08:00")));
}

#[test]
fn quiet_hours_hold_where_daylight_saving_skips_or_doubles_them() {
    let berlin = |cron: &str, quiet: &str| {
        let more = format!("quiet_hours = {quiet:?}");
        job("Europe/Berlin", cron, &more).unwrap()
    };
    // 02:30 is skipped on 29 March: quiet hours that end there end when the clock has gone on.
    assert_ticks(
        &berlin("15 * * * *", "00:00-02:30"),
        "2026-03-29T00:20:00+01:00",
        &["2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00"],
    );
    // It is there twice on 25 October: they end with the first.
    assert_ticks(
        &berlin("15 1 * * *", "00:00-02:30"),
        "2026-10-25T00:20:00+02:00",
        &["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
    );
    assert_ticks(
        &berlin("0 * * * *", "23:00-06:00"),
        "2026-10-24T22:30:00+02:00",
        &["2026-10-25T06:00:00+01:00", "2026-10-25T07:00:00+01:00"],
    );
}

#[test]
fn how_often_feeds_say_they_change_agrees_with_the_hours() {
    let minutes = |cron: &Cron| cron.interval(&column()).map(|gap| gap.num_minutes());
    let nightly = "0 1,3,5 * * *";
    assert_eq!(minutes(&beijing(nightly, "")), Some(120));
    let quiet = beijing(nightly, "quiet_hours = \"23:00-06:00\"");
    assert_eq!(minutes(&quiet), Some(24 * 60), "one run at six");
    let weekly = beijing(
        "0 * * * *",
        "working_days = [\"mon\"]\nworking_hours = \"09:00-10:00\"",
    );
    assert_eq!(weekly.interval(&column()), Some(TimeDelta::days(7)));
}

#[test]
fn jitter_ends_with_the_hours() {
    let cron = beijing(
        "50 * * * *",
        "jitter = \"30m\"\nworking_hours = \"08:00-18:00\"",
    );
    let leeway = |time: &str| {
        let leeway = cron.leeway(&column(), at(&format!("2026-01-05T{time}:00+08:00")));
        leeway.as_secs() / 60
    };
    assert_eq!((leeway("16:50"), leeway("17:50")), (30, 10));
}

#[test]
fn hours_that_are_none_are_refused_by_file_and_key() {
    for (more, key) in [
        ("quiet_hours = \"23-6\"", "job.quiet_hours"),
        ("quiet_hours = \"23:00\"", "job.quiet_hours"),
        ("quiet_hours = \"08:00-08:00\"", "job.quiet_hours"),
        ("quiet_hours = \"08:60-09:00\"", "job.quiet_hours"),
        ("quiet_hours = \"24:00-25:00\"", "job.quiet_hours"),
        ("quiet_hours = \"00:00-24:00\"", "job.quiet_hours"),
        ("quiet_hours = 8", "job.quiet_hours"),
        ("working_hours = [\"08:00-12:00\", 14]", "job.working_hours"),
        ("working_days = \"mo-fr\"", "job.working_days"),
        ("working_days = \"weekdays\"", "job.working_days"),
        ("quite_hours = \"23:00-06:00\"", "job.quite_hours"),
    ] {
        let error = job("Asia/Shanghai", "0 * * * *", more);
        let error = error.map(|_| more).unwrap_err().to_string();
        let begin = format!("cron.toml:5: key `{key}`: ");
        assert!(error.starts_with(&begin), "{more}: {error}");
    }
}
