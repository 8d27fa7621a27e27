//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>), with extra fields in `_dibao`.
//!
//! Owns the members of our JSON Feed documents. Never chooses entries.

use serde::Serialize;
use url::Url;

use super::{Entry, Feed, RenderError};
use crate::model::{ColumnName, Timestamp};

/// The media type of JSON Feed.
pub const MEDIA_TYPE: &str = "application/feed+json";

const VERSION: &str = "https://jsonfeed.org/version/1.1";
const LANGUAGE: &str = "zh-CN";

/// Writes a feed as JSON Feed. `self_url` is its own URL.
pub fn render(feed: &Feed, self_url: &Url) -> Result<Vec<u8>, RenderError> {
    let document = Document {
        version: VERSION,
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: self_url,
        next_url: feed.next_json.as_ref(),
        icon: &feed.icon,
        favicon: &feed.favicon,
        description: &feed.subtitle,
        authors: vec![Author {
            name: &feed.author.name,
            url: feed.author.uri.as_ref(),
        }],
        language: LANGUAGE,
        expired: feed.is_expired,
        hubs: feed.hubs.iter().map(Hub::websub).collect(),
        items: feed.entries.iter().map(item).collect(),
    };
    Ok(serde_json::to_vec(&document)?)
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'a str,
    title: &'a str,
    home_page_url: &'a Url,
    feed_url: &'a Url,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<&'a Url>,
    icon: &'a Url,
    favicon: &'a Url,
    description: &'a str,
    authors: Vec<Author<'a>>,
    language: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    expired: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Hub<'a> {
    r#type: &'a str,
    url: &'a Url,
}

impl<'a> Hub<'a> {
    fn websub(url: &'a Url) -> Self {
        Self {
            r#type: "WebSub",
            url,
        }
    }
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a Url>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a Url,
    title: &'a str,
    #[serde(flatten)]
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a Url>,
    date_published: Timestamp,
    date_modified: Timestamp,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
    language: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    _dibao: Extension<'a>,
}

/// An item must have `content_html` or `content_text`.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Content<'a> {
    ContentHtml(&'a str),
    ContentText(&'a str),
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a Url,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

#[derive(Serialize)]
struct Extension<'a> {
    index_number: Option<&'a str>,
    document_number: Option<&'a str>,
    issuer: Option<&'a str>,
    columns: &'a [ColumnName],
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_at: Option<Timestamp>,
}

fn item(entry: &Entry) -> Item<'_> {
    let summary = entry.summary.as_deref();
    Item {
        id: &entry.id,
        url: &entry.url,
        title: &entry.title,
        content: match &entry.content {
            Some(html) => Content::ContentHtml(html),
            None => Content::ContentText(summary.unwrap_or_default()),
        },
        summary,
        image: entry.image.as_ref(),
        date_published: entry.published,
        date_modified: entry.updated,
        authors: entry.authors.iter().map(|name| author(name)).collect(),
        tags: &entry.categories,
        language: LANGUAGE,
        attachments: entry.attachments.iter().filter_map(attachment).collect(),
        _dibao: Extension {
            index_number: entry.index_number.as_deref(),
            document_number: entry.document_number.as_deref(),
            issuer: entry.issuer.as_deref(),
            columns: &entry.columns,
            withdrawn_at: entry.withdrawn,
        },
    }
}

fn author(name: &str) -> Author<'_> {
    Author { name, url: None }
}

/// An attachment must have a type, so files of unknown types are only in the text.
fn attachment(file: &super::Link) -> Option<Attachment<'_>> {
    Some(Attachment {
        url: &file.href,
        mime_type: file.media_type.as_deref()?,
        title: file.title.as_deref(),
    })
}
