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
mod rhythm;
mod site;
mod summary;
mod words;
mod xml;

pub mod account;
pub mod archive;
pub mod atom;
pub mod changes;
pub mod dump;
pub mod icons;
pub mod json_feed;
pub mod manifest;
pub mod opml;
pub mod pages;
pub mod paths;
pub mod revisions;
pub mod rss;
pub mod schema;

pub use articles_json::{ARTICLES, articles_json};
pub use entry::Entry;
pub use error::RenderError;
pub use feed::{Feed, Link, Person, Withdrawn};
pub use limit::newest;
pub use rhythm::Rhythm;
pub use site::{ColumnInfo, Site};
