//! Archived feeds (RFC 5005, section 4): a column's whole history as linked Atom documents.
//!
//! Publications of a column are numbered from 1; document K holds numbers (K−1)·100+1 … K·100,
//! each article as it was at that publication. Only the last document grows, so a reader that
//! has the others never needs them again. For that there is no `next-archive` link: it would
//! change a document that is complete. Of an article that changed within a document only the last
//! state stands there, so that no document holds two entries of one id.
//!
//! The same documents are published as JSON Feed, which has `next_url` for it, newest first.

use std::collections::HashSet;

use super::{ColumnInfo, Feed, Link, RenderError, Site, atom, json_feed, paths};
use crate::model::Article;

/// Publications in a document.
pub const ENTRIES: u32 = 100;

/// How many documents so many publications fill.
pub fn documents(publications: u32) -> u32 {
    publications.div_ceil(ENTRIES)
}

/// An archive document in its two formats.
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
    // What a document says does not depend on how its column is looked after later.
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

/// Links a feed to the archive document before it, from where readers walk backward.
pub fn link(feed: &mut Feed, site: &Site, column: &ColumnInfo, before: u32) {
    if before > 0 {
        let href = site.url(&paths::history(&column.name, before));
        feed.links.push(Link::atom("prev-archive", href));
        feed.next_json = Some(site.url(&paths::history_json(&column.name, before)));
    }
}

/// The articles without states that a later one of them replaces.
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
