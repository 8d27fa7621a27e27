//! Links to the next page that their own text or markup identifies.
//!
//! Owns the names and signs of these links. Never reads a script, except the function that a link
//! calls.

use scraper::ElementRef;
use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::numbers;
use crate::extract::family::script;
use crate::extract::family::sheet::Sheet;
use crate::extract::page::dom::Attributes;
use crate::extract::page::{links, urls};

/// Names of the link to the next page, without white space and arrows.
const NAMES: [&str; 13] = [
    "下一页",
    "较早文章",
    "较旧文章",
    "早期文章",
    "更早文章",
    "更早的文章",
    "下页",
    "后一页",
    "后页",
    "下一頁",
    "下1页",
    "nextpage",
    "next",
];

/// Names of a link that loads the next page into this one, if it has an address.
const LOADS: [&str; 4] = ["加载更多", "点击加载更多", "显示更多", "查看更多"];

/// Signs used instead of these names.
const SIGNS: [&str; 7] = ["»", "›", ">", "→", ">>", "＞", "＞＞"];

/// The next page, by `<link rel=next>`, then by a link with a name, then by the number after the
/// current one, then by a lone `»`, which counts only among links inside the column's folder.
pub(super) fn next(sheet: &Sheet<'_>) -> Option<Url> {
    let Sheet {
        document,
        here,
        base,
        ..
    } = *sheet;
    let links = || {
        document
            .root_element()
            .descendent_elements()
            .filter(|element| matches!(element.value().name(), "a" | "link"))
    };
    let target = |element: ElementRef<'_>| links::of_element(element, base);
    let is_next = |element: &ElementRef<'_>| {
        let rel = element.attribute("rel").unwrap_or_default();
        rel.split_ascii_whitespace()
            .any(|rel| rel.eq_ignore_ascii_case("next"))
    };
    let by_rel = links().filter(is_next).find_map(target);
    let anchors = || links().filter(|element| element.value().name() == "a");
    let by_name = || {
        anchors()
            .filter(|anchor| NAMES.contains(&name(*anchor).as_str()))
            .find_map(target)
    };
    let by_call = || {
        anchors()
            .filter(|anchor| NAMES.contains(&name(*anchor).as_str()))
            .flat_map(|anchor| [anchor.attribute("onclick"), anchor.attribute("href")])
            .find_map(|call| script::called(sheet, call?))
    };
    // A button opens an address only in its handler.
    let by_button = || {
        let all = document.root_element().descendent_elements();
        all.filter(|element| matches!(element.value().name(), "input" | "button"))
            .filter(|element| is_named_next(*element))
            .find_map(|button| {
                let call = || script::called(sheet, button.attribute("onclick")?);
                target(button).or_else(call)
            })
    };
    let by_class = || {
        anchors()
            .filter(|anchor| is_bare(*anchor) && has_class_of_next(*anchor))
            .filter_map(target)
            .find(|url| urls::is_beside(url, here))
    };
    let by_sign = || {
        anchors()
            .filter(|anchor| SIGNS.contains(&text(*anchor).trim()))
            .filter_map(target)
            .find(|url| urls::is_beside(url, here))
    };
    let by_load = || {
        let all = document.root_element().descendent_elements();
        all.filter(|element| matches!(element.value().name(), "a" | "button" | "div" | "span"))
            .filter(|element| LOADS.contains(&name(*element).as_str()))
            .filter_map(target)
            .find(|url| urls::is_beside(url, here) && !urls::same_page(url, here))
    };
    by_rel
        .or_else(by_name)
        .or_else(by_call)
        .or_else(by_button)
        .or_else(|| numbers::next(document, here, base))
        .or_else(by_sign)
        .or_else(by_class)
        .or_else(by_load)
}

/// Whether an element is named as the link to the next page, with or without an address.
pub(super) fn is_named_next(element: ElementRef<'_>) -> bool {
    let is_input = element.value().name() == "input";
    match is_input {
        true => {
            let value = element
                .attribute("value")
                .or_else(|| element.attribute("alt"));
            NAMES.contains(&folded(value.unwrap_or_default()).as_str())
        }
        // Only the innermost element with the words.
        false => element.child_elements().count() <= 1 && NAMES.contains(&name(element).as_str()),
    }
}

/// Whether a link shows nothing but an icon.
fn is_bare(anchor: ElementRef<'_>) -> bool {
    text(anchor).trim().is_empty()
}

/// Whether a class says that a link leads to the next page: `next`, `page-next`, `nextPage`.
fn has_class_of_next(anchor: ElementRef<'_>) -> bool {
    let class = anchor.attribute("class").unwrap_or_default();
    let mut words = class.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| {
        ["next", "nextpage", "pagenext"]
            .iter()
            .any(|name| word.eq_ignore_ascii_case(name))
    })
}

/// The most nodes of a link to read.
const NODES: usize = 40;

/// The normalised name of a link, from its text, its `title` or its picture.
pub(in crate::extract) fn name(anchor: ElementRef<'_>) -> String {
    let text = text(anchor);
    let shown = if text.trim().is_empty() {
        let picture = anchor
            .descendent_elements()
            .take(NODES)
            .skip(1)
            .find_map(|element| element.attribute("alt").or(element.attribute("title")));
        anchor
            .attribute("title")
            .or(anchor.attribute("aria-label"))
            .or(picture)
            .unwrap_or_default()
            .to_owned()
    } else {
        text
    };
    folded(&shown)
}

fn folded(name: &str) -> String {
    name.nfkc()
        .filter(|c| !c.is_whitespace() && !">»›→←‹«[]()|".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The start of a link's text. A longer text is not a pager's.
fn text(anchor: ElementRef<'_>) -> String {
    anchor
        .descendants()
        .take(NODES)
        .filter_map(|node| node.value().as_text())
        .flat_map(|text| text.chars())
        .take(64)
        .collect()
}
