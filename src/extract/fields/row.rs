//! What the column's list says of an article, beside what its page says.
//!
//! Owns the weight of a row against a page's own title. A row may be cut, decorated, or another
//! article's. Never searches a page.

use super::extras;
use super::heading::Head;
use super::title;
use crate::extract::answer::Extracted;
use crate::extract::page::strings;
use crate::model::{Field, ListRow};

/// The provenance of a value from the list.
pub const FOUND: &str = "list";
/// The provenance of a title that the page shows, and the list names.
const SHOWN: &str = "heading as in list";

/// A row's title, where it is better than the page's own: one that the page shows whole in the
/// article's place.
pub(in crate::extract) fn shown<'a>(
    row: Option<&'a ListRow>,
    page: &Extracted,
    head: &Head<'_>,
) -> Option<(&'a str, &'static str)> {
    let title = title_of(row?);
    let own = page.title.as_deref()?;
    let found = page.provenance.get(&Field::Title)?;
    let is_told = ["selector", "label", "meta"]
        .iter()
        .any(|layer| found.starts_with(layer));
    let is_better = !is_told && !is_part(title, own) && head.shows(title);
    is_better.then_some((title, SHOWN))
}

/// A row's title for a page that shows none, unless `<title>` has it undecorated and whole.
pub(in crate::extract) fn alone<'a>(
    row: Option<&'a ListRow>,
    trimmed: Option<&str>,
) -> Option<(&'a str, &'static str)> {
    let title = title_of(row?);
    let is_in_tag = trimmed.is_some_and(|trimmed| {
        is_part(title, trimmed) || strings::fold(undecorated(title)) == strings::fold(trimmed)
    });
    (!is_in_tag).then_some((title, FOUND))
}

/// A row's title, where it can stand for a page's `own` one that turns out to be its template's. A
/// title that the feed file names stays, and so does one of which the row is a part.
pub fn row_title<'a>(row: &'a ListRow, own: &str, found: &str) -> Option<&'a str> {
    let title = title_of(row);
    let is_told = found.starts_with("selector") || found == FOUND;
    let is_same = is_part(title, own) || strings::fold(undecorated(title)) == strings::fold(own);
    (!is_told && !is_same).then_some(title)
}

/// Whether the titles of two rows are clearly different: neither is the other's beginning or a part
/// of it, with or without 【栏目】 in front.
pub fn rows_differ(one: &str, other: &str) -> bool {
    let bare = |title| undecorated(extras::headline(title));
    let (one, other) = (bare(one), bare(other));
    !is_part(one, other) && !is_part(other, one)
}

fn title_of(row: &ListRow) -> &str {
    extras::headline(&row.title)
}

/// Whether a row is the page's title, its beginning or a part of it.
fn is_part(row: &str, own: &str) -> bool {
    let stem = strings::fold(title::stem(row));
    stem.is_empty() || strings::fold(own).contains(&stem)
}

/// A row's title without 【栏目】 in front.
fn undecorated(title: &str) -> &str {
    let rest = title.strip_prefix(['【', '[', '〖', '［']);
    let rest = rest.and_then(|rest| rest.split_once(['】', ']', '〗', '］']));
    rest.map_or(title, |(_, rest)| rest.trim_start())
}
