//! A column's newest articles as one JSON document, for other sites.
//!
//! Owns the document's members and limit. Never sorts the articles.

use serde::Serialize;

use super::{ColumnInfo, RenderError, Site};
use crate::model::{Article, ColumnName};

/// The most articles the document holds.
pub const ARTICLES: usize = 1_000;

#[derive(Serialize)]
struct Document<'a> {
    column: &'a ColumnName,
    title: String,
    articles: &'a [Article],
}

/// Writes `{"column", "title", "articles"}` with the first 1,000 of a newest-first list.
pub fn articles_json(
    site: &Site,
    column: &ColumnInfo,
    articles: &[Article],
) -> Result<Vec<u8>, RenderError> {
    let document = Document {
        column: &column.name,
        title: site.title(&column.title),
        articles: articles.get(..ARTICLES).unwrap_or(articles),
    };
    Ok(serde_json::to_vec(&document)?)
}
