//! Archived feeds (RFC 5005, section 4): a column's whole history as linked Atom documents.
//!
//! Publications of a column are numbered from 1; document K holds numbers (K−1)·100+1 … K·100,
//! each article as it was at that publication. Only the last document grows, so a reader that
//! has the others never needs them again. For that there is no `next-archive` link: it would
//! change a document that is complete.

use super::{ColumnInfo, Feed, Link, RenderError, Site, atom, paths};
use crate::model::Article;

/// Publications in a document.
pub const ENTRIES: u32 = 100;

/// How many documents so many publications fill.
pub fn documents(publications: u32) -> u32 {
    publications.div_ceil(ENTRIES)
}

/// Writes document `number` of a column. `articles` are its publications in ascending order.
pub fn render(
    site: &Site,
    column: &ColumnInfo,
    number: u32,
    articles: &[Article],
) -> Result<Vec<u8>, RenderError> {
    let url = |number| site.url(&paths::archive(&column.name, number));
    let mut feed = Feed::new(site, column, articles);
    feed.archive = true;
    feed.links
        .push(Link::atom("current", column.atom_url(site)));
    if number > 1 {
        feed.links.push(Link::atom("prev-archive", url(number - 1)));
    }
    atom::render(&feed, &url(number))
}

/// Links a column's live feed to its last archive document, from where readers walk backward.
pub fn link(feed: &mut Feed, site: &Site, column: &ColumnInfo, last: u32) {
    if last > 0 {
        let href = site.url(&paths::archive(&column.name, last));
        feed.links.push(Link::atom("prev-archive", href));
    }
}
