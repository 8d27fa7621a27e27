//! The page around an article: its banner, navigation and breadcrumb, and the names that stand
//! there.
//!
//! Owns the question whether a line is such a name. A name of the site, of a branch or of a column
//! is no title of an article. Never names a title.

use std::collections::HashSet;

use scraper::Html;

use super::credits;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::strings;

/// A longer link is a headline.
const MAX_COLUMN: usize = 12;
/// A longer line of a banner is none of its names.
const MAX_NAME: usize = 40;
/// Pages have fewer frames.
const MOST: usize = 64;

/// The names around an article.
#[derive(Debug, Default)]
pub(in crate::extract) struct Frame {
    names: HashSet<String>,
    /// The last unlinked name of the breadcrumb: the column, or the article.
    last: Option<String>,
    /// The cell after the breadcrumb.
    pub(in crate::extract) below: usize,
}

impl Frame {
    /// The frame above the cell `end`.
    pub(in crate::extract) fn new(html: &Html, cells: &Cells, end: usize) -> Self {
        let mut frame = Self::default();
        frame.read_path(html, cells, end);
        let elements = dom::elements(html.tree.root());
        for link in elements.filter(|node| dom::name(*node) == "a") {
            let range = cells.below(link.id());
            if range.start >= end || range.is_empty() || leads_nowhere(link) {
                continue;
            }
            let text = dom::short_text(link, MAX_COLUMN);
            frame.names.extend(text.map(|text| strings::fold(&text)));
        }
        let frames = dom::elements(html.tree.root()).filter(|node| is_frame(*node));
        for node in frames.take(MOST) {
            let range = cells.below(node.id());
            let inner = &cells.all[range.clone()];
            let is_told = dom::is_marked(node, &["banner", "logo"]);
            let has_links = is_told
                || inner.iter().any(|cell| cell.linked > 0)
                || dom::elements(node).any(|inner| dom::name(inner) == "img")
                || is_bar(node, inner);
            let is_articles = inner
                .iter()
                .any(|cell| credits::is_info(cell) || credits::is_dated(&cell.text));
            if range.start >= end || !has_links || is_articles {
                continue;
            }
            let lines = inner.iter().filter(|cell| cell.len() <= MAX_NAME);
            frame
                .names
                .extend(lines.map(|cell| cell.folded().to_owned()));
        }
        frame.names.remove("");
        frame
    }

    /// Reads the breadcrumb: 当前位置：首页 > 工作动态 > 正文.
    fn read_path(&mut self, html: &Html, cells: &Cells, end: usize) {
        /// The lines of a breadcrumb in a list.
        const LINES: usize = 8;
        let starts = cells.all[..end].iter();
        let Some(start) = starts.clone().position(Cell::is_path) else {
            return;
        };
        let mut next = start + 1;
        let is_of_path = |nth: usize| {
            let cell = &cells.all[nth];
            let is_sign = cell.text.chars().all(|c| !c.is_alphanumeric());
            is_sign || cell.is_linked()
        };
        while next < end && next < start + LINES && is_of_path(next) {
            next += 1;
        }
        self.below = next;
        let line: Vec<&str> = cells.all[start..next]
            .iter()
            .map(|cell| cell.text.as_str())
            .collect();
        let line = line.join(">");
        let mut parts: Vec<String> = line
            .split(['>', '＞', '»', '›', '→', '/', '：', ':'])
            .map(strings::fold)
            .filter(|part| !part.is_empty())
            .collect();
        let is_linked = html
            .tree
            .get(cells.all[next - 1].holder)
            .is_some_and(|holder| ends_with_link(holder));
        if !is_linked {
            self.last = parts.pop();
        }
        self.names.extend(parts);
    }

    /// Whether a line at the cell `nth` is a name of the frame.
    pub(in crate::extract) fn holds(&self, text: &str, nth: usize) -> bool {
        /// A longer name at the breadcrumb's end is the article's own.
        const MAX_LAST: usize = 8;
        let text = strings::fold(text);
        let is_last = self.last.as_ref() == Some(&text) && strings::len(&text) <= MAX_LAST;
        nth < self.below || is_last || self.names.contains(&text)
    }
}

/// Whether a head has a column's name between links that show icons alone: 返回 and 首页 of a mobile
/// page. An article's own head has no such links.
fn is_bar(node: DomNode<'_>, inner: &[Cell]) -> bool {
    let said: usize = inner.iter().map(Cell::len).sum();
    let is_icon = |link: &DomNode<'_>| {
        dom::name(*link) == "a"
            && dom::short_text(*link, MAX_COLUMN).is_none_or(|text| text.is_empty())
    };
    let is_in_article = node.ancestors().any(|above| dom::name(above) == "article");
    said <= MAX_COLUMN && !is_in_article && dom::elements(node).any(|inner| is_icon(&inner))
}

/// Whether the last text of an element is in a link.
fn ends_with_link(node: DomNode<'_>) -> bool {
    /// A breadcrumb has fewer nodes.
    const MAX: usize = 400;
    let nodes = node.descendants().take(MAX);
    let texts = nodes.filter(|node| {
        let text = node.value().as_text();
        text.is_some_and(|text| text.text.chars().any(char::is_alphanumeric))
    });
    texts
        .last()
        .is_some_and(|text| text.ancestors().take(6).any(|node| dom::name(node) == "a"))
}

/// A link of a tool, or of the page to itself.
fn leads_nowhere(link: DomNode<'_>) -> bool {
    let href = dom::attr(link, "href").unwrap_or_default().trim();
    href.is_empty() || href.starts_with('#')
}

/// Elements for the head of a site, by element or by name.
fn is_frame(node: DomNode<'_>) -> bool {
    const NAMES: [&str; 16] = [
        "header",
        "head",
        "top",
        "banner",
        "logo",
        "nav",
        "menu",
        "navbar",
        "topbar",
        "site-header",
        "crumbs",
        "crumb",
        "breadcrumb",
        "location",
        "position",
        "navigation",
    ];
    if matches!(dom::name(node), "header" | "nav") {
        return true;
    }
    dom::is_marked(node, &NAMES)
}
