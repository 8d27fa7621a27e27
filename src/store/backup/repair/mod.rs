//! Restores damaged rows.
//!
//! Owns where a row may be restored from: the one byte that its checksum tells of, other rows, and
//! what the caller found published or archived. Nothing is taken that the checksum does not confirm, but an
//! article's own last change. Never guesses.

mod articles;
mod changes;
mod pages;
mod plain;

use crate::model::{Article, Change};
use crate::store::article::PageContent;
use crate::store::rows::{DamagedRow, Part, Value, sum};
use crate::store::{Store, StoreError};

use super::check::PLAIN;
use articles::{list_anew, repair_article};
use changes::{repair_change, repair_publication};
use pages::repair_page;
use plain::repair_plain;

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
type Candidate = (RestoredFrom, Vec<Value>);

impl Store {
    /// Writes all indexes anew.
    pub async fn reindex(&self) -> Result<(), StoreError> {
        sqlx::query("REINDEX").execute(&self.pool).await?;
        Ok(())
    }

    /// Restores a damaged row, if something confirms what it was.
    pub async fn repair_row(
        &self,
        row: &DamagedRow,
        published: &PublishedState,
    ) -> Result<Option<RestoredFrom>, StoreError> {
        let Some(place) = row.place else {
            return Ok(None);
        };
        let mut tx = self.begin().await?;
        let restored = match row.table {
            "articles" => repair_article(&mut tx, place, published).await?,
            "changes" => repair_change(&mut tx, place, published).await?,
            "publications" => repair_publication(&mut tx, place).await?,
            "pages" => repair_page(&mut tx, place, published).await?,
            "column_articles" => {
                list_anew(&mut tx, &row.key).await?;
                Some(RestoredFrom::OtherRows)
            }
            table => match PLAIN.iter().find(|plain| plain.table == table) {
                Some(plain) => repair_plain(&mut tx, plain, place).await?,
                None => None,
            },
        };
        tx.commit().await?;
        Ok(restored)
    }

    /// Writes anew what repeats other rows.
    pub async fn recount(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in [
            "DELETE FROM column_months",
            "INSERT INTO column_months (column_name, month, articles, live)
             SELECT column_name, month, COUNT(*), SUM(1 - is_withdrawn) FROM column_articles
             GROUP BY column_name, month",
            "DELETE FROM column_told",
            "INSERT OR IGNORE INTO column_told (column_name, seq)
             SELECT k.column_name, c.seq FROM changes c
             JOIN column_articles k ON k.article_id = c.article_id
             WHERE c.kind IN ('revised', 'withdrawn', 'restored', 'removed')",
        ] {
            sqlx::query(statement).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// What the checksum alone tells.
fn of_checksum(parts: &[Part<'_>], stored: Option<i64>) -> Vec<Candidate> {
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

fn owned(parts: &[Part<'_>]) -> Vec<Value> {
    let values = parts.iter().map(|part| match part {
        Part::Number(number) => Value::Number(*number),
        Part::Text(text) => Value::Text(text.to_vec()),
        Part::Nothing => Value::Nothing,
    });
    values.collect()
}

/// Whether these values have the row's checksum.
fn is_confirmed(parts: &[Part<'_>], stored: Option<i64>) -> bool {
    stored.is_some_and(|stored| stored == sum::sum(parts))
}

fn text(value: Option<&Value>) -> Option<String> {
    match value {
        Some(Value::Text(text)) => String::from_utf8(text.clone()).ok(),
        _ => None,
    }
}

fn integer(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

/// Reads an article that a candidate has, and whose own hash agrees with it.
fn sound_json(json: &str) -> Option<Article> {
    let article: Article = serde_json::from_str(json).ok()?;
    let hash = crate::model::content_sha256(&article.title, &article.metadata, &article.body);
    let is_own = article.content_sha256 == hash || !article.body.has_text();
    (is_own || article.is_tombstone()).then_some(article)
}
