//! Articles, changes, publications and pages as their rows hold them: bytes, and the checksum.
//!
//! Owns how a row is read back, and what is damage. Its text is put into its JSON first, and the
//! checksum covers both. A damaged byte may make a text no text, so nothing is taken for one before
//! its checksum is. Never queries the database.

use serde::de::DeserializeOwned;
use sqlx::{FromRow, Row};

use super::moment;
use super::sum::{self, Part};
use super::text;
use crate::model::{Article, Change, ChangeKind, DamagedRow, Timestamp, WrittenChange};
use crate::store::driver::EngineRow;

/// What [`StoredArticle`] reads of `articles a`.
pub(in crate::store) const ARTICLE: &str = "a.id, a.article, a.sum,
    (SELECT t.body FROM texts t WHERE t.id = a.text_id) AS packed";
/// The same without the id, which comes from elsewhere.
pub(in crate::store) const STATE: &str = "a.article, a.sum,
    (SELECT t.body FROM texts t WHERE t.id = a.text_id) AS packed";
/// What [`StoredChange`] reads of `changes c`.
pub(in crate::store) const CHANGE: &str = "c.seq, c.kind, c.at_ms, c.article_id, c.article, c.sum,
    (SELECT t.body FROM texts t WHERE t.id = c.text_id) AS packed";
/// What [`StoredPage`] reads of `pages p`.
pub(in crate::store) const PAGE: &str = "p.found, p.portal, p.canonical_url, p.url, p.article_id,
    p.content, p.content_sha256, p.index_number, p.title_fold, p.day, p.sum,
    (SELECT t.body FROM texts t WHERE t.id = p.text_id) AS packed";

/// Stands in each article that was saved since the contract has `content`, and in no string: there,
/// a backslash precedes a quotation mark.
const CONTENT: &str = ",\"content\":\"";

/// The cause of most damage.
const OTHER_SUM: &str = "its checksum is not that of its contents";

/// A row of `articles`, or none where one was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct StoredArticle {
    pub(in crate::store) id: Vec<u8>,
    pub(in crate::store) article: Option<Vec<u8>>,
    pub(in crate::store) sum: Option<i64>,
}

/// A row of `changes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct StoredChange {
    pub(in crate::store) seq: i64,
    pub(in crate::store) kind: Vec<u8>,
    pub(in crate::store) at_ms: i64,
    pub(in crate::store) article_id: Vec<u8>,
    pub(in crate::store) article: Vec<u8>,
    pub(in crate::store) sum: Option<i64>,
}

/// A value as bytes, whatever its type has become.
pub(in crate::store) fn bytes(row: &EngineRow, name: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
    row.try_get_unchecked(name)
}

/// JSON with its text, which stands in a row of `texts`. A text that cannot be unpacked is missing in it.
fn whole_json(row: &EngineRow, name: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let packed = bytes(row, "packed")?;
    Ok(bytes(row, name)?.map(|json| text::joined(json, packed.as_deref())))
}

/// A value as a number, whatever its type has become.
pub(in crate::store) fn number(row: &EngineRow, name: &str) -> Result<Option<i64>, sqlx::Error> {
    row.try_get_unchecked(name)
}

impl FromRow<'_, EngineRow> for StoredArticle {
    fn from_row(row: &EngineRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: bytes(row, "id")?.unwrap_or_default(),
            article: whole_json(row, "article")?,
            sum: number(row, "sum")?,
        })
    }
}

impl FromRow<'_, EngineRow> for StoredChange {
    fn from_row(row: &EngineRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: number(row, "seq")?.unwrap_or_default(),
            kind: bytes(row, "kind")?.unwrap_or_default(),
            at_ms: number(row, "at_ms")?.unwrap_or_default(),
            article_id: bytes(row, "article_id")?.unwrap_or_default(),
            article: whole_json(row, "article")?.unwrap_or_default(),
            sum: number(row, "sum")?,
        })
    }
}

impl StoredArticle {
    /// Reads back the article. States that were saved before the contract had `content` have it,
    /// too: it follows from the rest.
    pub(in crate::store) fn read(&self) -> Result<Article, DamagedRow> {
        parsed(self.whole()?).map_err(|cause| self.damaged(&cause))
    }

    /// The article in the JSON in which it is published.
    pub(in crate::store) fn written(&self) -> Result<String, DamagedRow> {
        published_json(self.whole()?).map_err(|cause| self.damaged(&cause))
    }

    /// Its JSON, if the checksum is that of its contents.
    fn whole(&self) -> Result<&[u8], DamagedRow> {
        let Some(json) = &self.article else {
            return Err(self.damaged(&"it is not found by its id"));
        };
        match differs(&self.parts(), self.sum) {
            true => Err(self.damaged(&OTHER_SUM)),
            false => Ok(json),
        }
    }

    fn damaged(&self, cause: &dyn std::fmt::Display) -> DamagedRow {
        let (key, json) = (String::from_utf8_lossy(&self.id), self.article.as_deref());
        DamagedRow::new("articles", key, (&self.id, json.unwrap_or_default()), cause)
    }

    pub(in crate::store) fn parts(&self) -> Vec<Part<'_>> {
        sum::article(&self.id, self.article.as_deref().unwrap_or_default())
    }

    /// The bytes of its JSON.
    pub(in crate::store) fn len(&self) -> usize {
        self.article.as_deref().unwrap_or_default().len()
    }
}

impl StoredChange {
    /// Reads back the change.
    pub(in crate::store) fn read(&self) -> Result<Change, DamagedRow> {
        let (kind, at) = self.moment()?;
        let article = parsed(&self.article).map_err(|cause| self.damaged(&cause))?;
        Ok(Change {
            seq: self.seq,
            kind,
            at,
            article,
        })
    }

    /// The change, with its article in the JSON in which it is published.
    pub(in crate::store) fn written(&self) -> Result<WrittenChange, DamagedRow> {
        let (kind, at) = self.moment()?;
        let article = published_json(&self.article).map_err(|cause| self.damaged(&cause))?;
        Ok(WrittenChange {
            seq: self.seq,
            kind,
            at,
            article,
        })
    }

    /// Its kind and time, if the checksum is that of its contents.
    fn moment(&self) -> Result<(ChangeKind, Timestamp), DamagedRow> {
        if differs(&self.parts(), self.sum) {
            return Err(self.damaged(&OTHER_SUM));
        }
        let kind = String::from_utf8_lossy(&self.kind).into_owned();
        let moment = moment(self.seq, kind, self.at_ms);
        moment.map_err(|_| self.damaged(&"its kind or its time is none"))
    }

    fn damaged(&self, cause: &dyn std::fmt::Display) -> DamagedRow {
        let article = (self.article_id.as_slice(), self.article.as_slice());
        DamagedRow::new("changes", self.seq, article, cause)
    }

    pub(in crate::store) fn parts(&self) -> Vec<Part<'_>> {
        let (id, json) = (&self.article_id, &self.article);
        sum::change(self.seq, &self.kind, self.at_ms, id, json)
    }
}

/// A row of `publications`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct StoredPublication {
    pub(in crate::store) column_name: Vec<u8>,
    pub(in crate::store) number: i64,
    pub(in crate::store) article_id: Vec<u8>,
    pub(in crate::store) seq: i64,
    pub(in crate::store) backfill: i64,
    pub(in crate::store) sum: Option<i64>,
}

impl FromRow<'_, EngineRow> for StoredPublication {
    fn from_row(row: &EngineRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            column_name: bytes(row, "column_name")?.unwrap_or_default(),
            number: number(row, "number")?.unwrap_or_default(),
            article_id: bytes(row, "article_id")?.unwrap_or_default(),
            seq: number(row, "seq")?.unwrap_or_default(),
            backfill: number(row, "backfill")?.unwrap_or_default(),
            sum: number(row, "sum")?,
        })
    }
}

impl StoredPublication {
    /// Whether it is as it was written.
    pub(in crate::store) fn check(&self) -> Result<(), DamagedRow> {
        match differs(&self.parts(), self.sum) {
            false => Ok(()),
            true => Err(self.damaged(OTHER_SUM)),
        }
    }

    pub(in crate::store) fn damaged(&self, cause: &str) -> DamagedRow {
        let column = String::from_utf8_lossy(&self.column_name);
        let key = format!("{column} {}", self.number);
        DamagedRow::new("publications", key, (&self.article_id, &[]), cause)
    }

    pub(in crate::store) fn parts(&self) -> Vec<Part<'_>> {
        let (column, id) = (&self.column_name, &self.article_id);
        sum::publication(column, self.number, id, self.seq, self.backfill)
    }
}

/// A row of `pages`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct StoredPage {
    pub(in crate::store) found: i64,
    pub(in crate::store) portal: Vec<u8>,
    pub(in crate::store) canonical_url: Vec<u8>,
    pub(in crate::store) url: Vec<u8>,
    pub(in crate::store) article_id: Option<Vec<u8>>,
    pub(in crate::store) content: Vec<u8>,
    pub(in crate::store) content_sha256: Vec<u8>,
    pub(in crate::store) index_number: Option<Vec<u8>>,
    pub(in crate::store) title_fold: Vec<u8>,
    pub(in crate::store) day: Option<Vec<u8>>,
    pub(in crate::store) sum: Option<i64>,
}

impl FromRow<'_, EngineRow> for StoredPage {
    fn from_row(row: &EngineRow) -> Result<Self, sqlx::Error> {
        let text = |name| Ok::<_, sqlx::Error>(bytes(row, name)?.unwrap_or_default());
        Ok(Self {
            found: number(row, "found")?.unwrap_or_default(),
            portal: text("portal")?,
            canonical_url: text("canonical_url")?,
            url: text("url")?,
            article_id: bytes(row, "article_id")?,
            content: whole_json(row, "content")?.unwrap_or_default(),
            content_sha256: text("content_sha256")?,
            index_number: bytes(row, "index_number")?,
            title_fold: text("title_fold")?,
            day: bytes(row, "day")?,
            sum: number(row, "sum")?,
        })
    }
}

impl StoredPage {
    /// Reads back what the page said.
    pub(in crate::store) fn read<C: DeserializeOwned>(&self) -> Result<C, DamagedRow> {
        let damaged = |cause: &dyn std::fmt::Display| {
            let key = String::from_utf8_lossy(&self.canonical_url);
            let id = self.article_id.as_deref().unwrap_or_default();
            DamagedRow::new("pages", key, (id, &self.content), cause)
        };
        if differs(&self.parts(), self.sum) {
            return Err(damaged(&OTHER_SUM));
        }
        serde_json::from_slice(&self.content).map_err(|cause| damaged(&cause))
    }

    pub(in crate::store) fn parts(&self) -> Vec<Part<'_>> {
        fn or_nothing(value: Option<&[u8]>) -> Part<'_> {
            value.map_or(Part::Nothing, Part::Text)
        }
        vec![
            Part::Text(&self.portal),
            Part::Text(&self.canonical_url),
            Part::Text(&self.url),
            or_nothing(self.article_id.as_deref()),
            Part::Text(&self.content),
            Part::Text(&self.content_sha256),
            or_nothing(self.index_number.as_deref()),
            Part::Text(&self.title_fold),
            or_nothing(self.day.as_deref()),
        ]
    }
}

/// An article in the JSON in which it is published. It was saved in that since the contract has
/// `content`, so it need not be read.
fn published_json(json: &[u8]) -> Result<String, serde_json::Error> {
    match std::str::from_utf8(json) {
        Ok(text) if text.contains(CONTENT) => Ok(text.to_owned()),
        _ => serde_json::to_string(&parsed(json)?),
    }
}

fn parsed(json: &[u8]) -> Result<Article, serde_json::Error> {
    let article: Article = serde_json::from_slice(json)?;
    Ok(article.rehashed())
}

/// Whether these are not the values that the checksum was made of. A row of an older store has none
/// yet.
pub(in crate::store) fn differs(parts: &[Part<'_>], stored: Option<i64>) -> bool {
    stored.is_some_and(|stored| stored != sum::sum(parts))
}
