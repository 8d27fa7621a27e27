//! The rest of a text that fell out of its element: a pasted text may hold surplus end tags, and a
//! browser shows it whole all the same.
//!
//! Owns where the text goes on, and where it ends: at the footer, the links to other articles, the
//! editor's line or the next heading. Never begins a text.

use std::sync::LazyLock;

use ego_tree::NodeId;
use regex::Regex;
use scraper::{Html, Node};
use url::Url;

use super::{attachments, density, footer, pictures};
use crate::extract::family;
use crate::extract::page::dom::{self, DomNode, NodeSet};
use crate::extract::page::pattern::pattern;
use crate::extract::page::{boilerplate, cells, strings};

/// A text goes on for fewer elements.
const MOST: usize = 2000;
/// The first piece outside has at least this many characters.
const MIN_SENTENCE: usize = 20;

/// What a site adds below each text.
static OF_SITE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^[【\[（(※*]?(免责|版权|法律|转载|特别|郑重|网站)?(声明|申明)|^(凡|本网|本站|本页面|扫描|温馨提示|版权|如需|以上(内容|文章))|^注[：:]本",
    )
});

/// Whether a site adds such a line below each text.
pub(in crate::extract) fn is_of_site(text: &str) -> bool {
    OF_SITE.is_match(&strings::fold(text))
}

/// A piece beside the element that holds the text.
#[derive(PartialEq)]
enum Piece {
    /// It shows nothing.
    Blank,
    /// A part of a text, with a sentence.
    Prose,
    /// It may be a part of a text.
    Part,
    /// No text goes on here.
    End,
}

/// The nodes after a container in which its text goes on, in page order.
pub(in crate::extract) fn after(
    html: &Html,
    container: NodeId,
    footers: &NodeSet,
    base: &Url,
) -> Vec<NodeId> {
    let Some(container) = html.tree.get(container) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut seen = 0;
    for level in std::iter::once(container).chain(container.ancestors()) {
        // Beside a cell or an item of a list stands something else.
        let is_layout = matches!(
            dom::name(level),
            "body" | "html" | "" | "td" | "th" | "tr" | "tbody"
        );
        if is_layout {
            break;
        }
        for next in level.next_siblings() {
            seen += 1;
            match piece(next, footers, base) {
                _ if seen > MOST => return found,
                Piece::End => return found,
                Piece::Part if found.is_empty() => return found,
                Piece::Blank if found.is_empty() => {}
                Piece::Blank | Piece::Prose | Piece::Part => found.push(next.id()),
            }
        }
    }
    found
}

/// Moves the nodes to the end of the container.
pub(in crate::extract) fn join(html: &mut Html, container: NodeId, rest: &[NodeId]) {
    for id in rest {
        if let Some(mut node) = html.tree.get_mut(*id) {
            node.detach();
        }
        if let Some(mut container) = html.tree.get_mut(container) {
            container.append_id(*id);
        }
    }
}

fn piece(node: DomNode<'_>, footers: &NodeSet, base: &Url) -> Piece {
    let name = match node.value() {
        Node::Text(text) if strings::len(&text.text) == 0 => return Piece::Blank,
        Node::Text(_) => "",
        Node::Element(element) => element.name(),
        _ => return Piece::Blank,
    };
    if footers.contains(&node.id()) || density::is_aside(node) || cells::is_small_form(node) {
        return Piece::End;
    }
    let is_bare = matches!(
        name,
        "script" | "style" | "noscript" | "br" | "link" | "meta"
    );
    if is_bare || dom::is_hidden(node) {
        return Piece::Blank;
    }
    let text = match node.value() {
        Node::Text(text) => strings::tidy(&text.text),
        _ => dom::text(node),
    };
    if text.is_empty() {
        let shows = pictures::is_content(node) || dom::elements(node).any(pictures::is_content);
        return if shows && is_of_text(node) {
            Piece::Part
        } else {
            Piece::Blank
        };
    }
    let offers = || dom::elements(node).any(|link| attachments::target(link, base).is_some());
    let heads = |node: DomNode<'_>| matches!(dom::name(node), "h1" | "h2" | "h3");
    let is_end = heads(node)
        || dom::elements(node).any(heads)
        || family::name_of(node).is_some()
        || boilerplate::is_boilerplate(&text)
        || boilerplate::is_turn(&text)
        || boilerplate::is_imprint(&text)
        || boilerplate::is_path(&text)
        || footer::is_line(&text)
        || is_of_site(&text)
        || boilerplate::is_marked(&dom::marks(node))
        || !is_of_text(node)
        || is_linked(node, &text) && !offers();
    if is_end {
        return Piece::End;
    }
    if text.contains('。') && strings::len(&text) >= MIN_SENTENCE {
        Piece::Prose
    } else {
        Piece::Part
    }
}

/// Whether an element may stand in a text: a paragraph, a table, or a nameless box.
fn is_of_text(node: DomNode<'_>) -> bool {
    match dom::name(node) {
        "form" | "nav" | "header" | "footer" | "aside" | "iframe" | "dl" => false,
        "div" | "section" | "ul" | "ol" | "table" | "article" => dom::marks(node).trim().is_empty(),
        _ => true,
    }
}

fn is_linked(node: DomNode<'_>, text: &str) -> bool {
    let links = dom::elements(node).filter(|node| dom::name(*node) == "a");
    let linked: usize = links.map(|link| strings::len(&dom::raw_text(link))).sum();
    dom::name(node) == "a" || linked * 2 > strings::len(text)
}
