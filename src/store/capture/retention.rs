//! The archive's files in the index, for retention and removal.
//!
//! Owns one rule: nothing refers to a file or capture that is gone. Never deletes a file.

use std::collections::BTreeMap;

use url::Url;

use super::Captures;
use crate::archive::CapturePlace;
use crate::model::Timestamp;
use crate::store::StoreError;
use crate::store::rows::capture_place;

/// This many captures are taken out of the index with one commit.
const FORGOTTEN_AT_ONCE: usize = 500;

impl Captures<'_> {
    /// The time of the newest indexed capture in each file.
    pub async fn newest_by_file(self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT file, MAX(at_ms) FROM captures GROUP BY file")
                .fetch_all(&self.store.pool)
                .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(file, at)| Some((file, Timestamp::from_millis(at)?)))
            .collect())
    }

    /// Takes a file of the archive out of the index. Returns how many pages of articles had their
    /// capture there: these can no longer be read anew.
    pub async fn forget_file(self, file: &str) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
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
            "DELETE FROM archive_sums WHERE file = ?",
        ] {
            sqlx::query(table).bind(file).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(pages.rows_affected())
    }

    /// The captures of these addresses from which no article was read.
    pub async fn without_article(self, urls: &[&Url]) -> Result<Vec<CapturePlace>, StoreError> {
        let mut places = Vec::new();
        for url in urls {
            let rows: Vec<(String, i64)> = sqlx::query_as(
                "SELECT file, \"offset\" FROM captures WHERE url = ?
                       AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.capture = captures.id)",
            )
            .bind(url.as_str())
            .fetch_all(&self.store.pool)
            .await?;
            places.extend(rows.into_iter().filter_map(capture_place));
        }
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// Takes captures out of the index that have left the archive, in several transactions, so that
    /// a run need not wait for all of them.
    pub async fn forget(self, places: &[CapturePlace]) -> Result<(), StoreError> {
        for some in places.chunks(FORGOTTEN_AT_ONCE) {
            let mut tx = self.store.begin().await?;
            for CapturePlace { file, offset } in some {
                let Ok(offset) = i64::try_from(*offset) else {
                    continue;
                };
                sqlx::query(
                    "UPDATE pages SET capture = NULL WHERE capture IN
                         (SELECT id FROM captures WHERE file = ?1 AND \"offset\" = ?2)",
                )
                .bind(file)
                .bind(offset)
                .execute(&mut *tx)
                .await?;
                sqlx::query("DELETE FROM captures WHERE file = ? AND \"offset\" = ?")
                    .bind(file)
                    .bind(offset)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}
