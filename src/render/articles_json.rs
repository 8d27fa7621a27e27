//! A column's newest articles as one JSON document, for other sites.
//!
//! Owns the document's members and limit, and where a part of it ends. Never sorts the articles.

use serde::Serialize;

use super::{ColumnInfo, Parted, RenderError, Site};
use crate::model::ColumnName;

/// The most articles the document holds.
pub const ARTICLES: usize = 1_000;

/// Where the id of an article has its first digit.
const ID: usize = "{\"id\":\"".len();

#[derive(Serialize)]
struct Document<'a> {
    column: &'a ColumnName,
    title: String,
    articles: [(); 0],
}

/// Writes `{"column", "title", "articles"}` with the first 1,000 of a newest-first list of articles,
/// which are JSON. A part ends behind each article whose id begins with a zero: so parts stay when
/// others are added.
pub fn articles_json(
    site: &Site,
    column: &ColumnInfo,
    articles: &[String],
) -> Result<Parted, RenderError> {
    let articles = articles.get(..ARTICLES).unwrap_or(articles);
    let document = serde_json::to_vec(&Document {
        column: &column.name,
        title: site.title(&column.title),
        articles: [],
    })?;
    let (begin, end) = document.split_at(document.len().saturating_sub("]}".len()));
    let mut json = Parted::default();
    json.push(begin);
    for (at, article) in articles.iter().enumerate() {
        if at > 0 {
            json.push(b",");
        }
        json.push(article.as_bytes());
        if article.as_bytes().get(ID) == Some(&b'0') {
            json.end_part();
        }
    }
    json.push(end);
    Ok(json)
}
