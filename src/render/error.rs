//! The errors of writing a document.
//!
//! Owns one error for each format. Never names the document: the caller does.

use thiserror::Error;

/// A format's library refused its input. The bytes go to memory, so no other error is possible.
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
