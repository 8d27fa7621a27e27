//! Dates in digits alone: `20251120150500`, or a count since 1970.
//!
//! Owns their reading from a value that is nothing else. Never searches a text: there such digits
//! are anything.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike};

use super::times::{self, FoundDate};
use crate::model::CHINA;

/// The date at the beginning of a value.
pub(super) fn find(text: &str) -> Option<FoundDate> {
    let text = text.trim();
    let text = text.strip_prefix("/Date").unwrap_or(text);
    let text = text.trim_start_matches(['(', '[']);
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &text[..text.len() - rest.len()];
    if digits.len() == 2 {
        return short(digits, rest);
    }
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '/' | ':');
    let found = match digits.len() {
        10 => since_1970(digits.parse::<i64>().ok()?.checked_mul(1000)?),
        13 => since_1970(digits.parse().ok()?),
        _ if rest.starts_with(joins) => None,
        8 => times::dated(day(digits)?, rest),
        12 | 14 | 17 => Some(FoundDate {
            date: day(digits)?,
            time: time(digits),
        }),
        _ => None,
    };
    found.filter(|found| is_likely(found.date))
}

/// A day whose year has two figures: `25-11-20`.
fn short(year: &str, rest: &str) -> Option<FoundDate> {
    let sign = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (month, rest) = rest[1..].split_once(sign)?;
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let day = &rest[..rest.len() - after.len()];
    let is_short = |part: &str| matches!(part.len(), 1 | 2);
    if !(is_short(month) && is_short(day)) || after.starts_with(sign) {
        return None;
    }
    let year = 2000 + year.parse::<i32>().ok()?;
    let date = NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)?;
    times::dated(date, after)
}

fn number(digits: &str, at: usize, length: usize) -> Option<u32> {
    digits.get(at..at + length)?.parse().ok()
}

fn day(digits: &str) -> Option<NaiveDate> {
    let year = i32::try_from(number(digits, 0, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(digits, 4, 2)?, number(digits, 6, 2)?)
}

fn time(digits: &str) -> Option<NaiveTime> {
    let second = number(digits, 12, 2).unwrap_or(0);
    let time = NaiveTime::from_hms_opt(number(digits, 8, 2)?, number(digits, 10, 2)?, second);
    time.and_then(times::known)
}

fn since_1970(millis: i64) -> Option<FoundDate> {
    let here = DateTime::from_timestamp_millis(millis)?.with_timezone(&CHINA);
    let time = here.time().with_nanosecond(0)?;
    Some(FoundDate {
        date: here.date_naive(),
        time: times::known(time),
    })
}

/// Portals have had pages since the nineties.
fn is_likely(date: NaiveDate) -> bool {
    let bounds = NaiveDate::from_ymd_opt(1990, 1, 1).zip(NaiveDate::from_ymd_opt(2100, 1, 1));
    bounds.is_some_and(|(first, end)| (first..end).contains(&date))
}
