//! Why a document could not be written.

use thiserror::Error;

/// A format's own library refused what it was given; the bytes go to memory, so nothing else can
/// go wrong here. The document's path is known to the caller, who names it.
#[derive(Debug, Error)]
pub enum RenderError {
    /// RSS.
    #[error("the RSS document cannot be written: {0}")]
    Rss(#[from] ::rss::Error),
    /// Atom.
    #[error("the Atom document cannot be written: {0}")]
    Atom(#[from] atom_syndication::Error),
    /// Anything in JSON.
    #[error("the JSON document cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// OPML.
    #[error("the OPML document cannot be written: {0}")]
    Opml(#[from] ::opml::Error),
    /// A spreadsheet.
    #[error("the CSV cannot be written: {0}")]
    Csv(#[from] ::csv::Error),
}
