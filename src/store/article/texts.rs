//! The texts of articles: each stands once, however many pages, articles and changes have it.
//!
//! Owns how a text gets its row, how rows of older stores give theirs away, and the repair of one.
//! Triggers of the schema delete a text with the last row that refers to it. Never decides who has
//! which text.

use sqlx::AssertSqlSafe;

use crate::store::driver::EngineConnection;
use crate::store::rows::{Parted, bytes, corrected_text, number, part};
use crate::store::{Store, StoreError};

/// Keeps a text (`?1` to `?3`: its hash, itself, its checksum; or nothing). A row that was damaged is
/// whole again.
pub(in crate::store) const KEEP_TEXT: &str = "INSERT INTO texts (sha256, body, sum)
     SELECT ?1, ?2, ?3 WHERE ?1 IS NOT NULL
     ON CONFLICT (sha256) DO UPDATE SET body = excluded.body, sum = excluded.sum";

/// The tables whose rows have texts, each with its column of JSON.
const BEARERS: [(&str, &str); 3] = [
    ("articles", "article"),
    ("changes", "article"),
    ("pages", "content"),
];

fn bearer(table: &str) -> Option<(&'static str, &'static str)> {
    BEARERS.into_iter().find(|(name, _)| *name == table)
}

/// Keeps the text of JSON that was parted, and returns its number.
pub(in crate::store) async fn put(
    tx: &mut EngineConnection,
    parted: &Parted<'_>,
) -> Result<Option<i64>, StoreError> {
    let Some(text) = parted.packed()? else {
        return Ok(None);
    };
    let query = format!("{KEEP_TEXT} RETURNING id");
    let id = sqlx::query_scalar(AssertSqlSafe(query))
        .bind(&text.sha256)
        .bind(&text.body)
        .bind(text.sum)
        .fetch_one(tx)
        .await?;
    Ok(Some(id))
}

/// Changes the one byte of a row's text back that its checksum tells of. Returns whether it did.
pub(in crate::store) async fn mend(
    tx: &mut EngineConnection,
    table: &str,
    place: i64,
) -> Result<bool, StoreError> {
    let Some((table, _)) = bearer(table) else {
        return Ok(false);
    };
    let query = format!(
        "SELECT t.id, t.sha256, t.body, t.sum FROM {table} r JOIN texts t ON t.id = r.text_id
         WHERE r.rowid = ?"
    );
    let row = sqlx::query(AssertSqlSafe(query))
        .bind(place)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let (sha256, body) = (bytes(&row, "sha256")?, bytes(&row, "body")?);
    let sum = number(&row, "sum")?.unwrap_or_default();
    let (sha256, body) = (sha256.unwrap_or_default(), body.unwrap_or_default());
    let Some(body) = corrected_text(&body, sum, &sha256) else {
        return Ok(false);
    };
    sqlx::query("UPDATE texts SET body = ? WHERE id = ?")
        .bind(body)
        .bind(number(&row, "id")?)
        .execute(tx)
        .await?;
    Ok(true)
}

impl Store {
    /// Gives the texts of these rows of an older store rows of their own: those behind the row number
    /// `after`, up to `last`. What the rows say, and so their checksums, stay what they are.
    pub(in crate::store) async fn part_rows(
        &self,
        table: &str,
        (after, last): (i64, i64),
    ) -> Result<(), StoreError> {
        let Some((table, column)) = bearer(table) else {
            return Ok(());
        };
        let query = format!(
            "SELECT rowid FROM {table} WHERE rowid > ? AND rowid <= ? AND text_id IS NULL
                 AND instr({column}, ',\"body_html\":\"') > 0"
        );
        let whole: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(after)
            .bind(last)
            .fetch_all(&self.pool)
            .await?;
        if whole.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_note().await?;
        let look =
            format!("SELECT {column} AS json FROM {table} WHERE rowid = ? AND text_id IS NULL");
        let update = format!("UPDATE {table} SET {column} = ?, text_id = ? WHERE rowid = ?");
        for row in whole {
            let json = sqlx::query(AssertSqlSafe(look.clone()))
                .bind(row)
                .fetch_optional(&mut *tx)
                .await?;
            let json = json.map(|json| bytes(&json, "json")).transpose()?.flatten();
            // A damaged byte may make it no text: it stays as it is.
            let json = json.and_then(|json| String::from_utf8(json).ok());
            let Some(parted) = json.as_deref().map(part) else {
                continue;
            };
            let Some(text) = put(&mut tx, &parted).await? else {
                continue;
            };
            sqlx::query(AssertSqlSafe(update.clone()))
                .bind(parted.json.as_ref())
                .bind(text)
                .bind(row)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}
