//! The places of articles among those of their columns, by day: which one stands beside which.
//!
//! Owns these queries. Never renders a link.

use serde::Deserialize;
use sqlx::{AssertSqlSafe, FromRow, Row};
use uuid::Uuid;

use super::{Publications, Published};
use crate::model::{Article, ColumnName};
use crate::store::StoreError;
use crate::store::rows::{ARTICLE, STATE, StoredArticle, parse_id};

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

/// The query for the articles before (0) and behind (1) a place of the column `?1`. The place is an
/// expression in SQL.
fn around(place: &str) -> String {
    format!(
        "SELECT 0 AS is_behind, article_id FROM
             (SELECT article_id FROM column_articles
              WHERE column_name = ?1 AND is_withdrawn = 0 AND place < {place}
              ORDER BY place DESC LIMIT 1) b
         UNION ALL SELECT 1, article_id FROM
             (SELECT article_id FROM column_articles
              WHERE column_name = ?1 AND is_withdrawn = 0 AND place > {place}
              ORDER BY place LIMIT 1) a"
    )
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}

impl Publications<'_> {
    /// The articles beside this one in a column, by their days, without withdrawn ones: the one
    /// before it, and the one behind it. A withdrawn article stands beside none: so what comes
    /// later between its former neighbours need not be told to it.
    pub async fn beside(self, column: &ColumnName, id: Uuid) -> Result<Beside, StoreError> {
        let around = around(
            "(SELECT place FROM column_articles
              WHERE article_id = ?2 AND column_name = ?1 AND is_withdrawn = 0)",
        );
        let query = format!(
            "SELECT n.is_behind, {ARTICLE} FROM ({around}) n JOIN articles a ON a.id = n.article_id"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(column.as_str())
            .bind(id.to_string())
            .fetch_all(&self.store.pool)
            .await?;
        let mut beside = Beside::default();
        for row in rows {
            let is_behind: bool = row.try_get("is_behind")?;
            let row = StoredArticle::from_row(&row)?;
            let id = parse_id(&String::from_utf8_lossy(&row.id))?;
            // A damaged article has no title to be shown.
            let written = self.store.sound_written(row).await?;
            let titled = written.and_then(|text| serde_json::from_str::<Titled>(&text).ok());
            beside[usize::from(is_behind)] = titled.map(|of| (id, of.title));
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
        let query = format!(
            "SELECT k.article_id AS id, {STATE} FROM
                 (SELECT article_id, added_seq FROM column_articles
                  WHERE column_name = ? AND month = ? ORDER BY added_seq LIMIT ? OFFSET ?) k
             LEFT JOIN articles a ON a.id = k.article_id ORDER BY k.added_seq"
        );
        let rows: Vec<StoredArticle> = sqlx::query_as(AssertSqlSafe(query))
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
            let around = self.around(&column, &place).await?;
            beside.extend(around.into_iter().flatten());
        }
        Ok(beside)
    }

    /// The articles before and behind this place of a column, without withdrawn ones.
    pub async fn around(self, column: &str, place: &str) -> Result<[Option<Uuid>; 2], StoreError> {
        let rows: Vec<(bool, String)> = sqlx::query_as(AssertSqlSafe(around("?2")))
            .bind(column)
            .bind(place)
            .fetch_all(&self.store.pool)
            .await?;
        let mut around = [None; 2];
        for (is_behind, id) in rows {
            around[usize::from(is_behind)] = Some(parse_id(&id)?);
        }
        Ok(around)
    }
}
