//! The site pages: the catalogue, a column, an article, a search and the status.
//!
//! Owns the HTML of our site. Pages share one style; links are relative, pictures come from the
//! portals, and there is no script. Never shows anything on a published page that changes although no
//! article changed.

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
pub use catalogue::{CatalogueEntry, catalogue, catalogue_section};
pub use column::column;
pub use search::{Filters, Hit, SearchPage, search};
pub use status::{ColumnSection, OpenIncident, StatusPage, status};

use super::ColumnInfo;
use crate::model::Article;

/// The style of all pages.
pub const STYLE: &[u8] = include_bytes!("style.css");

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
    /// The months of its dumps, as `2025-12`, newest first.
    pub months: &'a [String],
}
