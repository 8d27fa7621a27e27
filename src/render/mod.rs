//! Turns articles into published bytes: RSS, Atom, JSON Feed, history documents, dumps and site
//! pages.
//!
//! Owns every published format, one file for each, and all published paths ([`paths`]). [`Feed`] is
//! the neutral model in the middle, in Atom's words. The same input gives the same bytes. Never
//! reads the clock or the store, never writes a file.

mod articles_json;
mod comparison;
mod diff;
mod edit;
mod entry;
mod error;
mod feed;
mod labels;
mod limit;
mod link;
mod parted;
mod run_interval;
mod selection;
mod site;
mod summary;
mod xml;

pub mod api;
pub mod atom;
pub mod changes;
pub mod csv;
pub mod differences;
pub mod dump;
pub mod export;
pub mod history;
pub mod icons;
pub mod incidents;
pub mod json_feed;
pub mod kept_files;
pub mod manifest;
pub mod news;
pub mod notice;
pub mod opml;
pub mod pages;
pub mod paths;
pub mod revisions;
pub mod rss;
pub mod schema;
pub mod served;
pub mod topic;

pub use articles_json::{ARTICLES, articles_json, articles_of};
pub use entry::Entry;
pub use error::RenderError;
pub use feed::{Feed, Person, Withdrawn};
pub use limit::newest;
pub use link::Link;
pub use news::NewsItem;
pub use parted::Parted;
pub use run_interval::RunInterval;
pub use selection::Selection;
pub use site::{ColumnInfo, PortalInfo, Site};
pub use topic::TopicInfo;

/// Writes a feed with its own URL.
pub type Format = fn(&Feed, &url::Url) -> Result<Vec<u8>, RenderError>;

/// The formats of feeds, by their names in [`paths`].
pub const FORMATS: [(paths::GroupFile, Format); 3] = [
    (paths::GroupFile::Atom, atom::render),
    (paths::GroupFile::Rss, rss::render),
    (paths::GroupFile::JsonFeed, json_feed::render),
];
