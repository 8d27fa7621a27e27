//! Identity: the article that a page belongs to.
//!
//! Owns canonical URLs, the comparison of addresses that vary, the likeness of two texts, the
//! grouping of pages into articles, and the minting of ids. Pure: the store passes the known pages
//! and applies the answer. Never reads a page's markup, a clock or a database.

mod address;
mod canonical_url;
mod clocks;
mod group;
mod likeness;
mod mint;
mod rows;
mod seen_values;
mod sketch;
mod steady_text;
mod tokens;

pub use address::{differ_in_tokens, without_tokens};
pub use canonical_url::{CanonicalUrl, is_address};
pub use group::{
    Group, KnownArticle, KnownPage, TEMPLATE_BEARERS, group, is_template, reused_numbers,
};
pub use likeness::Fingerprint;
pub use mint::{
    choice_id, entry_id_candidates, feed_id, named_topic_id, narrowed_id, topic_id, whole_id,
};
pub use rows::{KnownRow, ListedRow, ListedRows};
pub use seen_values::{Comparison, NamedUrl, SeenValues};
pub use sketch::Sketch;
pub use steady_text::steady_text;
