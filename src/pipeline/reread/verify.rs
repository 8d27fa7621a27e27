//! Derives an article again from its archived page, and compares it with the stored one.
//!
//! Owns what counts as equal. Never fetches, never writes anything.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::reextract::column_of;
use super::rereader::{Rereader, Unread};
use crate::config::Column;
use crate::decode::CharsetSource;
use crate::model::{Article, ColumnName, Timestamp, content_sha256};
use crate::store::{ArchivedPage, PageContent, ReadPage};

/// How an article compares with its archived page.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// The article's id.
    pub id: Uuid,
    /// Whether the two are equal in everything that counts.
    pub is_equal: bool,
    /// Where its page is in the archive.
    pub capture: CaptureCheck,
    /// The column by whose rules it is derived.
    pub column: ColumnName,
    /// The charset of the page, and the evidence for it.
    pub charset: Option<CharsetCheck>,
    /// The fields by their names in the JSON.
    pub fields: BTreeMap<String, FieldCheck>,
    /// The hash of all of them.
    pub content_sha256: FieldCheck,
    /// The article as it is stored, and as it is derived.
    #[serde(skip)]
    pub articles: Box<(Article, Article)>,
}

/// A capture whose bytes are intact.
#[derive(Clone, Debug, Serialize)]
pub struct CaptureCheck {
    /// The archive's file.
    pub file: String,
    /// Where the response record begins in it, in bytes.
    pub offset: i64,
    /// The record's id.
    pub record_id: String,
    /// The URL of the request.
    pub url: String,
    /// The time of the request.
    pub captured_at: Timestamp,
    /// The digest of the body as it was sent, and as it is archived.
    pub payload_digest: String,
}

/// A charset.
#[derive(Clone, Debug, Serialize)]
pub struct CharsetCheck {
    /// Its name.
    pub name: &'static str,
    /// The evidence for it.
    pub decided_by: CharsetSource,
    /// The number of characters that have no meaning in it.
    pub replaced: usize,
    /// Its name when the page was read last, and the evidence then.
    pub then: Option<(String, String)>,
}

/// How a value compares.
#[derive(Clone, Debug, Serialize)]
pub struct FieldCheck {
    /// Whether it is the same.
    pub how: Comparison,
    /// The stored value.
    pub stored: Value,
    /// The derived value.
    pub derived: Value,
}

/// Whether a value is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal to the letter.
    Equal,
    /// The page has the derived value, and the article keeps its own: its date of publication does
    /// not move, its number may be another page's or one that does not count, and white space alone
    /// does not revise a text.
    Kept,
    /// Equal except for white space and the portal's name for its own address.
    Alike,
    /// The value is another one.
    Differs,
}

/// Why an article cannot be derived.
#[derive(Debug)]
pub enum Unverified {
    /// No article has this id.
    Unknown,
    /// It was removed, and its page with it.
    Removed,
    /// Its page is not archived.
    NoCapture,
    /// None of these columns, which list it, has a feed file.
    NoColumn(Vec<ColumnName>),
    /// Its archived page cannot be read.
    Unread(Unread),
}

impl<E: Into<Unread>> From<E> for Unverified {
    fn from(error: E) -> Self {
        Self::Unread(error.into())
    }
}

impl Rereader {
    /// Derives the article from its archived page by these columns' rules.
    pub async fn verify(&self, id: Uuid, columns: &[Column]) -> Result<Verified, Unverified> {
        let known = self.store.captures().article(id).await?;
        let (article, page) = known.ok_or(Unverified::Unknown)?;
        if article.is_tombstone() {
            return Err(Unverified::Removed);
        }
        let page = page.ok_or(Unverified::NoCapture)?;
        let column =
            column_of(&page, columns).ok_or_else(|| Unverified::NoColumn(page.columns.clone()))?;
        let read = self.reread(&page, column).await?;
        let (before, after) = (object(&article), object(&page.content));
        let derived = object(&read.content);
        let is_alike = page.is_as_good_as(&read);
        let mut fields = BTreeMap::new();
        for (name, derived) in derived.into_iter().filter(|(name, _)| name != "provenance") {
            let stored = before.get(&name).cloned().unwrap_or_default();
            let how = match () {
                () if stored == derived => Comparison::Equal,
                () if after.get(&name) == Some(&derived) => Comparison::Kept,
                () if is_alike => Comparison::Alike,
                () => Comparison::Differs,
            };
            let check = FieldCheck {
                how,
                stored,
                derived,
            };
            fields.insert(name, check);
        }
        let derived = derived_article(&article, &read, &fields);
        let is_same = derived.content_sha256 == article.content_sha256;
        let content_sha256 = FieldCheck {
            how: match () {
                () if is_same => Comparison::Equal,
                () if is_alike => Comparison::Alike,
                () => Comparison::Differs,
            },
            stored: article.content_sha256.clone().into(),
            derived: derived.content_sha256.clone().into(),
        };
        let differs = |check: &FieldCheck| check.how == Comparison::Differs;
        Ok(Verified {
            id,
            is_equal: !fields.values().any(differs) && !differs(&content_sha256),
            charset: charset(&page, &read),
            capture: CaptureCheck {
                file: page.position.file,
                offset: page.position.offset,
                record_id: page.record_id,
                url: page.captured_url.into(),
                captured_at: page.captured_at,
                payload_digest: page.payload_digest,
            },
            column: column.name.clone(),
            fields,
            content_sha256,
            articles: Box::new((article, derived)),
        })
    }
}

fn charset(page: &ArchivedPage, read: &ReadPage) -> Option<CharsetCheck> {
    let charset = read.reading.charset?;
    Some(CharsetCheck {
        name: charset.name,
        decided_by: charset.found,
        replaced: charset.replaced,
        then: page.charset.clone(),
    })
}

/// The stored article with the derived values, except for those that it keeps.
fn derived_article(
    stored: &Article,
    read: &ReadPage,
    fields: &BTreeMap<String, FieldCheck>,
) -> Article {
    let is_kept = |name: &str| {
        fields
            .get(name)
            .is_some_and(|check| check.how == Comparison::Kept)
    };
    let PageContent {
        mut title,
        mut metadata,
        mut body,
        provenance,
    } = read.content.clone();
    let (was, had) = (&stored.metadata, &stored.body);
    if is_kept("title") {
        title.clone_from(&stored.title);
    }
    if is_kept("index_number") || is_kept("index_number_raw") {
        metadata.index_number.clone_from(&was.index_number);
        metadata.index_number_raw.clone_from(&was.index_number_raw);
    }
    if is_kept("published_on") || is_kept("published_at") {
        metadata.published_on = was.published_on;
        metadata.published_at = was.published_at;
    }
    if ["body_html", "body_text", "images", "attachments"]
        .into_iter()
        .any(is_kept)
    {
        body.clone_from(had);
    }
    Article {
        content_sha256: content_sha256(&title, &metadata, &body),
        title,
        metadata,
        body,
        provenance,
        ..stored.clone()
    }
}

fn object(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}
