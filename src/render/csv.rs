//! Articles for spreadsheets: RFC 4180, UTF-8 with a byte order mark, without formulas.
//!
//! Owns the columns of the spreadsheet and the escaping of cells. Never chooses the articles.

use serde::Serialize;

use super::RenderError;
use crate::model::Article;

/// The byte order mark. Without it, spreadsheets read the file in the system's charset.
pub const MARK: &str = "\u{feff}";

/// A row. Lists are joined with `; `.
#[derive(Serialize)]
struct Row {
    id: String,
    portal: String,
    columns: String,
    index_number: String,
    document_number: String,
    issued_on: String,
    issuer: String,
    subject_terms: String,
    title: String,
    topic_category: String,
    published_on: String,
    published_at: String,
    source: String,
    url: String,
    aliases: String,
    body_text: String,
    images: String,
    attachments: String,
    content: &'static str,
    revision: u32,
    first_seen_at: String,
    updated_at: String,
    withdrawn_at: String,
    removed_at: String,
}

/// Writes the row of an article. The first row comes below the header.
pub fn row(article: &Article, is_first: bool) -> Result<Vec<u8>, RenderError> {
    let mut writer = ::csv::WriterBuilder::new()
        .has_headers(is_first)
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.serialize(cells(article))?;
    writer
        .into_inner()
        .map_err(|error| ::csv::Error::from(error.into_error()).into())
}

fn cells(article: &Article) -> Row {
    let metadata = &article.metadata;
    let body = &article.body;
    let said = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
    let joined = |items: &mut dyn Iterator<Item = &str>| {
        let items: Vec<&str> = items.collect();
        harmless(&items.join("; "))
    };
    let number = metadata.index_number.as_ref();
    Row {
        id: article.id.to_string(),
        portal: article.portal.clone(),
        columns: joined(&mut article.columns.iter().map(|name| name.as_str())),
        index_number: harmless(number.map_or("", |number| number.as_str())),
        document_number: said(&metadata.document_number),
        issued_on: shown(metadata.issued_on),
        issuer: said(&metadata.issuer),
        subject_terms: joined(&mut metadata.subject_terms.iter().map(String::as_str)),
        title: harmless(&article.title),
        topic_category: said(&metadata.topic_category),
        published_on: shown(metadata.published_on),
        published_at: shown(metadata.published_at),
        source: said(&metadata.source),
        url: article.url.to_string(),
        aliases: joined(&mut article.aliases.iter().map(url::Url::as_str)),
        body_text: harmless(&body.body_text),
        images: joined(&mut body.images.iter().map(|image| image.url.as_str())),
        attachments: joined(&mut body.attachments.iter().map(|file| file.url.as_str())),
        content: body.content().name(),
        revision: article.revision,
        first_seen_at: article.first_seen_at.to_string(),
        updated_at: article.updated_at.to_string(),
        withdrawn_at: shown(article.withdrawn_at),
        removed_at: shown(article.removed_at),
    }
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A cell that spreadsheets take for text: a formula gets an apostrophe in front. As a formula, it
/// would run and could send other cells away.
fn harmless(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    match is_formula {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
