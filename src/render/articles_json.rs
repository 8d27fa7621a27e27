//! A column's newest articles as one JSON document, for other sites.
//!
//! Owns the document's members and limit, and where a part of it ends. Never sorts the articles.

use std::collections::HashMap;

use memchr::memmem;
use serde::Serialize;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::{ColumnInfo, Parted, RenderError, Site};
use crate::model::ColumnName;

/// The most articles the document holds.
pub const ARTICLES: usize = 1_000;

/// The beginning of an article. It stands in no string: there, a backslash precedes a quotation mark.
const BEGIN: &[u8] = b"{\"id\":\"";

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
    articles: &[&[u8]],
) -> Result<Parted, RenderError> {
    let articles = articles.get(..ARTICLES).unwrap_or(articles);
    let document = serde_json::to_vec(&Document {
        column: &column.name,
        title: site.title(&column.title),
        articles: [],
    })?;
    let (begin, end) = document.split_at(document.len().saturating_sub("]}".len()));
    let length = articles.iter().map(|article| article.len() + 1);
    let mut json = Parted::with_capacity(document.len() + length.sum::<usize>());
    json.push(begin);
    for (at, article) in articles.iter().enumerate() {
        if at > 0 {
            json.push(b",");
        }
        json.push(article);
        if article.get(BEGIN.len()) == Some(&b'0') {
            json.end_part();
        }
    }
    json.push(end);
    Ok(json)
}

/// The articles of a document as [`articles_json`] wrote it, by id.
pub fn articles_of(document: &[u8]) -> HashMap<Uuid, &[u8]> {
    let places = memmem::find_iter(document, BEGIN).filter_map(|place| {
        let id = document.get(place + BEGIN.len()..)?;
        let id = Uuid::try_parse_ascii(id.get(..Hyphenated::LENGTH)?).ok()?;
        let before = document.get(..place)?.last();
        matches!(before, Some(b',' | b'[')).then_some((place, id))
    });
    let places: Vec<(usize, Uuid)> = places.collect();
    let ends = places.iter().skip(1).map(|(next, _)| next - ",".len());
    let ends = ends.chain([document.len().saturating_sub("]}".len())]);
    let articles = places.iter().zip(ends);
    let articles =
        articles.filter_map(|((begin, id), end)| Some((*id, document.get(*begin..end)?)));
    articles.collect()
}
