//! Lists with a page number in the query of their address and a count in their data.
//!
//! Owns the names of these numbers, in addresses and in data, and the next page's address. Never
//! continues without a count: without one in the data, the list ends.

use std::sync::LazyLock;

use regex::Regex;
use url::{Url, form_urlencoded};

use crate::extract::page::pattern::pattern;

/// The size of a list, as far as the list gives it.
#[derive(Clone, Debug, Default)]
pub(in crate::extract) struct ListSize {
    /// The number of items.
    pub(in crate::extract) total: Option<u64>,
    /// The number of pages.
    pub(in crate::extract) pages: Option<u64>,
    /// The number of items on a page.
    pub(in crate::extract) size: Option<u64>,
}

const TOTAL: [&str; 13] = [
    "total",
    "totalcount",
    "totalnum",
    "totalrecord",
    "totalrecords",
    "totalrow",
    "totalrows",
    "totalelements",
    "totalsize",
    "totalhits",
    "recordcount",
    "rowcount",
    "count",
];
const PAGES: [&str; 8] = [
    "totalpage",
    "totalpages",
    "pagecount",
    "pages",
    "pagetotal",
    "totalpagenum",
    "maxpage",
    "lastpage",
];
const SIZE: [&str; 6] = ["pagesize", "perpage", "limit", "size", "rows", "pagerows"];

/// Names of the page number in an address.
const PAGE: [&str; 14] = [
    "page",
    "pageno",
    "pageindex",
    "pagenum",
    "pagenumber",
    "currentpage",
    "curpage",
    "currpage",
    "currentpageno",
    "p",
    "pn",
    "current",
    "cur",
    "nowpage",
];

/// The page number in JSON that is a value of the query.
static WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i)("?(?:page|pageno|pageindex|pagenum|currentpage|curpage)"?\s*:\s*"?)(\d{1,6})"#)
});
static WITHIN_SIZE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i)"?(?:pagesize|perpage|rows)"?\s*:\s*"?(\d{1,6})"#));

impl ListSize {
    /// Takes a number from the data by its name. The first of a kind counts.
    pub(in crate::extract) fn take(&mut self, name: &str, number: u64) {
        let name = folded(name);
        let is = |names: &[&str]| names.contains(&name.as_str());
        let place = match () {
            () if is(&TOTAL) => &mut self.total,
            () if is(&PAGES) => &mut self.pages,
            () if is(&SIZE) => &mut self.size,
            () => return,
        };
        place.get_or_insert(number);
    }

    /// Whether another page follows page `number`, which has `items`.
    fn goes_on(&self, number: u64, items: usize) -> bool {
        if let Some(pages) = self.pages {
            return number < pages;
        }
        // The last page may have fewer items than the page size; the first has exactly that many.
        let items = u64::try_from(items).unwrap_or(u64::MAX);
        let size = self.size.filter(|size| *size >= items);
        let size = size.or((number <= 1 || items.is_multiple_of(5)).then_some(items));
        let seen = size.map(|size| number.max(1).saturating_mul(size));
        matches!((self.total, seen), (Some(total), Some(seen)) if seen < total)
    }
}

/// Whether a name in a query is that of the page number.
pub(in crate::extract) fn is_number(name: &str) -> bool {
    PAGE.contains(&folded(name).as_str())
}

fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| *c != '_' && *c != '-');
    letters.flat_map(char::to_lowercase).collect()
}

/// The address of the page after `here`, which has `items` items.
pub(in crate::extract) fn next(here: &Url, told: &ListSize, items: usize) -> Option<Url> {
    if items == 0 {
        return None;
    }
    let query = here.query()?;
    let mut told = told.clone();
    for (name, value) in here.query_pairs() {
        if let (true, Ok(size)) = (SIZE.contains(&folded(&name).as_str()), value.parse()) {
            told.size = Some(size);
        }
        if let Some(size) = WITHIN_SIZE.captures(&value) {
            told.size = size[1].parse().ok().or(told.size);
        }
    }
    let mut followed = false;
    let pairs: Vec<String> = query
        .split('&')
        .map(
            |pair| match after(pair, &told, items).filter(|_| !followed) {
                Some(after) => {
                    followed = true;
                    after
                }
                None => pair.to_owned(),
            },
        )
        .collect();
    let mut url = here.clone();
    url.set_query(Some(&pairs.join("&")));
    followed.then_some(url)
}

/// A part of a query with the next number, if it has a number and the list continues.
fn after(pair: &str, told: &ListSize, items: usize) -> Option<String> {
    let (name, raw) = pair.split_once('=')?;
    let goes_on = |number: &u64| told.goes_on(*number, items);
    if is_number(name) {
        let number = raw.parse().ok().filter(goes_on)?;
        return Some(format!("{name}={}", number.checked_add(1)?));
    }
    let (_, value) = form_urlencoded::parse(pair.as_bytes()).next()?;
    let within = WITHIN.captures(&value)?;
    let number: u64 = within[2].parse().ok().filter(goes_on)?;
    let place = within.get(2)?.range();
    let mut value = value.to_string();
    value.replace_range(place, &number.checked_add(1)?.to_string());
    let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    Some(format!("{name}={value}"))
}
