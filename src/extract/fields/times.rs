//! A day and the time beside it: of 24 hours, or of 12 with 上午, 下午, AM, PM; with a zone, if
//! there is one.
//!
//! Owns the reading of a time right after a date, and the days and times that mean "unknown".
//! Never searches for a date.

use std::sync::LazyLock;

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveTime};
use regex::Regex;

use crate::extract::page::pattern::pattern;
use crate::model::{CHINA, Timestamp};

/// A date in a text, with the time beside it, if there is one. Both are Beijing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FoundDate {
    pub(crate) date: NaiveDate,
    /// `None` without a time, or with midnight, which means "unknown".
    pub(crate) time: Option<NaiveTime>,
}

impl FoundDate {
    /// The instant, if the time is known.
    pub(crate) fn instant(self) -> Option<Timestamp> {
        self.time.map(|time| Timestamp::from_china(self.date, time))
    }
}

/// Days that systems print for an empty field.
const EMPTY: [(i32, u32, u32); 3] = [(1970, 1, 1), (1900, 1, 1), (1899, 12, 30)];

/// A time of day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// `None` for an impossible time.
    pub(super) time: Option<NaiveTime>,
    /// `None` without a zone: then it is Beijing's.
    pub(super) zone: Option<FixedOffset>,
}

/// `10:20`, `8时5分`, `T02:20:00Z`, `(星期三)下午3:05`, `3:05:00 PM`.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) ^ [\s,T-]*
        (?: [(\[]? (?:星期|礼拜|周) [一二三四五六日天1-7] [)\]]? [\s,]* )?
        (上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|晚间|[ap]\.?m\.?)? \s*
        ([0-9]{1,2}) \s*[:时点]\s* ([0-9]{1,2}) (?: \s*[:分]\s* ([0-9]{1,2}) )? \s*[分秒]? (?: \.[0-9]+ )?
        (?: \s*([ap]\.?m)\b )?
        (?: (Z)\b | ([+-][0-9]{2}:?[0-9]{2}) | \s+(\+[0-9]{2}:?[0-9]{2}) | \s*(GMT|UTC)([+-][0-9]{1,2}:?[0-9]{0,2})? )?",
    )
});

/// The time at the beginning of `text`, which follows a date.
pub(super) fn at(text: &str) -> Option<Clock> {
    let found = TIME.captures(text)?;
    let number = |group: usize| found.get(group)?.as_str().parse::<u32>().ok();
    let half = found.get(1).or(found.get(5)).map(|half| half.as_str());
    let hour = hour(number(2)?, half.unwrap_or_default());
    let offset = [7, 8, 10].into_iter().find_map(|group| found.get(group));
    let is_zulu = found.get(6).or(found.get(9)).is_some();
    let zone = match offset {
        Some(offset) => zone(offset.as_str()),
        None if is_zulu => FixedOffset::east_opt(0),
        None => None,
    };
    Some(Clock {
        time: NaiveTime::from_hms_opt(hour, number(3)?, number(4).unwrap_or(0)),
        zone,
    })
}

/// The hour of 24 from an hour of 12 and its half of the day.
fn hour(hour: u32, half: &str) -> u32 {
    let half = half.to_ascii_lowercase();
    match half.as_str() {
        "晚上" | "晚间" if hour == 12 => 0,
        "下午" | "傍晚" | "晚上" | "晚间" if hour < 12 => hour + 12,
        "中午" if hour < 4 => hour + 12,
        "上午" | "凌晨" if hour == 12 => 0,
        _ if half.starts_with('p') && hour < 12 => hour + 12,
        _ if half.starts_with('a') && hour == 12 => 0,
        _ => hour,
    }
}

/// `+08:00`, `+0800`, `+8`.
pub(super) fn zone(text: &str) -> Option<FixedOffset> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        0..=2 => (digits.as_str(), ""),
        length => digits.split_at(length - 2),
    };
    let hours: i32 = hours.parse().ok()?;
    let seconds = hours * 3600 + minutes.parse::<i32>().unwrap_or(0) * 60;
    FixedOffset::east_opt(if text.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

/// The date with the time that follows it. A digit right after the date shows that it is none.
pub(super) fn dated(date: NaiveDate, rest: &str) -> Option<FoundDate> {
    if EMPTY.contains(&(date.year(), date.month(), date.day())) {
        return None;
    }
    let below = rest.trim_start();
    let below = below.strip_prefix(['日', '号']).unwrap_or(below);
    match at(below) {
        Some(clock) => Some(joined(date, clock)),
        None if rest.starts_with(|c: char| c.is_ascii_digit()) => None,
        None => Some(FoundDate { date, time: None }),
    }
}

pub(super) fn joined(date: NaiveDate, clock: Clock) -> FoundDate {
    let there = clock.time.zip(clock.zone).and_then(|(time, zone)| {
        let there = date.and_time(time).and_local_timezone(zone).single()?;
        Some(there.with_timezone(&CHINA).naive_local())
    });
    match there {
        Some(here) => FoundDate {
            date: here.date(),
            time: known(here.time()),
        },
        None => FoundDate {
            date,
            time: clock.time.and_then(known),
        },
    }
}

/// Content systems write midnight, or the last second of the day, for an unknown time.
pub(super) fn known(time: NaiveTime) -> Option<NaiveTime> {
    let last = NaiveTime::from_hms_opt(23, 59, 59);
    (time != NaiveTime::MIN && Some(time) != last).then_some(time)
}
