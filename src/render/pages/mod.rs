//! The site pages: the catalogue, a column, an article, and the pages that the service makes on
//! request, a search and the status.
//!
//! Each page stands alone: one HTML file with its style inlined, links relative to itself, no
//! script at all, pictures from the portals. A published page shows nothing that changes with a run
//! without changes.

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

/// A column with the data for its page and for the catalogue.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    /// The column.
    pub column: &'a ColumnInfo,
    /// How many articles it has in all.
    pub total: u64,
    /// Its newest articles, newest first: all of them are listed.
    pub newest: &'a [Article],
    /// How many history documents it has.
    pub history_documents: u32,
    /// The months of its dumps, as `2025-12`, newest first.
    pub months: &'a [String],
}
