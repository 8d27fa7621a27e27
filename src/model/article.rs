//! The article as it is published.
//!
//! Owns the members of an article in the published JSON, and the hash of its content: a change
//! here changes the contract. The text and what belongs to it are in `body`. Never reads a page or
//! the store.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use super::body::HashedBody;
use super::{Body, ColumnName, IndexNumber, Provenance, Timestamp, sha256_hex};

/// An article of a portal: its metadata, text, pictures and files, and its history in brief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Article {
    /// Made once, at first sight. Feeds write it as their entry id, after `urn:uuid:`.
    pub id: Uuid,
    /// The site that published it.
    pub portal: String,
    /// The columns that list it, `PORTAL/COLUMN`, sorted.
    pub columns: Vec<ColumnName>,
    /// 标题
    pub title: String,
    /// The label block's other values.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// The page that supplies the text.
    pub url: Url,
    /// Its other pages, in the order in which they were found.
    pub aliases: Vec<Url>,
    /// Text, pictures and files.
    #[serde(flatten)]
    pub body: Body,
    /// 1 at first sight; each revision adds 1.
    pub revision: u32,
    /// When dibao first saw it.
    pub first_seen_at: Timestamp,
    /// When dibao first saw it or last saw it changed. No two articles share this time.
    pub updated_at: Timestamp,
    /// When dibao found that the portal had taken it down; `null` while it is online.
    pub withdrawn_at: Option<Timestamp>,
    /// When the operator of this site removed it: only a tombstone has this member, and nothing else of
    /// the article but its id, portal, columns, URL and times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    /// SHA-256, in hex, of the RFC 8785 JSON of title, metadata and body.
    pub content_sha256: String,
    /// Where each value was found.
    pub provenance: Provenance,
}

impl Article {
    /// The month, as `2025-12`, of the dump that holds it: the month of `published_on`, or of first
    /// sight if the article has no date.
    pub fn month(&self) -> String {
        let seen = || self.first_seen_at.date();
        let day = self.metadata.published_on.unwrap_or_else(seen);
        day.format("%Y-%m").to_string()
    }
}

/// The title of an article that was removed.
const REMOVED: &str = "（已移除）";

impl Article {
    /// The tombstone of an article that was removed at this time. It keeps the id, the columns, the
    /// URL and first sight, and no content.
    pub fn tombstone(&self, at: Timestamp) -> Self {
        let (metadata, body) = (Metadata::default(), Body::default());
        Self {
            id: self.id,
            portal: self.portal.clone(),
            columns: self.columns.clone(),
            title: REMOVED.to_owned(),
            content_sha256: content_sha256(REMOVED, &metadata, &body),
            metadata,
            url: self.url.clone(),
            aliases: Vec::new(),
            body,
            revision: self.revision + 1,
            first_seen_at: self.first_seen_at,
            updated_at: at,
            withdrawn_at: Some(at),
            removed_at: Some(at),
            provenance: Provenance::default(),
        }
    }

    /// The article with the hash that its content has by today's rules. Before the contract had
    /// `content`, a missing text was an empty string, and the hash was another one.
    pub fn rehashed(mut self) -> Self {
        if !self.body.has_text() {
            self.content_sha256 = content_sha256(&self.title, &self.metadata, &self.body);
        }
        self
    }

    /// Whether this is a tombstone.
    pub fn is_tombstone(&self) -> bool {
        self.title == REMOVED && self.withdrawn_at.is_some() && self.body == Body::default()
    }
}

/// The label block of a government page, without the title.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metadata {
    /// 索引号, canonical.
    pub index_number: Option<IndexNumber>,
    /// 索引号 as the page prints it, also if it is not an index number (`无`).
    pub index_number_raw: Option<String>,
    /// 发文字号
    pub document_number: Option<String>,
    /// 发文时间 or 成文日期: the date of the document itself.
    pub issued_on: Option<NaiveDate>,
    /// 发文机关
    pub issuer: Option<String>,
    /// 主题词
    pub subject_terms: Vec<String>,
    /// 主题分类
    pub topic_category: Option<String>,
    /// 发布日期: the day in China on which the portal published it.
    pub published_on: Option<NaiveDate>,
    /// The same with its time, if the page gives one.
    pub published_at: Option<Timestamp>,
    /// 来源: who wrote it first.
    pub source: Option<String>,
}

#[derive(Serialize)]
struct Hashed<'a> {
    title: &'a str,
    #[serde(flatten)]
    metadata: &'a Metadata,
    #[serde(flatten)]
    body: HashedBody<'a>,
}

/// The hash of an article's content: SHA-256, as lower-case hex, of the RFC 8785 (JCS) JSON of the
/// fields from `index_number` to `attachments`, without the article's own URLs.
pub fn content_sha256(title: &str, metadata: &Metadata, body: &Body) -> String {
    let content = Hashed {
        title,
        metadata,
        body: HashedBody::from(body),
    };
    // These types hold only strings and lists, so canonical JSON cannot fail on them.
    let json = serde_jcs::to_vec(&content).unwrap_or_default();
    sha256_hex(Sha256::new_with_prefix(&json))
}
