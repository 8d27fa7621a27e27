//! Dates beside the items of a column page.
//!
//! Owns the reading of short texts that are dates: complete ones, a day and month with the year in
//! a comment or element beside them, a large day over a small year and month. Never takes a date in
//! a sentence or title for an item's.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use ego_tree::{NodeId, NodeRef};
use regex::Regex;
use scraper::{Html, Node};

use super::text;
use super::years::{self, Heading};
use crate::extract::fields::dates;
use crate::extract::page::dom::{self, Attributes, NodeSet};
use crate::extract::page::pattern::pattern;

/// A date beside an item.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) node: NodeId,
    /// Its label: the text before it, in the same node or else in the node before.
    pub(super) label: String,
    /// Whether the text is only the date, not a sentence with a date.
    pub(super) is_alone: bool,
    pub(super) date: Date,
}

/// A date, as complete as the page prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Date {
    /// A day.
    Known(NaiveDate),
    /// Month and day, without a year nearby.
    Yearless(u32, u32),
}

/// A page with more dates is not a column page; the surplus is not read.
const MOST: usize = 5_000;

/// A longer text, in bytes, is a sentence, not a date with its label.
const LONGEST: usize = 120;

/// The other parts of a date are at most this many levels up.
const LEVELS: usize = 3;

static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^[^0-9]{0,12}([01]\d\s*[-/.]\s*[0-3]\d|[01]?\d\s*月\s*[0-3]?\d\s*日)[^0-9]{0,3}$")
});

static YEAR_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^[^0-9]{0,3}((?:19|20)\d\d)\s*[-/.年]\s*([01]?\d)\s*月?[^0-9]{0,3}$")
});

static YEAR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^0-9])((?:19|20)\d\d)(?:[^0-9]|$)"));

/// A date with nothing around it but brackets, a label and a time.
static ONLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)^ [\s\[(（【〔<|]* (?:(?:发布|公开|发文|更新)?(?:日期|时间)\s*[:：]? | \p{Han}{2,6}\s*[:：])? \s*
        (?: (?:19|20)\d\d\s*[-/.年]\s*\d{1,2} (?:\s*[-/.月]\s*\d{1,2}\s*日?)? \s*月?
          | (?:\d\d[-/.])? [01]\d\s*[-/.]\s*[0-3]\d | [01]?\d月[0-3]?\d日 )
        [\sT]* (?:\d{1,2}:\d{2}(?::\d{2})?)? [\s\])）】〕>|]* $",
    )
});

/// The label of a day of publication, before its figures.
static PUBLISHED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:发布|公开)(?:日期|时间)?\s*[\]】]?\s*[:：]?\s*[\[(（]?\s*(?:19|20)\d\d")
});

/// Whether `text` is only a date.
pub(super) fn is_date_only(text: &str) -> bool {
    text.len() <= LONGEST && ONLY.is_match(text)
}

/// The page's dates, in page order. Inside `links`, only texts that are nothing but a date count:
/// others are part of a title.
pub(super) fn all(document: &Html, links: &NodeSet) -> Vec<Mark> {
    let mut heading = Heading::None;
    let mut marks = Vec::new();
    let texts = document
        .root_element()
        .descendants()
        .filter_map(|node| Some((node, text::shown(node)?.trim())))
        .filter(|(_, text)| (4..=LONGEST).contains(&text.len()))
        .filter(|(_, text)| text.chars().any(char::is_numeric) || is_relative(text))
        .take(4 * MOST);
    for (node, text) in texts {
        heading = heading.then(node, text);
        let Some(mut mark) = mark(node, text, links) else {
            continue;
        };
        if let Date::Yearless(month, day) = mark.date
            && let Some(year) = heading.over(node, links)
        {
            let date = NaiveDate::from_ymd_opt(year, month, day);
            mark.date = date.map_or(mark.date, Date::Known);
        }
        marks.push(mark);
        if marks.len() == MOST {
            break;
        }
    }
    marks
}

fn mark(node: NodeRef<'_, Node>, text: &str, links: &NodeSet) -> Option<Mark> {
    // 今天是2018年7月7日 星期六 is a clock in the header of the page.
    let is_clock = ["今天", "今日", "星期", "农历"]
        .iter()
        .any(|word| text.contains(word));
    if is_clock && !is_relative(text) {
        return None;
    }
    let link = node.ancestors().find(|above| links.contains(&above.id()));
    let is_title = link.is_some() && !is_date_only(text) && of_time(node).is_none();
    if is_title || is_in_popup(node, links) {
        return None;
    }
    // In 成文日期：2025-11-01 发布日期：2025-12-29 the second date counts.
    let published = PUBLISHED
        .find(text)
        .map_or(text, |label| &text[label.start()..]);
    let whole = dates::find(published)
        .or_else(|| of_time(node))
        .or_else(|| of_figures(text));
    let (date, is_whole) = match (whole, link) {
        (Some(found), _) => (Date::Known(found.date), true),
        _ if years::is_short(text) => (Date::Known(years::short(text)?), false),
        (None, Some(link)) => (in_link(node, text, link)?, false),
        (None, None) => (partial(node, text, links)?, false),
    };
    Some(Mark {
        node: node.id(),
        label: label(node, published),
        is_alone: !is_whole
            || is_date_only(text)
            || of_time(node).is_some()
            || of_figures(text).is_some(),
        date,
    })
}

/// Whether a text stands in a hidden element without a link, such as a pop-up with the details of
/// its row.
fn is_in_popup(node: NodeRef<'_, Node>, links: &NodeSet) -> bool {
    const LEVELS: usize = 6;
    const NODES: usize = 100;
    let around = node
        .ancestors()
        .take(LEVELS)
        .find(|above| dom::is_hidden(*above));
    around.is_some_and(|popup| {
        let mut below = popup.descendants().take(NODES);
        !below.any(|below| links.contains(&below.id()))
    })
}

/// The date that stands in an attribute around a text: the machine-readable one of a `<time>` (HTML,
/// section 4.5.14), or the `title` of a text like 3天前.
fn of_time(node: NodeRef<'_, Node>) -> Option<dates::FoundDate> {
    let around = || {
        let above = node.ancestors().take(2);
        above.filter_map(|above| above.value().as_element())
    };
    let mut times = around().filter(|element| element.name() == "time");
    let time = times.next().and_then(|time| time.attribute("datetime"));
    let titles = || {
        let text = node.value().as_text().filter(|text| is_relative(text))?;
        // A link's title is its article's.
        let own = around().take_while(|element| element.name() != "a");
        own.filter_map(|element| element.attribute("title"))
            .find(|title| is_date_only(title) && !text.is_empty())
    };
    dates::find(time.or_else(titles)?)
}

/// A day in figures alone: `20251229`.
fn of_figures(text: &str) -> Option<dates::FoundDate> {
    let text = text.trim_matches(['[', ']', '(', ')', '【', '】', '（', '）', ' ']);
    let is_day = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    match is_day && text.starts_with("20") {
        true => dates::value(text),
        false => None,
    }
}

/// Whether a text says how long ago something was.
fn is_relative(text: &str) -> bool {
    const LONGEST: usize = 24;
    let text = text.trim();
    let ends = ["前", "昨天", "今天", "刚刚"];
    text.len() <= LONGEST && ends.iter().any(|end| text.ends_with(end))
}

/// The label of a date: the text before its figures, else the short text before its node.
fn label(node: NodeRef<'_, Node>, text: &str) -> String {
    let own = text
        .split(|c: char| c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    if own.chars().any(char::is_alphanumeric) {
        return text::tidy(own);
    }
    let before = node
        .ancestors()
        .take(2)
        .fold(node.prev_sibling(), |found, above| {
            found.or(above.prev_sibling())
        });
    let pieces = before.and_then(|before| text::pieces(before, 40, false));
    let label = pieces.unwrap_or_default().concat();
    let ends = ["：", ":", "日期", "时间"];
    let is_label = ends.iter().any(|end| label.ends_with(end));
    if is_label { label } else { String::new() }
}

/// The most pieces of text, and nodes, to check in a link around a part of a date.
const PIECES: usize = 24;
const NODES: usize = 200;

/// Completes a date in a link from the pieces beside it. The rest of the link is the title.
fn in_link(node: NodeRef<'_, Node>, text: &str, link: NodeRef<'_, Node>) -> Option<Date> {
    let pieces: Vec<(NodeId, &str)> = link
        .descendants()
        .take(NODES)
        .filter_map(|node| Some((node.id(), text::shown(node)?.trim())))
        .filter(|(_, piece)| !piece.is_empty())
        .take(PIECES)
        .collect();
    let at = pieces.iter().position(|(id, _)| *id == node.id())?;
    let texts: Vec<&str> = pieces.iter().map(|(_, piece)| *piece).collect();
    let parts = [beside(&texts, at), Some(at)];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .map(|part| texts[part].to_owned())
        .collect();
    assemble(&parts)
        .map(Date::Known)
        .or_else(|| month_day(text).map(|(month, day)| Date::Yearless(month, day)))
}

/// The piece that completes the piece at `at` to a date: a day beside a year and month, or a year
/// beside a month and day.
fn beside(pieces: &[&str], at: usize) -> Option<usize> {
    let is_rest = |piece: &str| {
        let piece = piece.trim();
        let of_figures = |end: char, lengths: std::ops::RangeInclusive<usize>| {
            let figures = piece.strip_suffix(end).unwrap_or(piece);
            lengths.contains(&figures.len()) && figures.bytes().all(|b| b.is_ascii_digit())
        };
        let text = pieces[at].trim();
        YEAR_MONTH.is_match(text) && of_figures('日', 1..=2)
            || month_day(text).is_some() && of_figures('年', 4..=4)
    };
    let before = at.checked_sub(1).filter(|before| is_rest(pieces[*before]));
    before.or_else(|| Some(at + 1).filter(|after| pieces.get(*after).is_some_and(|p| is_rest(p))))
}

/// The pieces of a title that are not dates or parts of dates.
pub(super) fn without_dates<'t>(pieces: &[&'t str]) -> Vec<&'t str> {
    let (places, shown): (Vec<usize>, Vec<&str>) = pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| !piece.trim().is_empty())
        .unzip();
    let mut gone = HashSet::new();
    for at in (0..shown.len()).filter(|at| is_date_only(shown[*at])) {
        gone.insert(places[at]);
        if dates::find(shown[at]).is_none() {
            gone.extend(beside(&shown, at).map(|at| places[at]));
        }
    }
    let kept = pieces
        .iter()
        .enumerate()
        .filter(|(at, _)| !gone.contains(at));
    kept.map(|(_, piece)| *piece).collect()
}

/// Whether `text` is a date, or part of one: a large day may be in a heading.
pub(super) fn is_part(text: &str) -> bool {
    is_date_only(text)
        || text
            .trim_end_matches(['日', '年'])
            .bytes()
            .all(|b| b.is_ascii_digit())
}

/// Completes the partial date `text` from the text around it.
fn partial(node: NodeRef<'_, Node>, text: &str, links: &NodeSet) -> Option<Date> {
    let month_day = month_day(text);
    if month_day.is_none() && !YEAR_MONTH.is_match(text) {
        return None;
    }
    let around = node
        .ancestors()
        .take(LEVELS)
        .take_while(|above| !links.contains(&above.id()))
        .take_while(|above| !years::holds_link(*above, links))
        .filter_map(|above| text::pieces(above, LONGEST, true));
    for pieces in around {
        if let Some(date) = assemble(&pieces) {
            return Some(Date::Known(date));
        }
    }
    month_day
        .map(|(month, day)| Date::Yearless(month, day))
        .or_else(|| of_two(node, text).map(Date::Known))
}

/// A year and month with the day beside it, in a row without a box for its date.
fn of_two(node: NodeRef<'_, Node>, text: &str) -> Option<NaiveDate> {
    let nodes = [Some(node), node.parent()].into_iter().flatten();
    let beside = nodes.flat_map(|node| [node.prev_sibling(), node.next_sibling()]);
    let mut days = beside.flatten().filter_map(|other| {
        let day = text::pieces(other, LONGEST, false)?.concat();
        let is_day = matches!(day.len(), 1 | 2) && day.bytes().all(|b| b.is_ascii_digit());
        assemble(&[day, text.to_owned()]).filter(|_| is_day)
    });
    days.next()
}

/// A date from its parts, in any order.
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
    // 2024 is a leap year, so 02-29 is valid.
    NaiveDate::from_ymd_opt(2024, month, day).map(|_| (month, day))
}

/// The date in a text that a column's selector names.
pub(super) fn read(node: NodeRef<'_, Node>) -> Option<Date> {
    let whole = text::whole(node);
    if let Some(found) = dates::find(&whole) {
        return Some(Date::Known(found.date));
    }
    let pieces = text::pieces(node, LONGEST, true)?;
    assemble(&pieces)
        .map(Date::Known)
        .or_else(|| month_day(&whole).map(|(month, day)| Date::Yearless(month, day)))
}
