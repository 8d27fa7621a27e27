//! Restores articles, and what columns list of them.
//!
//! Owns where an article may be restored from. Never takes one whose own hash disagrees.

use sqlx::AssertSqlSafe;

use super::sources::{PublishedState, RestoredFrom, is_confirmed, of_checksum, sound_json, text};
use crate::model::{IndexNumber, Timestamp};
use crate::store::StoreError;
use crate::store::article::{last_change, texts};
use crate::store::driver::EngineConnection;
use crate::store::rows::{ARTICLE, StoredArticle, Value, part, sum};

pub(super) async fn repair_article(
    tx: &mut EngineConnection,
    place: i64,
    published: &PublishedState,
) -> Result<Option<RestoredFrom>, StoreError> {
    let query = format!("SELECT {ARTICLE} FROM articles a WHERE a.rowid = ?");
    let row: Option<StoredArticle> = sqlx::query_as(AssertSqlSafe(query))
        .bind(place)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut candidates = of_checksum(&row.parts(), row.sum);
    if let Some(last) = last_change(tx, &row.id).await?
        && last.read().is_ok()
    {
        let values = vec![Value::Text(row.id.clone()), Value::Text(last.article)];
        candidates.push((RestoredFrom::OtherRows, values));
    }
    if let Some(json) = published
        .article
        .as_ref()
        .and_then(|it| serde_json::to_vec(it).ok())
        && is_confirmed(&sum::article(&row.id, &json), row.sum)
    {
        let values = vec![Value::Text(row.id.clone()), Value::Text(json)];
        candidates.push((RestoredFrom::Published, values));
    }
    for (from, values) in candidates {
        let (Some(id), Some(json)) = (text(values.first()), text(values.get(1))) else {
            continue;
        };
        let Some(article) = sound_json(&json).filter(|it| it.id.to_string() == id) else {
            continue;
        };
        let number = article.metadata.index_number.as_ref();
        let parted = part(&json);
        let text = texts::put(tx, &parted).await?;
        sqlx::query(
            "UPDATE articles SET id = ?1, article = ?2, sum = ?3, index_number = ?4,
                 updated_ms = ?5, withdrawn_ms = ?6, month = ?7, text_id = ?9,
                 added_seq = COALESCE((SELECT MIN(seq) FROM changes WHERE article_id = ?1),
                                      added_seq)
             WHERE rowid = ?8",
        )
        .bind(&id)
        .bind(parted.json.as_ref())
        .bind(sum::sum(&sum::article(id.as_bytes(), json.as_bytes())))
        .bind(number.map(IndexNumber::as_str))
        .bind(article.updated_at.millis())
        .bind(article.withdrawn_at.map(Timestamp::millis))
        .bind(article.month())
        .bind(place)
        .bind(text)
        .execute(&mut *tx)
        .await?;
        return Ok(Some(from));
    }
    Ok(None)
}

/// Lists an article in its columns anew, by its publications.
pub(super) async fn list_anew(tx: &mut EngineConnection, id: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM column_articles WHERE article_id = ?")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO column_articles
             (column_name, article_id, seq, backfill, is_withdrawn, added_seq, month, day)
         SELECT p.column_name, p.article_id, p.seq, p.backfill, a.withdrawn_ms IS NOT NULL,
                a.added_seq, a.month, a.article ->> '$.published_on'
         FROM (SELECT column_name, article_id, MIN(number), seq, backfill FROM publications
               WHERE article_id = ?1 GROUP BY column_name, article_id) p
         JOIN articles a ON a.id = p.article_id AND json_valid(a.article)",
    )
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}
