//! A column page with its links and dates counted.
//!
//! Owns one pass over the tree, which counts the links and dates below every element. Never
//! decides whether something is an item.

use std::collections::HashMap;

use ego_tree::{NodeId, NodeRef};
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::date_marks::{self, Mark};
use super::link::{self, Link};
use super::title;
use crate::extract::page::calls::Calls;
use crate::extract::page::dom::{Attributes, NodeMap, NodeSet};
use crate::extract::page::links;

/// A column page with its counts.
pub(super) struct Page<'a> {
    pub(super) document: &'a Html,
    /// The page's own URL.
    pub(super) here: &'a Url,
    /// The base of relative URLs: `<base href>`, else the page's own URL.
    pub(super) base: Url,
    /// The page's functions.
    pub(super) calls: Calls<'a>,
    pub(super) links: Vec<Link>,
    pub(super) marks: Vec<Mark>,
    /// For each URL, its first link with a title.
    named: HashMap<Url, usize>,
    counts: NodeMap<Count>,
    order: NodeMap<usize>,
}

/// The links and dates at or below an element.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    /// Different URLs. Successive links to one URL count once (a picture and its title).
    pub(super) links: usize,
    pub(super) marks: usize,
    last_link: Option<usize>,
}

impl<'a> Page<'a> {
    pub(super) fn new(document: &'a Html, here: &'a Url) -> Self {
        let base = base(document, here);
        let calls = Calls::new(document.tree.root(), here);
        let links = link::all(document, here, &base, &calls);
        let nodes: NodeSet = links.iter().map(|link| link.node).collect();
        let marks = date_marks::all(document, &nodes);
        let mut named = HashMap::new();
        for (nth, link) in links.iter().enumerate() {
            if !title::is_pointer(&link.title) {
                named.entry(link.url.clone()).or_insert(nth);
            }
        }
        let mut page = Self {
            document,
            here,
            base,
            calls,
            links,
            marks,
            named,
            counts: NodeMap::default(),
            order: NodeMap::default(),
        };
        page.count();
        page
    }

    fn count(&mut self) {
        let mut urls: HashMap<&Url, usize> = HashMap::new();
        for link in &self.links {
            let next = urls.len();
            let url = *urls.entry(&link.url).or_insert(next);
            for above in with_ancestors(self.document, link.node) {
                let count = self.counts.entry(above).or_default();
                if count.last_link != Some(url) {
                    count.links += 1;
                    count.last_link = Some(url);
                }
            }
        }
        for mark in &self.marks {
            for above in with_ancestors(self.document, mark.node) {
                self.counts.entry(above).or_default().marks += 1;
            }
        }
        let places = self.document.root_element().descendants().enumerate();
        self.order = places
            .filter(|(_, node)| self.counts.contains_key(&node.id()))
            .map(|(place, node)| (node.id(), place))
            .collect();
    }

    pub(super) fn counts(&self, node: NodeId) -> Count {
        self.counts.get(&node).copied().unwrap_or_default()
    }

    /// The position of a link, a date or an element around one, in page order.
    pub(super) fn place(&self, node: NodeId) -> usize {
        self.order.get(&node).copied().unwrap_or(usize::MAX)
    }

    pub(super) fn node(&self, id: NodeId) -> Option<NodeRef<'a, Node>> {
        self.document.tree.get(id)
    }

    pub(super) fn element(&self, id: NodeId) -> Option<ElementRef<'a>> {
        self.node(id).and_then(ElementRef::wrap)
    }

    /// The first link to this URL with a title.
    pub(super) fn named(&self, url: &Url) -> Option<&Link> {
        self.links.get(*self.named.get(url)?)
    }

    /// The links at or below `node`, in page order.
    pub(super) fn links_in(&self, node: NodeId) -> Vec<&Link> {
        within(&self.links, |link| link.node, node, self)
    }

    /// The dates below `node`, in page order.
    pub(super) fn marks_in(&self, node: NodeId) -> Vec<&Mark> {
        within(&self.marks, |mark| mark.node, node, self)
    }
}

/// Those of `all` that are at or below `node`. `all` is in page order, so they are adjacent.
fn within<'p, T>(all: &'p [T], id: fn(&T) -> NodeId, node: NodeId, page: &Page<'_>) -> Vec<&'p T> {
    let start = all.partition_point(|one| page.place(id(one)) < page.place(node));
    all[start..]
        .iter()
        .take_while(|one| with_ancestors(page.document, id(one)).any(|above| above == node))
        .collect()
}

fn with_ancestors(document: &Html, node: NodeId) -> impl Iterator<Item = NodeId> {
    let node = document.tree.get(node);
    node.into_iter()
        .flat_map(|node| std::iter::once(node.id()).chain(node.ancestors().map(|above| above.id())))
}

/// The first `<base href>`, resolved against the page's own URL.
fn base(document: &Html, here: &Url) -> Url {
    document
        .root_element()
        .descendent_elements()
        .find(|element| element.value().name() == "base" && element.attribute("href").is_some())
        .and_then(|element| links::target(element.attribute("href")?, here))
        .unwrap_or_else(|| here.clone())
}
