//! Writes a change: the article's new state, the change itself, the history of its columns, and the
//! index of words.
//!
//! Owns the numbers and times of changes. Never decides whether there is one.

use super::texts;
use crate::model::{Article, ChangeKind, ColumnName, IndexNumber, Timestamp};
use crate::store::driver::EngineConnection;
use crate::store::rows::{part, sum};
use crate::store::{StoreError, search};

/// A time that no article's last update has (kept ids included) and no change has: `max(now, last +
/// 1 ms)`. Feeds show both times, and no two entries may have the same one.
pub(super) async fn next_timestamp(
    tx: &mut EngineConnection,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(at) FROM (SELECT MAX(updated_ms) AS at FROM articles
         UNION ALL SELECT at_ms FROM (SELECT at_ms FROM changes ORDER BY seq DESC LIMIT 1) l
         UNION ALL SELECT MAX(updated_ms) FROM kept_ids) t",
    )
    .fetch_one(tx)
    .await?;
    let next = now.millis().max(last.map_or(i64::MIN, |last| last + 1));
    Ok(Timestamp::from_millis(next).unwrap_or(now))
}

/// Writes an article and its change, and returns the change's sequence number. The words of a removed
/// article leave the index.
pub(super) async fn write_change(
    tx: &mut EngineConnection,
    at: Timestamp,
    article: &Article,
    kind: ChangeKind,
) -> Result<i64, StoreError> {
    let id = article.id.to_string();
    let json = serde_json::to_string(article)
        .map_err(|e| StoreError::unreadable(format!("article {id}"), e))?;
    let parted = part(&json);
    let (seq, known): (i64, Option<i64>) = sqlx::query_as(
        "SELECT (SELECT COALESCE(MAX(seq), 0) + 1 FROM changes),
                (SELECT id FROM texts WHERE sha256 = ?)",
    )
    .bind(parted.sha256())
    .fetch_one(&mut *tx)
    .await?;
    // Most texts are known, since the article's page was saved with it.
    let text = match known {
        Some(known) => Some(known),
        None => texts::put(tx, &parted).await?,
    };
    let (id_bytes, bytes) = (id.as_bytes(), json.as_bytes());
    let sealed = sum::change(seq, kind.name().as_bytes(), at.millis(), id_bytes, bytes);
    sqlx::query(
        "INSERT INTO changes (seq, kind, at_ms, article_id, article, sum, text_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?12);
         UPDATE articles SET index_number = ?7, added_seq = COALESCE(added_seq, ?1), updated_ms = ?8,
             withdrawn_ms = ?9, month = ?10, article = ?5, sum = ?11, text_id = ?12
         WHERE id = ?4",
    )
    .bind(seq)
    .bind(kind.name())
    .bind(at.millis())
    .bind(&id)
    .bind(parted.json.as_ref())
    .bind(sum::sum(&sealed))
    .bind(
        article
            .metadata
            .index_number
            .as_ref()
            .map(IndexNumber::as_str),
    )
    .bind(article.updated_at.millis())
    .bind(article.withdrawn_at.map(Timestamp::millis))
    .bind(article.month())
    .bind(sum::sum(&sum::article(id_bytes, bytes)))
    .bind(text)
    .execute(&mut *tx)
    .await?;
    if kind == ChangeKind::Added {
        // No column has it yet.
        return Ok(seq);
    }
    sqlx::query(
        "UPDATE column_articles SET is_withdrawn = ?1, month = ?2, day = ?3
         WHERE article_id = ?4 AND (is_withdrawn, month, day) IS DISTINCT FROM (?1, ?2, ?3)",
    )
    .bind(article.withdrawn_at.is_some())
    .bind(article.month())
    .bind(article.metadata.published_on.map(|day| day.to_string()))
    .bind(&id)
    .execute(&mut *tx)
    .await?;
    if kind == ChangeKind::Removed {
        search::unindex(tx, &id).await?;
        // Lists have its tombstone.
        search::index(tx, article).await?;
    }
    Ok(seq)
}

/// Writes an article and its change, adds that to the history of its columns, and updates the index
/// of words.
pub(super) async fn write_and_publish(
    tx: &mut EngineConnection,
    at: Timestamp,
    article: &Article,
    kind: ChangeKind,
) -> Result<(), StoreError> {
    let seq = write_change(tx, at, article, kind).await?;
    for column in &article.columns {
        publish(tx, column, article, seq).await?;
    }
    search::index(tx, article).await
}

/// Adds the change to the column's history. The way in which the article first came into the column
/// decides whether it stands in the live feed: an edit does not turn a backfilled article into
/// news.
pub(super) async fn publish(
    tx: &mut EngineConnection,
    column: &ColumnName,
    article: &Article,
    seq: i64,
) -> Result<(), StoreError> {
    let id = article.id.to_string();
    let (number, backfill): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT COALESCE(MAX(number), 0) + 1 FROM publications WHERE column_name = ?1),
                COALESCE((SELECT backfill FROM column_articles
                          WHERE article_id = ?2 AND column_name = ?1),
                         -- Without CROSS, all items of the column would be walked.
                         (SELECT MIN(i.backfill) FROM pages p CROSS JOIN items i
                              ON i.portal = p.portal AND i.canonical_url = p.canonical_url
                          WHERE i.column_name = ?1 AND p.article_id = ?2), 0)",
    )
    .bind(column.as_str())
    .bind(&id)
    .fetch_one(&mut *tx)
    .await?;
    let name = column.as_str().as_bytes();
    let sealed = sum::publication(name, number, id.as_bytes(), seq, backfill);
    sqlx::query(
        "INSERT INTO publications (column_name, number, article_id, seq, backfill, sum)
         VALUES (?1, ?6, ?2, ?3, ?4, ?7);
         INSERT INTO column_articles
             (column_name, article_id, seq, backfill, is_withdrawn, added_seq, month, day)
         SELECT ?1, ?2, ?3, ?4, CASE WHEN withdrawn_ms IS NULL THEN 0 ELSE 1 END, added_seq,
                month, ?5
         FROM articles WHERE id = ?2 AND NOT EXISTS
             (SELECT 1 FROM column_articles WHERE article_id = ?2 AND column_name = ?1)",
    )
    .bind(column.as_str())
    .bind(&id)
    .bind(seq)
    .bind(backfill)
    .bind(article.metadata.published_on.map(|day| day.to_string()))
    .bind(number)
    .bind(sum::sum(&sealed))
    .execute(&mut *tx)
    .await?;
    Ok(())
}
