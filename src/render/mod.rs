//! Articles in, published bytes out: RSS, Atom, JSON Feed, archives, dumps and pages.
//!
//! Owns every published format, one file for each, and the one place where published paths are
//! made ([`paths`]). [`Feed`] is the neutral model in the middle, in Atom's words. The same input
//! gives the same bytes: nothing here asks what time it is, reads the store or writes a file.

mod articles_json;
mod comparison;
mod diff;
mod edit;
mod entry;
mod error;
mod feed;
mod limit;
mod link;
mod rhythm;
mod selection;
mod site;
mod summary;
mod words;
mod xml;

pub mod account;
pub mod api;
pub mod archive;
pub mod atom;
pub mod changes;
pub mod csv;
pub mod dump;
pub mod export;
pub mod icons;
pub mod incidents;
pub mod json_feed;
pub mod manifest;
pub mod opml;
pub mod pages;
pub mod paths;
pub mod pictures;
pub mod revisions;
pub mod rss;
pub mod schema;
pub mod topic;

pub use articles_json::{ARTICLES, articles_json};
pub use entry::Entry;
pub use error::RenderError;
pub use feed::{Feed, Person, Withdrawn};
pub use limit::newest;
pub use link::Link;
pub use rhythm::Rhythm;
pub use selection::Selection;
pub use site::{ColumnInfo, Site};

/// Writes a feed that knows itself by a URL.
pub type Format = fn(&Feed, &url::Url) -> Result<Vec<u8>, RenderError>;

/// The formats in which a feed is published, by what they are called in [`paths`].
pub const FORMATS: [(paths::Whole, Format); 3] = [
    (paths::Whole::Atom, atom::render),
    (paths::Whole::Rss, rss::render),
    (paths::Whole::JsonFeed, json_feed::render),
];
