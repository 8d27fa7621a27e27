//! The content systems (CMS) that portals are made with: by what each is known, what it calls the
//! text, how it pages, and where it keeps what a script would show.
//!
//! Owns the table of the families, and what is asked of each. Never knows a portal: what stands in
//! a family's file holds wherever that system is used.

mod gkmlpt;
mod hanweb;
mod sheet;
mod trs;
mod ucap;
mod vsb;

use std::sync::LazyLock;

use regex::RegexSet;
use url::Url;

use crate::config::PagingFamily;
use crate::extract::page::pattern::patterns;
pub(in crate::extract) use sheet::Sheet;

/// Every family that is known. A new one is a file beside these and a line here.
const TABLE: [&Family; 5] = [
    &trs::FAMILY,
    &hanweb::FAMILY,
    &ucap::FAMILY,
    &vsb::FAMILY,
    &gkmlpt::FAMILY,
];

/// What is known of a content system. What a family has no use for is left as in [`Family::NONE`].
pub(in crate::extract) struct Family {
    /// The family, by the name that feed files give it.
    name: PagingFamily,
    /// Patterns of its addresses, scripts, classes and tags. The family with most of them in a
    /// page, or in its URL, is the page's.
    marks: &'static [&'static str],
    /// Names that it gives to the text and to nothing else: `.class`, `#id` or an element's.
    containers: &'static [&'static str],
    /// The page after a list page, by the call of the script that writes the pager: `None` where
    /// the page makes no such call, `Some(None)` where it does and is the last one.
    pager: fn(&Sheet<'_>) -> Option<Option<Url>>,
    /// Where a script gets the items that a list page has not, or has no more of, likewise: `None`
    /// where the page has no such script, `Some(None)` where it has and there is no more.
    data: fn(&Sheet<'_>) -> Option<Option<Url>>,
    /// How many list pages there are, by the script's call or its data.
    total: fn(&Sheet<'_>) -> Option<u32>,
}

impl Family {
    const NONE: Self = Self {
        name: PagingFamily::Links,
        marks: &[],
        containers: &[],
        pager: |_| None,
        data: |_| None,
        total: |_| None,
    };
}

/// The marks of all families.
static MARKS: LazyLock<RegexSet> =
    LazyLock::new(|| patterns(TABLE.iter().flat_map(|family| family.marks)));

/// The family of the page that stood at `url`, by name; `None` where nothing tells.
pub fn family(html: &str, url: &Url) -> Option<&'static str> {
    let found = [html, url.path()].map(|text| MARKS.matches(text));
    let mut first = 0;
    let mut best: Option<(usize, &Family)> = None;
    for family in TABLE {
        let marks = first..first + family.marks.len();
        first = marks.end;
        let count = marks
            .filter(|mark| found.iter().any(|found| found.matched(*mark)))
            .count();
        if count > best.map_or(0, |(most, _)| most) {
            best = Some((count, family));
        }
    }
    best.map(|(_, family)| family.name.name())
}

/// The families' names for the text.
pub(in crate::extract) fn containers() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|family| family.containers).copied()
}

/// The first answer of the families whose paging `named` asks for; of all, where it names none.
fn first<T>(named: Option<PagingFamily>, ask: impl Fn(&'static Family) -> Option<T>) -> Option<T> {
    let asked = |family: &&'static Family| named.is_none_or(|named| named == family.name);
    TABLE.into_iter().filter(asked).find_map(ask)
}

/// The page after this one, by the call of a script: `Some(None)` where this is the last.
pub(in crate::extract) fn pager(
    sheet: &Sheet<'_>,
    named: Option<PagingFamily>,
) -> Option<Option<Url>> {
    first(named, |family| (family.pager)(sheet))
}

/// Where a script gets what the page does not list: `Some(None)` where there is no more.
pub(in crate::extract) fn data(
    sheet: &Sheet<'_>,
    named: Option<PagingFamily>,
) -> Option<Option<Url>> {
    first(named, |family| (family.data)(sheet))
}

/// How many list pages a script's call or data tell.
pub(in crate::extract) fn total(sheet: &Sheet<'_>) -> Option<u32> {
    first(None, |family| (family.total)(sheet))
}

#[cfg(test)]
mod tests;
