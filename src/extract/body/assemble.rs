//! From the element that holds the text to the article's body.
//!
//! Owns the order of cleaning and output, and which leftovers are not a text. Never searches the
//! element.

use scraper::Html;

use super::density::Container;
use super::{attachments, captions, clean, content, markup, pictures};
use crate::config::ArticleRules;
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::strings;
use crate::model::{Attachment, Body, ContentKind};

/// The text, pictures and files of a container, and the files `offered` elsewhere.
pub(in crate::extract) fn assemble(
    html: &mut Html,
    container: &Container,
    known: &clean::Known<'_>,
    offered: Vec<Attachment>,
    rules: &ArticleRules,
) -> Body {
    clean::clean(html, container.node, known);
    if !rules.inline_pictures {
        pictures::leave_out_inline(html, container.node);
    }
    let Some(node) = html.tree.get(container.node) else {
        return Body::default();
    };
    let pieces = content::read(node, known.base);
    let mut files = Vec::new();
    attachments::below(node, known.base, &mut files);
    attachments::after(node, known.base, &mut files);
    for file in offered {
        if !files.iter().any(|other| other.url == file.url) {
            files.push(file);
        }
    }
    let body = Body {
        body_html: markup::html(node, known.base),
        body_text: content::text(&pieces),
        images: captions::images(&pieces),
        attachments: files,
    };
    let is_heading = container.loose && body.attachments.is_empty() && pieces_are_headings(node);
    if body.is_empty() || is_scrap(&body, container.loose) || is_heading {
        Body::default()
    } else {
        body
    }
}

/// Whether a node shows only headings. Without a text below, headings are not a text.
fn pieces_are_headings(node: DomNode<'_>) -> bool {
    let is_heading = |node: DomNode<'_>| matches!(dom::name(node), "h1" | "h2" | "h3");
    let mut texts = node.descendants().filter(|node| {
        let said = node
            .value()
            .as_text()
            .map_or(0, |text| strings::len(&text.text));
        said > 0 || pictures::is_content(*node)
    });
    texts.all(|text| text.ancestors().any(is_heading))
}

/// Whether the body is a leftover of a page without text, such as a counter, an address or a
/// server's `ok`: no words, nothing to see. In an element named for the text, one Chinese word may
/// be the whole text.
fn is_scrap(body: &Body, is_loose: bool) -> bool {
    const MIN: usize = 3;
    let least = if is_loose { MIN } else { 1 };
    let text = &body.body_text;
    let wide = text.chars().filter(|c| !c.is_ascii() && c.is_alphabetic());
    body.is_bare()
        && body.content() != ContentKind::Media
        && wide.take(least).count() < least
        && text.split_whitespace().count() < MIN
}
