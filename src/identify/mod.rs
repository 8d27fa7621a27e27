//! Identity: the article that a page belongs to.
//!
//! Owns canonical URLs, the likeness of two texts, the grouping of pages into articles, and the
//! minting of ids. Pure: the store passes the known pages and applies the answer. Never reads a
//! page's markup, a clock or a database.

mod canonical_url;
mod group;
mod likeness;
mod mint;
mod sketch;

pub use canonical_url::CanonicalUrl;
pub use group::{Group, KnownArticle, KnownPage, group, is_template, reused_numbers};
pub use likeness::Fingerprint;
pub use mint::{choice_id, entry_id_candidates, feed_id, topic_id, whole_id};
pub use sketch::Sketch;
