//! The history of each column's feed: its articles in the order in which they were published.
//!
//! Owns the queries for feeds and dumps. Never renders, and never writes.

use std::collections::HashMap;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder, Row};

use super::Publications;
use crate::model::{Article, Change, ColumnName, Timestamp};
use crate::store::StoreError;
use crate::store::driver::Engine;
use crate::store::rows::{CHANGE, STATE, StoredArticle, StoredChange, StoredPublication};

/// The newest articles of so many columns are found column by column; of more, among those of all.
const MERGED: usize = 100;

/// Of a column's newest articles, those that were published before a time.
const NEWEST: &str = "FROM column_articles k LEFT JOIN articles a ON a.id = k.article_id
     WHERE k.column_name = ?1 AND k.backfill = 0 AND k.is_withdrawn = 0
       AND (?2 IS NULL OR (SELECT c.at_ms FROM changes c WHERE c.seq = k.seq) < ?2)
     ORDER BY k.seq DESC LIMIT ?3";

/// So many articles of a month are in memory at once.
const PIECE: u32 = 100;
/// To find those that are chosen, this many of the newest articles are looked at.
const LOOKED: usize = 1000;

/// One entry of a column's history: the article as it was when it was published.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    /// Its place in the column's history, from 1 without gaps.
    pub number: i64,
    /// The article as it was then.
    pub article: Article,
}

impl<'a> Publications<'a> {
    /// The column's newest changes after publication (edits, withdrawals, restorations, removals),
    /// newest first, each with the article as it was before. Of a removed article, only the removal
    /// is listed.
    pub async fn revisions(
        self,
        column: &ColumnName,
        limit: usize,
    ) -> Result<Vec<(Change, Option<Article>)>, StoreError> {
        let query = format!(
            "SELECT {CHANGE} FROM column_told t JOIN changes c ON c.seq = t.seq
             WHERE t.column_name = ?
               AND (c.kind = 'removed'
                    OR NOT EXISTS (SELECT 1 FROM removals r WHERE r.id = c.article_id))
             ORDER BY t.seq DESC LIMIT ?"
        );
        let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(column.as_str())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.store.pool)
            .await?;
        let mut revisions = Vec::with_capacity(rows.len());
        for row in rows {
            let (seq, id) = (
                row.seq,
                String::from_utf8_lossy(&row.article_id).into_owned(),
            );
            let Some(change) = self.store.sound_change(row).await? else {
                continue;
            };
            let before = self.state_before(&id, seq).await?;
            revisions.push((change, before));
        }
        Ok(revisions)
    }

    /// An article as it was told before this change. What an amendment alone brought was not told.
    async fn state_before(self, id: &str, seq: i64) -> Result<Option<Article>, StoreError> {
        let query = format!(
            "SELECT {CHANGE} FROM changes c
             WHERE c.article_id = ? AND c.seq < ? AND c.kind <> 'amended'
             ORDER BY c.seq DESC LIMIT 1"
        );
        let row: Option<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(id)
            .bind(seq)
            .fetch_optional(&self.store.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let change = self.store.sound_change(row).await?;
        Ok(change.map(|change| change.article))
    }

    /// A column's newest articles by publication, newest first, without withdrawn and backfilled
    /// ones.
    pub async fn newest(
        self,
        column: &ColumnName,
        limit: usize,
    ) -> Result<Vec<Article>, StoreError> {
        self.newest_before(column, None, limit).await
    }

    /// The same, among the articles that were published before a time.
    pub async fn newest_before(
        self,
        column: &ColumnName,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Article>, StoreError> {
        let query = format!("SELECT k.article_id AS id, {STATE} {NEWEST}");
        let rows: Vec<StoredArticle> = sqlx::query_as(AssertSqlSafe(query))
            .bind(column.as_str())
            .bind(before.map(Timestamp::millis))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.store.pool)
            .await?;
        self.store.all_sound(rows).await
    }

    /// The ids of the same articles, and behind them those of the backfilled ones, also without
    /// withdrawn ones: newest first by the date on the page, since the order in which a backfill
    /// finds them means nothing.
    pub async fn newest_ids(
        self,
        column: &ColumnName,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        const ORDERS: [&str; 2] = [
            "backfill = 0 AND is_withdrawn = 0 ORDER BY seq DESC",
            "backfill = 1 AND is_withdrawn = 0 ORDER BY month DESC, day DESC, seq DESC",
        ];
        let mut ids: Vec<String> = Vec::new();
        for order in ORDERS {
            let left = limit.saturating_sub(ids.len());
            // In one row: each row costs a change of threads.
            let query = format!(
                "SELECT json_group_array(CAST(article_id AS TEXT)) FROM
                     (SELECT article_id FROM column_articles WHERE column_name = ? AND {order} LIMIT ?) k"
            );
            let listed: Vec<u8> = sqlx::query_scalar(AssertSqlSafe(query))
                .bind(column.as_str())
                .bind(i64::try_from(left).unwrap_or(i64::MAX))
                .fetch_one(&self.store.pool)
                .await?;
            // A damaged id may be no text. It is looked for, and not found.
            let listed: Vec<String> = serde_json::from_str(&String::from_utf8_lossy(&listed))
                .map_err(|e| StoreError::unreadable(format!("articles of {column}"), e))?;
            ids.extend(listed);
        }
        Ok(ids)
    }

    /// The newest articles of several columns by their first publication in any of them, newest
    /// first, each once, without withdrawn and backfilled ones.
    pub async fn newest_of(
        self,
        columns: &[&ColumnName],
        limit: usize,
    ) -> Result<Vec<Article>, StoreError> {
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
        let json =
            serde_json::to_string(&names).map_err(|e| StoreError::unreadable("columns", e))?;
        let mut sql = QueryBuilder::new(format!(
            "SELECT k.article_id AS id, {STATE} FROM (SELECT * FROM ("
        ));
        if names.len() <= MERGED {
            for (at, name) in names.iter().enumerate() {
                sql.push(if at > 0 { " UNION ALL " } else { "" });
                push_first(&mut sql, Some(name), &json, limit);
            }
        } else {
            push_first(&mut sql, None, &json, limit);
        }
        sql.push(") f ORDER BY seq DESC LIMIT ")
            .push_bind(limit)
            .push(") k LEFT JOIN articles a ON a.id = k.article_id ORDER BY k.seq DESC");
        let rows: Vec<StoredArticle> = sql.build_query_as().fetch_all(&self.store.pool).await?;
        self.store.all_sound(rows).await
    }

    /// The same, of the newest 1,000 articles those that are chosen.
    pub async fn newest_that(
        self,
        columns: &[&ColumnName],
        limit: usize,
        is_chosen: impl Fn(&Article) -> bool,
    ) -> Result<Vec<Article>, StoreError> {
        let (mut most, mut before) = (limit, 0);
        loop {
            let mut articles = self.newest_of(columns, most).await?;
            let read = articles.len();
            articles.retain(&is_chosen);
            let is_whole = articles.len() == read || read == before || most >= LOOKED;
            if is_whole || articles.len() >= limit {
                articles.truncate(limit);
                return Ok(articles);
            }
            (most, before) = (most.saturating_mul(4).clamp(1, LOOKED), read);
        }
    }

    /// The articles that came into one of these columns' feeds between these changes, in that order,
    /// at most `limit`, as they are now, each with its change: without withdrawn and backfilled ones,
    /// and each once. `None` stands for a damaged one.
    pub async fn news(
        self,
        columns: &[&ColumnName],
        (after, to): (i64, i64),
        limit: i64,
    ) -> Result<Vec<(i64, Option<Article>)>, StoreError> {
        let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
        let names =
            serde_json::to_string(&names).map_err(|e| StoreError::unreadable("columns", e))?;
        let query = format!(
            "SELECT k.seq, k.article_id AS id, {STATE} FROM column_articles k
             LEFT JOIN articles a ON a.id = k.article_id
             WHERE k.seq > ?1 AND k.seq <= ?2 AND k.backfill = 0 AND k.is_withdrawn = 0
               AND +k.column_name IN (SELECT value FROM json_each(?3))
               AND NOT EXISTS
                   (SELECT 1 FROM column_articles o WHERE o.article_id = k.article_id
                    AND o.backfill = 0 AND (o.seq, o.column_name) < (k.seq, k.column_name)
                    AND +o.column_name IN (SELECT value FROM json_each(?3)))
             ORDER BY k.seq LIMIT ?4"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(after)
            .bind(to)
            .bind(names)
            .bind(limit)
            .fetch_all(&self.store.pool)
            .await?;
        let mut news = Vec::with_capacity(rows.len());
        for row in rows {
            let article = self.store.sound(StoredArticle::from_row(&row)?).await?;
            news.push((row.try_get("seq")?, article));
        }
        Ok(news)
    }

    /// The number of entries in the column's history.
    pub async fn count(self, column: &ColumnName) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT COALESCE(MAX(number), 0) FROM publications WHERE column_name = ?",
        )
        .bind(column.as_str())
        .fetch_one(&self.store.pool)
        .await?)
    }

    /// The column's publications with the numbers `from` to `to`, both included, in order.
    pub async fn range(
        self,
        column: &ColumnName,
        from: i64,
        to: i64,
    ) -> Result<Vec<Publication>, StoreError> {
        let rows: Vec<StoredPublication> = sqlx::query_as(
            "SELECT column_name, number, article_id, seq, backfill, sum FROM publications
             WHERE column_name = ? AND number BETWEEN ? AND ? ORDER BY number",
        )
        .bind(column.as_str())
        .bind(from)
        .bind(to)
        .fetch_all(&self.store.pool)
        .await?;
        let mut changes = self.changes(column, from, to).await?;
        let mut publications = Vec::with_capacity(rows.len());
        for row in rows {
            if let Err(damaged) = row.check() {
                self.store.note_damage(damaged);
                continue;
            }
            let change = match changes.remove(&row.seq) {
                Some(change) => self.store.sound_change(change).await?,
                None => None,
            };
            publications.extend(change.map(|change| Publication {
                number: row.number,
                article: change.article,
            }));
        }
        Ok(publications)
    }

    /// The changes of these publications, by number. Each change is in a column's history once.
    async fn changes(
        self,
        column: &ColumnName,
        from: i64,
        to: i64,
    ) -> Result<HashMap<i64, StoredChange>, StoreError> {
        let query = format!(
            "SELECT {CHANGE} FROM changes c WHERE c.seq IN
                 (SELECT seq FROM publications WHERE column_name = ? AND number BETWEEN ? AND ?)"
        );
        let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(column.as_str())
            .bind(from)
            .bind(to)
            .fetch_all(&self.store.pool)
            .await?;
        Ok(rows.into_iter().map(|row| (row.seq, row)).collect())
    }

    /// How many of the column's articles of one month were added before this change.
    pub async fn month_before(
        self,
        column: &ColumnName,
        month: &str,
        added: i64,
    ) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM column_articles
             WHERE column_name = ? AND month = ? AND added_seq < ?",
        )
        .bind(column.as_str())
        .bind(month)
        .bind(added)
        .fetch_one(&self.store.pool)
        .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The column's articles of one month but for so many, as they are published, including
    /// withdrawn ones, one at a time, in the order in which they were added.
    pub fn month_after(
        self,
        column: &'a ColumnName,
        month: &'a str,
        before: u64,
    ) -> impl Stream<Item = Result<String, StoreError>> + 'a {
        stream::try_unfold(Some(before), move |from| {
            self.piece_of_month(column, month, from)
        })
        .map_ok(|rows| stream::iter(rows.into_iter().map(Ok)))
        .try_flatten()
        .try_filter_map(move |row| self.store.sound_written(row))
        .boxed()
    }

    /// The next articles of a month, from this one on, and where those behind them begin.
    async fn piece_of_month(
        self,
        column: &ColumnName,
        month: &str,
        from: Option<u64>,
    ) -> Result<Option<(Vec<StoredArticle>, Option<u64>)>, StoreError> {
        let Some(from) = from else { return Ok(None) };
        let query = format!(
            "SELECT k.article_id AS id, {STATE} FROM
                 (SELECT article_id, added_seq FROM column_articles
                  WHERE column_name = ? AND month = ? ORDER BY added_seq LIMIT ? OFFSET ?) k
             LEFT JOIN articles a ON a.id = k.article_id ORDER BY k.added_seq"
        );
        let rows: Vec<StoredArticle> = sqlx::query_as(AssertSqlSafe(query))
            .bind(column.as_str())
            .bind(month)
            .bind(PIECE)
            .bind(i64::try_from(from).unwrap_or(i64::MAX))
            .fetch_all(&self.store.pool)
            .await?;
        let has_more = rows.len() as u64 == u64::from(PIECE);
        let next = has_more.then(|| from + u64::from(PIECE));
        Ok(Some((rows, next)))
    }

    /// The number of the column's articles, without withdrawn ones.
    pub async fn article_count(self, column: &ColumnName) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT CAST(COALESCE(SUM(live), 0) AS BIGINT) FROM column_months WHERE column_name = ?",
        )
        .bind(column.as_str())
        .fetch_one(&self.store.pool)
        .await?)
    }
}

/// Selects the newest articles of one of these columns, or of all of them, each with its first
/// change in any of them. An article that came into another of them earlier is that one's.
fn push_first(sql: &mut QueryBuilder<Engine>, column: Option<&str>, names: &str, limit: i64) {
    let chosen = "column_name IN (SELECT value FROM json_each(";
    sql.push("SELECT * FROM (SELECT k.article_id, k.seq FROM column_articles k WHERE ");
    match column {
        Some(name) => sql.push("k.column_name = ").push_bind(name.to_owned()),
        None => sql
            .push(format!("+k.{chosen}"))
            .push_bind(names.to_owned())
            .push("))"),
    };
    sql.push(
        " AND k.backfill = 0 AND k.is_withdrawn = 0 AND NOT EXISTS
             (SELECT 1 FROM column_articles o WHERE o.article_id = k.article_id
              AND o.backfill = 0 AND (o.seq, o.column_name) < (k.seq, k.column_name)",
    );
    sql.push(format!(" AND +o.{chosen}"))
        .push_bind(names.to_owned())
        .push("))) ORDER BY k.seq DESC LIMIT ")
        .push_bind(limit)
        .push(") f");
}
