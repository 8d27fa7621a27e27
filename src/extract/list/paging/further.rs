//! What a list page says of further pages, if the address of the next one cannot be read.
//!
//! Owns the words and signs of a last page and of a pager that only a script or a posted form
//! turns. Never names a page.

use std::sync::LazyLock;

use regex::Regex;
use scraper::ElementRef;

use super::{anchor, count, numbers};
use crate::extract::answer::Further;
use crate::extract::family::sheet::Sheet;
use crate::extract::family::{self, script};
use crate::extract::page::dom::Attributes;
use crate::extract::page::links;
use crate::extract::page::pattern::pattern;

/// `第1页/共30页`, `1/30页`, `页次：1/30`: the page's number, then the number of pages.
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) 第\s*([0-9]{1,5})\s*页 \D{0,12}? 共\s*([0-9]{1,5})\s*页
        | (?: 第\s* | 页[次码]\s*[:：]?\s* | 当前\D{0,4} )? ([0-9]{1,5}) \s*/\s* ([0-9]{1,5}) \s* 页
        | 页[次码]\s*[:：]?\s* ([0-9]{1,5}) \s*/\s* ([0-9]{1,5})
        | 共\s*([0-9]{1,5})\s*页 \D{0,12}? (?:当前)? (?:是|为)? \s* 第\s*([0-9]{1,5})\s*页",
    )
});

/// Words of an element that loads more items into the page.
#[rustfmt::skip]
const LOADS: [&str; 10] = [
    "加载更多", "点击加载更多", "点击加载", "显示更多", "查看更多", "更多加载", "下拉加载更多", "上拉加载更多",
    "继续加载", "loadmore",
];

/// Words in a class of a link that leads nowhere on this page.
const IDLE: [&str; 8] = [
    "disabled", "disable", "gray", "grey", "nolink", "nopage", "unable", "off",
];

/// What the page says of further pages.
pub(in crate::extract) fn further(sheet: &Sheet<'_>, total: Option<u32>) -> Further {
    if let Some((page, pages)) = place(sheet) {
        return match page < pages {
            true => Further::Unread(format!("page {page} of {pages}")),
            false => Further::Last(format!("page {page} of {pages}")),
        };
    }
    let counted = family::pager(sheet, None).or_else(|| family::data(sheet, None));
    if counted == Some(None) {
        return Further::Last("the last page by its script".to_owned());
    }
    let turns = elements(sheet).filter(|element| anchor::is_named_next(*element));
    let turns: Vec<Turn> = turns.map(turn).collect();
    if let Some(how) = turns.iter().find_map(|turn| turn.by) {
        return Further::Unread(format!("下一页 by {how}"));
    }
    if !turns.is_empty() || total == Some(1) {
        return Further::Last("下一页 leads nowhere".to_owned());
    }
    if let Some(words) = elements(sheet).find_map(loads) {
        return Further::Unread(words);
    }
    match total {
        Some(pages) if pages > 1 => Further::Unread(format!("one of {pages} pages")),
        _ => Further::None,
    }
}

/// The page's own number and the number of pages: in words, in numbers, or in a script.
pub(in crate::extract) fn place(sheet: &Sheet<'_>) -> Option<(u32, u32)> {
    let words = || {
        let said = count::said(sheet.document);
        let found = PLACE.captures(&said)?;
        let number = |at: usize| found.get(at)?.as_str().parse::<u32>().ok();
        let place = match (number(1), number(3), number(5)) {
            (Some(page), ..) => (page, number(2)?),
            (_, Some(page), _) => (page, number(4)?),
            (.., Some(page)) => (page, number(6)?),
            _ => (number(8)?, number(7)?),
        };
        (1..=place.1).contains(&place.0).then_some(place)
    };
    words()
        .or_else(|| numbers::place(sheet.document, sheet.here, sheet.base))
        .or_else(|| script::place(sheet))
}

/// Elements that a pager is made of.
fn elements<'a>(sheet: &Sheet<'a>) -> impl Iterator<Item = ElementRef<'a>> {
    let all = sheet.document.root_element().descendent_elements();
    all.filter(|element| {
        let name = element.value().name();
        matches!(
            name,
            "a" | "button" | "input" | "span" | "li" | "div" | "p" | "em"
        ) && element.child_elements().take(2).count() <= 1
            && !is_hidden(*element)
    })
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let style = element
        .attribute("style")
        .unwrap_or_default()
        .replace(' ', "");
    style.to_ascii_lowercase().contains("display:none")
}

/// A link to the next page, without an address.
struct Turn {
    /// How it turns the page; `None` if it does not.
    by: Option<&'static str>,
}

fn turn(element: ElementRef<'_>) -> Turn {
    let class = element.attribute("class").unwrap_or_default();
    let mut words = class.split(|c: char| !c.is_ascii_alphabetic());
    let is_idle = element.attribute("disabled").is_some()
        || words.any(|word| IDLE.iter().any(|idle| word.eq_ignore_ascii_case(idle)));
    let href = element
        .attribute("href")
        .filter(|href| links::is_script(href));
    let call = [element.attribute("onclick"), href];
    let call = call.into_iter().flatten().find(|call| is_call(call));
    let submits = element.attribute("type").is_some_and(|kind| {
        kind.eq_ignore_ascii_case("submit") || kind.eq_ignore_ascii_case("image")
    });
    let by = match call {
        _ if is_idle => None,
        Some(call) if call.contains("__doPostBack") => Some("a post-back"),
        Some(call) if call.contains("submit") => Some("a form"),
        Some(_) => Some("a script"),
        None => submits.then_some("a form"),
    };
    Turn { by }
}

/// Whether a script calls something: `void(0)` and `;` do not.
fn is_call(script: &str) -> bool {
    let script = script.trim();
    let script = script.strip_prefix("javascript:").unwrap_or(script).trim();
    script.contains('(') && !script.starts_with("void(0") && !script.starts_with("void (0")
}

/// The words of an element that loads more items, if it is one.
fn loads(element: ElementRef<'_>) -> Option<String> {
    let name = anchor::name(element);
    let is_known = LOADS.contains(&name.trim_matches(['.', '…', '+']));
    // A link with an address leads to another list.
    let leads = |element: ElementRef<'_>| {
        element
            .attribute("href")
            .map(str::trim)
            .is_some_and(|href| {
                !(href.is_empty() || href.starts_with('#') || links::is_script(href))
            })
    };
    let above = || element.ancestors().take(2).filter_map(ElementRef::wrap);
    let around = || element.descendent_elements().take(4).chain(above());
    (is_known && !around().any(leads)).then_some(name)
}
