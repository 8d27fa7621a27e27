//! Lists without rows: links and dates of many items side by side in one element.
//!
//! Owns the difference between a flat list and a row, and the date of each link. Never reads an
//! item.

use std::collections::HashSet;

use ego_tree::NodeId;

use super::date_marks::Mark;
use super::link::Link;
use super::page::Page;

/// Whether one element holds links and dates of several items, as a `dl` or `br`s do. A single row
/// with a category or a second date does not count.
pub(super) fn is_flat(
    page: &Page<'_>,
    scope: NodeId,
    rows: &HashSet<NodeId>,
    links: &[&Link],
    marks: &[&Mark],
) -> bool {
    if page.counts(scope).links < 2 || marks.len() < 2 {
        return false;
    }
    let events = events(page, links, marks);
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
}

/// Links and dates in page order. Of successive links to one URL, only the one with a title.
fn events<'e>(page: &Page<'_>, links: &[&'e Link], marks: &[&'e Mark]) -> Vec<Event<'e>> {
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
    let links = kept.into_iter().map(|link| (link.node, Event::Link(link)));
    let marks = marks.iter().map(|mark| (mark.node, Event::Mark(mark)));
    let mut events: Vec<_> = links
        .chain(marks)
        .map(|(node, event)| (page.place(node), event))
        .collect();
    events.sort_by_key(|(place, _)| *place);
    events.into_iter().map(|(_, event)| event).collect()
}

/// Gives each link of a flat list the next date, or the previous one if the list begins with a
/// date. A link without a date is not an item.
pub(super) fn pair<'e>(
    page: &Page<'_>,
    links: &[&'e Link],
    marks: &[&'e Mark],
) -> Vec<(&'e Link, Vec<&'e Mark>)> {
    let mut events = events(page, links, marks);
    if matches!(events.first(), Some(Event::Mark(_))) {
        events.reverse();
    }
    let mut pairs = Vec::new();
    let mut open: Option<&Link> = None;
    for event in events {
        match event {
            Event::Link(link) => open = Some(link),
            Event::Mark(mark) => pairs.extend(open.take().map(|link| (link, vec![mark]))),
        }
    }
    pairs
}
