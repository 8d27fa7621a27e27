//! Values that are a point in time or a random number, made when a page was asked for.
//!
//! Owns their forms. Never knows the name of a parameter.

use chrono::NaiveDate;

/// A random number between 0 and 1, as scripts write it, and PHP's `0.12345600 1767056400`.
pub(super) fn is_fraction(value: &str) -> bool {
    let Some(digits) = value.strip_prefix("0.").or(value.strip_prefix('.')) else {
        return false;
    };
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | 'e' | 'E' | '-');
    digits.len() >= 5
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(is_digit)
}

/// A point in time: seconds or milliseconds of Unix, `20251230093015`, ISO 8601 with a time of day,
/// or what a script's `new Date()` says. A day alone is none: it may be the day of a file.
pub(super) fn is_clock(value: &str) -> bool {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if is_digits(whole) && is_digits(fraction) {
        return match whole.len() {
            10 => is_second(whole),
            13 => whole.get(..10).is_some_and(is_second),
            12 | 14 | 17 => is_moment(whole),
            _ => false,
        };
    }
    is_date_with_time(value)
}

/// A second of Unix from the year 2000 to 2099.
fn is_second(digits: &str) -> bool {
    let second = digits.parse().unwrap_or(0u64);
    (946_684_800..4_102_444_800).contains(&second)
}

/// Seconds of Unix, as eight hexadecimal digits.
pub(super) fn is_hex_clock(value: &str) -> bool {
    let second = u64::from_str_radix(value, 16).unwrap_or(0);
    value.len() == 8 && is_second(&second.to_string())
}

/// `yyyymmddhhmm`, with seconds and milliseconds or without.
fn is_moment(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse().ok());
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(4, 6), number(6, 8)) else {
        return false;
    };
    let is_day = NaiveDate::from_ymd_opt(year as i32, month, day).is_some();
    let is_time = number(8, 10).is_some_and(|hour| hour < 24)
        && number(10, 12).is_some_and(|minute| minute < 60);
    (2000..2100).contains(&year) && is_day && is_time
}

/// A day, such as a file's.
pub(super) fn is_day(value: &str) -> bool {
    (value.len() == 8 && is_moment(&format!("{value}0000"))) || value.contains(['-', '/'])
}

/// `2025-12-30T09:30:15Z`, `Tue Dec 30 2025 09:30:15 GMT+0800`, `20251230T093015Z`.
fn is_date_with_time(value: &str) -> bool {
    let has_year = value.contains("20");
    let is_compact = value.len() >= 15
        && value.as_bytes().get(8) == Some(&b'T')
        && value
            .get(..8)
            .is_some_and(|day| is_moment(&format!("{day}0000")));
    let has_time = value.as_bytes().windows(5).any(|five| {
        five[2] == b':'
            && [0, 1, 3, 4]
                .iter()
                .all(|at: &usize| five[*at].is_ascii_digit())
    });
    is_compact || (has_year && has_time && (14..=80).contains(&value.len()))
}
