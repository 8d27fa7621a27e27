//! The places of articles among those of their columns, by day: which one stands beside which.
//!
//! Owns these queries. Never renders a link.

use serde::Deserialize;
use uuid::Uuid;

use super::{Publications, Published};
use crate::model::{Article, ColumnName};
use crate::store::StoreError;
use crate::store::rows::{StoredArticle, parse_id};

/// How many articles a column has of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthCount {
    /// As `2025-12`.
    pub month: String,
    /// With withdrawn ones.
    pub articles: u64,
    /// Without these.
    pub live: u64,
}

/// The articles before and after one in a column, each with its title.
pub type Beside = [Option<(Uuid, String)>; 2];

/// The one before a place, and the one behind it.
const BESIDE: [&str; 2] = [
    "SELECT k.article_id AS id, a.article, a.sum FROM column_articles k
     LEFT JOIN articles a ON a.id = k.article_id
     WHERE k.column_name = ? AND k.is_withdrawn = 0 AND k.place < ? ORDER BY k.place DESC LIMIT 1",
    "SELECT k.article_id AS id, a.article, a.sum FROM column_articles k
     LEFT JOIN articles a ON a.id = k.article_id
     WHERE k.column_name = ? AND k.is_withdrawn = 0 AND k.place > ? ORDER BY k.place LIMIT 1",
];

#[derive(Deserialize)]
struct Titled {
    id: Uuid,
    title: String,
}

impl Publications<'_> {
    /// The articles beside this one in a column, by their days, without withdrawn ones: the one
    /// before it, and the one behind it.
    pub async fn beside(self, column: &ColumnName, id: Uuid) -> Result<Beside, StoreError> {
        let place: Option<String> = sqlx::query_scalar(
            "SELECT place FROM column_articles WHERE article_id = ? AND column_name = ?",
        )
        .bind(id.to_string())
        .bind(column.as_str())
        .fetch_optional(&self.store.pool)
        .await?;
        let mut beside = Beside::default();
        let Some(place) = place else {
            return Ok(beside);
        };
        for (found, query) in beside.iter_mut().zip(BESIDE) {
            let row: Option<StoredArticle> = sqlx::query_as(query)
                .bind(column.as_str())
                .bind(&place)
                .fetch_optional(&self.store.pool)
                .await?;
            let Some(row) = row else { continue };
            // A damaged article has no title to be shown.
            let written = self.store.sound_written(row).await?;
            let titled = written.and_then(|text| serde_json::from_str::<Titled>(&text).ok());
            *found = titled.map(|of| (of.id, of.title));
        }
        Ok(beside)
    }

    /// The column's months with their articles, oldest first.
    pub async fn counted_months(self, column: &ColumnName) -> Result<Vec<MonthCount>, StoreError> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT month, articles, live FROM column_months
             WHERE column_name = ? AND articles > 0 ORDER BY month",
        )
        .bind(column.as_str())
        .fetch_all(&self.store.pool)
        .await?;
        let count = |count| u64::try_from(count).unwrap_or(0);
        let months = rows.into_iter().map(|(month, articles, live)| MonthCount {
            month,
            articles: count(articles),
            live: count(live),
        });
        Ok(months.collect())
    }

    /// Some of the column's articles of one month, behind the first `before`, in the order in which
    /// they were added, with withdrawn ones.
    pub async fn of_month(
        self,
        column: &ColumnName,
        month: &str,
        before: u64,
        most: u64,
    ) -> Result<Vec<Article>, StoreError> {
        let rows: Vec<StoredArticle> = sqlx::query_as(
            "SELECT k.article_id AS id, a.article, a.sum FROM
                 (SELECT article_id, added_seq FROM column_articles
                  WHERE column_name = ? AND month = ? ORDER BY added_seq LIMIT ? OFFSET ?) k
             LEFT JOIN articles a ON a.id = k.article_id ORDER BY k.added_seq",
        )
        .bind(column.as_str())
        .bind(month)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .bind(i64::try_from(before).unwrap_or(i64::MAX))
        .fetch_all(&self.store.pool)
        .await?;
        self.store.all_sound(rows).await
    }
}

impl Published<'_> {
    /// The articles that stand beside this one in any of its columns.
    pub async fn beside(self, id: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT column_name, place FROM column_articles WHERE article_id = ?")
                .bind(id.to_string())
                .fetch_all(&self.store.pool)
                .await?;
        let mut beside = Vec::new();
        for (column, place) in rows {
            beside.extend(self.around(&column, &place).await?);
        }
        Ok(beside)
    }

    /// The articles before and behind this place of a column.
    pub async fn around(self, column: &str, place: &str) -> Result<Vec<Uuid>, StoreError> {
        let mut around = Vec::new();
        for query in [
            "SELECT article_id FROM column_articles
             WHERE column_name = ? AND is_withdrawn = 0 AND place < ? ORDER BY place DESC LIMIT 1",
            "SELECT article_id FROM column_articles
             WHERE column_name = ? AND is_withdrawn = 0 AND place > ? ORDER BY place LIMIT 1",
        ] {
            let id: Option<String> = sqlx::query_scalar(query)
                .bind(column)
                .bind(place)
                .fetch_optional(&self.store.pool)
                .await?;
            if let Some(id) = id {
                around.push(parse_id(&id)?);
            }
        }
        Ok(around)
    }
}
