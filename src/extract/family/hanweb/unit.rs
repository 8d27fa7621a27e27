//! jpaas: the list is a piece of the page, as HTML inside JSON from `front/page/build/unit`.
//!
//! Owns the request that the page's element names in `url` and `querydata`, and the request for the
//! page after an answer. Never reads the list.

use std::sync::LazyLock;

use regex::Regex;
use scraper::ElementRef;
use url::Url;

use crate::extract::family::query::{self, ListSize};
use crate::extract::family::sheet::Sheet;
use crate::extract::page::dom::Attributes;
use crate::extract::page::pattern::pattern;

/// The end of the address that returns a piece of a page.
const BUILDER: &str = "/front/page/build/unit";

/// `'webId':'3096'` among the parameters of the request.
static PAIR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"["']([0-9A-Za-z_]+)["']\s*:\s*["']([^"']*)["']"#));

/// Words in the name of a piece that is the column's list, or another piece.
const LISTS: [&str; 6] = ["list", "列表", "分页", "信息", "内容", "栏目"];
const OTHERS: [&str; 10] = [
    "导航",
    "位置",
    "面包屑",
    "头部",
    "尾部",
    "底部",
    "版权",
    "链接",
    "菜单",
    "左侧",
];

/// The numbers in the pager of a piece.
static SAID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i)\b(count|total|pageno|pagesize|rows)\b["'\s:=]{1,12}([0-9]{1,7})"#)
});

/// The address of the list that the page lacks, or of the page after an answer.
pub(super) fn next(sheet: &Sheet<'_>) -> Option<Option<Url>> {
    if sheet.here.path().ends_with(BUILDER) {
        return Some(after_answer(sheet));
    }
    // The piece would only repeat the items that the page itself lists.
    (sheet.items == 0).then(|| first(sheet).map(Some))?
}

/// The request for the piece that is most likely the list.
fn first(sheet: &Sheet<'_>) -> Option<Url> {
    let elements = sheet.document.root_element().descendent_elements();
    let pieces = elements.filter_map(|element| Some((element, request(sheet, element)?)));
    let rank = |element: ElementRef<'_>| {
        let asked = element.attribute("querydata").unwrap_or_default();
        let tag = PAIR.captures_iter(asked).find(|pair| &pair[1] == "tagId");
        let tag = tag.map_or(String::new(), |pair| pair[2].to_lowercase());
        let has = |words: &[&str]| words.iter().any(|word| tag.contains(word));
        match (has(&OTHERS), has(&LISTS)) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        }
    };
    let ranked = pieces.map(|(element, url)| (rank(element), url));
    // The first one wins a tie; `max_by_key` would take the last.
    let mut best: Option<(u8, Url)> = None;
    for (rank, url) in ranked {
        if best.as_ref().is_none_or(|(most, _)| rank > *most) {
            best = Some((rank, url));
        }
    }
    best.filter(|(rank, _)| *rank > 0).map(|(_, url)| url)
}

fn request(sheet: &Sheet<'_>, element: ElementRef<'_>) -> Option<Url> {
    let asked = element.attribute("querydata")?;
    let mut url = sheet.own(element.attribute("url")?)?;
    if !url.path().ends_with(BUILDER) {
        return None;
    }
    for pair in PAIR.captures_iter(asked).take(20) {
        url.query_pairs_mut().append_pair(&pair[1], &pair[2]);
    }
    url.query().is_some().then_some(url)
}

/// After an answer: the same request for the next page, until the last page of its pager.
fn after_answer(sheet: &Sheet<'_>) -> Option<Url> {
    let said = |name: &str| {
        let mut said = SAID.captures_iter(sheet.text);
        let found = said.find(|said| said[1].eq_ignore_ascii_case(name))?;
        found[2].parse::<u64>().ok()
    };
    let told = ListSize {
        total: said("count").or_else(|| said("total")),
        pages: None,
        size: said("pagesize").or_else(|| said("rows")),
    };
    if sheet
        .here
        .query_pairs()
        .any(|(name, _)| name == "paramJson")
    {
        return query::next(sheet.here, &told, sheet.items);
    }
    let size = told.size.or(u64::try_from(sheet.items).ok())?;
    if sheet.items == 0 || told.total? <= size {
        return None;
    }
    let mut url = sheet.here.clone();
    let page = format!("{{\"pageNo\":2,\"pageSize\":{size}}}");
    url.query_pairs_mut().append_pair("paramJson", &page);
    Some(url)
}
