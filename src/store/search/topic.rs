//! Searches of named topics, for publishing: they are never given up, and look at single articles.
//!
//! Owns these queries. Never ranks.

use sqlx::QueryBuilder;
use uuid::Uuid;

use super::Search;
use super::words::Wanted;
use crate::model::{Article, ColumnName};
use crate::search::Query;
use crate::store::StoreError;
use crate::store::driver::Engine;
use crate::store::rows::{ARTICLE, StoredArticle};

/// Of more articles, nobody asks which a query finds.
const SINGLE: usize = 200;

impl Search<'_> {
    /// The last published articles that a query finds in these columns, or in all, the newest first,
    /// at most `limit`; backfilled articles come after all others.
    pub async fn newest_in(
        self,
        query: &Query,
        columns: Option<&[ColumnName]>,
        limit: usize,
    ) -> Result<Vec<Article>, StoreError> {
        let mut sql = QueryBuilder::new(format!(
            "SELECT {ARTICLE} FROM
                 (SELECT s.id, s.doc FROM search_words
                  CROSS JOIN search_articles s ON s.doc = search_words.rowid
                  WHERE "
        ));
        self.store
            .word_index()
            .push_match(&mut sql, query, Wanted::All);
        push_columns(&mut sql, columns)?;
        sql.push(" ORDER BY search_words.rowid DESC LIMIT ")
            .push_bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .push(") h JOIN articles a ON a.id = h.id ORDER BY h.doc DESC");
        let rows: Vec<StoredArticle> = sql.build_query_as().fetch_all(&self.store.pool).await?;
        self.store.all_sound(rows).await
    }

    /// Those of these articles that a query finds in these columns, or in all.
    pub async fn found_of(
        self,
        query: &Query,
        columns: Option<&[ColumnName]>,
        articles: &[Uuid],
    ) -> Result<Vec<Uuid>, StoreError> {
        let mut sql = QueryBuilder::new("SELECT s.id FROM search_articles s WHERE s.id IN ");
        push_list(&mut sql, articles)?;
        push_columns(&mut sql, columns)?;
        sql.push(" AND EXISTS (SELECT 1 FROM search_words WHERE search_words.rowid = s.doc AND ");
        self.store
            .word_index()
            .push_match(&mut sql, query, Wanted::All);
        sql.push(")");
        let ids: Vec<String> = sql.build_query_scalar().fetch_all(&self.store.pool).await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Whether one of these articles may have come into the feed of a topic, or left it, or stands in
    /// it otherwise now.
    pub async fn touches(
        self,
        (topic, query): (&str, &Query),
        columns: Option<&[ColumnName]>,
        articles: &[Uuid],
    ) -> Result<bool, StoreError> {
        if articles.len() > SINGLE {
            return Ok(true);
        }
        let mut sql = QueryBuilder::new(
            "SELECT EXISTS (SELECT 1 FROM published_topic_articles WHERE topic = ",
        );
        sql.push_bind(topic.to_owned()).push(" AND article_id IN ");
        push_list(&mut sql, articles)?;
        sql.push(")");
        let stood: bool = sql.build_query_scalar().fetch_one(&self.store.pool).await?;
        Ok(stood || !self.found_of(query, columns, articles).await?.is_empty())
    }
}

fn push_columns(
    sql: &mut QueryBuilder<Engine>,
    columns: Option<&[ColumnName]>,
) -> Result<(), StoreError> {
    if let Some(columns) = columns {
        sql.push(
            " AND EXISTS (SELECT 1 FROM search_columns c
                          WHERE c.doc = s.doc AND c.column_name IN ",
        );
        push_list(sql, columns)?;
        sql.push(")");
    }
    Ok(())
}

fn push_list<T: serde::Serialize>(
    sql: &mut QueryBuilder<Engine>,
    values: &[T],
) -> Result<(), StoreError> {
    let json = serde_json::to_string(values).map_err(|e| StoreError::unreadable("names", e))?;
    sql.push("(SELECT value FROM json_each(")
        .push_bind(json)
        .push("))");
    Ok(())
}
