//! The content systems (CMS) of portals: the marks of each, its names for the text, its paging, and
//! the source of lists that a script shows.
//!
//! Owns the table of the families, and the questions to each. Never knows a portal: a family's file
//! holds for all users of that system.

mod general;
mod gkmlpt;
mod hanweb;
pub(super) mod query;
pub(super) mod script;
pub(super) mod sheet;
mod system;
mod trs;
mod ucap;
mod vsb;

use std::sync::LazyLock;

use regex::RegexSet;
use rustc_hash::FxHashMap;
use url::Url;

use crate::config::PagingFamily;
use crate::extract::page::dom::{Attributes, DomNode};
use crate::extract::page::pattern::patterns;
use sheet::Sheet;
use system::Family;

/// Every known family. A new one is a file beside these and a line here.
const TABLE: [&Family; 5] = [
    &trs::FAMILY,
    &hanweb::FAMILY,
    &ucap::FAMILY,
    &vsb::FAMILY,
    &gkmlpt::FAMILY,
];

/// The marks of all families.
static MARKS: LazyLock<RegexSet> =
    LazyLock::new(|| patterns(TABLE.iter().flat_map(|family| family.marks)));

/// The name of the family of the page at `url`; `None` if no mark is found.
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

/// The name, among those that families give to the text, that an element has.
pub(super) fn name_of(node: DomNode<'_>) -> Option<&'static str> {
    let element = node.value().as_element()?;
    if matches!(
        element.name(),
        "body" | "html" | "a" | "img" | "input" | "i"
    ) {
        return None;
    }
    let id = element
        .attribute("id")
        .map(|id| known(&CONTAINERS.ids, id.trim()));
    let class = element.attribute("class").unwrap_or_default();
    let classes = class.split_whitespace();
    let classes = classes.map(|class| known(&CONTAINERS.classes, class));
    let own = CONTAINERS.elements.get(element.name()).copied();
    let found = classes.chain(id).flatten().chain(own);
    found.min().map(|(_, name)| name)
}

/// What is known of a name, whatever its case.
fn known<V>(names: &FxHashMap<String, V>, name: &str) -> Option<V>
where
    V: Copy,
{
    /// No known name is longer.
    const MAX: usize = 40;
    let mut lower = [0; MAX];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    names.get(std::str::from_utf8(lower).ok()?).copied()
}

/// The names that families give to the text, with their places in the order of preference.
#[derive(Default)]
struct Containers {
    ids: FxHashMap<String, (usize, &'static str)>,
    classes: FxHashMap<String, (usize, &'static str)>,
    elements: FxHashMap<&'static str, (usize, &'static str)>,
}

static CONTAINERS: LazyLock<Containers> = LazyLock::new(|| {
    let mut containers = Containers::default();
    let families = TABLE.iter().flat_map(|family| family.containers);
    let names = families.chain(general::CONTAINERS).copied();
    for (place, name) in names.enumerate() {
        let known = match name.split_at(1) {
            ("#", id) => containers.ids.entry(id.to_ascii_lowercase()),
            (".", class) => containers.classes.entry(class.to_ascii_lowercase()),
            _ => {
                containers.elements.entry(name).or_insert((place, name));
                continue;
            }
        };
        known.or_insert((place, name));
    }
    containers
});

/// The first answer of the families with the paging `named`, or of all families without it.
fn first<T>(named: Option<PagingFamily>, ask: impl Fn(&'static Family) -> Option<T>) -> Option<T> {
    let asked = |family: &&'static Family| named.is_none_or(|named| named == family.name);
    TABLE.into_iter().filter(asked).find_map(ask)
}

/// The next page by a script's call; `Some(None)` if this is the last page.
pub(super) fn pager(sheet: &Sheet<'_>, named: Option<PagingFamily>) -> Option<Option<Url>> {
    first(named, |family| (family.pager)(sheet))
}

/// The address of the items that a script loads; `Some(None)` if there are no more.
pub(super) fn data(sheet: &Sheet<'_>, named: Option<PagingFamily>) -> Option<Option<Url>> {
    first(named, |family| (family.data)(sheet))
}

/// The number of list pages from a script's call or data.
pub(super) fn total(sheet: &Sheet<'_>) -> Option<u32> {
    first(None, |family| (family.total)(sheet))
}

#[cfg(test)]
mod tests;
