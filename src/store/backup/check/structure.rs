//! What SQLite finds wrong with the database as a whole, and rows that repeat others.
//!
//! Owns the queries for both. Never mends anything.

use sqlx::{ConnectOptions, Connection};

use crate::store::driver::{EngineConnection, Options};
use crate::store::{Store, StoreError};

impl Store {
    /// What SQLite finds wrong with the whole database: its pages, its indexes, what refers to
    /// nothing. Empty if it finds nothing. Takes as long as reading all of it.
    pub async fn check_structure(&self) -> Result<Vec<String>, StoreError> {
        if self.is_postgres() {
            return self.check_repeated(&mut *self.pool.acquire().await?).await;
        }
        // A connection that is kept calls the index of words damaged once another one has written to
        // it (SQLite 3.51.3 and 3.54.1: findings/fts5-second-check.sh). A new one does not.
        let mut connection = Options::sqlite(&self.file, false)
            .reader()
            .connect()
            .await?;
        let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(20)")
            .fetch_all(&mut connection)
            .await?;
        let mut found: Vec<String> = found.into_iter().filter(|line| line != "ok").collect();
        let lost: Vec<(String, Option<i64>, String)> = sqlx::query_as(
            "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT 20",
        )
        .fetch_all(&mut connection)
        .await?;
        found.extend(lost.into_iter().map(|(table, row, parent)| {
            let row = row.unwrap_or_default();
            format!("row {row} of {table} refers to a row of {parent} that is not there")
        }));
        found.extend(self.check_repeated(&mut connection).await?);
        connection.close().await?;
        Ok(found)
    }

    /// The rows that repeat others, and differ from these.
    async fn check_repeated(
        &self,
        connection: &mut EngineConnection,
    ) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for (table, what) in COUNTED {
            let wrong: Vec<String> = sqlx::query_scalar(*what)
                .fetch_all(&mut *connection)
                .await?;
            found.extend(
                wrong.iter().map(|row| {
                    format!("{table} {row}: differs from what it repeats of other rows")
                }),
            );
        }
        Ok(found)
    }
}

/// What follows from other rows: its table, and a query for what differs.
const COUNTED: &[(&str, &str)] = &[
    (
        "column_months",
        "SELECT COALESCE(m.column_name, k.column_name) || ' ' || COALESCE(m.month, k.month)
         FROM (SELECT column_name, month, COUNT(*) AS articles, SUM(1 - is_withdrawn) AS live
               FROM column_articles GROUP BY column_name, month) k
         FULL JOIN column_months m ON m.column_name = k.column_name AND m.month = k.month
         WHERE (COALESCE(m.articles, 0), COALESCE(m.live, 0))
             IS DISTINCT FROM (COALESCE(k.articles, 0), COALESCE(k.live, 0)) LIMIT 20",
    ),
    (
        "column_told",
        "SELECT t.column_name || ' ' || t.seq FROM column_told t LEFT JOIN changes c ON c.seq = t.seq
         LEFT JOIN column_articles k
             ON k.column_name = t.column_name AND k.article_id = c.article_id
         WHERE k.article_id IS NULL
             OR c.kind NOT IN ('revised', 'withdrawn', 'restored', 'removed') LIMIT 20",
    ),
    (
        "column_told",
        "SELECT k.column_name || ' ' || c.seq FROM changes c
         JOIN column_articles k ON k.article_id = c.article_id
         WHERE c.kind IN ('revised', 'withdrawn', 'restored', 'removed')
           AND NOT EXISTS (SELECT 1 FROM column_told t
                           WHERE t.column_name = k.column_name AND t.seq = c.seq) LIMIT 20",
    ),
    ("texts", "SELECT 'number ' || t.id || ', which no row has' FROM texts t
         WHERE NOT EXISTS (SELECT 1 FROM articles WHERE text_id = t.id)
           AND NOT EXISTS (SELECT 1 FROM changes WHERE text_id = t.id)
           AND NOT EXISTS (SELECT 1 FROM pages WHERE text_id = t.id) LIMIT 20"),
];
