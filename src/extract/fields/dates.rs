//! Dates as portals print them, as exact as they are.
//!
//! Owns the reading of dates and times in text. Never guesses a part that is not printed.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, NaiveTime};
use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

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

/// `2025-12-29`, `2025/12/29`, `2025.12.29`, `2025年12月29日`, possibly followed by a time.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)
        (?:^|[^0-9]) ((?:19|20)[0-9]{2}) \s*[-/.年]\s* ([0-9]{1,2}) \s*[-/.月]\s* ([0-9]{1,2})
        (?: \s*[日号]? [\sT-]* ([0-9]{1,2}) \s*[:时]\s* ([0-9]{1,2}) (?: \s*[:分]\s* ([0-9]{1,2}) )? \s*秒?
            (?: \.[0-9]+ )? (Z|[+-][0-9]{2}:?[0-9]{2})?
          | \s*日? (?:[^0-9]|$) )",
    )
});

/// `二〇二五年十二月二十九日`, with any of the signs for zero.
static NUMERALS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([一二三四五六七八九〇○零oO0◯]{4})\s*年\s*([元正一二三四五六七八九十]{1,3})\s*月\s*([一二三四五六七八九十廿卅]{1,3})\s*日",
    )
});

/// The first date in `text`.
pub(crate) fn find(text: &str) -> Option<FoundDate> {
    let text: String = text.nfkc().collect();
    let digits = DIGITS.captures_iter(&text).find_map(|found| {
        let start = found.get(0)?.start();
        Some((start, from_digits(&found)?))
    });
    let numerals = NUMERALS.captures_iter(&text).find_map(|found| {
        let start = found.get(0)?.start();
        Some((start, from_numerals(&found)?))
    });
    match (digits, numerals) {
        (Some(a), Some(b)) => Some(if a.0 <= b.0 { a.1 } else { b.1 }),
        (a, b) => a.or(b).map(|(_, date)| date),
    }
}

fn from_digits(found: &Captures<'_>) -> Option<FoundDate> {
    let number = |group: usize| found.get(group)?.as_str().parse::<u32>().ok();
    let date = NaiveDate::from_ymd_opt(found[1].parse().ok()?, number(2)?, number(3)?)?;
    let time = match (number(4), number(5)) {
        (Some(hour), Some(minute)) => NaiveTime::from_hms_opt(hour, minute, number(6).unwrap_or(0)),
        _ => None,
    };
    if let (Some(time), Some(zone)) = (time, found.get(7)) {
        let text = format!("{date}T{time}{}", zone.as_str());
        if let Ok(there) = DateTime::parse_from_rfc3339(&text) {
            let here = there.with_timezone(&CHINA).naive_local();
            return Some(FoundDate {
                date: here.date(),
                time: known(here.time()),
            });
        }
    }
    Some(FoundDate {
        date,
        time: time.and_then(known),
    })
}

/// Content systems write midnight, or the last second of the day, for an unknown time.
fn known(time: NaiveTime) -> Option<NaiveTime> {
    let last = NaiveTime::from_hms_opt(23, 59, 59);
    (time != NaiveTime::MIN && Some(time) != last).then_some(time)
}

fn from_numerals(found: &Captures<'_>) -> Option<FoundDate> {
    let year = found[1].chars().try_fold(0i32, |year, c| {
        Some(year * 10 + i32::try_from(digit(c)?).ok()?)
    })?;
    let date = NaiveDate::from_ymd_opt(year, number(&found[2])?, number(&found[3])?)?;
    (1900..2100)
        .contains(&year)
        .then_some(FoundDate { date, time: None })
}

fn digit(c: char) -> Option<u32> {
    match c {
        '〇' | '○' | '零' | 'o' | 'O' | '0' | '◯' => Some(0),
        _ => "一二三四五六七八九"
            .chars()
            .zip(1..)
            .find_map(|(d, n)| (d == c).then_some(n)),
    }
}

/// A Chinese number from 1 to 39: `十`, `十二`, `二十九`, `廿九`.
fn number(text: &str) -> Option<u32> {
    let mut tens = 0;
    let mut ones = 0;
    for c in text.chars() {
        match c {
            '元' | '正' => ones = 1,
            '十' => (tens, ones) = (ones.max(1), 0),
            '廿' => tens = 2,
            '卅' => tens = 3,
            _ => ones = digit(c)?,
        }
    }
    Some(tens * 10 + ones)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        find(text).map(|found| match found.time {
            Some(time) => format!("{} {time}", found.date),
            None => found.date.to_string(),
        })
    }

    #[test]
    fn every_printed_form_of_a_day_is_that_day() {
        for text in [
            "2025-12-29",
            "2025/12/29",
            "2025.12.29",
            "2025年12月29日",
            "2025 年 12 月 29 日",
            "２０２５－１２－２９",
            "二〇二五年十二月二十九日",
            "二○二五年十二月廿九日",
            "二OO二五年 二零二五年十二月二十九日",
            "发布时间：2025-12-29 浏览次数：17",
            "[ \n 2025-12-29 ]",
            "2025-12-29 00:00:00",
            "2025-12-29-23:59:59",
            "2025-12-29T00:00:00+08:00",
        ] {
            assert_eq!(found(text).as_deref(), Some("2025-12-29"), "{text}");
        }
    }

    #[test]
    fn a_time_is_kept_where_there_is_one() {
        for (text, expected) in [
            ("2025-12-29 10:20", "2025-12-29 10:20:00"),
            ("2023-10-23  08:59", "2023-10-23 08:59:00"),
            ("2025年1月9日 8时5分", "2025-01-09 08:05:00"),
            ("2015-10-15 10:06:36", "2015-10-15 10:06:36"),
            ("2025-12-29T02:20:00Z", "2025-12-29 10:20:00"),
            ("日期:2017-01-12 17:08 字号", "2017-01-12 17:08:00"),
            ("2025-12-29 25:70", "2025-12-29"),
        ] {
            assert_eq!(found(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "2025-13-40",
            "12025-12-29x",
            "000014349/2025-32614",
            "2025-32614",
            "12-29",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
