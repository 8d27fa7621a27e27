//! The lines about a text: its date, its author, its editors.
//!
//! Owns the signs of these lines. Never reads a value from one.

use std::ops::Range;

use scraper::Html;

use super::dates;
use super::label_pairs::{self, Pair, Sign};
use super::labels::Weight;
use crate::extract::page::cells::{Cell, Cells, Said};
use crate::extract::page::{dom, strings};
use crate::model::Field;

/// `来源：… 发布时间：… 浏览次数：…`: the line between title and text.
pub(in crate::extract) fn is_info(cell: &Cell) -> bool {
    judge(cell).is_info
}

/// What a line is, by its labels.
fn judge(cell: &Cell) -> Said {
    *cell.said.get_or_init(|| {
        let pairs = label_pairs::read(cell);
        Said {
            is_info: says_when_or_by_whom(cell, &pairs),
            is_credits: names_editors(cell, &pairs),
        }
    })
}

fn says_when_or_by_whom(cell: &Cell, pairs: &[Pair]) -> bool {
    /// Longer lines are text.
    const MAX: usize = 120;
    let Some(first) = pairs.first() else {
        return false;
    };
    let line = cell.folded();
    let line = line.trim_start_matches(['【', '[', '(', '（']);
    let has = |field| pairs.iter().any(|pair| pair.label.field == Some(field));
    let is_official = |pair: &Pair| pair.label.weight == Weight::Official;
    let is_dated_or_sourced = has(Field::PublishedOn) || has(Field::Source);
    let are_of_page = pairs.len() > 1 && pairs.iter().all(|pair| pair.label.field.is_none());
    line.starts_with(first.label.name)
        && !pairs.iter().any(is_official)
        && cell.len() <= MAX
        && (is_dated_or_sourced || are_of_page)
}

/// The line with date and author: the first outside the label block and lists of links.
pub(in crate::extract) fn facts(html: &Html, cells: &Cells, block: &Range<usize>) -> Option<usize> {
    let is_facts = |nth: &usize| {
        let cell = &cells.all[*nth];
        let says = || {
            let is_day = |pair: &Pair| {
                pair.label.field == Some(Field::PublishedOn) && pair.sign == Sign::Colon
            };
            is_info(cell) && label_pairs::read(cell).iter().any(is_day)
        };
        let is_in_row = || {
            let holder = html.tree.get(cell.holder);
            let row = holder.and_then(|holder| {
                let around = std::iter::once(holder).chain(holder.ancestors());
                around
                    .take(3)
                    .find(|node| matches!(dom::name(*node), "li" | "dd" | "tr"))
            });
            row.is_some_and(|row| {
                cells.all[cells.below(row.id())]
                    .iter()
                    .any(|cell| cell.linked > 0)
            })
        };
        !block.contains(nth)
            && !cell.hidden
            && !cell.text.is_empty()
            && cell.linked == 0
            && (says() || is_dated(&cell.text) && !is_in_row())
    };
    (0..cells.all.len()).find(is_facts)
}

/// `2025-12-29 来源：…`: the same line without a label before the date.
pub(in crate::extract) fn is_dated(text: &str) -> bool {
    strings::len(text) <= 60 && !text.contains('。') && before_date(text).is_empty()
}

/// `来源：某报 编辑：某某 审核：某某`: the people who handled the text.
pub(in crate::extract) fn is_credits(cell: &Cell) -> bool {
    judge(cell).is_credits
}

fn names_editors(cell: &Cell, pairs: &[Pair]) -> bool {
    const EDITORS: [&str; 9] = [
        "编辑",
        "责编",
        "责任编辑",
        "审核",
        "校对",
        "初审",
        "复审",
        "终审",
        "发布人",
    ];
    let begins = pairs
        .first()
        .is_some_and(|pair| cell.folded().starts_with(pair.label.name));
    let edited = pairs
        .iter()
        .any(|pair| pair.sign == Sign::Colon && EDITORS.contains(&pair.label.name));
    begins && edited && cell.len() <= 100 && !cell.text.contains('。')
}

/// The text before the first date of a line; empty if the line begins with a date.
pub(in crate::extract) fn before_date(line: &str) -> &str {
    let is_start = |at: &usize| {
        let begins = line[*at..].starts_with("19") || line[*at..].starts_with("20");
        let within = line[..*at].ends_with(|c: char| c.is_ascii_digit());
        let day = || line[*at..].chars().take(MAX_DATE).collect::<String>();
        begins && !within && starts_with_date(&day())
    };
    let starts = line.char_indices().map(|(at, _)| at);
    let end = starts.take(MAX_LINE).find(is_start).unwrap_or(line.len());
    line[..end].trim_end_matches(|c: char| c.is_whitespace() || SIGNS.contains(&c))
}

/// Characters of the longest date, `2025 年 12 月 29 日`.
const MAX_DATE: usize = 16;
/// Longer lines are not searched for dates.
const MAX_LINE: usize = 300;
/// Signs between a name and a date.
const SIGNS: [char; 12] = [
    '|', '｜', '[', '【', '〔', '(', '（', '/', '-', '—', '：', ':',
];

/// Whether a text that begins with a year continues as a date.
fn starts_with_date(text: &str) -> bool {
    let year = text.chars().take(4).all(|c| c.is_ascii_digit());
    let sign = text.chars().skip(4).find(|c| !c.is_whitespace());
    year && sign.is_some_and(|c| matches!(c, '-' | '/' | '.' | '年')) && dates::find(text).is_some()
}
