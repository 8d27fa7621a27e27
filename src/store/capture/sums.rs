//! The archive's files as they were read last, and how far the checks of the data have come.
//!
//! Owns both records. Never opens the archive.

use sqlx::AssertSqlSafe;

use super::Captures;
use crate::model::Timestamp;
use crate::store::{RowPlace, StoreError};

/// A file of the archive, and what is known of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Its name.
    pub file: String,
    /// Up to where it holds whole records.
    pub end: u64,
    /// The hash of its first bytes, as they were read last; `None` if they never were.
    pub hash: Option<(u64, String)>,
    /// When they were read.
    pub checked_at: Option<Timestamp>,
}

/// How far a check of the rows has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckState {
    /// The next rows.
    pub place: RowPlace,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it was complete.
    pub ended_at: Option<Timestamp>,
}

impl Captures<'_> {
    /// The files of the archive that the index knows, those that were checked the longest ago first.
    pub async fn known_files(self) -> Result<Vec<KnownFile>, StoreError> {
        self.files(i64::MAX, i64::MAX).await
    }

    /// At most `limit` of them, of which none was checked since `due`.
    pub async fn files_to_check(
        self,
        due: Timestamp,
        limit: i64,
    ) -> Result<Vec<KnownFile>, StoreError> {
        self.files(due.millis(), limit).await
    }

    async fn files(self, due_ms: i64, limit: i64) -> Result<Vec<KnownFile>, StoreError> {
        type Row = (String, i64, Option<i64>, Option<String>, Option<i64>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT f.file, f.\"end\", s.bytes, s.sha256, s.checked_ms
             FROM archive_files f LEFT JOIN archive_sums s ON s.file = f.file
             WHERE COALESCE(s.checked_ms, 0) <= ?
             ORDER BY s.checked_ms NULLS FIRST, f.file LIMIT ?",
        )
        .bind(due_ms)
        .bind(limit)
        .fetch_all(&self.store.pool)
        .await?;
        let length = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
        let known = rows
            .into_iter()
            .map(|(file, end, bytes, hash, at)| KnownFile {
                file,
                end: length(end),
                hash: bytes.map(length).zip(hash),
                checked_at: at.and_then(Timestamp::from_millis),
            });
        Ok(known.collect())
    }

    /// Notes how a file was read, unless its bytes were rewritten meanwhile (see
    /// [`Captures::forget_sums`]). Returns whether they were not.
    pub async fn note_sum(
        self,
        now: Timestamp,
        known: &KnownFile,
        (bytes, sha256): (u64, &str),
    ) -> Result<bool, StoreError> {
        let mut tx = self.store.begin_note().await?;
        let before: Option<String> =
            sqlx::query_scalar("SELECT sha256 FROM archive_sums WHERE file = ?")
                .bind(&known.file)
                .fetch_optional(&mut *tx)
                .await?;
        if before.as_ref() != known.hash.as_ref().map(|(_, hash)| hash) {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO archive_sums (file, bytes, sha256, checked_ms)
             SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM archive_files WHERE file = ?1)
             ON CONFLICT (file) DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256,
                 checked_ms = excluded.checked_ms",
        )
        .bind(&known.file)
        .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
        .bind(sha256)
        .bind(now.millis())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets the hashes of all files, before some of their bytes are erased.
    pub async fn forget_sums(self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM archive_sums")
            .execute(&self.store.pool)
            .await?;
        Ok(())
    }

    /// The nearest capture that begins at or before this byte of a file: its address.
    pub async fn url_at(self, file: &str, byte: u64) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT url FROM captures WHERE file = ? AND \"offset\" <= ? ORDER BY \"offset\" DESC LIMIT 1",
        )
        .bind(file)
        .bind(i64::try_from(byte).unwrap_or(i64::MAX))
        .fetch_optional(&self.store.pool)
        .await?)
    }

    /// How far the check of the rows with this name has come.
    pub async fn check_state(self, name: &str) -> Result<Option<CheckState>, StoreError> {
        let row: Option<(String, i64, Option<i64>)> =
            sqlx::query_as("SELECT place, begun_ms, ended_ms FROM row_checks WHERE name = ?")
                .bind(name)
                .fetch_optional(&self.store.pool)
                .await?;
        Ok(row.and_then(|(place, begun, ended)| {
            Some(CheckState {
                // A place that cannot be read is the beginning.
                place: serde_json::from_str(&place).unwrap_or_default(),
                begun_at: Timestamp::from_millis(begun)?,
                ended_at: ended.and_then(Timestamp::from_millis),
            })
        }))
    }

    /// Notes how far the check of the rows with this name has come.
    pub async fn note_check(self, name: &str, state: &CheckState) -> Result<(), StoreError> {
        let place = serde_json::to_string(&state.place)
            .map_err(|e| StoreError::unreadable("the place of a check", e))?;
        let note = "INSERT INTO row_checks (name, place, begun_ms, ended_ms)
                    VALUES (?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET place = excluded.place,
                        begun_ms = excluded.begun_ms, ended_ms = excluded.ended_ms";
        let mut tx = self.store.begin_note().await?;
        sqlx::query(AssertSqlSafe(note))
            .bind(name)
            .bind(place)
            .bind(state.begun_at.millis())
            .bind(state.ended_at.map(Timestamp::millis))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
