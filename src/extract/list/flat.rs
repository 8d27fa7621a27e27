//! Lists without rows: links and dates of many items side by side in one element.
//!
//! Owns the difference between a flat list and a row, and the date of each link. Never reads an
//! item.

use ego_tree::NodeId;

use super::date_marks::Mark;
use super::link::Link;
use super::page::Page;
use super::text;
use crate::extract::page::dom::{self, NodeMap, NodeSet};

/// Whether one element holds links and dates of several items, as a `dl` or `br`s do. A single row
/// with a category or a second date does not count.
pub(super) fn is_flat(
    page: &Page<'_>,
    scope: NodeId,
    rows: &NodeSet,
    links: &[&Link],
    marks: &[&Mark],
) -> bool {
    if page.counts(scope).links < 2 || marks.len() < 2 {
        return false;
    }
    let mut events = events(page, scope, links, marks);
    events.retain(|event| matches!(event, Event::Link(_) | Event::Mark(_)));
    let alternating = events
        .windows(2)
        .all(|two| matches!(two[0], Event::Link(_)) != matches!(two[1], Event::Link(_)));
    let siblings = page.node(scope).into_iter().flat_map(|node| {
        let before = node.prev_siblings();
        before.chain(node.next_siblings())
    });
    let has_sibling = siblings.take(64).any(|node| rows.contains(&node.id()));
    alternating || !has_sibling
}

enum Event<'e> {
    Link(&'e Link),
    Mark(&'e Mark),
    /// The title of a row whose anchor leads nowhere.
    Bare,
    /// A text that begins a line: the title of a row without a link, or a summary.
    Text,
}

/// A shorter text is no title.
const TITLE: usize = 4;

/// Links, dates and texts in page order. Of successive links to one URL, only the one with a title.
fn events<'e>(
    page: &Page<'_>,
    scope: NodeId,
    links: &[&'e Link],
    marks: &[&'e Mark],
) -> Vec<Event<'e>> {
    let mut kept: Vec<&Link> = Vec::new();
    for link in links {
        match kept.last_mut() {
            Some(last) if last.url == link.url => {
                if link.title.chars().count() > last.title.chars().count() {
                    *last = link;
                }
            }
            _ => kept.push(link),
        }
    }
    let anchors: NodeSet = links.iter().map(|link| link.node).collect();
    let links: NodeMap<&Link> = kept.into_iter().map(|link| (link.node, link)).collect();
    let marks: NodeMap<&Mark> = marks.iter().map(|mark| (mark.node, *mark)).collect();
    let mut events = Vec::new();
    let mut begins_line = true;
    let nodes = page
        .node(scope)
        .into_iter()
        .flat_map(|scope| scope.descendants());
    for node in nodes {
        let id = node.id();
        if let Some(link) = links.get(&id) {
            events.push(Event::Link(link));
            begins_line = false;
        } else if let Some(mark) = marks.get(&id) {
            let has_title = !mark.is_alone && mark.label.chars().count() >= TITLE;
            events.extend((begins_line && has_title).then_some(Event::Text));
            events.push(Event::Mark(mark));
            begins_line = false;
        } else if let Some(element) = node.value().as_element() {
            let name = element.name();
            begins_line |= matches!(name, "br" | "hr") || dom::is_block(name);
            let is_bare = name == "a" && !anchors.contains(&id);
            if is_bare && text::whole(node).chars().count() >= TITLE {
                events.push(Event::Bare);
                begins_line = false;
            }
        } else if let Some(shown) = text::shown(node).map(str::trim)
            && !shown.is_empty()
            && begins_line
        {
            begins_line = false;
            let is_in_link = || node.ancestors().any(|above| anchors.contains(&above.id()));
            if shown.chars().count() >= TITLE && !is_in_link() {
                events.push(Event::Text);
            }
        }
    }
    events
}

/// Gives each link of a flat list the next date, or the previous one if the list begins with a
/// date. A link without a date is not an item, unless a row without a link ends it: that row's date
/// is nobody else's.
pub(super) fn pair<'e>(
    page: &Page<'_>,
    scope: NodeId,
    links: &[&'e Link],
    marks: &[&'e Mark],
) -> Vec<(&'e Link, Vec<&'e Mark>)> {
    let mut events = events(page, scope, links, marks);
    let first = |event: &&Event<'_>| matches!(event, Event::Link(_) | Event::Mark(_));
    if matches!(events.iter().find(first), Some(Event::Mark(_))) {
        events.reverse();
    }
    let pairs = paired(&events);
    // Where a text stands between link and date in most rows, it is a summary.
    let texts = pairs.iter().filter(|pair| pair.is_after_text).count();
    let is_summary = texts * 3 > pairs.len();
    pairs
        .into_iter()
        .map(|pair| match pair.mark {
            Some(mark) if is_summary || !pair.is_after_text => (pair.link, vec![mark]),
            _ => (pair.link, Vec::new()),
        })
        .collect()
}

/// A link of a flat list with its date.
struct Pair<'e> {
    link: &'e Link,
    mark: Option<&'e Mark>,
    /// Whether a text that begins a line stands between them.
    is_after_text: bool,
}

fn paired<'e>(events: &[Event<'e>]) -> Vec<Pair<'e>> {
    let mut pairs = Vec::new();
    let mut open: Option<Pair<'_>> = None;
    for event in events {
        match event {
            Event::Link(link) => {
                open = Some(Pair {
                    link,
                    mark: None,
                    is_after_text: false,
                });
            }
            Event::Bare => pairs.extend(open.take()),
            Event::Text => {
                if let Some(open) = &mut open {
                    open.is_after_text = true;
                }
            }
            Event::Mark(mark) => pairs.extend(open.take().map(|pair| Pair {
                mark: Some(*mark),
                ..pair
            })),
        }
    }
    pairs
}
