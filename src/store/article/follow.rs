//! A column becomes another one, with its articles, its queue and its history: it is renamed, moved
//! to another portal's folder, or merged.
//!
//! Owns what of the store follows, in one transaction. Ids stay, and each article tells its new column
//! by an `amended` change. Never touches a file.

use super::Articles;
use super::write_change::{next_timestamp, publish, write_change};
use super::{sound_in, stored};
use crate::model::{Article, ChangeKind, ColumnName, Timestamp};
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::{StoredPublication, sum};

/// What is known of a column beside its articles, by name. A merge forgets it: the other column has
/// its own. A row that the new name has already stays. With each table, what tells its rows of one
/// column apart.
const OWN: [(&str, &str); 14] = [
    ("backfills", ALONE),
    ("backfill_pages", "canonical_url"),
    ("verdicts", "verdict"),
    ("quiet_polls", ALONE),
    ("shown", "is_new, canonical_url"),
    ("list_lengths", "id"),
    ("drifts", "what"),
    ("list_memory", ALONE),
    ("varying_parameters", "name"),
    ("template_titles", "title_fold"),
    ("picture_cursors", ALONE),
    ("attachment_cursors", ALONE),
    ("spent", ALONE),
    (TOLD, "seq"),
];
/// Of a table with one row a column.
const ALONE: &str = "1";
/// The changes that a column told, which each column has of its own.
const TOLD: &str = "column_told";

impl Articles<'_> {
    /// Lets a column become another one. If that exists, this one's articles join it. Returns how
    /// many articles changed.
    pub async fn follow_column(
        self,
        now: Timestamp,
        from: &ColumnName,
        into: &ColumnName,
    ) -> Result<usize, StoreError> {
        let mut tx = self.store.begin().await?;
        let is_merge: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM columns WHERE name = ?1)
                 OR EXISTS (SELECT 1 FROM items WHERE column_name = ?1)",
        )
        .bind(into.as_str())
        .fetch_one(&mut *tx)
        .await?;
        let articles: Vec<String> = sqlx::query_scalar(
            "SELECT article_id FROM column_articles WHERE column_name = ? ORDER BY added_seq",
        )
        .bind(from.as_str())
        .fetch_all(&mut *tx)
        .await?;
        items(&mut tx, from, into, is_merge).await?;
        publications(&mut tx, from, into, is_merge).await?;
        places(&mut tx, from, into).await?;
        for of in OWN {
            let is_forgotten = is_merge && of.0 != TOLD;
            own(&mut tx, of, from, into, is_forgotten).await?;
        }
        column(&mut tx, from, into, is_merge).await?;
        incidents(&mut tx, now, from, into).await?;
        let mut changed = 0;
        for id in &articles {
            changed += usize::from(amend(&mut tx, now, id, from, into).await?);
        }
        life(&mut tx, now, from, into).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

/// Runs a statement with the former name and the new one.
async fn with_names(
    tx: &mut EngineConnection,
    statement: &'static str,
    from: &ColumnName,
    into: &ColumnName,
) -> Result<(), StoreError> {
    sqlx::query(statement)
        .bind(from.as_str())
        .bind(into.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// The queue, and the record of what the column lists. Numbers of walks mean nothing to another
/// column.
async fn items(
    tx: &mut EngineConnection,
    from: &ColumnName,
    into: &ColumnName,
    is_merge: bool,
) -> Result<(), StoreError> {
    if is_merge {
        let statement =
            "UPDATE items SET backfill_walk = 0, listed_walk = 0 WHERE column_name = ?1";
        with_names(tx, statement, from, into).await?;
    }
    for statement in [
        "UPDATE items SET column_name = ?2 WHERE column_name = ?1 AND canonical_url NOT IN
             (SELECT canonical_url FROM items WHERE column_name = ?2)",
        "DELETE FROM items WHERE column_name = ?1",
        "UPDATE pages SET read_by = ?2 WHERE read_by = ?1",
    ] {
        with_names(tx, statement, from, into).await?;
    }
    Ok(())
}

/// The history of the column's feed goes on under the new name. Merged articles enter the history of
/// the other column by their changes.
async fn publications(
    tx: &mut EngineConnection,
    from: &ColumnName,
    into: &ColumnName,
    is_merge: bool,
) -> Result<(), StoreError> {
    if is_merge {
        let statement = "DELETE FROM publications WHERE column_name = ?1";
        return with_names(tx, statement, from, into).await;
    }
    let rows: Vec<StoredPublication> = sqlx::query_as(
        "SELECT column_name, number, article_id, seq, backfill, sum FROM publications
         WHERE column_name = ? ORDER BY number",
    )
    .bind(from.as_str())
    .fetch_all(&mut *tx)
    .await?;
    let name = into.as_str().as_bytes();
    for row in rows {
        // A new checksum would make damage count as sound.
        row.check()?;
        let sealed = sum::publication(name, row.number, &row.article_id, row.seq, row.backfill);
        sqlx::query(
            "UPDATE publications SET column_name = ?, sum = ? WHERE column_name = ? AND number = ?",
        )
        .bind(into.as_str())
        .bind(sum::sum(&sealed))
        .bind(from.as_str())
        .bind(row.number)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// The places of the articles in the column: the way and the time in which each came stay.
async fn places(
    tx: &mut EngineConnection,
    from: &ColumnName,
    into: &ColumnName,
) -> Result<(), StoreError> {
    for statement in [
        "UPDATE column_articles SET column_name = ?2 WHERE column_name = ?1 AND article_id NOT IN
             (SELECT article_id FROM column_articles WHERE column_name = ?2)",
        "DELETE FROM column_articles WHERE column_name = ?1",
        "DELETE FROM column_months WHERE column_name IN (?1, ?2)",
        "INSERT INTO column_months (column_name, month, articles, live)
         SELECT column_name, month, COUNT(*), SUM(1 - is_withdrawn) FROM column_articles
         WHERE column_name = ?2 GROUP BY column_name, month",
        "UPDATE search_columns SET column_name = ?2 WHERE column_name = ?1 AND doc NOT IN
             (SELECT doc FROM search_columns WHERE column_name = ?2)",
        "DELETE FROM search_columns WHERE column_name = ?1",
    ] {
        with_names(tx, statement, from, into).await?;
    }
    Ok(())
}

async fn own(
    tx: &mut EngineConnection,
    (table, key): (&str, &str),
    from: &ColumnName,
    into: &ColumnName,
    is_forgotten: bool,
) -> Result<(), StoreError> {
    if !is_forgotten {
        let statement = format!(
            "UPDATE {table} SET column_name = ?2 WHERE column_name = ?1
             AND ({key}) NOT IN (SELECT {key} FROM {table} WHERE column_name = ?2)"
        );
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(from.as_str())
            .bind(into.as_str())
            .execute(&mut *tx)
            .await?;
    }
    let statement = format!("DELETE FROM {table} WHERE column_name = ?");
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(from.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// The column's own row. Its feeds keep their id. A portal without a name has that of the former one.
async fn column(
    tx: &mut EngineConnection,
    from: &ColumnName,
    into: &ColumnName,
    is_merge: bool,
) -> Result<(), StoreError> {
    if is_merge {
        let statement = "DELETE FROM columns WHERE name = ?1";
        return with_names(tx, statement, from, into).await;
    }
    let statement = "UPDATE columns SET name = ?2, feed_name = NULLIF(COALESCE(feed_name, ?1), ?2)
                     WHERE name = ?1";
    with_names(tx, statement, from, into).await?;
    sqlx::query(
        "INSERT INTO portals (name, title) SELECT ?, title FROM portals WHERE name = ?
         ON CONFLICT DO NOTHING",
    )
    .bind(into.portal())
    .bind(from.portal())
    .execute(tx)
    .await?;
    Ok(())
}

/// Open incidents are the new column's, unless it has the same.
async fn incidents(
    tx: &mut EngineConnection,
    now: Timestamp,
    from: &ColumnName,
    into: &ColumnName,
) -> Result<(), StoreError> {
    let statement = "UPDATE incidents SET subject = ?2 WHERE subject = ?1 AND closed_ms IS NULL
         AND reason NOT IN (SELECT reason FROM incidents WHERE subject = ?2 AND closed_ms IS NULL)";
    with_names(tx, statement, from, into).await?;
    sqlx::query("UPDATE incidents SET closed_ms = ? WHERE subject = ? AND closed_ms IS NULL")
        .bind(now.millis())
        .bind(from.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// Names the new column in an article. Its text and `updated` stay. A tombstone stays as it is.
async fn amend(
    tx: &mut EngineConnection,
    now: Timestamp,
    id: &str,
    from: &ColumnName,
    into: &ColumnName,
) -> Result<bool, StoreError> {
    let Some(row) = stored(tx, id).await? else {
        return Ok(false);
    };
    let before = sound_in(tx, &row).await?;
    if before.is_tombstone() || !before.columns.contains(from) {
        return Ok(false);
    }
    let renamed = before.columns.iter().map(|name| match name == from {
        true => into.clone(),
        false => name.clone(),
    });
    let mut columns: Vec<ColumnName> = renamed.collect();
    columns.sort();
    columns.dedup();
    let after = Article { columns, ..before };
    let at = next_timestamp(tx, now).await?;
    let seq = write_change(tx, at, &after, ChangeKind::Amended).await?;
    for column in &after.columns {
        publish(tx, column, &after, seq).await?;
    }
    Ok(true)
}

/// What became of the former name, and of those that led to it.
async fn life(
    tx: &mut EngineConnection,
    now: Timestamp,
    from: &ColumnName,
    into: &ColumnName,
) -> Result<(), StoreError> {
    for statement in [
        "INSERT INTO column_lives (column_name, settings)
         SELECT ?2, settings FROM column_lives WHERE column_name = ?1 ON CONFLICT DO NOTHING",
        "UPDATE column_lives SET into_name = NULL, moved_ms = NULL, ended_ms = NULL
         WHERE column_name = ?2",
        "INSERT INTO column_lives (column_name) VALUES (?1) ON CONFLICT DO NOTHING",
        "UPDATE column_lives SET into_name = ?2 WHERE into_name = ?1",
        "DELETE FROM column_moves WHERE column_name = ?1",
    ] {
        with_names(tx, statement, from, into).await?;
    }
    sqlx::query(
        "UPDATE column_lives SET into_name = ?, moved_ms = ?, ended_ms = NULL WHERE column_name = ?",
    )
    .bind(into.as_str())
    .bind(now.millis())
    .bind(from.as_str())
    .execute(tx)
    .await?;
    Ok(())
}
