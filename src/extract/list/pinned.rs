//! Rows that a column pins above the others.
//!
//! Owns the signs of such a row: words, classes and pictures. Never judges by the order of rows.

use crate::extract::page::dom::Attributes;
use ego_tree::NodeId;
use scraper::{ElementRef, Node};

use super::page::Page;
use super::text;

/// Words that stand alone in a pinned row, possibly in brackets.
const WORDS: [&str; 5] = ["置顶", "顶", "TOP", "头条", "推荐"];

/// The same before a title.
const PREFIXES: [&str; 4] = ["置顶", "顶", "TOP", "头条"];

/// Parts of classes and of pictures' file names that mark a pinned row.
const NAMES: [&str; 11] = [
    "top", "totop", "istop", "zhiding", "zd", "ding", "stick", "sticky", "pin", "pinned", "settop",
];

/// The most nodes of a row to check.
const NODES: usize = 60;

/// Whether the row says that it is pinned.
pub(super) fn says(page: &Page<'_>, row: NodeId) -> bool {
    let nodes = page.node(row).into_iter().flat_map(|row| row.descendants());
    nodes.take(NODES).any(|node| match node.value() {
        Node::Text(_) => text::shown(node).is_some_and(is_word),
        Node::Element(_) => ElementRef::wrap(node).is_some_and(is_named),
        _ => false,
    })
}

fn is_word(text: &str) -> bool {
    let text = text.trim();
    let brackets: &[char] = &['[', ']', '【', '】', '(', ')', '（', '）', ' '];
    let word = text.trim_matches(brackets);
    let is = |known: &&str| word.eq_ignore_ascii_case(known);
    WORDS.iter().any(is)
        || ["[", "【", "（", "("].iter().any(|open| {
            let inside = text.strip_prefix(open).map(str::trim_start);
            inside.is_some_and(|inside| {
                PREFIXES.iter().any(|known| {
                    let rest = inside.get(..known.len());
                    rest.is_some_and(|start| start.eq_ignore_ascii_case(known))
                        && inside[known.len()..]
                            .trim_start()
                            .starts_with([']', '】', '）', ')'])
                })
            })
        })
}

fn is_named(element: ElementRef<'_>) -> bool {
    let picture = (element.value().name() == "img")
        .then(|| element.attribute("src"))
        .flatten();
    let file = picture.and_then(|src| src.rsplit('/').next());
    let alt = element.attribute("alt").unwrap_or_default();
    let names = [element.attribute("class"), file];
    let mut words = names
        .into_iter()
        .flatten()
        .flat_map(|name| name.split(|c: char| !c.is_ascii_alphabetic()));
    is_word(alt) || words.any(|word| NAMES.iter().any(|name| word.eq_ignore_ascii_case(name)))
}
