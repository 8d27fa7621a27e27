//! Whether a page is an article's: then its related links are not a column.
//!
//! Owns the signs of an article beside a block of links: its official tag, its labels, its text.
//! Never reads the article.

use std::collections::HashSet;

use ego_tree::{NodeId, NodeRef};
use scraper::Node;

use super::page::Page;
use super::text;
use crate::extract::page::dom::{self, Attributes, NodeMap, NodeSet};

/// The text of a page beside a block of links.
pub(super) struct Prose {
    /// Characters in sentences.
    characters: usize,
    /// The same in the one part of the page that has most: the notices of a first page are apart.
    together: usize,
    /// Whether the page is marked as an article's.
    is_marked: bool,
}

/// Labels of an article. Columns that list index numbers have them inside the list.
const LABELS: [&str; 10] = [
    "索引号",
    "发文字号",
    "文号",
    "发文机关",
    "发布机构",
    "成文日期",
    "发布日期",
    "发布时间",
    "主题分类",
    "来源",
];

/// This many labels are no coincidence.
const MANY: usize = 3;

/// A longer text, in bytes, is a sentence and not a label.
const LABELLED: usize = 160;

/// A sentence has at least this many characters; a shorter text is a name or a button.
const SENTENCE: usize = 20;

/// This many characters in sentences are an article's, if the page is marked as one.
const SHORT: usize = 60;

/// The same for a page that is not marked.
const LONG: usize = 300;

/// A longer list does not belong to an article.
const ITEMS: usize = 10;

impl Prose {
    /// Reads the text outside the block's `lists` and outside links.
    pub(super) fn beside(page: &Page<'_>, lists: &[NodeId]) -> Self {
        let lists: NodeSet = lists.iter().copied().collect();
        let links: NodeSet = page.links.iter().map(|link| link.node).collect();
        let is_beside = |node: NodeRef<'_, Node>| {
            !node.ancestors().any(|above| {
                let form = above
                    .value()
                    .as_element()
                    .is_some_and(|e| e.name() == "form");
                form || lists.contains(&above.id()) || links.contains(&above.id())
            })
        };
        let mut characters = 0;
        let mut parts: NodeMap<usize> = NodeMap::default();
        let mut labels: HashSet<&str> = HashSet::new();
        for node in page.document.root_element().descendants() {
            let Some(shown) = text::shown(node).map(str::trim) else {
                continue;
            };
            let length = shown.chars().count();
            let is_sentence = length >= SENTENCE && shown.contains(['。', '，']);
            let mut named = named(shown).peekable();
            if (is_sentence || named.peek().is_some()) && is_beside(node) {
                let length = if is_sentence { length } else { 0 };
                characters += length;
                *parts.entry(part(node)).or_default() += length;
                labels.extend(named);
            }
        }
        Self {
            characters,
            together: parts.into_values().max().unwrap_or(0),
            is_marked: has_article_title(page) || are_articles(&labels),
        }
    }

    /// Whether a block with `items` items, whose titles have `titles` characters, is the smaller
    /// part of an article's page.
    pub(super) fn outweighs(&self, items: usize, titles: usize) -> bool {
        let is_few = items < ITEMS;
        if self.is_marked {
            self.characters >= SHORT && (is_few || self.characters > titles)
        } else {
            self.together >= LONG && is_few && self.together > titles
        }
    }
}

/// The element around a text's block, for example the one around an article's paragraphs.
fn part(text: NodeRef<'_, Node>) -> NodeId {
    let is_block = |above: &NodeRef<'_, Node>| dom::is_block(dom::name(*above));
    let mut above = text.ancestors().skip_while(|above| !is_block(above));
    let block = above.next().unwrap_or(text);
    block.parent().unwrap_or(block).id()
}

/// The labels in a short text, for example two in 发布时间：2025-12-29 来源：本网.
fn named(text: &str) -> impl Iterator<Item = &'static str> {
    let text: String = if text.len() <= LABELLED {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    } else {
        String::new()
    };
    LABELS.into_iter().filter(move |label| text.contains(label))
}

/// Whether these labels belong to an article: many of them, or the usual two under a title.
fn are_articles(labels: &HashSet<&str>) -> bool {
    let is_published = labels.contains("发布日期") || labels.contains("发布时间");
    labels.len() >= MANY || is_published && labels.contains("来源")
}

/// Whether the page has an `ArticleTitle` other than its column's name, which some templates put
/// there.
fn has_article_title(page: &Page<'_>) -> bool {
    let tag = |name: &str| {
        let mut elements = page.document.root_element().descendent_elements();
        let meta = elements.find(|element| {
            let named = element.attribute("name").unwrap_or_default();
            element.value().name() == "meta" && named.eq_ignore_ascii_case(name)
        })?;
        Some(text::tidy(meta.attribute("content")?))
            .filter(|value| !value.is_empty() && value != "null")
    };
    tag("ArticleTitle").is_some_and(|title| tag("ColumnName") != Some(title))
}
