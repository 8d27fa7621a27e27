//! Cron expressions: their next times, and refused ones.
//!
//! Owns the expressions. Never waits for a tick.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::{assert_ticks, at, job, ticks};

#[derive(Deserialize)]
struct Vectors {
    valid: Vec<Vector>,
    invalid: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
struct Vector {
    expr: String,
    tz: String,
    start: String,
    next: Vec<String>,
}

fn vectors() -> Option<Vectors> {
    let Some(folder) = std::env::var_os("DIBAO_VECTORS") else {
        println!("skipped: DIBAO_VECTORS names no folder of vectors");
        return None;
    };
    let file = std::path::Path::new(&folder).join("cron_vectors_agreed.json");
    Some(serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap())
}

#[test]
fn next_ticks_are_those_on_which_three_other_programs_agree() {
    let Some(vectors) = vectors() else { return };
    assert!(vectors.valid.len() > 200);
    let mut unlike = Vec::new();
    for Vector {
        expr,
        tz,
        start,
        next,
    } in &vectors.valid
    {
        let cron = job(tz, expr, "").unwrap();
        let expected: Vec<_> = next.iter().map(|text| at(text)).collect();
        let found = ticks(&cron, start, expected.len());
        if found != expected {
            unlike.push(format!("{expr} in {tz} after {start}: {found:?}"));
        }
    }
    assert!(unlike.is_empty(), "{unlike:#?}");
}

#[test]
fn expressions_that_are_none_are_refused_by_file_and_key() {
    let Some(vectors) = vectors() else { return };
    assert!(vectors.invalid.len() > 10);
    let more = ["1, * * * *", "0 0 * * * * *"].map(str::to_owned);
    for expr in vectors.invalid.keys().chain(&more) {
        let refused = job("Asia/Shanghai", expr, "").map(|_| format!("{expr:?} is taken"));
        let error = refused.unwrap_err().to_string();
        assert!(
            error.starts_with("cron.toml:4: key `job.cron`: "),
            "{error}"
        );
        assert!(error.contains("remedy: "), "{error}");
    }
}

#[test]
fn what_never_comes_round_is_refused_and_what_comes_every_fourth_year_is_not() {
    for never in ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 0 31 6 *"] {
        let error = job("Asia/Shanghai", never, "").unwrap_err().to_string();
        assert!(error.contains("never comes round"), "{error}");
    }
    let leap = job("Asia/Shanghai", "0 0 29 2 *", "").unwrap();
    let expected = ["2028-02-29T00:00:00+08:00", "2032-02-29T00:00:00+08:00"];
    assert_ticks(&leap, "2025-12-30T00:00:00+08:00", &expected);
    // There is no 29 February in 2100.
    let expected = ["2096-02-29T00:00:00+08:00", "2104-02-29T00:00:00+08:00"];
    assert_ticks(&leap, "2095-12-30T00:00:00+08:00", &expected);
}

#[test]
fn six_fields_names_and_marks_say_what_they_say_elsewhere() {
    let next = |cron: &str, expected: &[&str]| {
        let cron = job("Asia/Shanghai", cron, "").unwrap();
        assert_ticks(&cron, "2026-01-01T00:00:00+08:00", expected);
    };
    next(
        "*/30 0 9 * * *",
        &["2026-01-01T09:00:00+08:00", "2026-01-01T09:00:30+08:00"],
    );
    next(
        "0 9 * JAN,JUL MON",
        &["2026-01-05T09:00:00+08:00", "2026-01-12T09:00:00+08:00"],
    );
    // The last day of the month; the last Friday; the second Monday; the weekday nearest the 15th.
    next(
        "0 9 L * *",
        &["2026-01-31T09:00:00+08:00", "2026-02-28T09:00:00+08:00"],
    );
    next(
        "0 9 * * FRI#L",
        &["2026-01-30T09:00:00+08:00", "2026-02-27T09:00:00+08:00"],
    );
    next(
        "0 9 * * MON#2",
        &["2026-01-12T09:00:00+08:00", "2026-02-09T09:00:00+08:00"],
    );
    next(
        "0 9 15W * *",
        &["2026-01-15T09:00:00+08:00", "2026-02-16T09:00:00+08:00"],
    );
}

#[test]
fn an_hour_that_is_skipped_loses_no_daily_run_and_one_that_is_doubled_adds_none() {
    let berlin = |cron: &str| job("Europe/Berlin", cron, "").unwrap();
    // On 29 March 2026 there is no 02:30: the run comes when the hour is over.
    assert_ticks(
        &berlin("30 2 * * *"),
        "2026-03-28T12:00:00+01:00",
        &["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
    );
    // On 25 October there are two: the run comes at the first.
    assert_ticks(
        &berlin("30 2 * * *"),
        "2026-10-24T12:00:00+02:00",
        &["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
    );
    // A job of every half hour runs every half hour through both.
    assert_ticks(
        &berlin("*/30 * * * *"),
        "2026-03-29T01:15:00+01:00",
        &["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"],
    );
    assert_ticks(
        &berlin("*/30 * * * *"),
        "2026-10-25T02:15:00+02:00",
        &[
            "2026-10-25T02:30:00+02:00",
            "2026-10-25T02:00:00+01:00",
            "2026-10-25T02:30:00+01:00",
            "2026-10-25T03:00:00+01:00",
        ],
    );
}
