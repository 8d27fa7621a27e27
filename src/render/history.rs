//! History documents (archived feeds, RFC 5005, section 4): a column's whole history as linked Atom
//! documents.
//!
//! Owns the division into documents and their links; never numbers a publication. Publications of a
//! column are numbered from 1. Document K holds numbers (K−1)·100+1 … K·100, with each article as
//! it was at that publication. Only the last document grows, so readers fetch the others once. A
//! `next-archive` link would change a complete document, so there are none. Of an article that
//! changed within a document, only the last state is there: entries of a document differ in id.
//!
//! The same documents are published as JSON Feed, newest first, linked by `next_url`.

use std::collections::HashSet;

use super::{ColumnInfo, Feed, Link, RenderError, Site, atom, json_feed, paths};
use crate::model::Article;

/// Publications in a document.
pub const ENTRIES: u32 = 100;

/// The number of documents for this number of publications.
pub fn documents(publications: u32) -> u32 {
    publications.div_ceil(ENTRIES)
}

/// A history document in its two formats.
#[derive(Clone, Debug)]
pub struct HistoryDocument {
    /// For [`paths::history`].
    pub atom: Vec<u8>,
    /// For [`paths::history_json`].
    pub json: Vec<u8>,
}

/// Writes document `number` of a column. `articles` are its publications in ascending order.
pub fn render(
    site: &Site,
    column: &ColumnInfo,
    number: u32,
    articles: Vec<Article>,
) -> Result<HistoryDocument, RenderError> {
    let mut feed = Feed::new(site, column, &last_states(articles));
    feed.is_history = true;
    feed.style = None;
    // A document must not change with the timetable of its column.
    feed.run_interval = None;
    feed.links
        .push(Link::atom("current", column.atom_url(site)));
    link(&mut feed, site, column, number.saturating_sub(1));
    let url = site.url(&paths::history(&column.name, number));
    let atom = atom::render(&feed, &url)?;
    feed.entries.reverse();
    let url = site.url(&paths::history_json(&column.name, number));
    let json = json_feed::render(&feed, &url)?;
    Ok(HistoryDocument { atom, json })
}

/// Links a feed to the history document before it, from which readers walk backward.
pub fn link(feed: &mut Feed, site: &Site, column: &ColumnInfo, before: u32) {
    if before > 0 {
        let href = site.url(&paths::history(&column.name, before));
        feed.links.push(Link::atom("prev-archive", href));
        feed.next_json = Some(site.url(&paths::history_json(&column.name, before)));
    }
}

/// The last state of each article.
fn last_states(articles: Vec<Article>) -> Vec<Article> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Article> = articles
        .into_iter()
        .rev()
        .filter(|article| seen.insert(article.id))
        .collect();
    kept.reverse();
    kept
}
