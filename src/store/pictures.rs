//! Pictures of articles: those that are wanted, those that are kept, and those that a removal
//! deletes.
//!
//! Owns their addresses and states. Never touches the picture files, whose folder stands beside the
//! database.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sqlx::SqliteConnection;
use url::Url;

use super::article::stored;
use super::{Store, StoreError};
use crate::model::{Article, ColumnName, Picture, PictureKind, Timestamp};

/// One transaction goes through this many publications.
const BATCH: i64 = 200;
/// Only this many pictures of an article are kept.
const OF_AN_ARTICLE: usize = 50;

/// A picture that is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPicture {
    /// Its address at the portal.
    pub url: Url,
    /// The page that shows it.
    pub page: Url,
    /// Failed tries so far.
    pub failures: u32,
}

/// A kept picture, and its address at the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPicture {
    /// The portal that shows it.
    pub portal: String,
    /// Its address at the portal, which may have lost it.
    pub url: String,
    /// The picture's file.
    pub picture: Picture,
}

/// Pictures of articles.
#[derive(Clone, Copy, Debug)]
pub struct Pictures<'a> {
    store: &'a Store,
}

impl Store {
    /// Pictures: which are wanted and which are kept.
    pub fn pictures(&self) -> Pictures<'_> {
        Pictures { store: self }
    }
}

impl Pictures<'_> {
    /// The folder of the kept pictures.
    pub fn folder(self) -> PathBuf {
        self.store.file.with_file_name("pictures")
    }

    /// Notes the pictures of a column's articles that were published since the last call; at the
    /// first call, of all its articles.
    pub async fn note(self, column: &ColumnName) -> Result<(), StoreError> {
        while self.note_some_pictures(column).await? {}
        Ok(())
    }

    /// Goes through some further publications; `false` after the last.
    async fn note_some_pictures(self, column: &ColumnName) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        let rows: Vec<(i64, i64, Option<String>)> = sqlx::query_as(
            "SELECT p.number, p.seq, a.id FROM publications p
             LEFT JOIN articles a ON a.id = p.article_id AND a.withdrawn_ms IS NULL
             WHERE p.column_name = ?1 AND p.number > COALESCE(
                 (SELECT number FROM picture_cursors WHERE column_name = ?1), 0)
             ORDER BY p.number LIMIT ?2",
        )
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
                note(&mut tx, *seq, &article).await?;
            }
        }
        sqlx::query("INSERT OR REPLACE INTO picture_cursors (column_name, number) VALUES (?, ?)")
            .bind(column.as_str())
            .bind(last)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The pictures of a portal that may be tried now, at most `limit`: those of the newest changes
    /// first, in the order of their articles.
    pub async fn wanted(
        self,
        now: Timestamp,
        portal: &str,
        limit: u32,
    ) -> Result<Vec<WantedPicture>, StoreError> {
        let rows: Vec<(String, String, u32)> = sqlx::query_as(
            "SELECT url, page_url, failures FROM pictures
             WHERE portal = ? AND sha256 IS NULL AND next_try_ms <= ?
             ORDER BY seq DESC, rowid LIMIT ?",
        )
        .bind(portal)
        .bind(now.millis())
        .bind(limit)
        .fetch_all(&self.store.pool)
        .await?;
        let broken = |e: url::ParseError| StoreError::unreadable("picture URL", e);
        rows.into_iter()
            .map(|(url, page, failures)| {
                Ok(WantedPicture {
                    url: url.parse().map_err(broken)?,
                    page: page.parse().map_err(broken)?,
                    failures,
                })
            })
            .collect()
    }

    /// Notes that a picture is kept. `false` if it is no longer wanted, because its article was
    /// removed meanwhile.
    pub async fn keep(
        self,
        portal: &str,
        url: &Url,
        picture: &Picture,
    ) -> Result<bool, StoreError> {
        let kept = sqlx::query(
            "UPDATE pictures SET sha256 = ?, extension = ?, bytes = ?, failures = 0, reason = NULL
             WHERE portal = ? AND url = ?",
        )
        .bind(&picture.sha256)
        .bind(picture.kind.extension())
        .bind(i64::try_from(picture.bytes).unwrap_or(i64::MAX))
        .bind(portal)
        .bind(url.as_str())
        .execute(&self.store.pool)
        .await?;
        Ok(kept.rows_affected() > 0)
    }

    /// Notes a failed try, and when the picture may be tried again, if ever.
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

    /// Notes that the bytes of a kept picture are lost, so that it is fetched again.
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

    /// All kept pictures.
    pub async fn kept(self) -> Result<Vec<KeptPicture>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT portal, url, sha256, extension, bytes FROM pictures WHERE sha256 IS NOT NULL",
        )
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter().map(kept).collect()
    }

    /// The kept pictures among these portals and addresses.
    pub async fn kept_at(
        self,
        places: &[(String, String)],
    ) -> Result<Vec<KeptPicture>, StoreError> {
        let json =
            serde_json::to_string(places).map_err(|e| StoreError::unreadable("pictures", e))?;
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

    /// Whether these bytes are a kept picture's.
    pub async fn is_kept(self, sha256: &str) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pictures WHERE sha256 = ?)");
        Ok(found.bind(sha256).fetch_one(&self.store.pool).await?)
    }
}

/// Portal, address, hash, extension and length.
type Row = (String, String, String, String, i64);

fn kept((portal, url, sha256, extension, bytes): Row) -> Result<KeptPicture, StoreError> {
    Ok(KeptPicture {
        portal,
        url,
        picture: picture(sha256, &extension, bytes)?,
    })
}

pub(super) fn picture(sha256: String, extension: &str, bytes: i64) -> Result<Picture, StoreError> {
    let kind = PictureKind::from_extension(extension)
        .ok_or_else(|| StoreError::unreadable("picture", "unknown kind"))?;
    Ok(Picture {
        sha256,
        kind,
        bytes: u64::try_from(bytes).unwrap_or(0),
    })
}

/// Notes an article's pictures. The state of known ones stays.
async fn note(tx: &mut SqliteConnection, seq: i64, article: &Article) -> Result<(), StoreError> {
    let urls = article.body.images.iter().map(|image| &image.url);
    let urls = urls.filter(|url| matches!(url.scheme(), "http" | "https"));
    for url in urls.take(OF_AN_ARTICLE) {
        sqlx::query(
            "INSERT INTO pictures (portal, url, page_url, seq) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (portal, url) DO UPDATE SET page_url = ?3, seq = ?4 WHERE sha256 IS NULL",
        )
        .bind(&article.portal)
        .bind(url.as_str())
        .bind(article.url.as_str())
        .bind(seq)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Deletes the pictures of a removed article that no other article shows. Nothing refers to their
/// files then.
pub(super) async fn remove(
    tx: &mut SqliteConnection,
    portal: &str,
    urls: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let json =
        serde_json::to_string(urls).map_err(|e| StoreError::unreadable("picture URLs", e))?;
    let shown: BTreeSet<String> = sqlx::query_scalar(
        "SELECT DISTINCT i.value ->> 'url' FROM articles a, json_each(a.article, '$.images') i
         WHERE a.portal = ? AND json_valid(a.article)
           AND i.value ->> 'url' IN (SELECT value FROM json_each(?))",
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
