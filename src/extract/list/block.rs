//! The column's items: the block of a page that repeats a link with a date.
//!
//! Owns the grouping of links and dates into rows and of rows into blocks, and the choice of the
//! block. Never relies on particular tags: for each date it takes the smallest element around it
//! that holds a link, so lists, tables, definition lists and nested `div`s work alike.

use std::collections::{BTreeMap, HashMap, HashSet};

use ego_tree::NodeId;
use scraper::ElementRef;

use super::article_signs::Prose;
use super::date_marks::Mark;
use super::flat;
use super::head;
use super::item::{self, Found};
use super::link::Link;
use super::page::Page;
use super::zone::{self, Zone};
use crate::extract::page::dom::{self, Attributes, NodeSet};
use crate::extract::page::urls;

/// The items of the page's list, in page order; empty if no block is a list.
pub(super) fn items(page: &Page<'_>) -> Vec<Found> {
    let in_main = |block: &Block| block.zone == Zone::Main;
    let (dated_by_title, undated): (Vec<Block>, Vec<Block>) = undated_blocks(page)
        .into_iter()
        .partition(is_dated_by_title);
    let mut dated = dated_blocks(page);
    dated.extend(dated_by_title);
    let found = match best(page, dated, is_dated_list) {
        Some(block) if in_main(&block) => Some(block),
        doubtful => best(page, undated, is_unmistakable)
            .filter(in_main)
            .or(doubtful),
    };
    let Some(block) = found.filter(|block| !is_of_article(page, block)) else {
        return Vec::new();
    };
    let mut rows = block.rows;
    rows.sort_by_key(|row| row.place);
    let rows: Vec<Found> = rows.into_iter().map(|row| row.found).collect();
    let mut found = head::above(page, &block.lists, &rows);
    found.extend(rows);
    found
}

/// Rows that belong together: in one element, or in similar elements side by side, because many
/// portals start a new list after every fifth item.
struct Block {
    /// The elements around the rows.
    lists: Vec<NodeId>,
    rows: Vec<Row>,
    zone: Zone,
}

struct Row {
    place: usize,
    /// The number of links in the row beside its item's.
    links: usize,
    found: Found,
}

/// The common features of lists that belong together: the element around them, their name and
/// class, and the name of their rows.
type Kind = (Option<NodeId>, String, String);

#[derive(Default)]
struct Blocks(BTreeMap<usize, Block>, HashMap<Kind, usize>);

impl Blocks {
    /// Adds a row, unless no item can stand there.
    fn add(&mut self, page: &Page<'_>, scope: NodeId, row: Row) {
        let (Some(scope), Some(top)) = (page.node(scope), page.node(row.found.top)) else {
            return;
        };
        let list = top.parent().unwrap_or(top);
        let zone = zone::around(scope, list);
        if zone == Zone::Foreign {
            return;
        }
        let name = |node: NodeId, with_class: bool| {
            let element = page.element(node)?;
            let class = element.attribute("class").filter(|_| with_class);
            let name = element.value().name();
            let class = class.unwrap_or_default().split_whitespace();
            let class: Vec<&str> = class.filter(|word| !is_state(word)).collect();
            Some(format!("{name}.{}", class.join(" ")))
        };
        let kind = (
            list.parent().map(|parent| parent.id()),
            name(list.id(), true).unwrap_or_default(),
            name(top.id(), false).unwrap_or_default(),
        );
        let next = self.1.len();
        let block = self.0.entry(*self.1.entry(kind).or_insert(next));
        let block = block.or_insert_with(|| Block {
            lists: Vec::new(),
            rows: Vec::new(),
            zone,
        });
        if block.lists.last() != Some(&list.id()) {
            block.lists.push(list.id());
        }
        block.rows.push(row);
    }

    fn into_vec(self) -> Vec<Block> {
        self.0.into_values().collect()
    }
}

/// Whether a class describes an element's appearance on screen or its place among its siblings, and
/// not its kind.
fn is_state(class: &str) -> bool {
    const STATES: [&str; 12] = [
        "wow", "animated", "visible", "show", "active", "on", "first", "last", "odd", "even",
        "clearfix", "clear",
    ];
    const MOVES: [&str; 6] = ["animate", "fade", "slide", "zoomin", "bounce", "aos-"];
    let class = class.to_ascii_lowercase();
    STATES.contains(&class.as_str()) || MOVES.iter().any(|name| class.starts_with(name))
}

/// The heaviest block in the best zone that has one.
fn best(
    page: &Page<'_>,
    blocks: Vec<Block>,
    is_list: fn(&Page<'_>, &Block) -> bool,
) -> Option<Block> {
    blocks
        .into_iter()
        .filter(|block| is_list(page, block))
        // The first of equals; `max_by_key` would take the last.
        .rev()
        .max_by_key(|block| {
            let is_shown = !is_hidden(page, block);
            (std::cmp::Reverse(block.zone), is_shown, weight(block))
        })
}

/// Whether a list waits behind a tab for a click.
fn is_hidden(page: &Page<'_>, block: &Block) -> bool {
    /// The box of a tab is right around its list.
    const LEVELS: usize = 4;
    let list = block.lists.first().and_then(|list| page.node(*list));
    list.is_some_and(|list| {
        let around = std::iter::once(list).chain(list.ancestors());
        around.take(LEVELS).any(dom::is_hidden)
    })
}

/// How much a block looks like the column's list. An item counts once, and twice with a long title
/// or a numbered URL.
fn weight(block: &Block) -> usize {
    let rows = block.rows.iter().map(|row| {
        let item = &row.found.item;
        let title = item.title.chars().count().min(30);
        30 + title + if urls::is_numbered(&item.url) { 30 } else { 0 }
    });
    rows.sum()
}

/// With three rows or more, a date in each is enough; fewer rows must look like articles, too.
fn is_dated_list(_: &Page<'_>, block: &Block) -> bool {
    let like_article = |row: &Row| {
        let item = &row.found.item;
        let page = urls::is_page(&item.url) && !urls::is_download(&item.url);
        let title = item.title.chars().count();
        page && row.links <= 4 && (title >= 6 || title >= 4 && urls::is_numbered(&item.url))
    };
    block.rows.len() >= 3 || block.rows.iter().all(like_article)
}

/// Whether nearly every row has a date in its title.
fn is_dated_by_title(block: &Block) -> bool {
    let dated = block
        .rows
        .iter()
        .filter(|row| row.found.item.published_on.is_some());
    dated.count() * 5 >= block.rows.len() * 4
}

/// Whether the block is an article's related links.
fn is_of_article(page: &Page<'_>, block: &Block) -> bool {
    let titles = block
        .rows
        .iter()
        .map(|row| row.found.item.title.chars().count());
    let prose = Prose::beside(page, &block.lists);
    prose.outweighs(block.rows.len(), titles.sum())
}

/// A list without dates counts if hardly any of its links could be a menu's.
fn is_unmistakable(page: &Page<'_>, block: &Block) -> bool {
    let count = block.rows.len();
    let items = || block.rows.iter().map(|row| &row.found.item);
    let numbered = items()
        .filter(|item| urls::is_numbered(&item.url) && item.url.host() == page.here.host())
        .count();
    let characters: usize = items().map(|item| item.title.chars().count()).sum();
    count >= 3 && numbered * 5 >= count * 4 && characters >= count * 8
}

/// For each date, the smallest element around it that holds a link.
fn scopes(page: &Page<'_>) -> Vec<NodeId> {
    let around = |mark: &Mark| {
        let node = page.node(mark.node)?;
        let mut above = node.ancestors().map(|above| above.id());
        above.find(|above| page.counts(*above).links > 0)
    };
    let alone = |mark: &&Mark| mark.is_alone;
    let boxes: NodeSet = page.marks.iter().filter(alone).filter_map(around).collect();
    // A summary may contain a date, too. The item's own date is in a box around both.
    let is_in_box = |scope: NodeId| {
        let links = page.counts(scope).links;
        page.node(scope).is_some_and(|scope| {
            let above = scope.ancestors().map(|above| above.id());
            above
                .take_while(|above| page.counts(*above).links == links)
                .any(|above| boxes.contains(&above))
        })
    };
    let mut known = HashSet::new();
    let mut scopes = Vec::new();
    for mark in &page.marks {
        let scope = around(mark).filter(|scope| mark.is_alone || !is_in_box(*scope));
        scopes.extend(scope.filter(|scope| known.insert(*scope)));
    }
    scopes
}

fn dated_blocks(page: &Page<'_>) -> Vec<Block> {
    let mut scopes = scopes(page);
    // For a date in the page's head or footer, that element contains the whole list.
    let outer: NodeSet = scopes
        .iter()
        .filter_map(|scope| page.node(*scope))
        .flat_map(|scope| scope.ancestors().map(|above| above.id()))
        .collect();
    scopes.retain(|scope| !outer.contains(scope));
    let rows: NodeSet = scopes.iter().copied().collect();
    let mut blocks = Blocks::default();
    for scope in scopes {
        let links = page.links_in(scope);
        let marks = page.marks_in(scope);
        if flat::is_flat(page, scope, &rows, &links, &marks) {
            for (link, marks) in flat::pair(page, scope, &links, &marks) {
                add_row(page, &mut blocks, scope, scope, &[link], &marks);
            }
        } else {
            let top = climb(page, scope, |above| page.counts(above).marks == marks.len());
            add_row(page, &mut blocks, scope, top, &links, &marks);
        }
    }
    let mut blocks = blocks.into_vec();
    for block in &mut blocks {
        add_undated_rows(page, block);
    }
    blocks
}

fn add_row(
    page: &Page<'_>,
    blocks: &mut Blocks,
    scope: NodeId,
    top: NodeId,
    links: &[&Link],
    marks: &[&Mark],
) {
    if let Some(found) = item::from_row(page, scope, links, marks) {
        let row = Row {
            place: links.first().map_or(0, |link| page.place(link.node)),
            links: links.len(),
            found: Found { top, ..found },
        };
        blocks.add(page, scope, row);
    }
}

/// The highest element around `from` that holds nothing more.
fn climb(page: &Page<'_>, from: NodeId, same: impl Fn(NodeId) -> bool) -> NodeId {
    let above = page
        .node(from)
        .into_iter()
        .flat_map(|node| node.ancestors());
    above
        .filter_map(ElementRef::wrap)
        .take_while(|above| !matches!(above.value().name(), "body" | "html"))
        .map(|above| above.id())
        .take_while(|above| same(*above))
        .last()
        .unwrap_or(from)
}

/// Adds the undated rows of a list that are made like the others, for example pinned ones.
fn add_undated_rows(page: &Page<'_>, block: &mut Block) {
    let Some(name) = block
        .rows
        .first()
        .and_then(|row| page.element(row.found.top))
    else {
        return;
    };
    let name = name.value().name();
    let tops: HashSet<NodeId> = block.rows.iter().map(|row| row.found.top).collect();
    if tops.len() < block.rows.len().max(2) {
        return;
    }
    for list in &block.lists {
        let rows = page
            .element(*list)
            .into_iter()
            .flat_map(|list| list.child_elements());
        for row in rows.filter(|row| row.value().name() == name && !tops.contains(&row.id())) {
            let links = page.links_in(row.id());
            if page.counts(row.id()).links > 2 || page.counts(row.id()).marks > 0 {
                continue;
            }
            let found = item::from_row(page, row.id(), &links, &[]);
            let found = found.filter(|Found { item, .. }| {
                // Among similar rows, a number in the URL makes up for a short title.
                let least = if urls::is_numbered(&item.url) { 2 } else { 4 };
                urls::is_page(&item.url) && item.title.chars().count() >= least
            });
            block.rows.extend(found.map(|found| Row {
                place: page.place(row.id()),
                links: links.len(),
                found,
            }));
        }
    }
}

fn undated_blocks(page: &Page<'_>) -> Vec<Block> {
    let mut blocks = Blocks::default();
    for link in page
        .links
        .iter()
        .filter(|link| link.title.chars().count() >= 6)
    {
        let top = climb(page, link.node, |above| page.counts(above).links == 1);
        add_row(page, &mut blocks, top, top, &[link], &[]);
    }
    let mut blocks = blocks.into_vec();
    for block in &mut blocks {
        add_undated_rows(page, block);
    }
    blocks
}
