//! What a damaged row may be restored from.
//!
//! Owns the sources, in words, and what confirms a candidate. Never reads the database.

use crate::model::{Article, Change};
use crate::store::article::PageContent;
use crate::store::rows::{Part, Value, sum};

/// What the published files and the archive say of a damaged row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublishedState {
    /// The article.
    pub article: Option<Article>,
    /// The change.
    pub change: Option<Change>,
    /// What its page says, read again from the archive.
    pub page: Option<PageContent>,
}

/// What a row was restored from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoredFrom {
    /// The row was whole, and its checksum was not.
    Itself,
    /// Its checksum tells which byte was changed.
    Checksum,
    /// Other rows say the same.
    OtherRows,
    /// The published files.
    Published,
    /// The page in the archive.
    Archive,
}

impl RestoredFrom {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Itself => "its contents were whole, and have their checksum again",
            Self::Checksum => "restored: its checksum tells the byte that was changed",
            Self::OtherRows => "restored from other rows",
            Self::Published => "restored from the published files",
            Self::Archive => "restored from its page in the archive",
        }
    }
}

/// A row that may stand in the place of a damaged one.
pub(super) type Candidate = (RestoredFrom, Vec<Value>);

/// What the checksum alone tells.
pub(super) fn of_checksum(parts: &[Part<'_>], stored: Option<i64>) -> Vec<Candidate> {
    let Some(stored) = stored else {
        return Vec::new();
    };
    let mut candidates = Vec::new();
    if stored == sum::sum(parts) || sum::is_sum_alone(parts, stored) {
        candidates.push((RestoredFrom::Itself, owned(parts)));
    }
    let corrected = sum::corrected(parts, stored);
    candidates.extend(corrected.map(|values| (RestoredFrom::Checksum, values)));
    candidates
}

pub(super) fn owned(parts: &[Part<'_>]) -> Vec<Value> {
    let values = parts.iter().map(|part| match part {
        Part::Number(number) => Value::Number(*number),
        Part::Text(text) => Value::Text(text.to_vec()),
        Part::Nothing => Value::Nothing,
    });
    values.collect()
}

/// Whether these values have the row's checksum.
pub(super) fn is_confirmed(parts: &[Part<'_>], stored: Option<i64>) -> bool {
    stored.is_some_and(|stored| stored == sum::sum(parts))
}

pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value {
        Some(Value::Text(text)) => String::from_utf8(text.clone()).ok(),
        _ => None,
    }
}

pub(super) fn integer(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

/// Reads an article that a candidate has, and whose own hash agrees with it.
pub(super) fn sound_json(json: &str) -> Option<Article> {
    let article: Article = serde_json::from_str(json).ok()?;
    let hash = crate::model::content_sha256(&article.title, &article.metadata, &article.body);
    let is_own = article.content_sha256 == hash || !article.body.has_text();
    (is_own || article.is_tombstone()).then_some(article)
}
