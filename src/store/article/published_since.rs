//! What changed since the last publication: articles with their columns, documents and months, and
//! the marks of everything else.
//!
//! Owns these queries. Never decides which files follow from a change.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Published;
use crate::model::{ColumnName, FileCopy};
use crate::store::StoreError;
use crate::store::rows::{column_name, parse_id};

/// The articles that changed since a publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedSince {
    /// The articles.
    pub articles: Vec<Uuid>,
    /// The columns that have one, each with the months of those articles, and with the change that
    /// added the first of them.
    pub months: Vec<(ColumnName, String, i64)>,
    /// The columns that have one, each with the numbers of the publications that are new or say
    /// something else now.
    pub publications: Vec<(ColumnName, u64)>,
    /// The numbers of earlier changes that say something else now.
    pub rewritten: Vec<i64>,
    /// Whether a published page of one of the articles may show kept files.
    pub had_files: bool,
}

/// What changed beside articles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The number of the last mark.
    pub last: i64,
    /// The marks, each once.
    pub marks: Vec<Mark>,
}

/// One thing that changed beside articles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A column had an article of this month.
    Month(ColumnName, String),
    /// An article of this column had this place among the others.
    Place(String, String),
    /// A column has another title.
    Title,
    /// A portal's file is kept, or is kept no more.
    KeptFile(String, String),
    /// The feed of incidents says something else.
    Incident,
}

/// The articles that changed after `?1`.
const CHANGED: &str = "(SELECT article_id FROM changes WHERE seq > ?1)";
/// Those among them that were removed.
const REMOVED: &str = "(SELECT article_id FROM changes WHERE seq > ?1 AND kind = 'removed')";

/// A name that can be read. A damaged one is told of where its row is read, and is nothing to be
/// rendered.
fn legible<T>(text: &[u8], parse: fn(&str) -> Result<T, StoreError>) -> Option<T> {
    let parsed = std::str::from_utf8(text)
        .ok()
        .and_then(|text| parse(text).ok());
    if parsed.is_none() {
        let name = String::from_utf8_lossy(text);
        tracing::error!(%name, "a damaged name in the store: run `dibao verify --all`");
    }
    parsed
}

impl Published<'_> {
    /// What changed after this change.
    pub async fn changed_since(self, seq: i64) -> Result<ChangedSince, StoreError> {
        let pool = &self.store.pool;
        // DISTINCT would walk an index of all changes.
        let articles: BTreeSet<Vec<u8>> =
            sqlx::query_scalar("SELECT article_id FROM changes WHERE seq > ?1")
                .bind(seq)
                .fetch_all(pool)
                .await?
                .into_iter()
                .collect();
        let months: Vec<(Vec<u8>, Vec<u8>, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT column_name, month, MIN(added_seq) FROM column_articles
             WHERE article_id IN {CHANGED} GROUP BY column_name, month"
        )))
        .bind(seq)
        .fetch_all(pool)
        .await?;
        let publications: Vec<(Vec<u8>, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT column_name, number FROM publications
             WHERE article_id IN {CHANGED} AND (seq > ?1 OR article_id IN {REMOVED})"
        )))
        .bind(seq)
        .fetch_all(pool)
        .await?;
        let rewritten: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "SELECT seq FROM changes WHERE article_id IN {REMOVED}"
        )))
        .bind(seq)
        .fetch_all(pool)
        .await?;
        let had_files: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "SELECT EXISTS (SELECT 1 FROM published_pictures WHERE article_id IN {CHANGED})"
        )))
        .bind(seq)
        .fetch_one(pool)
        .await?;
        Ok(ChangedSince {
            articles: articles
                .iter()
                .filter_map(|id| legible(id, parse_id))
                .collect(),
            months: months
                .iter()
                .filter_map(|(column, month, from)| {
                    let month = std::str::from_utf8(month).ok()?;
                    Some((legible(column, column_name)?, month.to_owned(), *from))
                })
                .collect(),
            publications: publications
                .iter()
                .filter_map(|(column, number)| {
                    let number = u64::try_from(*number).unwrap_or(0);
                    Some((legible(column, column_name)?, number))
                })
                .collect(),
            rewritten,
            had_files,
        })
    }

    /// What changed beside articles.
    pub async fn marks(self) -> Result<Marks, StoreError> {
        let rows: Vec<(i64, String, String, String)> = sqlx::query_as(
            "SELECT MAX(id) AS last, kind, subject, detail FROM unpublished
             GROUP BY kind, subject, detail ORDER BY last",
        )
        .fetch_all(&self.store.pool)
        .await?;
        let last = rows.last().map_or(0, |(id, ..)| *id);
        let marks = rows.into_iter().map(|(_, kind, subject, detail)| {
            Ok(match kind.as_str() {
                "month" => Mark::Month(column_name(&subject)?, detail),
                "place" => Mark::Place(subject, detail),
                "picture" => Mark::KeptFile(subject, detail),
                "title" => Mark::Title,
                _ => Mark::Incident,
            })
        });
        let marks = marks.collect::<Result<_, StoreError>>()?;
        Ok(Marks { last, marks })
    }

    /// The articles that show this file of a portal, or would if it were kept.
    pub async fn showing(self, portal: &str, url: &str) -> Result<Vec<Uuid>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(
            "SELECT article_id FROM published_pictures WHERE portal = ? AND url = ?",
        )
        .bind(portal)
        .bind(url)
        .fetch_all(&self.store.pool)
        .await?;
        ids.iter().map(|id| parse_id(id)).collect()
    }

    /// The articles that a column has, whichever way they came into it.
    pub async fn articles_of(self, column: &ColumnName) -> Result<Vec<Uuid>, StoreError> {
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT article_id FROM column_articles WHERE column_name = ?")
                .bind(column.as_str())
                .fetch_all(&self.store.pool)
                .await?;
        ids.iter().map(|id| parse_id(id)).collect()
    }

    /// The columns that an article is in, or was in.
    pub async fn columns_of(self, article: Uuid) -> Result<Vec<ColumnName>, StoreError> {
        let names: Vec<String> =
            sqlx::query_scalar("SELECT column_name FROM column_articles WHERE article_id = ?")
                .bind(article.to_string())
                .fetch_all(&self.store.pool)
                .await?;
        names.iter().map(|name| column_name(name)).collect()
    }

    /// The kept files that published articles show.
    pub async fn shown_files(self) -> Result<Vec<(Uuid, FileCopy)>, StoreError> {
        let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
            "SELECT s.article_id, p.sha256, p.extension, p.bytes FROM published_pictures s
             JOIN pictures p ON p.portal = s.portal AND p.url = s.url
             WHERE p.sha256 IS NOT NULL",
        )
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(id, sha256, extension, bytes)| {
                let copy = crate::store::kept_files::copy(sha256, &extension, bytes)?;
                Ok((parse_id(&id)?, copy))
            })
            .collect()
    }
}
