//! Dates as portals print them, as exact as they are.
//!
//! Owns the reading of dates in text. Never guesses a part that is not printed.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use super::stamps;
pub(crate) use super::times::FoundDate;
use super::times::{self, Clock, dated};
use crate::extract::page::pattern::pattern;

/// `2025-12-29`, `2025/12/29`, `2025.12.29`, `2025年12月29日`.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:^|[^0-9])((?:19|20)[0-9]{2})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})")
});

/// `二〇二五年十二月二十九日`, with any of the signs for zero; `2025年元月22日`, in mixed numbers.
static NUMERALS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) ((?:19|20)[0-9]{2}|[一二三四五六七八九〇○零oO0◯]{4}) \s*年\s*
        ([0-9]{1,2}|[元正一二三四五六七八九十]{1,3}) \s*月\s*
        ([0-9]{1,2}|[一二三四五六七八九十廿卅]{1,3}) \s*[日号]",
    )
});

/// `11/20/2025`.
static MONTH_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^0-9/])([0-9]{1,2})/([0-9]{1,2})/((?:19|20)[0-9]{2})"));

/// `11月 20, 2025`: a blog's English form in Chinese.
static MONTH_NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:^|[^0-9])([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*,\s*((?:19|20)[0-9]{2})")
});

/// `Thu Nov 20 15:05:00 CST 2025`, `Nov 20, 2025`, `20 Nov 2025`.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b (?: ([0-9]{1,2})[\s-]+ )? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,? [\s-]+
        (?: ([0-9]{1,2}),? \s+ )? (?: ([0-9]{1,2}:[0-9]{2}:[0-9]{2}) \s+ (?: ([A-Z]{3,4}(?:[+-][0-9:]{1,5})?) \s+ )? )?
        ((?:19|20)[0-9]{2})",
    )
});

/// The first date in `text`.
pub(crate) fn find(text: &str) -> Option<FoundDate> {
    let text = spelled(text)?;
    locate(&text).map(|(_, date)| date)
}

/// A text with its letters and digits in their plain forms; `None` if it names no year of this
/// century or the last, and no 年.
fn spelled(text: &str) -> Option<String> {
    may_occur(text).then(|| text.nfkc().collect())
}

/// Whether a date may occur in a text.
pub(in crate::extract) fn may_occur(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_year = memchr::memchr2_iter(b'1', b'2', bytes)
        .any(|at| matches!(bytes.get(at..at + 2), Some(b"19" | b"20")));
    // No other form stands for a digit or for 年 here.
    let is_plain = |c: char| match c {
        '年' => false,
        '\0'..='\u{7f}'
        | '\u{2010}'..='\u{2027}'
        | '\u{3000}'..='\u{301f}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ff01}'..='\u{ff0f}'
        | '\u{ff1a}'..='\u{ff1f}' => true,
        _ => false,
    };
    has_year || !text.chars().all(is_plain)
}

/// The date that is the whole value of a label or a tag. Unlike [`find`] it also takes a date in
/// digits alone: `20251120150500`, or a count of milliseconds since 1970.
pub(crate) fn value(text: &str) -> Option<FoundDate> {
    let text: String = text.nfkc().collect();
    let found = locate(&text).map(|(_, date)| date);
    found.or_else(|| stamps::find(&text))
}

/// Whether the words around the first date of a text say that something takes effect then:
/// `自2025年1月1日起施行`, `生效日期：2025-01-01`.
pub(crate) fn takes_effect(text: &str) -> bool {
    static AFTER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^[\s日号零时]*(起([^草点]|$)|之日起|(开始|正式|全面|依法)*(施行|实施|执行|生效|试行|启用))",
        )
    });
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"([自从]|(施行|实施|执行|生效|失效|废止|截止)(日期|时间|日)?[\s:为于是]*)[\s(\[]*$",
        )
    });
    let Some(text) = spelled(text) else {
        return false;
    };
    locate(&text).is_some_and(|(place, _)| {
        AFTER.is_match(&text[place.end..]) || BEFORE.is_match(&text[..place.start])
    })
}

/// Reads the date of a form; the text behind it may hold the time.
type Reader = fn(&Captures<'_>, &str) -> Option<FoundDate>;

/// The first date of a text, and its place without the time.
fn locate(text: &str) -> Option<(Range<usize>, FoundDate)> {
    let readers: [(&Regex, Reader); 5] = [
        (&DIGITS, from_digits),
        (&NUMERALS, from_numerals),
        (&MONTH_FIRST, from_month),
        (&MONTH_NAMED, from_month),
        (&NAMED, from_names),
    ];
    let found = readers.into_iter().filter_map(|(pattern, read)| {
        pattern.captures_iter(text).find_map(|found| {
            let end = found.get(0)?.end();
            let start = found
                .iter()
                .skip(1)
                .flatten()
                .map(|part| part.start())
                .min()?;
            Some((start..end, read(&found, &text[end..])?))
        })
    });
    found.min_by_key(|(place, _)| place.start)
}

fn from_digits(found: &Captures<'_>, rest: &str) -> Option<FoundDate> {
    let number = |group: usize| found.get(group)?.as_str().parse::<u32>().ok();
    let date = NaiveDate::from_ymd_opt(found[1].parse().ok()?, number(2)?, number(3)?)?;
    dated(date, rest)
}

fn from_numerals(found: &Captures<'_>, rest: &str) -> Option<FoundDate> {
    let year = found[1].chars().try_fold(0i32, |year, c| {
        Some(year * 10 + i32::try_from(digit(c)?).ok()?)
    })?;
    let date = NaiveDate::from_ymd_opt(year, number(&found[2])?, number(&found[3])?)?;
    (1900..2100).contains(&year).then(|| dated(date, rest))?
}

/// Months come first, but where that is impossible.
fn from_month(found: &Captures<'_>, rest: &str) -> Option<FoundDate> {
    let number = |group: usize| found.get(group)?.as_str().parse::<u32>().ok();
    let (first, second, year) = (number(1)?, number(2)?, found[3].parse().ok()?);
    let date = NaiveDate::from_ymd_opt(year, first, second)
        .or_else(|| NaiveDate::from_ymd_opt(year, second, first))?;
    if rest.starts_with('/') {
        return None;
    }
    dated(date, rest)
}

fn from_names(found: &Captures<'_>, rest: &str) -> Option<FoundDate> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let name = found[2].to_ascii_lowercase();
    let month = (1..)
        .zip(MONTHS)
        .find_map(|(nth, month)| (month == name).then_some(nth))?;
    let day = found.get(1).or(found.get(3))?.as_str().parse().ok()?;
    let date = NaiveDate::from_ymd_opt(found[6].parse().ok()?, month, day)?;
    let Some(clock) = found.get(4).and_then(|time| times::at(time.as_str())) else {
        return dated(date, rest);
    };
    // CST is China's time on these pages.
    let zone = found.get(5).map_or("", |zone| zone.as_str());
    let zone = match zone.get(..3).unwrap_or_default() {
        "GMT" | "UTC" => times::zone(
            zone.get(3..)
                .filter(|rest| !rest.is_empty())
                .unwrap_or("+0"),
        ),
        _ => None,
    };
    Some(times::joined(date, Clock { zone, ..clock }))
}

fn digit(c: char) -> Option<u32> {
    match c {
        '〇' | '○' | '零' | 'o' | 'O' | '◯' => Some(0),
        _ => c.to_digit(10).or_else(|| {
            "一二三四五六七八九"
                .chars()
                .zip(1..)
                .find_map(|(d, n)| (d == c).then_some(n))
        }),
    }
}

/// A number from 1 to 39: `12`, `十`, `十二`, `二十九`, `廿九`.
fn number(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
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
            "12/29/2025",
            "12月 29, 2025",
            "29/12/2025",
            "Dec 29, 2025",
            "29 December 2025",
            "2025年十二月29日",
            "二〇二五年12月29日",
            "2025-12-29 12:00:00 AM",
            "1970-01-01 08:00:00 2025-12-29",
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
            ("2025年1月22日 上午9:05", "2025-01-22 09:05:00"),
            ("2025年1月22日（星期三）下午3:05", "2025-01-22 15:05:00"),
            ("2025年元月22日 16时5分", "2025-01-22 16:05:00"),
            ("2025-11-20 星期四 15:05", "2025-11-20 15:05:00"),
            ("2025/11/20 下午 12:05:00", "2025-11-20 12:05:00"),
            ("2025/11/20 上午 12:05:00", "2025-11-20 00:05:00"),
            ("2025-11-20 中午1:05", "2025-11-20 13:05:00"),
            ("2025-11-20 3:05 p.m.", "2025-11-20 15:05:00"),
            ("2025-11-20 8:05 PM2.5浓度", "2025-11-20 08:05:00"),
            ("11/20/2025 3:05:00 PM", "2025-11-20 15:05:00"),
            ("Nov 20, 2025 3:05:00 PM", "2025-11-20 15:05:00"),
            ("Thu Nov 20 15:05:00 CST 2025", "2025-11-20 15:05:00"),
            ("Thu Nov 20 07:05:00 GMT 2025", "2025-11-20 15:05:00"),
            ("Thu, 20 Nov 2025 07:05:00 GMT", "2025-11-20 15:05:00"),
            ("Thu Nov 20 2025 15:05:00 GMT+0800", "2025-11-20 15:05:00"),
            ("2025-11-20T07:05:00.000+0000", "2025-11-20 15:05:00"),
            ("2025-11-20 15:05:00.0", "2025-11-20 15:05:00"),
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
            "1970-01-01 08:00:00",
            "1900-01-01",
            "20251229",
            "1/2/2025/3",
            "May I 2025",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_may_be_digits_alone() {
        for (text, expected) in [
            ("20251120", Some("2025-11-20")),
            ("20251120150500", Some("2025-11-20 15:05:00")),
            ("202511201505 浏览", Some("2025-11-20 15:05:00")),
            ("20251120 15:05", Some("2025-11-20 15:05:00")),
            ("1763622300000", Some("2025-11-20 15:05:00")),
            ("1763622300", Some("2025-11-20 15:05:00")),
            ("/Date(1763622300000+0800)/", Some("2025-11-20 15:05:00")),
            ("0", None),
            ("28800000", None),
            ("13800000000", None),
            ("20251120-0012", None),
            ("20251320", None),
        ] {
            let found = value(text).map(|found| match found.time {
                Some(time) => format!("{} {time}", found.date),
                None => found.date.to_string(),
            });
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn words_around_a_date_may_say_that_it_takes_effect() {
        for text in [
            "（2011年1月1日起施行）",
            "自2025年1月1日起施行",
            "自二〇二五年一月一日起正式实施",
            "2025-01-01 生效",
            "生效日期：2025-01-01",
            "施行日期 2025年1月1日",
        ] {
            assert!(takes_effect(text), "{text}");
        }
        for text in [
            "2025-01-01",
            "发布时间：2025-01-01 来源：实施处",
            "2025年1月1日 起草：某局",
        ] {
            assert!(!takes_effect(text), "{text}");
        }
    }
}
