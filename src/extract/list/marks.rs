//! Dates on a column page, wherever they stand beside items.
//!
//! Owns the reading of short texts that are dates: whole ones, day and month with the year in a
//! comment or element beside them, a large day over a small year and month. Never takes a date in
//! a sentence or title for an item's.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use ego_tree::{NodeId, NodeRef};
use regex::Regex;
use scraper::{Html, Node};

use super::text;
use crate::extract::dates;

/// A date beside an item.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) node: NodeId,
    /// The text in which it stands, label included.
    pub(super) text: String,
    pub(super) date: Date,
}

/// What the page says of the date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Date {
    /// A day.
    Known(NaiveDate),
    /// Month and day; the year stands nowhere near.
    Yearless(u32, u32),
}

/// A page with more dates is no column page; the surplus is not read.
const MOST: usize = 5_000;

/// A longer text is a sentence, not a date with its label, in bytes.
const LONGEST: usize = 120;

/// How far around a part of a date its other parts are looked for.
const LEVELS: usize = 3;

#[allow(
    clippy::expect_used,
    reason = "a constant pattern, compiled in every test run"
)]
static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^0-9]{0,12}([01]\d\s*[-/.]\s*[0-3]\d|[01]?\d\s*月\s*[0-3]?\d\s*日)[^0-9]{0,3}$")
        .expect("valid pattern")
});

#[allow(
    clippy::expect_used,
    reason = "a constant pattern, compiled in every test run"
)]
static YEAR_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^0-9]{0,3}((?:19|20)\d\d)\s*[-/.年]\s*([01]?\d)\s*月?[^0-9]{0,3}$")
        .expect("valid pattern")
});

#[allow(
    clippy::expect_used,
    reason = "a constant pattern, compiled in every test run"
)]
static YEAR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9])((?:19|20)\d\d)(?:[^0-9]|$)").expect("valid pattern")
});

/// A date with nothing around it but brackets, a label and a time.
#[allow(
    clippy::expect_used,
    reason = "a constant pattern, compiled in every test run"
)]
static ONLY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^ [\s\[(（【〔<|]* (?:(?:发布|公开|发文|更新)?(?:日期|时间)\s*[:：]?)? \s*
        (?: (?:19|20)\d\d\s*[-/.年]\s*\d{1,2} (?:\s*[-/.月]\s*\d{1,2}\s*日?)? \s*月?
          | [01]\d\s*[-/.]\s*[0-3]\d | [01]?\d月[0-3]?\d日 )
        [\sT]* (?:\d{1,2}:\d{2}(?::\d{2})?)? [\s\])）】〕>|]* $",
    )
    .expect("valid pattern")
});

/// Whether `text` is a date and nothing else.
pub(super) fn is_date_only(text: &str) -> bool {
    text.len() <= LONGEST && ONLY.is_match(text)
}

/// The page's dates, in page order. Within `links` only what is nothing but a date counts: the
/// rest is part of a title.
pub(super) fn all(document: &Html, links: &HashSet<NodeId>) -> Vec<Mark> {
    document
        .root_element()
        .descendants()
        .filter_map(|node| Some((node, text::shown(node)?.trim())))
        .filter(|(_, text)| (4..=LONGEST).contains(&text.len()))
        .filter(|(_, text)| text.chars().any(char::is_numeric))
        .take(4 * MOST)
        .filter_map(|(node, text)| mark(node, text, links))
        .take(MOST)
        .collect()
}

fn mark(node: NodeRef<'_, Node>, text: &str, links: &HashSet<NodeId>) -> Option<Mark> {
    // 今天是2018年7月7日 星期六 stands in the page's header, or in what the clock writes there.
    if ["今天", "今日", "星期", "农历"]
        .iter()
        .any(|word| text.contains(word))
    {
        return None;
    }
    let linked = node.ancestors().any(|above| links.contains(&above.id()));
    if linked && !is_date_only(text) {
        return None;
    }
    let date = match dates::find(text) {
        Some(found) => Date::Known(found.date),
        None => partial(node, text, links)?,
    };
    Some(Mark {
        node: node.id(),
        text: text::tidy(text),
        date,
    })
}

/// Completes a date of which `text` is a part from what stands around it.
fn partial(node: NodeRef<'_, Node>, text: &str, links: &HashSet<NodeId>) -> Option<Date> {
    let month_day = month_day(text);
    if month_day.is_none() && !YEAR_MONTH.is_match(text) {
        return None;
    }
    let around = node
        .ancestors()
        .take(LEVELS)
        .take_while(|above| !links.contains(&above.id()))
        .take_while(|above| !holds_link(*above, links))
        .filter_map(|above| text::pieces(above, LONGEST, true));
    for pieces in around {
        if let Some(date) = assemble(&pieces) {
            return Some(Date::Known(date));
        }
    }
    month_day.map(|(month, day)| Date::Yearless(month, day))
}

fn holds_link(node: NodeRef<'_, Node>, links: &HashSet<NodeId>) -> bool {
    // A dozen nodes are more than the parts of a date ever take up.
    node.descendants()
        .take(12)
        .any(|below| links.contains(&below.id()))
}

/// A date from its parts, in whatever order.
fn assemble(pieces: &[String]) -> Option<NaiveDate> {
    if let Some(found) = dates::find(&pieces.join(" ")) {
        return Some(found.date);
    }
    let number = |text: &str| text.trim_end_matches('日').trim().parse::<u32>().ok();
    if let Some((month, day)) = pieces.iter().find_map(|piece| month_day(piece)) {
        let year = pieces.iter().find_map(|piece| YEAR.captures(piece))?;
        return NaiveDate::from_ymd_opt(year[1].parse().ok()?, month, day);
    }
    let found = pieces.iter().find_map(|piece| YEAR_MONTH.captures(piece))?;
    let day = pieces
        .iter()
        .filter(|piece| piece.chars().count() <= 3)
        .find_map(|piece| number(piece))?;
    NaiveDate::from_ymd_opt(found[1].parse().ok()?, found[2].parse().ok()?, day)
}

fn month_day(text: &str) -> Option<(u32, u32)> {
    let found = MONTH_DAY.captures(text)?;
    let mut numbers = found[1]
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .filter_map(|part| part.parse::<u32>().ok());
    let (month, day) = (numbers.next()?, numbers.next()?);
    // 2024 is a leap year, so that 02-29 passes.
    NaiveDate::from_ymd_opt(2024, month, day).map(|_| (month, day))
}

/// The date in a text that a column's selector names.
pub(super) fn of(node: NodeRef<'_, Node>) -> Option<Date> {
    let whole = text::of(node);
    if let Some(found) = dates::find(&whole) {
        return Some(Date::Known(found.date));
    }
    let pieces = text::pieces(node, LONGEST, true)?;
    assemble(&pieces)
        .map(Date::Known)
        .or_else(|| month_day(&whole).map(|(month, day)| Date::Yearless(month, day)))
}
