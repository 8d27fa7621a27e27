//! What the index knows of the archive's old files, for those who let go of them.
//!
//! Owns that nothing refers to a file that is gone. Never deletes one.

use std::collections::BTreeMap;

use crate::model::Timestamp;
use crate::store::{Store, StoreError};

impl Store {
    /// When the newest page was captured that the index knows to be in each file.
    pub async fn newest_captures(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT file, MAX(at_ms) FROM captures GROUP BY file")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(file, at)| Some((file, Timestamp::from_millis(at)?)))
            .collect())
    }

    /// Takes a file of the archive out of the index, and says how many articles' pages were read from
    /// it last: these cannot be read anew any more.
    pub async fn forget_file(&self, file: &str) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let pages = sqlx::query(
            "UPDATE pages SET capture = NULL
             WHERE capture IN (SELECT id FROM captures WHERE file = ?)",
        )
        .bind(file)
        .execute(&mut *tx)
        .await?;
        for table in [
            "DELETE FROM captures WHERE file = ?",
            "DELETE FROM archive_files WHERE file = ?",
        ] {
            sqlx::query(table).bind(file).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(pages.rows_affected())
    }
}
