//! What the published folder holds: the record of the last publication, and the journal of the one
//! under way.
//!
//! Owns the order: the journal before the first file, the record after the manifest. Never touches
//! a published file.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::Published;
use super::published_columns::{self, PublishedColumn};
use super::published_topics::{self, PublishedTopic};
use crate::model::{ColumnName, FileEntry};
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::{json, parse_id};

/// The folder that was published last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedFolder {
    /// Which folder it is, in which state.
    pub tree: String,
    /// A fingerprint of the site and of the program.
    pub site: String,
    /// The number of the last change that it includes.
    pub seq: i64,
}

/// A file that is published, of a manifest or of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// The portal whose manifest lists it; `None` for the site's, [`UNLISTED`] for none.
    pub portal: Option<String>,
    /// The file.
    pub entry: FileEntry,
    /// The number of its articles or changes, if it holds any.
    pub records: Option<u64>,
}

/// In the place of a portal: no manifest lists the file. No portal has this name.
pub const UNLISTED: &str = "-";

/// What a publication did.
#[derive(Debug, Default)]
pub struct Publishing {
    /// The folder.
    pub folder: PublishedFolder,
    /// The address of the site.
    pub base_url: String,
    /// Whether everything was rendered: nothing of an earlier record stays.
    pub is_all: bool,
    /// The last mark that it includes.
    pub marks: i64,
    /// The columns that were rendered.
    pub columns: BTreeMap<ColumnName, PublishedColumn>,
    /// The columns that are published no more.
    pub gone_columns: BTreeSet<String>,
    /// The topics that were rendered; `None` for one that is no more.
    pub topics: BTreeMap<String, Option<PublishedTopic>>,
    /// The files of manifests that were rendered.
    pub files: Vec<ListedFile>,
    /// The files that the manifest of this portal, or of the site, lists no more.
    pub gone_files: BTreeSet<(Option<String>, String)>,
    /// The articles that were rendered, each with the addresses of the files that it may show.
    pub kept_files: Vec<(Uuid, String, BTreeSet<String>)>,
}

impl Published<'_> {
    /// The folder that was published last.
    pub async fn folder(self) -> Result<Option<PublishedFolder>, StoreError> {
        let row: Option<(String, String, i64)> =
            sqlx::query_as("SELECT tree, site, seq FROM published")
                .fetch_optional(&self.store.pool)
                .await?;
        Ok(row.map(|(tree, site, seq)| PublishedFolder { tree, site, seq }))
    }

    /// Whether this folder includes everything that the store knows. A change of the configuration
    /// is not seen here.
    pub async fn is_current(self, tree: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM published WHERE tree = ?
                            AND seq = (SELECT COALESCE(MAX(seq), 0) FROM changes))
                AND NOT EXISTS (SELECT 1 FROM unpublished)
                AND NOT EXISTS (SELECT 1 FROM publishing)",
        )
        .bind(tree)
        .fetch_one(&self.store.pool)
        .await?)
    }

    /// The address under which the folder was published last.
    pub async fn base_url(self) -> Result<Option<String>, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT value FROM meta WHERE key = 'base_url'")
                .fetch_optional(&self.store.pool)
                .await?,
        )
    }

    /// The journal of a publication that did not end.
    pub async fn journal(self) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT scope FROM publishing")
            .fetch_optional(&self.store.pool)
            .await?)
    }

    /// Writes the journal, before the first file changes.
    pub async fn begin(self, scope: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO publishing (id, scope) VALUES (1, ?)
             ON CONFLICT (id) DO UPDATE SET scope = excluded.scope",
        )
        .bind(scope)
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// The files of the manifest of this portal, or of the site.
    pub async fn files(self, portal: Option<&str>) -> Result<Vec<ListedFile>, StoreError> {
        let query = format!("{SELECT_FILES} WHERE portal = ?");
        let rows: Vec<FileRow> = sqlx::query_as(AssertSqlSafe(query))
            .bind(portal.unwrap_or_default())
            .fetch_all(&self.store.pool)
            .await?;
        Ok(rows.into_iter().map(listed).collect())
    }

    /// A file of the manifest of this portal, as it was published.
    pub async fn file(self, portal: &str, path: &str) -> Result<Option<FileEntry>, StoreError> {
        let query = format!("{SELECT_FILES} WHERE portal = ? AND path = ?");
        let row: Option<FileRow> = sqlx::query_as(AssertSqlSafe(query))
            .bind(portal)
            .bind(path)
            .fetch_optional(&self.store.pool)
            .await?;
        Ok(row.map(|row| listed(row).entry))
    }

    /// The files of no manifest in this folder.
    pub async fn unlisted_in(self, folder: &str) -> Result<Vec<String>, StoreError> {
        // No path has a sign between the slash and the zero.
        Ok(sqlx::query_scalar(
            "SELECT path FROM published_files
             WHERE portal = ?1 AND path > ?2 || '/' AND path < ?2 || '0'",
        )
        .bind(UNLISTED)
        .bind(folder)
        .fetch_all(&self.store.pool)
        .await?)
    }

    /// The files behind this one, at most `most`, in the order of their paths.
    pub async fn files_after(
        self,
        (portal, path): (&str, &str),
        most: u32,
    ) -> Result<Vec<ListedFile>, StoreError> {
        let query = format!("{SELECT_FILES} WHERE (portal, path) > (?, ?) ORDER BY 1, 2 LIMIT ?");
        let rows: Vec<FileRow> = sqlx::query_as(AssertSqlSafe(query))
            .bind(portal)
            .bind(path)
            .bind(most)
            .fetch_all(&self.store.pool)
            .await?;
        Ok(rows.into_iter().map(listed).collect())
    }

    /// The articles that were added after this change, at most `most`, each with its own.
    pub async fn articles_after(
        self,
        added: i64,
        most: u32,
    ) -> Result<Vec<(i64, Uuid)>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT added_seq, id FROM articles WHERE article IS NOT NULL AND added_seq > ?
             ORDER BY added_seq LIMIT ?",
        )
        .bind(added)
        .bind(most)
        .fetch_all(&self.store.pool)
        .await?;
        let rows = rows.into_iter();
        rows.map(|(added, id)| Ok((added, parse_id(&id)?)))
            .collect()
    }

    /// The published feeds, in the order of their paths.
    pub async fn feeds(self) -> Result<Vec<FileEntry>, StoreError> {
        let rows: Vec<(String, i64, String)> = sqlx::query_as(
            "SELECT path, bytes, sha256 FROM published_files INDEXED BY published_feeds
             WHERE path LIKE '%.xml' OR path LIKE '%/feed.json' OR path LIKE '%revisions.atom'
                OR path IN ('feed.json', 'incidents.atom')
             ORDER BY path",
        )
        .fetch_all(&self.store.pool)
        .await?;
        let feeds = rows.into_iter().map(|(path, bytes, sha256)| FileEntry {
            path,
            bytes: u64::try_from(bytes).unwrap_or(0),
            sha256,
        });
        Ok(feeds.collect())
    }

    /// Deletes the marks up to this one: nothing that is published follows from them.
    pub async fn forget(self, marks: i64) -> Result<(), StoreError> {
        match marks {
            0 => Ok(()),
            last => forget(&mut *self.store.pool.acquire().await?, last).await,
        }
    }

    /// Writes the record, once the manifest is in place, and ends the journal.
    pub async fn finish(self, done: &Publishing) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if done.is_all {
            for table in [
                "DELETE FROM published_columns",
                "DELETE FROM published_files",
                "DELETE FROM published_pictures",
                "DELETE FROM published_topics",
                "DELETE FROM published_topic_articles",
            ] {
                sqlx::query(table).execute(&mut *tx).await?;
            }
        }
        published_columns::write(&mut tx, &done.columns, &done.gone_columns).await?;
        write_files(&mut tx, done).await?;
        write_kept_files(&mut tx, done).await?;
        published_topics::write(&mut tx, &done.topics).await?;
        forget(&mut tx, done.marks).await?;
        sqlx::query("DELETE FROM publishing")
            .execute(&mut *tx)
            .await?;
        let PublishedFolder { tree, site, seq } = &done.folder;
        sqlx::query(
            "INSERT INTO published (id, tree, site, seq) VALUES (1, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET tree = excluded.tree, site = excluded.site,
                 seq = excluded.seq",
        )
        .bind(tree)
        .bind(site)
        .bind(seq)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO meta (key, value) VALUES ('base_url', ?)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(&done.base_url)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn forget(connection: &mut EngineConnection, marks: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM unpublished WHERE id <= ?")
        .bind(marks)
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_files(tx: &mut EngineConnection, done: &Publishing) -> Result<(), StoreError> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let files = done.files.iter().map(|file| {
        let portal = file.portal.as_deref().unwrap_or_default();
        let FileEntry {
            path,
            bytes,
            sha256,
        } = &file.entry;
        (
            portal,
            path,
            number(*bytes),
            sha256,
            file.records.map(number),
        )
    });
    let files = json(&files.collect::<Vec<_>>())?;
    sqlx::query(
        "INSERT INTO published_files (portal, path, bytes, sha256, records)
         SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), value ->> 3,
                CAST(value ->> 4 AS BIGINT)
         FROM json_each(?) WHERE true
         ON CONFLICT (portal, path) DO UPDATE SET bytes = excluded.bytes,
             sha256 = excluded.sha256, records = excluded.records",
    )
    .bind(files)
    .execute(&mut *tx)
    .await?;
    for (portal, path) in &done.gone_files {
        sqlx::query("DELETE FROM published_files WHERE portal = ? AND path = ?")
            .bind(portal.as_deref().unwrap_or_default())
            .bind(path)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

async fn write_kept_files(tx: &mut EngineConnection, done: &Publishing) -> Result<(), StoreError> {
    if done.kept_files.is_empty() {
        return Ok(());
    }
    if !done.is_all {
        let ids = done.kept_files.iter().map(|(id, ..)| id);
        let ids = json(&ids.collect::<Vec<_>>())?;
        sqlx::query(
            "DELETE FROM published_pictures
             WHERE article_id IN (SELECT value FROM json_each(?))",
        )
        .bind(ids)
        .execute(&mut *tx)
        .await?;
    }
    for (id, portal, urls) in &done.kept_files {
        for url in urls {
            sqlx::query(
                "INSERT INTO published_pictures (portal, url, article_id) VALUES (?, ?, ?)",
            )
            .bind(portal)
            .bind(url)
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        }
    }
    Ok(())
}

const SELECT_FILES: &str = "SELECT portal, path, bytes, sha256, records FROM published_files";

/// Portal, path, length, hash and number of records.
type FileRow = (String, String, i64, String, Option<i64>);

fn listed((portal, path, bytes, sha256, records): FileRow) -> ListedFile {
    ListedFile {
        portal: (!portal.is_empty()).then_some(portal),
        entry: FileEntry {
            path,
            bytes: u64::try_from(bytes).unwrap_or(0),
            sha256,
        },
        records: records.and_then(|records| records.try_into().ok()),
    }
}
