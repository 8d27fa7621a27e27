//! Restores changes and publications.
//!
//! Owns where each may be restored from. Never takes one of another article.

use sqlx::AssertSqlSafe;

use super::articles::list_anew;
use super::sources::{
    PublishedState, RestoredFrom, integer, is_confirmed, of_checksum, owned, sound_json, text,
};
use crate::store::StoreError;
use crate::store::article::{mended_change, texts};
use crate::store::driver::EngineConnection;
use crate::store::rows::{CHANGE, StoredChange, StoredPublication, part, sum};

pub(super) async fn repair_change(
    tx: &mut EngineConnection,
    seq: i64,
    published: &PublishedState,
) -> Result<Option<RestoredFrom>, StoreError> {
    let query = format!("SELECT {CHANGE} FROM changes c WHERE c.seq = ?");
    let row: Option<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
        .bind(seq)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut candidates = of_checksum(&row.parts(), row.sum);
    if let Some(mended) = mended_change(tx, &row).await? {
        candidates.push((RestoredFrom::OtherRows, owned(&mended.parts())));
    }
    if let Some(change) = &published.change
        && let Ok(json) = serde_json::to_vec(&change.article)
    {
        let (id, kind) = (change.article.id.to_string(), change.kind.name().as_bytes());
        let parts = sum::change(change.seq, kind, change.at.millis(), id.as_bytes(), &json);
        if is_confirmed(&parts, row.sum) {
            candidates.push((RestoredFrom::Published, owned(&parts)));
        }
    }
    for (from, values) in candidates {
        let (kind, at) = (text(values.get(1)), integer(values.get(2)));
        let (id, json) = (text(values.get(3)), text(values.get(4)));
        let (Some(kind), Some(at), Some(id), Some(json)) = (kind, at, id, json) else {
            continue;
        };
        let whole = StoredChange {
            seq,
            kind: kind.into_bytes(),
            at_ms: at,
            article_id: id.clone().into_bytes(),
            article: json.clone().into_bytes(),
            sum: None,
        };
        let is_its = sound_json(&json).is_some_and(|article| article.id.to_string() == id);
        if !is_its || whole.read().is_err() || integer(values.first()) != Some(seq) {
            continue;
        }
        let parted = part(&json);
        let text = texts::put(tx, &parted).await?;
        sqlx::query(
            "UPDATE changes SET kind = ?, at_ms = ?, article_id = ?, article = ?, text_id = ?,
                 sum = ?
             WHERE seq = ?",
        )
        .bind(String::from_utf8_lossy(&whole.kind).into_owned())
        .bind(at)
        .bind(id)
        .bind(parted.json.as_ref())
        .bind(text)
        .bind(sum::sum(&whole.parts()))
        .bind(seq)
        .execute(&mut *tx)
        .await?;
        return Ok(Some(from));
    }
    Ok(None)
}

pub(super) async fn repair_publication(
    tx: &mut EngineConnection,
    place: i64,
) -> Result<Option<RestoredFrom>, StoreError> {
    let row: Option<StoredPublication> = sqlx::query_as(
        "SELECT column_name, number, article_id, seq, backfill, sum FROM publications
         WHERE rowid = ?",
    )
    .bind(place)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    for (from, values) in of_checksum(&row.parts(), row.sum) {
        let (column, id) = (text(values.first()), text(values.get(2)));
        let numbers = (
            integer(values.get(1)),
            integer(values.get(3)),
            integer(values.get(4)),
        );
        let (Some(column), Some(id), (Some(number), Some(seq), Some(backfill))) =
            (column, id, numbers)
        else {
            continue;
        };
        let is_its: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM changes WHERE seq = ? AND article_id = ?)",
        )
        .bind(seq)
        .bind(&id)
        .fetch_one(&mut *tx)
        .await?;
        if !is_its {
            continue;
        }
        let parts = sum::publication(column.as_bytes(), number, id.as_bytes(), seq, backfill);
        sqlx::query(
            "UPDATE publications SET column_name = ?, number = ?, article_id = ?, seq = ?,
                 backfill = ?, sum = ? WHERE rowid = ?",
        )
        .bind(&column)
        .bind(number)
        .bind(&id)
        .bind(seq)
        .bind(backfill)
        .bind(sum::sum(&parts))
        .bind(place)
        .execute(&mut *tx)
        .await?;
        list_anew(tx, &id).await?;
        return Ok(Some(from));
    }
    Ok(None)
}
