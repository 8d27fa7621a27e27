//! `working_hours`, `working_days` and `quiet_hours` of `cron.toml`: when in a week a job may run.
//!
//! Owns the arithmetic with clock times of the file's zone: over midnight, and over the hours that
//! daylight saving skips or repeats. Never parses a cron expression, and never reads a clock.

use std::ops::Range;
use std::path::Path;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use serde::Deserialize;
use toml::Value;

use super::error::ConfigError;
use crate::model::Timestamp;

const DAY: usize = 24 * 60;
const WEEK: usize = 7 * DAY;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The three keys as text; a job's own keys win over those of the file.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct HoursSpec {
    pub(super) working_hours: Option<Value>,
    pub(super) working_days: Option<Value>,
    pub(super) quiet_hours: Option<Value>,
}

/// When in a week a job may run: ranges of minutes since Monday's midnight, sorted, with gaps
/// between them; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hours {
    open: Vec<Range<usize>>,
}

impl Hours {
    /// Compiles the keys of a job and of the file; `None` for a job that may always run.
    pub(super) fn compile(
        file: &Path,
        own: HoursSpec,
        common: &HoursSpec,
    ) -> Result<Option<Self>, ConfigError> {
        let written = |own: Option<Value>, common: &Option<Value>, key: &'static str| {
            let (key, value) = match (own, common) {
                (Some(value), _) => (format!("job.{key}"), Some(value)),
                (None, value) => (key.to_owned(), value.clone()),
            };
            let texts = value.map_or(Ok(Vec::new()), |value| texts(file, &key, value));
            texts.map(|texts| (key, texts))
        };
        let (hours_key, hours) =
            written(own.working_hours, &common.working_hours, "working_hours")?;
        let (days_key, days) = written(own.working_days, &common.working_days, "working_days")?;
        let (quiet_key, quiet) = written(own.quiet_hours, &common.quiet_hours, "quiet_hours")?;
        if hours.is_empty() && days.is_empty() && quiet.is_empty() {
            return Ok(None);
        }
        let mut works = [days.is_empty(); 7];
        for text in &days {
            for day in days_of(file, &days_key, text)? {
                works[day] = true;
            }
        }
        let mut open = vec![false; WEEK];
        let mut mark = |day: usize, window: Range<usize>, value: bool| {
            // A window over midnight belongs to the day on which it begins.
            for minute in window {
                open[(day * DAY + minute) % WEEK] = value;
            }
        };
        for day in (0..7).filter(|day| works[*day]) {
            if hours.is_empty() {
                mark(day, 0..DAY, true);
            }
            for text in &hours {
                mark(day, window(file, &hours_key, text)?, true);
            }
        }
        for text in &quiet {
            let window = window(file, &quiet_key, text)?;
            (0..7).for_each(|day| mark(day, window.clone(), false));
        }
        let hours = Self::from_minutes(&open);
        match hours.open.as_slice() {
            [] => {
                let problem = "leaves no time at which the job may run";
                let remedy = "let working hours and quiet hours leave something of the week";
                Err(ConfigError::at(file, &quiet_key, problem, remedy))
            }
            [all] if *all == (0..WEEK) => Ok(None),
            _ => Ok(Some(hours)),
        }
    }

    fn from_minutes(minutes: &[bool]) -> Self {
        let mut open: Vec<Range<usize>> = Vec::new();
        for (minute, _) in minutes.iter().enumerate().filter(|(_, open)| **open) {
            match open.last_mut() {
                Some(last) if last.end == minute => last.end = minute + 1,
                _ => open.push(minute..minute + 1),
            }
        }
        Self { open }
    }

    /// The first time, not before `at`, at which the job may run.
    pub(super) fn opening(&self, zone: Tz, at: Timestamp) -> Timestamp {
        let local = local(zone, at);
        let minute = minute_of_week(local);
        if self.open.iter().any(|open| open.contains(&minute)) {
            return at;
        }
        let later = self.open.iter().find(|open| open.start > minute);
        let next_week = || self.open.first().map(|open| open.start + WEEK);
        let opens = later.map(|open| open.start).or_else(next_week);
        let opens = moved(local, minute, opens.unwrap_or(minute));
        instant(zone, opens, at).unwrap_or(at)
    }

    /// The end of the hours around `at`; `at` itself outside of all hours.
    pub(super) fn closing(&self, zone: Tz, at: Timestamp) -> Timestamp {
        let local = local(zone, at);
        let minute = minute_of_week(local);
        let Some(open) = self.open.iter().find(|open| open.contains(&minute)) else {
            return at;
        };
        let monday = self.open.first().filter(|open| open.start == 0);
        let end = match monday {
            Some(monday) if open.end == WEEK => WEEK + monday.end,
            _ => open.end,
        };
        instant(zone, moved(local, minute, end), at).unwrap_or(at)
    }

    /// The beginning of the closed time around `at`, or a little earlier; `at` itself within hours.
    pub(super) fn closed_since(&self, zone: Tz, at: Timestamp) -> Timestamp {
        let local = local(zone, at);
        let minute = minute_of_week(local);
        if self.open.iter().any(|open| open.contains(&minute)) {
            return at;
        }
        let earlier = self.open.iter().rfind(|open| open.end <= minute);
        let closed = match (earlier, self.open.last()) {
            (Some(open), _) => minute - open.end,
            (None, Some(last)) => minute + WEEK - last.end,
            (None, None) => 0,
        };
        let wall = floor(local) - minutes(closed);
        let began = zone.from_local_datetime(&wall).earliest();
        let skipped = || {
            zone.from_local_datetime(&(wall - TimeDelta::hours(3)))
                .earliest()
        };
        let began = began.or_else(skipped);
        began.map_or(at, |began| Timestamp::from(began.to_utc()).min(at))
    }
}

fn local(zone: Tz, at: Timestamp) -> NaiveDateTime {
    zone.from_utc_datetime(&at.to_chrono().naive_utc())
        .naive_local()
}

fn minute_of_week(local: NaiveDateTime) -> usize {
    let day = local.weekday().num_days_from_monday() as usize;
    day * DAY + (local.hour() * 60 + local.minute()) as usize
}

fn floor(local: NaiveDateTime) -> NaiveDateTime {
    let into = TimeDelta::seconds(i64::from(local.second()))
        + TimeDelta::nanoseconds(i64::from(local.nanosecond()));
    local - into
}

fn minutes(count: usize) -> TimeDelta {
    TimeDelta::minutes(i64::try_from(count).unwrap_or(0))
}

/// The local time at which the minute of the week `from` has become `to`.
fn moved(local: NaiveDateTime, from: usize, to: usize) -> NaiveDateTime {
    floor(local) + minutes(to.saturating_sub(from))
}

/// The first time, not before `at`, at which the wall clock shows `wall`. If daylight saving skips
/// `wall`, the next time that the clock shows.
fn instant(zone: Tz, wall: NaiveDateTime, at: Timestamp) -> Option<Timestamp> {
    let shown = |wall: NaiveDateTime| -> Option<Timestamp> {
        let shown = zone.from_local_datetime(&wall);
        let both = [shown.earliest(), shown.latest()]
            .map(|one: Option<DateTime<Tz>>| one.map(|one| Timestamp::from(one.to_utc())));
        let [earliest, latest] = both;
        earliest.filter(|earliest| *earliest >= at).or(latest)
    };
    // No zone skips more than a day.
    (0..=DAY).find_map(|skipped| shown(wall + minutes(skipped)))
}

/// The texts of a key that has one text or a list.
fn texts(file: &Path, key: &str, value: Value) -> Result<Vec<String>, ConfigError> {
    let list = match value {
        Value::Array(list) => list,
        one => vec![one],
    };
    let text = |value: Value| match value {
        Value::String(text) => Ok(text),
        other => {
            let problem = format!("{other} is not a text");
            let remedy = "write one text or a list of them: [\"08:00-12:00\", \"14:00-18:00\"]";
            Err(ConfigError::at(file, key, &problem, remedy))
        }
    };
    list.into_iter().map(text).collect()
}

/// Reads `08:00-18:00`, or `23:00-06:00`, which ends the next day, as minutes since midnight.
fn window(file: &Path, key: &str, text: &str) -> Result<Range<usize>, ConfigError> {
    let times = text.split_once('-');
    let window = times.and_then(|(begin, end)| {
        let (begin, end) = (minute_of_day(begin)?, minute_of_day(end)?);
        let end = if end < begin { end + DAY } else { end };
        (begin < end && begin < DAY).then_some(begin..end)
    });
    window.ok_or_else(|| {
        let problem = format!("{text:?} are no hours");
        let remedy = "write when they begin and when they are over, as 08:00-18:00 or 23:00-06:00";
        ConfigError::at(file, key, &problem, remedy)
    })
}

fn minute_of_day(text: &str) -> Option<usize> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str, length: Range<usize>| {
        let is_plain = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_plain.then(|| text.parse::<usize>().ok()).flatten()
    };
    let (hour, minute) = (number(hour, 1..3)?, number(minute, 2..3)?);
    let sum = hour * 60 + minute;
    (minute < 60 && sum <= DAY).then_some(sum)
}

/// Reads `sat` or `mon-fri` as days counted from Monday.
fn days_of(file: &Path, key: &str, text: &str) -> Result<Vec<usize>, ConfigError> {
    let number = |name: &str| {
        let name = name.trim().to_ascii_lowercase();
        DAYS.iter().position(|day| *day == name)
    };
    let days = match text.split_once('-') {
        None => number(text).map(|day| vec![day]),
        Some((first, last)) => number(first).zip(number(last)).map(|(first, last)| {
            let count = (last + 7 - first) % 7 + 1;
            (first..first + count).map(|day| day % 7).collect()
        }),
    };
    days.ok_or_else(|| {
        let problem = format!("{text:?} are no days of the week");
        let remedy = "write mon-fri, or a list: [\"mon\", \"wed\", \"sat\"]";
        ConfigError::at(file, key, &problem, remedy)
    })
}
