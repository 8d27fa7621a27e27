//! The site pages: the catalogue, a portal, a column and its past, a topic, an article, a search, the
//! status.
//!
//! Owns the HTML of our site. Pages share one style; links are relative, pictures come from the
//! portals, and there is no script. Never shows anything on a published page that changes although no
//! article changed.

mod article;
mod catalogue;
mod column;
mod entries;
mod history;
mod month;
mod moved;
mod no_service;
mod not_found;
mod portal;
mod qr;
mod search;
mod shell;
mod status;
mod text;
mod topic;

pub use article::{Neighbour, Neighbours, article};
pub use catalogue::{catalogue, catalogue_section};
pub use column::column;
pub use month::{MONTH_ARTICLES, Month, month, year};
pub use moved::moved;
pub use no_service::no_service;
pub use not_found::not_found;
pub use portal::portal;
pub use search::{Filters, Hit, SearchPage, search};
pub use status::{
    ColumnSection, OpenIncident, STATUS_COLUMNS, StatusChoice, StatusOrder, StatusPage, status,
};
pub use topic::topic;

use super::ColumnInfo;
use crate::model::Article;

/// The style of all pages.
pub const STYLE: &[u8] = include_bytes!("style.css");

/// The style of feeds that are opened in a browser.
pub const FEED_STYLE: &[u8] = include_bytes!("feed.css");

/// The most feeds in a page's head, for feed readers to choose from. OPML has all feeds.
const DISCOVERED: usize = 50;

/// A column with the data for its page and for the catalogue.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    /// The column.
    pub column: &'a ColumnInfo,
    /// How many articles it has.
    pub total: u64,
    /// The articles that its page lists, newest first.
    pub newest: &'a [Article],
    /// How many history documents it has.
    pub history_documents: u32,
    /// Its months, newest first. Each has a dump.
    pub months: &'a [Month],
}

/// A column's part of the catalogue, and of its portal's page.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueEntry<'a> {
    /// The column.
    pub column: &'a ColumnInfo,
    /// How many articles it has.
    pub total: u64,
    /// Its markup, from [`catalogue_section`].
    pub section: &'a str,
}
