//! Puts tombstones in the place of an article's text.
//!
//! Owns the states that are overwritten; triggers delete the texts to which nothing refers then. Never touches the archive or the published files.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;
use url::Url;

use crate::identify::CanonicalUrl;
use crate::model::{Article, ChangeKind, IndexNumber, Timestamp};
use crate::store::StoreError;
use crate::store::article::kept_ids::{self, remove_url};
use crate::store::article::mended_change;
use crate::store::article::write_change::{next_timestamp, write_change};
use crate::store::driver::EngineConnection;
use crate::store::rows::{CHANGE, StoredChange, sum};

/// Traces that a removed article leaves elsewhere in the store.
#[derive(Default)]
pub(super) struct Traces {
    /// All its titles.
    titles: BTreeSet<String>,
    /// The addresses of all its pictures and attached files, by portal.
    pub(super) files: BTreeMap<String, BTreeSet<String>>,
}

impl Traces {
    fn add(&mut self, state: &Article) {
        self.titles.insert(state.title.clone());
        let portal = self.files.entry(state.portal.clone()).or_default();
        portal.extend(state.body.files().map(Url::to_string));
    }

    /// Takes the titles out of messages, also where they stand quoted with escapes.
    pub(super) async fn scrub(&self, tx: &mut EngineConnection) -> Result<(), StoreError> {
        for title in self.titles.iter().filter(|title| !title.trim().is_empty()) {
            let quoted = format!("{title:?}");
            let quoted = quoted.get(1..quoted.len() - 1).unwrap_or_default();
            for words in [title.as_str(), quoted] {
                for table in [
                    "UPDATE incidents SET message = replace(message, ?1, '…')
                     WHERE instr(message, ?1) > 0",
                    "UPDATE incidents SET first_message = replace(first_message, ?1, '…')
                     WHERE instr(first_message, ?1) > 0",
                    "UPDATE columns SET message = replace(message, ?1, '…')
                     WHERE instr(message, ?1) > 0",
                ] {
                    sqlx::query(table).bind(words).execute(&mut *tx).await?;
                }
            }
        }
        Ok(())
    }
}

/// Puts tombstones in the place of all states of one article, notes its addresses, and returns its
/// last title; `None` where it was removed before.
pub(super) async fn put(
    tx: &mut EngineConnection,
    now: Timestamp,
    id: &str,
    reason: &str,
    traces: &mut Traces,
) -> Result<Option<String>, StoreError> {
    let query = format!("SELECT {CHANGE} FROM changes c WHERE c.article_id = ? ORDER BY c.seq");
    let mut states: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
        .bind(id)
        .fetch_all(&mut *tx)
        .await?;
    let mut last: Option<Article> = None;
    let mut urls: BTreeMap<CanonicalUrl, Url> = BTreeMap::new();
    for row in &states {
        // A damaged row goes as well as a whole one.
        let state = match row.read() {
            Ok(change) => change.article,
            Err(_) => match mended_change(tx, row)
                .await?
                .and_then(|row| row.read().ok())
            {
                Some(change) => change.article,
                None => continue,
            },
        };
        traces.add(&state);
        for url in std::iter::once(&state.url).chain(&state.aliases) {
            urls.insert(CanonicalUrl::from(url), url.clone());
        }
        last = Some(state);
    }
    let Some(article) = last.filter(|article| !article.is_tombstone()) else {
        return Ok(None);
    };
    for url in page_urls(tx, id).await? {
        urls.insert(CanonicalUrl::from(&url), url);
    }
    let at = next_timestamp(tx, now).await?;
    note(tx, at, &article, reason).await?;
    for (canonical, url) in &urls {
        remove_url(tx, &article.portal, url, id).await?;
        forget_item(tx, &article.portal, canonical, id).await?;
    }
    let tombstone = article.tombstone(at);
    let json = serde_json::to_string(&tombstone)
        .map_err(|e| StoreError::unreadable(format!("article {id}"), e))?;
    for row in &mut states {
        row.article = json.clone().into_bytes();
        sqlx::query("UPDATE changes SET article = ?, text_id = NULL, sum = ? WHERE seq = ?")
            .bind(&json)
            .bind(sum::sum(&row.parts()))
            .bind(row.seq)
            .execute(&mut *tx)
            .await?;
    }
    write_change(tx, at, &tombstone, ChangeKind::Removed).await?;
    Ok(Some(article.title))
}

/// Deletes an article's pages. Their titles count as its titles: an alias may have one of its own.
pub(super) async fn delete_pages(
    tx: &mut EngineConnection,
    id: &str,
    traces: &mut Traces,
) -> Result<(), StoreError> {
    let titles: Vec<String> = sqlx::query_scalar(
        "SELECT content ->> 'title' FROM pages WHERE article_id = ? AND content ->> 'title' <> ''",
    )
    .bind(id)
    .fetch_all(&mut *tx)
    .await?;
    traces.titles.extend(titles);
    sqlx::query("DELETE FROM pages WHERE article_id = ?")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// The addresses of an article's pages, and the addresses of the captures that they were read from.
async fn page_urls(tx: &mut EngineConnection, id: &str) -> Result<Vec<Url>, StoreError> {
    let urls: Vec<String> = sqlx::query_scalar(
        "SELECT url FROM pages WHERE article_id = ?1
         UNION SELECT c.url FROM captures c JOIN pages p ON p.capture = c.id
             WHERE p.article_id = ?1",
    )
    .bind(id)
    .fetch_all(tx)
    .await?;
    let urls = urls.iter().map(|url| Url::parse(url));
    urls.collect::<Result<_, _>>()
        .map_err(|e| StoreError::unreadable("page URL", e))
}

/// Notes the removal, with the number and the sketch by which the article is recognised.
async fn note(
    tx: &mut EngineConnection,
    at: Timestamp,
    article: &Article,
    reason: &str,
) -> Result<(), StoreError> {
    let metadata = &article.metadata;
    let sketch = kept_ids::sketch(&article.title, metadata, &article.body.body_text);
    sqlx::query(
        "INSERT INTO removals (id, portal, at_ms, reason, index_number, title_sha256, sketch)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(article.id.to_string())
    .bind(&article.portal)
    .bind(at.millis())
    .bind(reason)
    .bind(metadata.index_number.as_ref().map(IndexNumber::as_str))
    .bind(&sketch.title_sha256)
    .bind(kept_ids::sketch_json(&sketch)?)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the article's title out of the queue, unless another article now stands at the address.
pub(super) async fn forget_item(
    tx: &mut EngineConnection,
    portal: &str,
    url: &CanonicalUrl,
    id: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE items SET title = '', done = 1, reason = NULL, message = NULL, held = NULL
         WHERE portal = ?1 AND canonical_url = ?2 AND NOT EXISTS
             (SELECT 1 FROM pages p WHERE p.portal = ?1 AND p.canonical_url = ?2
              AND p.article_id <> ?3)",
    )
    .bind(portal)
    .bind(url.as_str())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}
