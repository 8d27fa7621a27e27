//! The index of the archive: the captures of pages, and the whole length of each file.
//!
//! Owns the numbers of captures. Never opens the archive.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use url::Url;

use super::Captures;
use crate::archive::{ArchivedCapture, CapturePlace, EarlierCapture};
use crate::model::Timestamp;
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::capture_place;

/// The capture that a page was read from, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageCapture {
    /// Its number.
    pub id: i64,
    /// Its place.
    pub place: CapturePlace,
    /// The charset in which it was read.
    pub charset: Option<String>,
    /// The reason for choosing that charset.
    pub charset_found: Option<String>,
    /// The number of characters that it could not decode.
    pub replaced: Option<i64>,
}

/// A capture that was just archived.
#[derive(Clone, Copy, Debug)]
pub struct NewCapture<'a> {
    /// Its place.
    pub place: &'a ArchivedCapture,
    /// For a page that was sent whole: its URL and its time. It gets a number, unless the archive
    /// only refers to a former capture.
    pub whole: Option<(&'a Url, Timestamp)>,
}

impl Captures<'_> {
    /// The length up to which each file of the archive is known to be whole, in bytes.
    pub async fn file_ends(self) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as("SELECT file, \"end\" FROM archive_files")
            .fetch_all(&self.store.pool)
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(file, end)| Some((file, u64::try_from(end).ok()?)))
            .collect())
    }

    /// How many files of the archive the index knows, and how many bytes they take.
    pub async fn size(self) -> Result<(usize, u64), StoreError> {
        let (files, bytes): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), CAST(COALESCE(SUM(\"end\"), 0) AS BIGINT) FROM archive_files",
        )
        .fetch_one(&self.store.pool)
        .await?;
        let whole = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok((usize::try_from(files).unwrap_or(0), whole(bytes)))
    }

    /// The whole capture of `url` that counts, with its number: the one from which its page was
    /// read last and to which its validators belong, else the newest.
    pub async fn last(self, url: &Url) -> Result<Option<(i64, EarlierCapture)>, StoreError> {
        let row: Option<(i64, i64, String, String)> = sqlx::query_as(
            "SELECT id, at_ms, record_id, payload_digest FROM captures c WHERE url = ?
             ORDER BY EXISTS (SELECT 1 FROM pages p WHERE p.capture = c.id) DESC, id DESC LIMIT 1",
        )
        .bind(url.as_str())
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(row.and_then(|(id, at, record_id, payload_digest)| {
            let earlier = EarlierCapture {
                record_id,
                url: url.clone(),
                at: Timestamp::from_millis(at)?,
                payload_digest,
            };
            Some((id, earlier))
        }))
    }

    /// Notes the places of captures in one transaction, and returns the numbers of those that have
    /// a whole page.
    pub async fn note(self, captures: &[NewCapture<'_>]) -> Result<Vec<Option<i64>>, StoreError> {
        let mut tx = self.store.begin_note().await?;
        let mut ids = Vec::with_capacity(captures.len());
        for NewCapture { place, whole } in captures {
            ids.push(match whole.filter(|_| !place.is_revisit) {
                None => {
                    let noted = sqlx::query(NOTE_END).bind(&place.file);
                    noted.bind(count(place.end)).execute(&mut *tx).await?;
                    None
                }
                Some((url, at)) => Some(insert(&mut tx, place, url, at).await?),
            });
        }
        tx.commit().await?;
        Ok(ids)
    }

    /// The capture from which a page's last state was read.
    pub async fn of_page(self, portal: &str, url: &Url) -> Result<Option<PageCapture>, StoreError> {
        type Row = (
            i64,
            String,
            i64,
            Option<String>,
            Option<String>,
            Option<i64>,
        );
        let row: Option<Row> = sqlx::query_as(
            "SELECT c.id, c.file, c.offset, p.charset, p.charset_found, p.replaced
             FROM pages p JOIN captures c ON c.id = p.capture
             WHERE p.portal = ? AND p.canonical_url = ?",
        )
        .bind(portal)
        .bind(crate::identify::CanonicalUrl::from(url).as_str())
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(
            row.and_then(|(id, file, offset, charset, charset_found, replaced)| {
                Some(PageCapture {
                    id,
                    place: capture_place((file, offset))?,
                    charset,
                    charset_found,
                    replaced,
                })
            }),
        )
    }
}

/// Notes where a file of the archive ends.
const NOTE_END: &str = "INSERT INTO archive_files (file, \"end\") VALUES (?1, ?2)
     ON CONFLICT (file) DO UPDATE SET \"end\" = MAX(archive_files.\"end\", ?2)";

/// Notes where a file ends, and a whole page in it. Returns the page's number.
async fn insert(
    tx: &mut EngineConnection,
    place: &ArchivedCapture,
    url: &Url,
    at: Timestamp,
) -> Result<i64, StoreError> {
    let query = format!(
        "{NOTE_END};
         INSERT INTO captures (url, at_ms, file, \"offset\", length, record_id, payload_digest)
         VALUES (?3, ?4, ?1, ?5, ?6, ?7, ?8) RETURNING id"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(query))
        .bind(&place.file)
        .bind(count(place.end))
        .bind(url.as_str())
        .bind(at.millis())
        .bind(count(place.offset))
        .bind(count(place.length))
        .bind(&place.record_id)
        .bind(&place.payload_digest)
        .fetch_one(tx)
        .await?)
}

fn count(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
