//! The choice of the element that holds the article's text.
//!
//! Owns the choice among several elements with known names. Never cleans the element.

use ego_tree::NodeId;
use scraper::Html;

use super::density::{Container, Weights};
use super::goes_on;
use crate::extract::family;
use crate::extract::page::{boilerplate, dom};

/// An element with less is an unfilled shell, or its text is one line.
pub(in crate::extract) const MIN_WEIGHT: usize = 20;

/// Finds the element by the names that content systems use.
pub(in crate::extract) fn known(html: &Html, weights: &Weights) -> Option<Container> {
    let found: Vec<(NodeId, &str, usize)> = html
        .tree
        .root()
        .descendants()
        .filter_map(|node| {
            Some((
                node.id(),
                family::name_of(node)?,
                weights.of_node(node.id()),
            ))
        })
        .collect();
    let most = found.iter().map(|(_, _, weight)| *weight).max()?;
    // A nested element that holds as much is the tighter choice, and comes later.
    let (node, name, weight) = found
        .iter()
        .rev()
        .find(|(_, _, weight)| *weight * 100 >= most * 98)?;
    (*weight > 0).then(|| Container {
        node: *node,
        found: format!("container {name}"),
        loose: false,
    })
}

/// The element around a container and its siblings: some pages put each part of a text into an
/// editor's element of its own, with pictures and paragraphs between them.
pub(in crate::extract) fn widened(
    html: &Html,
    container: Container,
    weights: &Weights,
) -> Container {
    let Some(node) = html.tree.get(container.node) else {
        return container;
    };
    let parent = node
        .parent()
        .filter(|parent| !matches!(dom::name(*parent), "" | "html" | "body" | "tr" | "tbody"));
    let Some(parent) = parent else {
        return container;
    };
    let name = family::name_of(node);
    let goes_on = |other: dom::DomNode<'_>| {
        let like = name.is_some() && family::name_of(other) == name;
        let weight = weights.of_node(other.id());
        // An editor's element with one line is the text's lead, not another text.
        (like && weight > 0) || (weight >= MIN_WEIGHT && is_paragraph(other))
    };
    let mut others = parent.children().filter(|other| other.id() != node.id());
    if others.any(goes_on) {
        Container {
            node: parent.id(),
            loose: true,
            ..container
        }
    } else {
        container
    }
}

/// A paragraph with a sentence in it.
fn is_paragraph(node: dom::DomNode<'_>) -> bool {
    /// Sentences end before this; the rest of a paragraph is not read.
    const MAX: usize = 2000;
    dom::name(node) == "p"
        && dom::short_text(node, MAX).is_some_and(|text| {
            text.contains('。')
                && !boilerplate::is_boilerplate(&text)
                && !boilerplate::is_imprint(&text)
                && !goes_on::is_of_site(&text)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::page::cells::Cells;

    fn known_in(page: &str) -> Option<String> {
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let weights = Weights::new(&html, &cells, &(0..0));
        known(&html, &weights).map(|container| container.found)
    }

    #[test]
    fn the_longest_of_several_wins_and_the_inner_of_equals() {
        let text = "各有关单位，现将有关事项通知如下，请遵照执行。".repeat(3);
        let two =
            format!("<div class=article-content></div><div class='article-content x'>{text}</div>");
        assert_eq!(
            known_in(&two).as_deref(),
            Some("container .article-content")
        );
        let nested = format!("<div id=zoom><div class='TRS_Editor'>{text}</div></div>");
        assert_eq!(known_in(&nested).as_deref(), Some("container .TRS_Editor"));
        assert_eq!(known_in("<div id=zoom>正在加载</div>"), None);
    }
}
