//! The pages that people read: the catalogue, a column, an article, and what the service makes
//! when it is asked: a search and its status.
//!
//! Each page stands alone: one HTML file with its style inlined, links relative to itself, no
//! script at all, pictures from the portals. A published page never shows what a run without
//! changes would alter.

mod article;
mod catalogue;
mod column;
mod entries;
mod history;
mod search;
mod shell;
mod status;
mod text;

pub use article::article;
pub use catalogue::catalogue;
pub use column::column;
pub use search::{Filters, Hit, SearchPage, search};
pub use status::{ColumnSection, OpenIncident, StatusPage, status};

use super::ColumnInfo;
use crate::model::Article;

/// A column with what its page, or its place in the catalogue, shows of it.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    /// The column.
    pub column: &'a ColumnInfo,
    /// How many articles it has in all.
    pub total: u64,
    /// Its newest articles, newest first: all of them are listed.
    pub newest: &'a [Article],
    /// How many archive documents it has.
    pub history_documents: u32,
    /// The months of its dumps, as `2025-12`, newest first.
    pub months: &'a [String],
}
