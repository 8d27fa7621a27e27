//! Head items (头条): articles that a column shows large above its list.
//!
//! Owns the signs of such an item: it stands above the list in the same part of the page, in a
//! heading, and leads to an article like those of the list. Never reads a list.

use std::collections::HashSet;

use ego_tree::{NodeId, NodeRef};
use scraper::{ElementRef, Node};
use url::Url;

use super::item::{self, Found};
use super::page::Page;
use super::title;
use super::zone::{self, Zone};
use crate::extract::page::dom::Attributes;
use crate::extract::page::urls;

/// How many levels above the list its head items may stand.
const LEVELS: usize = 3;

/// How many levels above a link its heading may stand.
const HEADING: usize = 3;

/// More links like that are a list of their own.
const MOST: usize = 3;

/// A shorter title, in characters, is a column's name.
const SHORTEST: usize = 6;

/// Words in classes and ids of elements around a head item.
const NAMES: [&str; 6] = [
    "headline",
    "headlines",
    "toutiao",
    "tt",
    "topnews",
    "firstnews",
];

/// The head items above the list in `lists`, which has these rows.
pub(super) fn above(page: &Page<'_>, lists: &[NodeId], rows: &[Found]) -> Vec<Found> {
    let Some(list) = lists.first().and_then(|list| page.node(*list)) else {
        return Vec::new();
    };
    let around: Vec<NodeId> = std::iter::once(list)
        .chain(list.ancestors())
        .filter_map(ElementRef::wrap)
        .take_while(|above| !matches!(above.value().name(), "body" | "html"))
        .take(1 + LEVELS)
        .map(|above| above.id())
        .collect();
    let beside = around.last().and_then(|outer| box_above(page, *outer));
    let listed: HashSet<&Url> = rows.iter().map(|row| &row.item.url).collect();
    let shapes: HashSet<Shape> = listed.iter().flat_map(|url| shapes_of(url)).collect();
    let first = rows.iter().map(|row| page.place(row.top)).min();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let before = page.links.iter();
    for link in before.take_while(|link| Some(page.place(link.node)) < first) {
        let Some(node) = page.node(link.node) else {
            continue;
        };
        let is_candidate = !listed.contains(&link.url)
            && link.title.chars().count() >= SHORTEST
            && !title::is_pointer(&link.title)
            && node
                .ancestors()
                .any(|above| around.contains(&above.id()) || Some(above.id()) == beside)
            && is_in_heading(node, &around)
            && shapes_of(&link.url).any(|shape| shapes.contains(&shape))
            && zone::around(node, node) == Zone::Main;
        if is_candidate && seen.insert(&link.url) {
            found.extend(read(page, link.node));
        }
        if found.len() > MOST {
            return Vec::new();
        }
    }
    found
}

/// The box right above the outermost one around a list.
fn box_above(page: &Page<'_>, outer: NodeId) -> Option<NodeId> {
    let mut before = page.node(outer)?.prev_siblings();
    let is_box = |node: &NodeRef<'_, Node>| {
        let name = node.value().as_element().map(|element| element.name());
        name.is_some_and(|name| !matches!(name, "script" | "style" | "link" | "br"))
    };
    before.find(is_box).map(|above| above.id())
}

/// The item of the largest part of the page around a link that leads nowhere else.
fn read(page: &Page<'_>, link: NodeId) -> Option<Found> {
    /// A head item's picture, title and 详细 lead to it.
    const LINKS: usize = 4;
    let above = page.node(link)?.ancestors();
    let leads_there = |node: NodeId| {
        let links = page.links_in(node);
        let url = links.first().map(|link| &link.url);
        links.iter().all(|link| Some(&link.url) == url)
    };
    let own = above
        .map(|above| above.id())
        .take_while(|above| page.counts(*above).links <= LINKS && leads_there(*above))
        .last()
        .unwrap_or(link);
    let mut marks = page.marks_in(own);
    marks.retain(|mark| mark.is_alone);
    let found = item::from_row(page, own, &page.links_in(own), &marks)?;
    Some(Found::apart(found.item, own))
}

fn is_in_heading(link: NodeRef<'_, Node>, around: &[NodeId]) -> bool {
    let is_heading = |node: NodeRef<'_, Node>| {
        node.value().as_element().is_some_and(|element| {
            let names = [element.attribute("class"), element.attribute("id")];
            let mut words = names
                .into_iter()
                .flatten()
                .flat_map(|name| name.split(|c: char| !c.is_ascii_alphabetic()));
            matches!(
                element.name(),
                "h1" | "h2" | "h3" | "h4" | "h5" | "strong" | "b"
            ) || words.any(|word| NAMES.iter().any(|name| word.eq_ignore_ascii_case(name)))
        })
    };
    let mut above = link.ancestors().take(HEADING);
    above.any(|above| !around.contains(&above.id()) && is_heading(above))
        || link.descendants().take(12).any(is_heading)
}

/// A common feature of the addresses of articles: the section of a numbered one, or the folder and
/// kind of a file.
type Shape = (Option<String>, String, String);

/// The shapes of an article's address; none of another address.
fn shapes_of(url: &Url) -> impl Iterator<Item = Shape> {
    let is_article = urls::is_page(url) && !urls::is_download(url);
    let host = url.host_str().map(str::to_owned);
    let path = url.path();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let section = path.split('/').nth(1).unwrap_or_default();
    let end = file.rsplit_once('.').map_or("", |(_, end)| end);
    let folder = folder.replace(|c: char| c.is_ascii_digit(), "");
    let by_file = is_article.then(|| (host.clone(), folder, end.to_owned()));
    let is_numbered = is_article && urls::is_numbered(url);
    let by_number = is_numbered.then(|| (host, section.to_owned(), "#".to_owned()));
    by_file.into_iter().chain(by_number)
}
