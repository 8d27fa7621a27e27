//! The first page of a list, from a later one: for a person who names that.
//!
//! Owns the names of links to the first page, and what its address may be. Never part of a run: runs
//! begin where the feed file says.

use scraper::ElementRef;
use url::Url;

use crate::config::ListRules;
use crate::extract::answer::Above;
use crate::extract::family::sheet::Sheet;
use crate::extract::list::{column_page, link_name, number_of_page, numbers_apart, place};
use crate::extract::page::text::PageText;
use crate::extract::page::{links, tree, urls};

/// Names of the link to the first page, without white space and arrows.
const NAMES: [&str; 9] = [
    "首页",
    "第一页",
    "首頁",
    "最前页",
    "第1页",
    "1",
    "01",
    "first",
    "firstpage",
];

/// Parts of the names of a parameter that has the number of a page.
const PARAMETERS: [&str; 2] = ["page", "pn"];

/// Addresses at which the first page of a list may be: those that this page links to, and those that
/// its own address suggests. None if its address has no number, as that of a first page.
pub fn first_pages<'a>(page: impl Into<PageText<'a>>, here: &Url) -> Vec<Url> {
    if number_in(here).is_none() {
        return Vec::new();
    }
    let document = tree::parse(page.into());
    let base = links::base(&document, here);
    let anchors = document.root_element().descendent_elements();
    let named = anchors
        .filter(|element| matches!(element.value().name(), "a" | "option") && is_named(*element));
    let linked = named.filter_map(|element| links::of_element(element, &base));
    let is_first = |url: &Url| {
        // A site's first page has the same name.
        let is_site = urls::is_root(url) && !urls::is_beside(url, here);
        urls::is_beside(here, url) && !urls::same_page(url, here) && !is_site
    };
    let mut found: Vec<Url> = Vec::new();
    for url in linked.chain(suggested(here)).filter(is_first) {
        if !found.contains(&url) {
            found.push(url);
        }
    }
    found
}

fn is_named(element: ElementRef<'_>) -> bool {
    NAMES.contains(&link_name(element).as_str())
}

/// Whether one page is a later one of the list that begins at the other: its next page has this one's
/// address but for a number, and shows other items.
pub fn follows<'a>(
    (later, here): (impl Into<PageText<'a>>, &Url),
    (first, there): (impl Into<PageText<'a>>, &Url),
) -> bool {
    let rules = ListRules::default();
    let read = |page: PageText<'_>, url: &Url| column_page(page, url, &rules, Above::Unknown);
    let (later, first) = (read(later.into(), here), read(first.into(), there));
    let leads = first.next.is_some_and(|next| {
        urls::same_page(&next, here) || numbers_apart(next.as_str(), here.as_str()).is_some()
    });
    let same = |item| first.items.iter().any(|other| other.url == item);
    leads && !later.items.into_iter().all(|item| same(item.url))
}

/// The page's own number in its list, if the page and its address agree that it is not the first.
pub fn later_page<'a>(page: impl Into<PageText<'a>>, here: &Url) -> Option<u32> {
    let number = number_in(here)?;
    let text = page.into();
    let document = tree::parse(text);
    let base = links::base(&document, here);
    let sheet = Sheet::new(&document, text.html, here, &base, 0);
    let (own, _) = place(&sheet)?;
    (own > 1 && (number == own || number + 1 == own)).then_some(own)
}

/// The number at the end of a list page's address: of its file, or within its query.
fn number_in(url: &Url) -> Option<u32> {
    let (start, end) = number_of_page(url)?;
    let text = url.as_str();
    let is_of_folder = text[end..].contains('/') && url.query().is_none();
    text[start..end].parse().ok().filter(|_| !is_of_folder)
}

/// Addresses of a first page that differ from this one's as content systems write them:
/// `index_1.html` and `index.html`, `tzgg/3.htm` and `tzgg.htm`, `?page=2` and `?page=1`.
fn suggested(here: &Url) -> Vec<Url> {
    let (mut plain, mut one) = (here.clone(), here.clone());
    if here.query().is_some() {
        let pairs: Vec<(String, String)> = here.query_pairs().into_owned().collect();
        let is_page = |name: &str| {
            let name = name.to_ascii_lowercase();
            name == "p" || PARAMETERS.iter().any(|part| name.contains(part))
        };
        if !pairs.iter().any(|(name, _)| is_page(name)) {
            return Vec::new();
        }
        let others = pairs.iter().filter(|(name, _)| !is_page(name));
        plain.query_pairs_mut().clear().extend_pairs(others);
        if plain.query() == Some("") {
            plain.set_query(None);
        }
        let with_one = pairs.iter().map(|(name, value)| match is_page(name) {
            true => (name.as_str(), "1"),
            false => (name.as_str(), value.as_str()),
        });
        one.query_pairs_mut().clear().extend_pairs(with_one);
        return vec![plain, one];
    }
    let path = here.path();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, end) = file.split_once('.').unwrap_or((file, ""));
    let bare = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let bare_stem = bare.trim_end_matches(['_', '-']);
    if bare_stem.is_empty() {
        plain.set_path(&format!("{folder}.{end}"));
        return vec![plain];
    }
    plain.set_path(&format!("{folder}/{bare_stem}.{end}"));
    one.set_path(&format!("{folder}/{bare}1.{end}"));
    vec![plain, one]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_suggests_that_of_the_first_page() {
        for (address, expected) in [
            (
                "http://x.cn/gzdt/index_1.html",
                "http://x.cn/gzdt/index.html",
            ),
            (
                "http://x.cn/gzdt/list_12.shtml",
                "http://x.cn/gzdt/list.shtml http://x.cn/gzdt/list_1.shtml",
            ),
            ("http://x.cn/tzgg/3.htm", "http://x.cn/tzgg.htm"),
            (
                "http://x.cn/list?id=7&pageNum=2",
                "http://x.cn/list?id=7 http://x.cn/list?id=7&pageNum=1",
            ),
            ("http://x.cn/list?id=7", ""),
            ("http://x.cn/gzdt/", ""),
            ("http://x.cn/col/col1229/index.html", ""),
        ] {
            let found = first_pages("<p>1", &Url::parse(address).unwrap());
            let found: Vec<&str> = found.iter().map(Url::as_str).collect();
            assert_eq!(found.join(" "), expected, "{address}");
        }
    }

    #[test]
    fn a_page_links_to_the_first_of_its_list_and_to_that_of_its_site() {
        let page = "<a href=/>首页</a><a href=./>首页</a><a href=index_1.html>上一页</a>";
        let here = Url::parse("http://x.cn/gzdt/index_2.html").unwrap();
        assert_eq!(first_pages(page, &here)[0].as_str(), "http://x.cn/gzdt/");
        assert_eq!(later_page("<p>第3页/共30页", &here), Some(3));
        assert_eq!(later_page("<p>第1页/共30页", &here), None);
    }
}
