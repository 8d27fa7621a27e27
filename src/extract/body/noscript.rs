//! Pictures that a page shows only to browsers without scripts.
//!
//! Owns which of them belong to the page: those that it does not show otherwise. Never adds
//! anything else of a `noscript`.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::{Html, Node};

use super::pictures;
use crate::extract::page::dom::{self, DomNode};

/// Pages have fewer of these elements, and shorter ones.
const MOST: usize = 200;
const MAX_BYTES: usize = 4 << 10;

/// Puts the pictures of `noscript` elements beside them. Returns whether there are any.
pub(in crate::extract) fn open(html: &mut Html) -> bool {
    let mut found = pictures_of(html);
    let is_changed = !found.is_empty();
    // From the last to the first, so that several after one element keep their order.
    while let Some((id, image)) = found.pop() {
        if let Some(mut node) = html.tree.get_mut(id) {
            node.insert_after(image);
        }
    }
    is_changed
}

fn pictures_of(html: &Html) -> Vec<(NodeId, Node)> {
    let root = html.tree.root();
    let is_bare = |node: &DomNode<'_>| dom::name(*node) == "noscript" && !is_beside_picture(*node);
    let bare: Vec<DomNode<'_>> = dom::elements(root).filter(is_bare).take(MOST).collect();
    if bare.is_empty() {
        return Vec::new();
    }
    let images = dom::elements(root).filter(|node| dom::name(*node) == "img");
    let attributes = images.filter_map(|node| node.value().as_element());
    let mut shown: HashSet<String> = attributes
        .flat_map(|element| element.attrs().map(|(_, value)| value.trim().to_owned()))
        .collect();
    let mut found = Vec::new();
    for node in bare {
        let text = dom::own_text(node);
        if text.len() > MAX_BYTES || !text.to_ascii_lowercase().contains("<img") {
            continue;
        }
        let fragment = Html::parse_fragment(&text);
        let root = fragment.tree.root();
        for image in dom::elements(root).filter(|image| pictures::is_content(*image)) {
            let source = dom::attr(image, "src").unwrap_or_default().trim();
            if dom::name(image) == "img" && shown.insert(source.to_owned()) {
                found.push((node.id(), image.value().clone()));
            }
        }
    }
    found
}

/// Whether the element only repeats the picture beside it.
fn is_beside_picture(node: DomNode<'_>) -> bool {
    let is_element = |node: &DomNode<'_>| node.value().is_element();
    let before = node.prev_siblings().find(is_element);
    let after = node.next_siblings().find(is_element);
    [before, after]
        .into_iter()
        .flatten()
        .any(pictures::is_content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(page: &str) -> Vec<String> {
        let mut html = Html::parse_document(page);
        open(&mut html);
        let root = html.tree.root();
        let images = dom::elements(root).filter(|node| pictures::is_content(*node));
        let sources =
            images.filter_map(|node| dom::attr(node, "src").or(dom::attr(node, "data-src")));
        sources.map(str::to_owned).collect()
    }

    #[test]
    fn a_picture_is_shown_once() {
        for (page, expected) in [
            ("<p><noscript><img src=a.jpg></noscript></p>", vec!["a.jpg"]),
            (
                "<p><img data-src=a.jpg><noscript><img src=b.jpg></noscript></p>",
                vec!["a.jpg"],
            ),
            (
                "<p><img data-src=a.jpg></p><noscript><img src=a.jpg></noscript>",
                vec!["a.jpg"],
            ),
            (
                "<p><img src=/blank.gif><noscript><img src=a.jpg><img src=b.jpg></noscript></p>",
                vec!["a.jpg", "b.jpg"],
            ),
            (
                "<noscript>请打开脚本<img src=/t.gif width=1 height=1></noscript>",
                vec![],
            ),
        ] {
            assert_eq!(sources(page), expected, "{page}");
        }
    }
}
