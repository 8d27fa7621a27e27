//! Where the text stands, where the column does not say: in an element with a name that systems give
//! it, else where the page is dense with text.
//!
//! Owns the choice between the two, and the bounds within which density is asked: a text that is
//! missing is not made up for by what stands around it. Never cleans what it found.

use std::ops::Range;

use scraper::Html;
use url::Url;

use super::density::{self, Container, Weights};
use super::{attachments, container, footer, pictures};
use crate::extract::family;
use crate::extract::fields::meta::Tags;
use crate::extract::fields::title;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::dom::{self, Here};
use crate::extract::page::{boilerplate, bounds, strings};

/// A named element with less than this, beside ten times as much elsewhere, is a leftover.
const LITTLE: usize = 60;
/// Pages have a few elements that are named for the text, one within the other.
const MAX_NAMED: usize = 64;

/// The element that holds the text. `shown` is the cell of the title, as far as it is known
/// already, and `block` the label block.
pub(in crate::extract) fn text(
    html: &Html,
    cells: &Cells,
    tags: &Tags,
    shown: Option<usize>,
    block: &Range<usize>,
    base: &Url,
) -> Option<Container> {
    let weights = Weights::new(html, cells, block);
    let weight = |container: &Container| weights.of_node(container.node);
    let known = container::known(html, &weights);
    let (known, line) = match known {
        Some(known) if weight(&known) < container::MIN_WEIGHT => (None, Some(known)),
        known => (known, None),
    };
    let emptied = match known {
        Some(_) => Vec::new(),
        None => emptied(html, cells),
    };
    if let Some(holder) = emptied.iter().find(|node| attachments::any(**node, base)) {
        return Some(without_text(*holder));
    }
    // A text may be nothing but files, whose names weigh nothing.
    let named = || dom::elements(html.tree.root()).filter(|node| is_named(*node));
    let holder = match known {
        Some(_) => None,
        None => named()
            .take(MAX_NAMED)
            .find(|node| attachments::any(*node, base)),
    };
    let heading = || {
        let end = cells.below(emptied.first()?.parent()?.id()).end;
        let (heading, _) = title::heading(html, cells, tags, &(end..end))?;
        bounds::cell_of(cells, &heading, block)
    };
    let shown = shown.or_else(heading);
    let area = area(html, cells, shown, &emptied);
    let mut footers = footer::footers(html, cells, shown, block);
    footers.extend(emptied.iter().map(|node| node.id()));
    // A page on which nothing outweighs its title has no text.
    let own = |start: usize| match shown == Some(start) && !block.contains(&start) {
        true => cells.all.get(start).map_or(0, density::prose),
        false => 0,
    };
    let dense = |start: usize| {
        let weights = Weights::after(html, cells, start, block, &footers);
        let found = density::densest(area, &weights)?;
        (weights.of_node(found.node) > own(start)).then_some(found)
    };
    // Above a title that the page sets stands the page's head. One that only the block says may
    // stand below the text.
    let dense = match shown {
        Some(title) if !block.contains(&title) => dense(title),
        _ => shown.and_then(dense).or_else(|| dense(0)),
    };
    let most = dense.as_ref().map(weight).unwrap_or_default();
    known
        .filter(|known| weight(known) >= LITTLE || weight(known) * 10 >= most)
        .map(|known| container::widened(html, known, &weights))
        // A text may be one short line, where no element besides is named for it and empty.
        .or(line.filter(|line| emptied.is_empty() && weight(line) * 10 >= most))
        .or_else(|| holder.filter(|_| most < LITTLE).map(without_text))
        .or_else(|| {
            let is_aside = |node: Here<'_>| footers.contains(&node.id()) || density::is_aside(node);
            let is_bare = emptied.is_empty() && most < container::MIN_WEIGHT;
            let dense = dense.as_ref();
            is_bare.then(|| files(html, cells, shown, block, base, dense, &is_aside))?
        })
        .or(dense)
        .or_else(|| emptied.first().copied().map(without_text))
}

/// An element that is named for the text and holds none; files may stand in it, or below it.
fn without_text(node: Here<'_>) -> Container {
    Container {
        node: node.id(),
        found: format!("container {}", family::name_of(node).unwrap_or_default()),
        loose: false,
    }
}

/// The elements that are named for the text and have nothing to read or see in them: the text is
/// missing, or a script was to bring it.
fn emptied<'a>(html: &'a Html, cells: &Cells) -> Vec<Here<'a>> {
    let named = html
        .tree
        .root()
        .descendants()
        .filter(|node| is_named(*node));
    named
        .take(MAX_NAMED)
        .filter(|node| {
            let inner = &cells.all[cells.below(node.id())];
            inner.iter().all(is_blank) && !dom::elements(*node).any(pictures::is_content)
        })
        .collect()
}

fn is_named(node: Here<'_>) -> bool {
    family::name_of(node).is_some() && !dom::is_hidden(node)
}

/// The smallest element around the files below the title, outside heads, footers and the label block,
/// and around the few words that stand with them.
fn files(
    html: &Html,
    cells: &Cells,
    title: Option<usize>,
    block: &Range<usize>,
    base: &Url,
    words: Option<&Container>,
    is_aside: &dyn Fn(Here<'_>) -> bool,
) -> Option<Container> {
    /// An article has fewer.
    const MOST: usize = 200;
    let first = title.map_or(0, |title| title + 1);
    let is_own = |link: &Here<'_>| {
        let cells = cells.below(link.id());
        let is_below = cells.start >= first || title.is_some_and(|title| block.contains(&title));
        is_below && !block.contains(&cells.start) && !link.ancestors().any(is_aside)
    };
    let links = attachments::links(html.tree.root(), base).filter(is_own);
    let around = links.take(MOST).map(|link| {
        let mut path = path(link);
        path.pop();
        path
    });
    let words = words.and_then(|words| html.tree.get(words.node)).map(path);
    let mut around = around.peekable();
    around.peek()?;
    let shared = around.chain(words).reduce(|mut shared, other| {
        let both = shared.iter().zip(&other);
        let alike = both.take_while(|(one, other)| one.id() == other.id());
        let length = alike.count();
        shared.truncate(length);
        shared
    })?;
    let node = shared.last().filter(|node| node.value().is_element())?;
    Some(Container {
        node: node.id(),
        found: "structure".to_owned(),
        loose: true,
    })
}

/// Whether a line is none of a text's. One of tools is not judged: an element that holds them may
/// be named after what they do.
fn is_blank(cell: &Cell) -> bool {
    let text = strings::fold(&cell.text).to_lowercase();
    text.is_empty() || (boilerplate::is_boilerplate(&text) && !boilerplate::is_tool(&text))
}

/// The smallest element that holds the title and the emptied elements: where the article stands,
/// whatever is left of it. The whole page, where either is not to be found.
fn area<'a>(html: &'a Html, cells: &Cells, title: Option<usize>, emptied: &[Here<'a>]) -> Here<'a> {
    let root = html.tree.root();
    let holder = title.and_then(|title| html.tree.get(cells.all.get(title)?.holder));
    let (Some(holder), false) = (holder, emptied.is_empty()) else {
        return root;
    };
    let mut shared = path(holder);
    for node in emptied {
        let other = path(*node);
        let both = shared.iter().zip(&other);
        let alike = both.take_while(|(one, other)| one.id() == other.id());
        shared.truncate(alike.count());
    }
    shared.last().copied().unwrap_or(root)
}

/// The elements from the root down to this one.
fn path(node: Here<'_>) -> Vec<Here<'_>> {
    let mut path: Vec<Here<'_>> = std::iter::once(node).chain(node.ancestors()).collect();
    path.reverse();
    path
}
