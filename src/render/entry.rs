//! An entry of a feed: one article, as feed readers are told of it.

use url::Url;

use super::feed::Link;
use super::summary::summary;
use super::xml;
use crate::model::{Article, ColumnName, Instant, Metadata};

/// A text of more bytes than these is left to the article's page, and its entry has the first
/// sentences: it would drive all others out of a feed that must stay small.
const LARGEST_CONTENT: usize = 128 * 1024;

/// One entry, in Atom's words, free of characters that XML forbids.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `urn:uuid:` and the article's id; never a URL, which may move.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// The article's page on its portal.
    pub url: Url,
    /// When the portal published it; the day's beginning where the page gives no time, first
    /// sight where it gives no date.
    pub published: Instant,
    /// When it was first seen or last changed.
    pub updated: Instant,
    /// Who issued it, then who wrote it first.
    pub authors: Vec<String>,
    /// Subject terms, then the topic category.
    pub categories: Vec<String>,
    /// Its first sentences, plain text.
    pub summary: Option<String>,
    /// HTML; `None` where the column is published without full text, or there is far too much.
    pub content: Option<String>,
    /// Its first picture.
    pub image: Option<Url>,
    /// Its files.
    pub attachments: Vec<Link>,
    /// 索引号
    pub index_number: Option<String>,
    /// 发文字号
    pub document_number: Option<String>,
    /// 发文机关
    pub issuer: Option<String>,
    /// The columns that list it.
    pub columns: Vec<ColumnName>,
}

impl Entry {
    /// The entry of an article.
    pub fn new(article: &Article, full_text: bool) -> Self {
        let Metadata {
            issuer,
            source,
            subject_terms,
            topic_category,
            ..
        } = &article.metadata;
        Self {
            id: article.id.urn().to_string(),
            title: clean(&article.title),
            url: article.url.clone(),
            published: published(article),
            updated: article.updated_at,
            authors: distinct(issuer.iter().chain(source)),
            categories: distinct(subject_terms.iter().chain(topic_category)),
            summary: summary(&xml::clean(&article.body.body_text)),
            content: full_text
                .then(|| content(article))
                .filter(|content| content.len() <= LARGEST_CONTENT),
            image: article.body.images.first().map(|image| image.url.clone()),
            attachments: article.body.attachments.iter().map(enclosure).collect(),
            index_number: article
                .metadata
                .index_number
                .as_ref()
                .map(|n| clean(n.as_str())),
            document_number: article.metadata.document_number.as_deref().map(clean),
            issuer: issuer.as_deref().map(clean),
            columns: article.columns.clone(),
        }
    }
}

/// When the portal published an article, as precisely as it is known.
pub(super) fn published(article: &Article) -> Instant {
    let Metadata {
        published_at,
        published_on,
        ..
    } = article.metadata;
    published_at
        .or(published_on.map(Instant::start_of))
        .unwrap_or(article.first_seen_at)
}

/// The body, and links to the files that it does not link to itself: RSS has no other place for
/// them, and an article may consist of nothing else.
fn content(article: &Article) -> String {
    let html = clean(&article.body.body_html);
    let linked = xml::quoted(&html);
    let missing: String = article
        .body
        .attachments
        .iter()
        .filter_map(|file| {
            let url = xml::escape(file.url.as_str());
            let name = xml::escape(&clean(&file.name));
            (!linked.contains(url.as_str()))
                .then(|| format!("<li><a href=\"{url}\">{name}</a></li>"))
        })
        .collect();
    if missing.is_empty() {
        return html;
    }
    format!("{html}<p>附件：</p><ul>{missing}</ul>")
}

/// RFC 4287 wants a media type for an enclosure; a file without one is merely related.
fn enclosure(file: &crate::model::Attachment) -> Link {
    Link {
        rel: if file.media_type.is_some() {
            "enclosure"
        } else {
            "related"
        },
        href: file.url.clone(),
        media_type: file.media_type.clone(),
        title: Some(clean(&file.name)),
    }
}

fn distinct<'a>(values: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut kept = Vec::new();
    for value in values.map(|value| clean(value)) {
        if !value.trim().is_empty() && !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

fn clean(text: &str) -> String {
    xml::clean(text).into_owned()
}
