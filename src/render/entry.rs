//! An entry of a feed: one article for feed readers.
//!
//! Owns what a feed shows of an article, and how much. Never writes a wire format.

use url::Url;
use uuid::Uuid;

use super::link::Link;
use super::summary::summary;
use super::{ColumnInfo, Site, xml};
use crate::model::{Article, Attachment, ColumnName, Image, Metadata, Timestamp};

/// The longest text in an entry. A longer text is replaced by its first sentences: the feed must
/// stay small, and the text would push out all other entries.
const LARGEST_CONTENT: usize = 128 * 1024;

/// The most files of an entry. The article's page has all of them.
const MOST_ATTACHMENTS: usize = 100;

/// Stands in place of a missing text.
pub(super) const NO_TEXT: &str = "原文无文字内容";
/// The text of a removed article.
const REMOVED: &str = "本站已移除此文。";
/// Replaces an empty title.
const NO_TITLE: &str = "（无标题）";

/// One entry, in Atom's words, free of characters that XML forbids.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `urn:uuid:` and the article's id. It is never a URL, because URLs change.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// The article page on the portal.
    pub url: Url,
    /// The time of publication on the portal: midnight if the page gives no time, first sight if it
    /// gives no date.
    pub published: Timestamp,
    /// When it was first seen or last changed.
    pub updated: Timestamp,
    /// The issuer, then the source.
    pub authors: Vec<String>,
    /// Subject terms, then the topic category.
    pub categories: Vec<String>,
    /// Its first sentences as plain text, or a fixed text if there are none.
    pub summary: Option<String>,
    /// HTML, never blank. `None` if the column is published without full text, or the text is too
    /// long or empty.
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
    /// When dibao found that it was withdrawn.
    pub withdrawn: Option<Timestamp>,
    /// The feed that it comes from, in a feed of several columns.
    pub source: Option<Source>,
}

/// The feed of a column, from which an entry of another feed comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The feed's Atom id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its URL as Atom.
    pub atom: Url,
    /// Its URL as RSS.
    pub rss: Url,
    /// The column page on the portal.
    pub home: Url,
}

impl Entry {
    /// An entry of the site itself, about no article. Its id follows from `name`.
    pub(super) fn of_site(name: &str, title: String, url: Url, published: Timestamp) -> Self {
        Self {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
                .urn()
                .to_string(),
            title,
            url,
            published,
            updated: published,
            authors: Vec::new(),
            categories: Vec::new(),
            summary: None,
            content: None,
            image: None,
            attachments: Vec::new(),
            index_number: None,
            document_number: None,
            issuer: None,
            columns: Vec::new(),
            withdrawn: None,
            source: None,
        }
    }

    /// The entry of an article.
    pub fn new(article: &Article, full_text: bool) -> Self {
        let Metadata {
            issuer,
            source,
            subject_terms,
            topic_category,
            ..
        } = &article.metadata;
        let summary = match article.is_tombstone() {
            true => Some(REMOVED.to_owned()),
            false => summary(&xml::clean(&article.body.body_text)),
        };
        Self {
            id: article.id.urn().to_string(),
            title: named(&article.title).unwrap_or_else(|| NO_TITLE.to_owned()),
            url: article.url.clone(),
            published: published(article),
            updated: article.updated_at,
            authors: distinct(issuer.iter().chain(source)),
            categories: distinct(subject_terms.iter().chain(topic_category)),
            summary: Some(summary.unwrap_or_else(|| NO_TEXT.to_owned())),
            content: full_text
                .then(|| content(article))
                .filter(|content| (1..=LARGEST_CONTENT).contains(&content.len())),
            image: article.body.images.first().map(|image| image.url.clone()),
            attachments: enclosures(article),
            index_number: article
                .metadata
                .index_number
                .as_ref()
                .map(|n| clean(n.as_str())),
            document_number: article.metadata.document_number.as_deref().map(clean),
            issuer: issuer.as_deref().map(clean),
            columns: article.columns.clone(),
            withdrawn: article.withdrawn_at,
            source: None,
        }
    }

    /// The entry with the feed that it comes from: that of the first of its columns that is among
    /// these.
    pub fn with_source(mut self, site: &Site, columns: &[&ColumnInfo]) -> Self {
        let known = |name: &ColumnName| columns.iter().find(|column| column.name == *name);
        let column = self.columns.iter().find_map(known);
        self.source = column.map(|column| Source {
            id: column.feed_id(),
            title: site.title(&clean(&column.title)),
            atom: column.atom_url(site),
            rss: column.rss_url(site),
            home: column.url.clone(),
        });
        self
    }
}

/// The time of publication on the portal, as precise as known.
pub(super) fn published(article: &Article) -> Timestamp {
    let Metadata {
        published_at,
        published_on,
        ..
    } = article.metadata;
    published_at
        .or(published_on.map(Timestamp::start_of))
        .unwrap_or(article.first_seen_at)
}

/// The text, then the pictures that it does not show, and the files that it does not link. RSS has
/// no other place for them, and some articles have nothing else; then a line says so.
fn content(article: &Article) -> String {
    let mut html = clean(&article.body.body_html);
    if !article.body.has_text() && !article.is_tombstone() {
        html = format!("<p>{NO_TEXT}</p>{html}");
    }
    let linked = xml::quoted(&html);
    let pictures: String = article
        .body
        .images
        .iter()
        .filter(|image| !linked.contains(xml::escape(image.url.as_str()).as_str()))
        .map(picture)
        .collect();
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
        return html + &pictures;
    }
    format!("{html}{pictures}<p>附件：</p><ul>{missing}</ul>")
}

fn picture(image: &Image) -> String {
    let text = |text: &Option<String>| text.as_deref().and_then(named).unwrap_or_default();
    let (url, caption) = (xml::escape(image.url.as_str()), text(&image.caption));
    let (alt, caption) = (xml::escape(&text(&image.alt)), xml::escape(&caption));
    let below = if caption.is_empty() {
        String::new()
    } else {
        format!("<figcaption>{caption}</figcaption>")
    };
    format!("<figure><img src=\"{url}\" alt=\"{alt}\">{below}</figure>")
}

/// The article's files, each once.
fn enclosures(article: &Article) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for file in article.body.attachments.iter().take(MOST_ATTACHMENTS) {
        if !links.iter().any(|link| link.href == file.url) {
            links.push(enclosure(file));
        }
    }
    links
}

/// A link to a file. RFC 4287 requires a media type for an enclosure, so a file of an unknown type
/// is `related`.
fn enclosure(file: &Attachment) -> Link {
    Link {
        rel: if file.media_type.is_some() {
            "enclosure"
        } else {
            "related"
        },
        href: file.url.clone(),
        media_type: file.media_type.clone(),
        title: named(&file.name),
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

/// The text, if it is not blank.
fn named(text: &str) -> Option<String> {
    let text = clean(text);
    (!text.trim().is_empty()).then_some(text)
}

fn clean(text: &str) -> String {
    xml::clean(text).into_owned()
}
