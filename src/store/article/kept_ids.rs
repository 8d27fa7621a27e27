//! Ids from published dumps, kept for articles that are found again.
//!
//! Owns the choice of the article that takes a kept id. The article also takes its first and last
//! times over, so that nothing becomes unread again. Never reads a dump.

use chrono::NaiveDate;
use url::Url;

use super::content::PageContent;
use crate::identify::{CanonicalUrl, Sketch};
use crate::model::{Article, IndexNumber, Metadata, Timestamp};
use crate::store::driver::EngineConnection;
use crate::store::rows::from_row;
use crate::store::{Store, StoreError, Transaction};

/// Keeps ids, all or none.
#[derive(Debug)]
pub struct IdKeeper(Transaction);

/// The result of keeping ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptIds {
    /// Ids that wait for their articles.
    pub kept: i64,
    /// Articles that stay removed.
    pub removed: i64,
}

impl IdKeeper {
    /// Begins to keep ids. Only a store without articles accepts them.
    pub(in crate::store) async fn begin(store: &Store) -> Result<Self, StoreError> {
        let mut tx = store.begin().await?;
        let has_articles: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM changes)")
            .fetch_one(&mut *tx)
            .await?;
        if has_articles {
            return Err(StoreError::NotEmpty {
                file: store.file.clone(),
            });
        }
        Ok(Self(tx))
    }

    /// Keeps the id of an article from a dump or a change. Of several states, the last updated one
    /// counts; of equal ones, the last given.
    pub async fn keep(&mut self, article: &Article) -> Result<(), StoreError> {
        let tx = &mut *self.0;
        if article.is_tombstone() {
            // The archive is a new one.
            return keep_removed(tx, article, true).await;
        }
        let article = &article.clone().rehashed();
        let metadata = &article.metadata;
        let sketch = sketch(&article.title, metadata, &article.body.body_text);
        let id = article.id.to_string();
        sqlx::query(
            "INSERT INTO kept_ids (id, portal, index_number, title_sha256, sketch, content_sha256,
                 revision, first_seen_ms, updated_ms, published_on, published_ms, withdrawn)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (id) DO UPDATE SET index_number = ?3, title_sha256 = ?4, sketch = ?5,
                 content_sha256 = ?6, revision = ?7, first_seen_ms = ?8, updated_ms = ?9,
                 published_on = ?10, published_ms = ?11, withdrawn = ?12
             WHERE ?9 >= kept_ids.updated_ms",
        )
        .bind(&id)
        .bind(&article.portal)
        .bind(metadata.index_number.as_ref().map(IndexNumber::as_str))
        .bind(&sketch.title_sha256)
        .bind(sketch_json(&sketch)?)
        .bind(&article.content_sha256)
        .bind(article.revision)
        .bind(article.first_seen_at.millis())
        .bind(article.updated_at.millis())
        .bind(metadata.published_on.map(|day| day.to_string()))
        .bind(metadata.published_at.map(Timestamp::millis))
        .bind(article.withdrawn_at.is_some())
        .execute(&mut *tx)
        .await?;
        for url in std::iter::once(&article.url).chain(&article.aliases) {
            sqlx::query(
                "INSERT INTO kept_urls (portal, canonical_url, id) VALUES (?, ?, ?)
                 ON CONFLICT DO NOTHING",
            )
            .bind(&article.portal)
            .bind(CanonicalUrl::from(url).as_str())
            .bind(&id)
            .execute(&mut *tx)
            .await?;
        }
        Ok(())
    }

    /// Commits, and counts the ids.
    pub async fn commit(mut self) -> Result<KeptIds, StoreError> {
        // An article that was removed stays removed, whatever other states say.
        sqlx::query("DELETE FROM kept_ids WHERE id IN (SELECT id FROM removals)")
            .execute(&mut *self.0)
            .await?;
        let (kept, removed) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM kept_ids), (SELECT COUNT(*) FROM removals)",
        )
        .fetch_one(&mut *self.0)
        .await?;
        self.0.commit().await?;
        Ok(KeptIds { kept, removed })
    }
}

/// The reason of a removal of which only the tombstone is known.
pub(super) const BEFORE: &str = "removed before this store was restored";

/// Keeps an article from coming of which only the tombstone is known.
pub(super) async fn keep_removed(
    tx: &mut EngineConnection,
    article: &Article,
    is_complete: bool,
) -> Result<(), StoreError> {
    let id = article.id.to_string();
    sqlx::query(
        "INSERT INTO removals (id, portal, at_ms, reason, is_complete)
         VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&id)
    .bind(&article.portal)
    .bind(article.updated_at.millis())
    .bind(BEFORE)
    .bind(is_complete)
    .execute(&mut *tx)
    .await?;
    remove_url(tx, &article.portal, &article.url, &id).await
}

/// Notes that a removed article stood at this URL.
pub(super) async fn remove_url(
    tx: &mut EngineConnection,
    portal: &str,
    url: &Url,
    id: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO removed_urls (portal, canonical_url, id) VALUES (?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(portal)
    .bind(CanonicalUrl::from(url).as_str())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// The sketch by which an article is recognised.
pub(super) fn sketch(title: &str, metadata: &Metadata, body_text: &str) -> Sketch {
    let day = metadata.published_on.or(metadata.issued_on);
    Sketch::new(title, day, body_text)
}

/// The sketch of a page.
pub(super) fn sketch_of(content: &PageContent) -> Sketch {
    sketch(&content.title, &content.metadata, &content.body.body_text)
}

pub(super) fn sketch_json(sketch: &Sketch) -> Result<String, StoreError> {
    serde_json::to_string(sketch).map_err(|e| StoreError::unreadable("sketch", e))
}

pub(super) fn parse_sketch(sketch: &str) -> Result<Sketch, StoreError> {
    serde_json::from_str(sketch).map_err(|e| StoreError::unreadable("sketch", e))
}

/// Whether an id is reserved, although no stored article has it, and whether a stored one has it.
pub(super) async fn uses_of(
    tx: &mut EngineConnection,
    id: &str,
) -> Result<(bool, bool), StoreError> {
    Ok(sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM kept_ids WHERE id = ?1)
             OR EXISTS (SELECT 1 FROM removals WHERE id = ?1),
             EXISTS (SELECT 1 FROM articles WHERE id = ?1)",
    )
    .bind(id)
    .fetch_one(tx)
    .await?)
}

/// Whether any ids still wait for their articles.
pub(super) async fn has_any(tx: &mut EngineConnection) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM kept_ids)")
        .fetch_one(tx)
        .await?)
}

/// The kept id of the article on this page: found by address, then by number, then by title for an
/// article that has moved.
pub(super) async fn id_of(
    tx: &mut EngineConnection,
    portal: &str,
    url: &CanonicalUrl,
    number: Option<&IndexNumber>,
    content: &PageContent,
) -> Result<Option<String>, StoreError> {
    let own = sketch_of(content);
    let rows: Vec<(String, Option<String>, String, bool, bool)> = sqlx::query_as(
        "SELECT k.id, k.index_number, k.sketch, u.id IS NOT NULL AS is_there,
                COALESCE(k.index_number = ?3, FALSE) AS bears_number
         FROM kept_ids k
         LEFT JOIN kept_urls u ON u.id = k.id AND u.portal = ?1 AND u.canonical_url = ?2
         WHERE k.portal = ?1
           AND (k.id IN (SELECT id FROM kept_urls WHERE portal = ?1 AND canonical_url = ?2)
                OR k.index_number = ?3 OR k.title_sha256 = ?4)
           AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = k.id)
         ORDER BY is_there DESC, k.withdrawn, bears_number DESC, k.first_seen_ms",
    )
    .bind(portal)
    .bind(url.as_str())
    .bind(number.map(IndexNumber::as_str))
    .bind(&own.title_sha256)
    .fetch_all(tx)
    .await?;
    for (id, their_number, sketch, is_there, bears_number) in rows {
        let kept = parse_sketch(&sketch)?;
        let same_number = their_number.as_deref() == number.map(IndexNumber::as_str);
        let is_it = match (is_there, bears_number) {
            (true, _) => same_number || kept.is_like(&own),
            (false, true) => kept.is_like(&own),
            (false, false) => kept.is_nearly_same(&own),
        };
        if is_it {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Values that an article takes over from its published state.
pub(super) struct KeptValues {
    content_sha256: String,
    revision: u32,
    first_seen_ms: i64,
    updated_ms: i64,
    published_on: Option<String>,
    published_ms: Option<i64>,
}

from_row!(KeptValues: content_sha256, revision, first_seen_ms, updated_ms, published_on, published_ms);

impl KeptValues {
    /// The values kept for this id.
    pub(super) async fn load(
        tx: &mut EngineConnection,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT content_sha256, revision, first_seen_ms, updated_ms, published_on, published_ms
             FROM kept_ids WHERE id = ?",
        )
        .bind(id)
        .fetch_optional(tx)
        .await?)
    }

    /// The publication date, which does not change.
    pub(super) fn publication(&self) -> Metadata {
        let day = self.published_on.as_deref();
        Metadata {
            published_on: day.and_then(|day| day.parse::<NaiveDate>().ok()),
            published_at: self.published_ms.and_then(Timestamp::from_millis),
            ..Metadata::default()
        }
    }

    /// Gives the kept values to an article that was found again. If its text is as published, it
    /// keeps its revision and its times; otherwise it becomes a further revision.
    pub(super) async fn apply_to(
        &self,
        tx: &mut EngineConnection,
        article: &mut Article,
    ) -> Result<(), StoreError> {
        if let Some(first_seen) = Timestamp::from_millis(self.first_seen_ms) {
            article.first_seen_at = first_seen;
        }
        let is_same = self.content_sha256 == article.content_sha256;
        article.revision = self.revision.saturating_add(u32::from(!is_same));
        let taken: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM articles WHERE updated_ms = ?)")
                .bind(self.updated_ms)
                .fetch_one(&mut *tx)
                .await?;
        if let Some(updated) = Timestamp::from_millis(self.updated_ms).filter(|_| is_same && !taken)
        {
            article.updated_at = updated;
        }
        sqlx::query("DELETE FROM kept_ids WHERE id = ?")
            .bind(article.id.to_string())
            .execute(tx)
            .await?;
        Ok(())
    }
}
