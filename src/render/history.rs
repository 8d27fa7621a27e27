//! History documents (archived feeds, RFC 5005, section 4): a column's whole history as linked Atom
//! documents.
//!
//! Publications of a column are numbered from 1; document K holds numbers (K−1)·100+1 … K·100, each
//! article as it was at that publication. Only the last document grows, so a reader that has the
//! others never needs them again. There is no `next-archive` link, because it would change a
//! complete document. If an article changed within a document, only its last state is there, so
//! that no document has two entries with one id.
//!
//! The same documents are published as JSON Feed, newest first, linked by `next_url`.

use std::collections::HashSet;

use super::{ColumnInfo, Feed, Link, RenderError, Site, atom, json_feed, paths};
use crate::model::Article;

/// Publications in a document.
pub const ENTRIES: u32 = 100;

/// How many documents this number of publications fills.
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
    // A document does not depend on the later timetable of its column.
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
