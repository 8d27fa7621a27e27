//! Reads rows for damage, some at a time.
//!
//! Owns which rows carry a checksum, and what else must agree with them: columns that repeat what
//! the row says, and what columns of articles and months repeat of others. Rows of an older store
//! get their checksum here. Never mends one.

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, FromRow, SqliteConnection};

use crate::model::{Article, IndexNumber, Timestamp};
use crate::store::article::PageContent;
use crate::store::rows::{
    CHANGE, DamagedRow, PAGE, StoredArticle, StoredChange, StoredPage, StoredPublication, bytes,
    number, sum,
};
use crate::store::{Store, StoreError};

/// The tables, in the order in which they are read.
const TABLES: [&str; 4] = ["articles", "changes", "publications", "pages"];

/// How far a check of the rows has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlace {
    table: usize,
    after: i64,
}

/// What some rows were like.
#[derive(Clone, Debug, Default)]
pub struct CheckedRows {
    /// How many were read.
    pub rows: usize,
    /// Those that are damaged.
    pub damaged: Vec<DamagedRow>,
    /// Whether these were the last.
    pub is_end: bool,
}

/// A row without a checksum, and the checksum that it gets.
type Unsealed = (i64, i64);

impl Store {
    /// How many rows a check reads.
    pub async fn rows_to_check(&self) -> Result<u64, StoreError> {
        let rows: i64 = sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM articles) + (SELECT COUNT(*) FROM changes)
                  + (SELECT COUNT(*) FROM publications) + (SELECT COUNT(*) FROM pages)",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(rows).unwrap_or(0))
    }

    /// Reads some rows, at most `most`, and moves the place on.
    pub async fn check_rows(
        &self,
        place: &mut RowPlace,
        most: i64,
    ) -> Result<CheckedRows, StoreError> {
        let mut checked = CheckedRows::default();
        let Some(table) = TABLES.get(place.table) else {
            *place = RowPlace::default();
            checked.is_end = true;
            return Ok(checked);
        };
        let unsealed = match *table {
            "articles" => self.check_articles(place, most, &mut checked).await?,
            "changes" => self.check_changes(place, most, &mut checked).await?,
            "publications" => self.check_publications(place, most, &mut checked).await?,
            _ => self.check_pages(place, most, &mut checked).await?,
        };
        self.seal_rows(table, &unsealed).await?;
        if i64::try_from(checked.rows).unwrap_or(i64::MAX) < most {
            place.table += 1;
            place.after = 0;
        }
        Ok(checked)
    }

    /// Gives rows their checksum. A row that was written meanwhile has one.
    async fn seal_rows(&self, table: &str, rows: &[Unsealed]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_note().await?;
        let update = format!("UPDATE {table} SET sum = ? WHERE rowid = ? AND sum IS NULL");
        for (row, sum) in rows {
            sqlx::query(AssertSqlSafe(update.clone()))
                .bind(sum)
                .bind(row)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn check_articles(
        &self,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<Vec<Unsealed>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let rows = sqlx::query(
            "SELECT a.rowid AS place, a.id, a.article, a.sum, a.index_number, a.added_seq,
                    a.updated_ms, a.withdrawn_ms, a.month
             FROM articles a WHERE a.rowid > ? AND (a.article IS NOT NULL OR a.added_seq > 0)
             ORDER BY a.rowid LIMIT ?",
        )
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

    async fn check_changes(
        &self,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<Vec<Unsealed>, StoreError> {
        let query =
            format!("SELECT {CHANGE} FROM changes c WHERE c.seq > ? ORDER BY c.seq LIMIT ?");
        let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(place.after)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        let mut unsealed = Vec::new();
        for row in &rows {
            place.after = row.seq;
            checked.rows += 1;
            match row.read() {
                Err(damaged) => checked.damaged.push(damaged.at(row.seq)),
                Ok(change) if change.article.id.to_string().as_bytes() != row.article_id => {
                    let article = (row.article_id.as_slice(), row.article.as_slice());
                    let cause = "it names another article than its text";
                    let damaged = DamagedRow::new("changes", row.seq, article, cause);
                    checked.damaged.push(damaged.at(row.seq));
                }
                Ok(_) if row.sum.is_none() => {
                    unsealed.push((row.seq, sum::sum(&row.parts())));
                }
                Ok(_) => (),
            }
        }
        Ok(unsealed)
    }

    async fn check_publications(
        &self,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<Vec<Unsealed>, StoreError> {
        let rows = sqlx::query(
            "SELECT p.rowid AS place, p.column_name, p.number, p.article_id, p.seq, p.backfill,
                    p.sum, c.article_id IS p.article_id AS is_its
             FROM publications p LEFT JOIN changes c ON c.seq = p.seq
             WHERE p.rowid > ? ORDER BY p.rowid LIMIT ?",
        )
        .bind(place.after)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        let mut unsealed = Vec::new();
        for row in &rows {
            place.after = number(row, "place")?.unwrap_or(place.after);
            checked.rows += 1;
            let stored = StoredPublication::from_row(row)?;
            match stored.check() {
                Err(damaged) => checked.damaged.push(damaged.at(place.after)),
                Ok(()) if number(row, "is_its")? != Some(1) => {
                    let damaged = stored.damaged("it names another article than its change");
                    checked.damaged.push(damaged.at(place.after));
                }
                Ok(()) if stored.sum.is_none() => {
                    unsealed.push((place.after, sum::sum(&stored.parts())));
                }
                Ok(()) => (),
            }
        }
        Ok(unsealed)
    }

    async fn check_pages(
        &self,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<Vec<Unsealed>, StoreError> {
        let query =
            format!("SELECT {PAGE} FROM pages p WHERE p.found > ? ORDER BY p.found LIMIT ?");
        let rows: Vec<StoredPage> = sqlx::query_as(AssertSqlSafe(query))
            .bind(place.after)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        let mut unsealed = Vec::new();
        for row in &rows {
            place.after = row.found;
            checked.rows += 1;
            match row.read::<PageContent>() {
                Err(damaged) => checked.damaged.push(damaged.at(row.found)),
                Ok(_) if row.sum.is_none() => {
                    unsealed.push((row.found, sum::sum(&row.parts())));
                }
                Ok(_) => (),
            }
        }
        Ok(unsealed)
    }

    /// What SQLite finds wrong with the whole database: its pages, its indexes, what refers to
    /// nothing. Empty if it finds nothing. Takes as long as reading all of it.
    pub async fn check_structure(&self) -> Result<Vec<String>, StoreError> {
        // A connection that is kept calls the index of words damaged once another one has written to
        // it (SQLite 3.51.3 and 3.54.1: findings/fts5-second-check.sh). A new one does not.
        let options = SqliteConnectOptions::new().filename(&self.file);
        let mut connection = options.read_only(true).connect().await?;
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
        for (table, what) in COUNTED {
            let wrong: Vec<String> = sqlx::query_scalar(*what).fetch_all(&mut connection).await?;
            found.extend(
                wrong.iter().map(|row| {
                    format!("{table} {row}: differs from what it repeats of other rows")
                }),
            );
        }
        connection.close().await?;
        Ok(found)
    }
}

/// What repeats other rows: its table, and a query for what differs.
const COUNTED: &[(&str, &str)] = &[
    (
        "column_months",
        "SELECT COALESCE(m.column_name, k.column_name) || ' ' || COALESCE(m.month, k.month)
         FROM (SELECT column_name, month, COUNT(*) AS articles, SUM(1 - is_withdrawn) AS live
               FROM column_articles GROUP BY column_name, month) k
         FULL JOIN column_months m ON m.column_name = k.column_name AND m.month = k.month
         WHERE (COALESCE(m.articles, 0), COALESCE(m.live, 0))
             IS NOT (COALESCE(k.articles, 0), COALESCE(k.live, 0)) LIMIT 20",
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
];

/// Whether the columns list an article as its publications and the article itself say.
async fn is_listed_right(
    connection: &mut SqliteConnection,
    article: &Article,
    added: i64,
) -> Result<bool, StoreError> {
    let (listed, published, right, first): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM column_articles WHERE article_id = ?1),
                (SELECT COUNT(DISTINCT column_name) FROM publications WHERE article_id = ?1),
                (SELECT COUNT(*) FROM column_articles k
                 WHERE k.article_id = ?1 AND k.is_withdrawn = ?2 AND k.added_seq = ?3
                   AND k.month = ?4 AND k.day IS ?5
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
