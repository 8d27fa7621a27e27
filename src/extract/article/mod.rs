//! Reads an article page layer by layer: the column's rules, the label block, the official tags,
//! known containers, structure.
//!
//! Owns the order of the layers. Never knows how a layer works.

mod layers;
#[cfg(test)]
mod tests;

use std::ops::Range;

use scraper::Html;
use url::Url;

use crate::config::ArticleRules;
use crate::extract::answer::{Extracted, Problem};
use crate::extract::body::clean::{self, Known};
use crate::extract::body::density::Container;
use crate::extract::body::hidden::Hidden;
use crate::extract::body::{assemble, called_files, goes_on, hidden, noscript};
use crate::extract::fields::{extras, written};
use crate::extract::page::cells::Cells;
use crate::extract::page::dom::{self, NodeSet};
use crate::extract::page::text::PageText;
use crate::extract::page::{links, tree};
use crate::extract::parts;
use crate::model::{Body, ContentKind, Field, ListRow};
use layers::{Found, Layers, groups_outside_text};

/// Reads an article page from `base`.
///
/// Bad input is not a failure: missing values stay empty, and [`Extracted::problems`] lists the
/// oddities. Time and memory are bounded for any page.
pub fn article<'a>(page: impl Into<PageText<'a>>, base: &Url, rules: &ArticleRules) -> Extracted {
    let (mut document, is_too_much) = tree::parse_and_tell(page.into());
    called_files::put(&mut document, base);
    let cells = Cells::new(document.tree.root());
    mark_too_much(read(document, cells, base, rules, None), is_too_much)
}

/// Adds the problem that the page was too large to be read whole.
pub(super) fn mark_too_much(mut page: Extracted, is_too_much: bool) -> Extracted {
    if is_too_much {
        page.problems.push(Problem::TooMuch);
    }
    page
}

/// Reads a parsed page layer by layer. `cells` are the page's, and `row` is what the column's list
/// says of the article.
pub(super) fn read(
    mut html: Html,
    mut cells: Cells,
    here: &Url,
    rules: &ArticleRules,
    row: Option<&ListRow>,
) -> Extracted {
    let mut is_changed = noscript::open(&mut html);
    let base = links::base(&html, here);
    let parts = parts::find(&html, here, &base);
    clean::detach(&mut html, &parts.pagers);
    is_changed |= !parts.pagers.is_empty();
    is_changed |= written::put(&mut html);
    is_changed |= extras::take_out(&mut html);
    if is_changed {
        cells = cells.renewed(html.tree.root());
    }
    let mut groups = groups_outside_text(&html, &cells);
    let mut layers = Layers::new(&html, &cells, &groups, &base);
    let mut found = layers.find(rules);
    if let Some(container) = found.container.as_ref().filter(|_| !found.rest.is_empty()) {
        goes_on::join(&mut html, container.node, &found.rest);
        cells = cells.renewed(html.tree.root());
        groups = groups_outside_text(&html, &cells);
        layers = Layers::new(&html, &cells, &groups, &base);
        found = layers.find(rules);
    }
    let Found {
        mut page,
        container,
        ..
    } = found;
    page.next_part = parts.next;
    let text = match &container {
        Some(container) => cells.below(container.node),
        None => cells.all.len()..cells.all.len(),
    };
    layers.offer_found(&mut page, &text, row);
    let files = layers.files();
    // Cleaning removes what is hidden, so this text is taken first.
    let hidden = hidden_text(&html, &cells, container.as_ref(), &text);
    if let Some(container) = container {
        let known = layers.known(page.title.as_deref(), &container, &text, &base, &cells);
        page.body = assemble::assemble(&mut html, &container, &known, files, rules);
        note_body(&mut page, &container.found);
    } else {
        // Files right below the block's labels are values of the block.
        page.body.attachments = files;
        note_body(&mut page, "label block");
    }
    if let Some(hidden) = hidden.filter(|_| shows_no_text(&page.body)) {
        take_hidden(&mut page, hidden, &base, rules);
    }
    if page.title.is_none() {
        page.problems.push(Problem::NoTitle);
    }
    if page.body.is_empty() {
        page.problems.push(Problem::NoBody);
    }
    page
}

/// Whether a script may still show the text: the body has nothing, or files alone.
fn shows_no_text(body: &Body) -> bool {
    matches!(body.content(), ContentKind::None | ContentKind::Files)
}

/// The text that only a script shows, if the container shows hardly any. A column's rule may name
/// the element that hides it.
fn hidden_text(
    html: &Html,
    cells: &Cells,
    container: Option<&Container>,
    text: &Range<usize>,
) -> Option<Hidden> {
    /// A text with more is shown.
    const LITTLE: usize = 40;
    let shown = cells.all[text.clone()].iter().filter(|cell| !cell.hidden);
    let shown: usize = shown.map(|cell| cell.len()).sum();
    if shown >= LITTLE {
        return None;
    }
    let named = container.and_then(|container| {
        let html = hidden::of_element(html.tree.get(container.node)?)?;
        let found = container.found.clone();
        Some(Hidden { html, found })
    });
    named.or_else(|| hidden::text(html, container.map(|container| container.node)))
}

/// Takes a hidden text as the article's, through the same cleaning as any other.
fn take_hidden(page: &mut Extracted, mut hidden: Hidden, base: &Url, rules: &ArticleRules) {
    let nodes = hidden.html.tree.nodes();
    let Some(node) = nodes.into_iter().find(|node| dom::name(*node) == "body") else {
        return;
    };
    let container = Container {
        node: node.id(),
        found: hidden.found,
        loose: false,
    };
    let known = Known {
        title: page.title.as_deref(),
        said_elsewhere: true,
        above: NodeSet::default(),
        last_above: None,
        loose: false,
        cells: &Cells::new(hidden.html.tree.root()),
        base,
    };
    let files = std::mem::take(&mut page.body.attachments);
    page.body = assemble::assemble(&mut hidden.html, &container, &known, files, rules);
    note_body(page, &container.found);
}

fn note_body(page: &mut Extracted, found: &str) {
    let parts = [
        (Field::Body, !page.body.body_text.is_empty()),
        (Field::Images, !page.body.images.is_empty()),
        (Field::Attachments, !page.body.attachments.is_empty()),
    ];
    for (field, _) in parts.into_iter().filter(|(_, there)| *there) {
        page.note(field, found);
    }
}
