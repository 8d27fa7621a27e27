//! Reads articles for damage.
//!
//! Owns what must agree with an article: the columns of its row, and the lists of columns that name
//! it. Never mends one.

use sqlx::{AssertSqlSafe, FromRow};

use super::place::{CheckedRows, RowPlace, Unsealed};
use crate::model::{Article, IndexNumber, Timestamp};
use crate::store::driver::EngineConnection;
use crate::store::rows::{ARTICLE, DamagedRow, StoredArticle, bytes, number, sum};
use crate::store::{Store, StoreError};

impl Store {
    pub(super) async fn check_articles(
        &self,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<Vec<Unsealed>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let query = format!(
            "SELECT a.rowid AS place, {ARTICLE}, a.index_number, a.added_seq,
                    a.updated_ms, a.withdrawn_ms, a.month
             FROM articles a WHERE a.rowid > ? AND (a.article IS NOT NULL OR a.added_seq > 0)
             ORDER BY a.rowid LIMIT ?"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(place.after)
            .bind(most)
            .fetch_all(&mut *connection)
            .await?;
        let mut unsealed = Vec::new();
        for row in &rows {
            place.after = number(row, "place")?.unwrap_or(place.after);
            checked.rows += 1;
            let stored = StoredArticle::from_row(row)?;
            let article = match stored.read() {
                Ok(article) => article,
                Err(damaged) => {
                    checked.damaged.push(damaged.at(place.after));
                    continue;
                }
            };
            let has = (
                bytes(row, "index_number")?,
                number(row, "updated_ms")?,
                number(row, "withdrawn_ms")?,
                bytes(row, "month")?,
            );
            let number_of = article.metadata.index_number.as_ref();
            let number_of = number_of.map(IndexNumber::as_str);
            let should = (
                number_of.map(|number| number.as_bytes().to_vec()),
                Some(article.updated_at.millis()),
                article.withdrawn_at.map(Timestamp::millis),
                Some(article.month().into_bytes()),
            );
            let added = number(row, "added_seq")?.unwrap_or_default();
            let json = stored.article.as_deref().unwrap_or_default();
            let damage = |table, cause| {
                let place = number(row, "place").ok().flatten().unwrap_or_default();
                DamagedRow::new(table, article.id, (&stored.id, json), cause).at(place)
            };
            if has != should {
                let cause = "its columns are not those of its article";
                checked.damaged.push(damage("articles", cause));
            } else if !is_listed_right(&mut connection, &article, added).await? {
                let cause = "they are not those of its publications";
                checked.damaged.push(damage("column_articles", cause));
            } else if stored.sum.is_none() {
                unsealed.push((place.after, sum::sum(&stored.parts())));
            }
        }
        Ok(unsealed)
    }
}

/// Whether the columns list an article as its publications and the article itself say.
async fn is_listed_right(
    connection: &mut EngineConnection,
    article: &Article,
    added: i64,
) -> Result<bool, StoreError> {
    let (listed, published, right, first): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM column_articles WHERE article_id = ?1),
                (SELECT COUNT(DISTINCT column_name) FROM publications WHERE article_id = ?1),
                (SELECT COUNT(*) FROM column_articles k
                 WHERE k.article_id = ?1 AND k.is_withdrawn = ?2 AND k.added_seq = ?3
                   AND k.month = ?4 AND k.day IS NOT DISTINCT FROM ?5
                   AND EXISTS (SELECT 1 FROM publications p
                               WHERE p.article_id = ?1 AND p.column_name = k.column_name
                                 AND p.seq = k.seq AND p.backfill = k.backfill)),
                (SELECT COALESCE(MIN(seq), 0) FROM changes WHERE article_id = ?1)",
    )
    .bind(article.id.to_string())
    .bind(article.withdrawn_at.is_some())
    .bind(added)
    .bind(article.month())
    .bind(article.metadata.published_on.map(|day| day.to_string()))
    .fetch_one(connection)
    .await?;
    Ok(listed == published && listed == right && first == added)
}
