//! Pictures and attached files of articles: those that are wanted, those that are kept, and those
//! that a removal deletes.
//!
//! Owns their addresses and states. Never touches the copies.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;
use url::Url;

use super::article::stored;
use super::{Store, StoreError};
use crate::model::{Article, Attachment, ColumnName, FileCopy, FileFormat, FileRole, Timestamp};
use crate::store::driver::EngineConnection;

/// One transaction goes through this many publications.
const BATCH: i64 = 200;
/// Only this many pictures, and as many attached files, of an article are kept.
const OF_AN_ARTICLE: usize = 50;

/// A file that is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedFile {
    /// Its address at the portal.
    pub url: Url,
    /// The page that shows it.
    pub page: Url,
    /// What it is there.
    pub role: FileRole,
    /// The format of which its name says that it is.
    pub named: Option<FileFormat>,
    /// Failed tries so far.
    pub failures: u32,
}

/// A kept file, and its address at the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCopy {
    /// The portal that shows it.
    pub portal: String,
    /// Its address at the portal, which may have lost it.
    pub url: String,
    /// The copy of it.
    pub copy: FileCopy,
}

/// Pictures and attached files of articles.
#[derive(Clone, Copy, Debug)]
pub struct KeptFiles<'a> {
    store: &'a Store,
}

impl Store {
    /// Pictures and attached files: which are wanted and which are kept.
    pub fn kept_files(&self) -> KeptFiles<'_> {
        KeptFiles { store: self }
    }
}

impl KeptFiles<'_> {
    /// Notes the pictures or the attached files of a column's articles that were published since the
    /// last call; at the first call, of all its articles.
    pub async fn note(self, column: &ColumnName, role: FileRole) -> Result<(), StoreError> {
        while self.note_some(column, role).await? {}
        Ok(())
    }

    /// Goes through some further publications; `false` after the last.
    async fn note_some(self, column: &ColumnName, role: FileRole) -> Result<bool, StoreError> {
        let cursors = match role {
            FileRole::Picture => "picture_cursors",
            FileRole::Attachment => "attachment_cursors",
        };
        let mut tx = self.store.begin().await?;
        let rows: Vec<(i64, i64, Option<String>)> = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT p.number, p.seq, a.id FROM publications p
             LEFT JOIN articles a ON a.id = p.article_id AND a.withdrawn_ms IS NULL
             WHERE p.column_name = ?1 AND p.number > COALESCE(
                 (SELECT number FROM {cursors} WHERE column_name = ?1), 0)
             ORDER BY p.number LIMIT ?2"
        )))
        .bind(column.as_str())
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        let Some((last, ..)) = rows.last() else {
            return Ok(false);
        };
        for (_, seq, id) in &rows {
            let Some(id) = id else { continue };
            // Publishing tells of a damaged row.
            let row = stored(&mut tx, id).await?;
            if let Some(Ok(article)) = row.map(|row| row.read()) {
                note(&mut tx, *seq, &article, role).await?;
            }
        }
        sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO {cursors} (column_name, number) VALUES (?, ?)
             ON CONFLICT (column_name) DO UPDATE SET number = excluded.number"
        )))
        .bind(column.as_str())
        .bind(last)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The files of a portal that may be tried now, at most `limit`: those of the newest changes
    /// first, in the order of their articles.
    pub async fn wanted(
        self,
        now: Timestamp,
        portal: &str,
        limit: u32,
    ) -> Result<Vec<WantedFile>, StoreError> {
        let rows: Vec<(String, String, Option<String>, u32)> = sqlx::query_as(
            "SELECT url, page_url, named, failures FROM pictures
             WHERE portal = ? AND sha256 IS NULL AND next_try_ms <= ?
             ORDER BY seq DESC, rowid LIMIT ?",
        )
        .bind(portal)
        .bind(now.millis())
        .bind(limit)
        .fetch_all(&self.store.pool)
        .await?;
        let broken = |e: url::ParseError| StoreError::unreadable("URL of a file", e);
        rows.into_iter()
            .map(|(url, page, named, failures)| {
                Ok(WantedFile {
                    url: url.parse().map_err(broken)?,
                    page: page.parse().map_err(broken)?,
                    role: match named {
                        Some(_) => FileRole::Attachment,
                        None => FileRole::Picture,
                    },
                    named: named.as_deref().and_then(FileFormat::from_extension),
                    failures,
                })
            })
            .collect()
    }

    /// Notes that a file is kept. `false` if it is no longer wanted, because its article was
    /// removed meanwhile.
    pub async fn keep(self, portal: &str, url: &Url, copy: &FileCopy) -> Result<bool, StoreError> {
        let kept = sqlx::query(
            "UPDATE pictures SET sha256 = ?, extension = ?, bytes = ?, failures = 0, reason = NULL
             WHERE portal = ? AND url = ?",
        )
        .bind(&copy.sha256)
        .bind(copy.format.extension())
        .bind(i64::try_from(copy.bytes).unwrap_or(i64::MAX))
        .bind(portal)
        .bind(url.as_str())
        .execute(&self.store.pool)
        .await?;
        Ok(kept.rows_affected() > 0)
    }

    /// Notes a failed try, and when the file may be tried again, if ever.
    pub async fn put_off(
        self,
        portal: &str,
        url: &Url,
        next_try_at: Option<Timestamp>,
        reason: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE pictures SET failures = failures + 1, next_try_ms = ?, reason = ?
             WHERE portal = ? AND url = ?",
        )
        .bind(next_try_at.map(Timestamp::millis))
        .bind(reason)
        .bind(portal)
        .bind(url.as_str())
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// Notes that the bytes of a kept file are lost, so that it is fetched again.
    pub async fn lose(self, sha256: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE pictures SET sha256 = NULL, extension = NULL, bytes = NULL, next_try_ms = 0
             WHERE sha256 = ?",
        )
        .bind(sha256)
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// All kept files.
    pub async fn kept(self) -> Result<Vec<KeptCopy>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT portal, url, sha256, extension, bytes FROM pictures WHERE sha256 IS NOT NULL",
        )
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter().map(kept).collect()
    }

    /// The kept files among these portals and addresses.
    pub async fn kept_at(self, places: &[(String, String)]) -> Result<Vec<KeptCopy>, StoreError> {
        let json =
            serde_json::to_string(places).map_err(|e| StoreError::unreadable("kept files", e))?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT portal, url, sha256, extension, bytes FROM pictures
             WHERE sha256 IS NOT NULL
               AND (portal, url) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))",
        )
        .bind(json)
        .fetch_all(&self.store.readers)
        .await?;
        rows.into_iter().map(kept).collect()
    }

    /// Whether these bytes are a kept file's.
    pub async fn is_kept(self, sha256: &str) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pictures WHERE sha256 = ?)");
        Ok(found.bind(sha256).fetch_one(&self.store.pool).await?)
    }
}

/// Portal, address, hash, extension and length.
type Row = (String, String, String, String, i64);

fn kept((portal, url, sha256, extension, bytes): Row) -> Result<KeptCopy, StoreError> {
    Ok(KeptCopy {
        portal,
        url,
        copy: copy(sha256, &extension, bytes)?,
    })
}

pub(super) fn copy(sha256: String, extension: &str, bytes: i64) -> Result<FileCopy, StoreError> {
    let format = FileFormat::from_extension(extension)
        .ok_or_else(|| StoreError::unreadable("kept file", "unknown format"))?;
    Ok(FileCopy {
        sha256,
        format,
        bytes: u64::try_from(bytes).unwrap_or(0),
    })
}

/// The extension by which an article calls a file; empty if it gives none that is known.
fn extension_of(file: &Attachment) -> &'static str {
    let named = FileFormat::from_name(&file.name);
    let named = named.or_else(|| FileFormat::from_address(&file.url));
    named.map_or("", FileFormat::extension)
}

/// Notes an article's pictures or attached files. The state of known ones stays. What is no picture
/// may yet be an attached file.
async fn note(
    tx: &mut EngineConnection,
    seq: i64,
    article: &Article,
    role: FileRole,
) -> Result<(), StoreError> {
    let body = &article.body;
    let files: Vec<(&Url, Option<&str>)> = match role {
        FileRole::Picture => body.images.iter().map(|image| (&image.url, None)).collect(),
        FileRole::Attachment => {
            let files = body.attachments.iter();
            files
                .map(|file| (&file.url, Some(extension_of(file))))
                .collect()
        }
    };
    let files = files.into_iter();
    let files = files.filter(|(url, _)| matches!(url.scheme(), "http" | "https"));
    for (url, named) in files.take(OF_AN_ARTICLE) {
        sqlx::query(
            "INSERT INTO pictures (portal, url, page_url, seq, named) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (portal, url) DO UPDATE SET page_url = ?3, seq = ?4,
                 named = COALESCE(?5, pictures.named),
                 next_try_ms = CASE WHEN pictures.named IS NULL AND ?5 IS NOT NULL
                                THEN 0 ELSE pictures.next_try_ms END
             WHERE pictures.sha256 IS NULL",
        )
        .bind(&article.portal)
        .bind(url.as_str())
        .bind(article.url.as_str())
        .bind(seq)
        .bind(named)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Deletes the pictures and files of a removed article that no other article shows. Nothing refers to their
/// files then.
pub(super) async fn remove(
    tx: &mut EngineConnection,
    portal: &str,
    urls: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let json =
        serde_json::to_string(urls).map_err(|e| StoreError::unreadable("URLs of files", e))?;
    let shown: BTreeSet<String> = sqlx::query_scalar(
        "WITH sound AS (SELECT article FROM articles WHERE portal = ? AND json_valid(article)),
         shown AS (
             SELECT i.value ->> 'url' AS url FROM sound, json_each(article, '$.images') i
             UNION
             SELECT f.value ->> 'url' FROM sound, json_each(article, '$.attachments') f
         )
         SELECT url FROM shown WHERE url IN (SELECT value FROM json_each(?))",
    )
    .bind(portal)
    .bind(json)
    .fetch_all(&mut *tx)
    .await?
    .into_iter()
    .collect();
    for url in urls.difference(&shown) {
        sqlx::query("DELETE FROM pictures WHERE portal = ? AND url = ?")
            .bind(portal)
            .bind(url)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
