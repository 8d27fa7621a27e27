//! Removing an article: its text goes for good, and does not come back.
//!
//! Owns what of the store holds an article's text, and how a page is known for that of a removed
//! article. Never touches the archive or what is published.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::SqliteConnection;
use url::Url;
use uuid::Uuid;

use super::content::ReadPage;
use super::kept_ids::{self, remove_url};
use super::page_row::is_known_template;
use super::refresh::{next_instant, write_change};
use crate::identify::{CanonicalUrl, entry_id_candidates};
use crate::model::{Article, ChangeKind, ColumnName, IndexNumber, Timestamp};
use crate::store::rows::parse_id;
use crate::store::{Store, StoreError, incidents, pictures};

/// So many captures are taken out of the index with one commit.
const FORGOTTEN_AT_ONCE: usize = 500;

/// An article that was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Why, in the operator's words.
    pub reason: String,
    /// Whether it is out of the archive and the published files, too.
    pub is_complete: bool,
}

/// What the store has let go of, for those who go on with the archive and the published files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// The article, and those that had turned out to be it, with the titles that they had; none
    /// of one that was removed before.
    pub articles: Vec<(Uuid, Option<String>)>,
    /// The columns that listed it.
    pub columns: BTreeSet<ColumnName>,
    /// All addresses at which it stood.
    pub urls: BTreeSet<CanonicalUrl>,
    /// Captures of these addresses that other articles were read from: file and offset.
    pub spared: BTreeSet<(String, u64)>,
    /// Other articles that stand at one of these addresses by now, be it in another portal's columns.
    pub standing: BTreeSet<(Uuid, Url)>,
}

impl Store {
    /// Removes an article, and with it those that turned out to be the same one: of its text nothing
    /// is left but free space, which [`Store::shred`] clears. `None` where no article has the id. Of
    /// one that was removed before, it says what there is to know for going on.
    pub async fn remove(
        &self,
        now: Timestamp,
        id: Uuid,
        reason: &str,
    ) -> Result<Option<Removed>, StoreError> {
        let mut tx = self.begin().await?;
        let Some(family) = family(&mut tx, &id.to_string()).await? else {
            return Ok(None);
        };
        let mut titles = BTreeSet::new();
        let mut removed = Removed::default();
        let mut shown = BTreeMap::new();
        for id in &family {
            let title = remove(&mut tx, now, id, reason, (&mut titles, &mut shown)).await?;
            removed.articles.push((parse_id(id)?, title));
        }
        for id in &family {
            titles.extend(page_titles(&mut tx, id).await?);
            sqlx::query("DELETE FROM pages WHERE article_id = ?")
                .bind(id)
                .execute(&mut *tx)
                .await?;
        }
        scrub(&mut tx, &titles).await?;
        for (portal, urls) in &shown {
            pictures::remove(&mut tx, portal, urls).await?;
        }
        for id in &family {
            tell_rest(&mut tx, id, &mut removed).await?;
        }
        tx.commit().await?;
        Ok(Some(removed))
    }

    /// Notes that an article, and those that had turned out to be it, are out of the archive and the
    /// published files, too.
    pub async fn complete_removal(&self, removed: &Removed) -> Result<(), StoreError> {
        for (id, _) in &removed.articles {
            sqlx::query("UPDATE removals SET is_complete = 1 WHERE id = ?")
                .bind(id.to_string())
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    /// The removals so far, oldest first.
    pub async fn removals(&self) -> Result<Vec<Removal>, StoreError> {
        let rows: Vec<(String, i64, String, bool)> = sqlx::query_as(
            "SELECT id, at_ms, reason, is_complete FROM removals ORDER BY at_ms, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, at, reason, is_complete)| {
                Ok(Removal {
                    id: parse_id(&id)?,
                    at: Timestamp::from_millis(at)
                        .ok_or_else(|| StoreError::record("removal", "time out of range"))?,
                    reason,
                    is_complete,
                })
            })
            .collect()
    }

    /// Clears what was deleted from the database's file and from its log, which otherwise keep it until
    /// its place is used again. `false` where another process reads just now, and the log has to wait.
    pub async fn shred(&self) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        let (busy, ..): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *connection)
            .await?;
        Ok(busy == 0)
    }
}

/// The article that this one is or has turned out to be, and all that turned out to be that one.
async fn family(tx: &mut SqliteConnection, id: &str) -> Result<Option<Vec<String>>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar(
        "WITH RECURSIVE up (id) AS (
             SELECT id FROM articles WHERE id = ?1
             UNION SELECT a.absorbed_by FROM articles a JOIN up ON a.id = up.id
                 WHERE a.absorbed_by IS NOT NULL
         ), down (id) AS (
             SELECT id FROM up
             UNION SELECT a.id FROM articles a JOIN down ON a.absorbed_by = down.id
         )
         SELECT id FROM down ORDER BY id <> ?1, id",
    )
    .bind(id)
    .fetch_all(&mut *tx)
    .await?;
    if !ids.is_empty() {
        return Ok(Some(ids));
    }
    // One that was removed before the store was made anew from published dumps.
    let was_removed: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM removals WHERE id = ?)")
            .bind(id)
            .fetch_one(tx)
            .await?;
    Ok(was_removed.then(|| vec![id.to_owned()]))
}

/// The addresses of pictures, by portal.
type Shown = BTreeMap<String, BTreeSet<String>>;

/// Puts tombstones in the place of one article's text, notes all its addresses, and gives its title.
/// Tells all titles that it had, and all pictures that it showed.
async fn remove(
    tx: &mut SqliteConnection,
    now: Timestamp,
    id: &str,
    reason: &str,
    (titles, shown): (&mut BTreeSet<String>, &mut Shown),
) -> Result<Option<String>, StoreError> {
    let states: Vec<String> =
        sqlx::query_scalar("SELECT article FROM changes WHERE article_id = ? ORDER BY seq")
            .bind(id)
            .fetch_all(&mut *tx)
            .await?;
    let broken = |e: serde_json::Error| StoreError::record(format!("article {id}"), e);
    let mut article: Option<Article> = None;
    let mut urls: BTreeMap<CanonicalUrl, Url> = BTreeMap::new();
    for json in &states {
        let state: Article = serde_json::from_str(json).map_err(broken)?;
        titles.insert(state.title.clone());
        let images = state.body.images.iter();
        let images = images.map(|image| image.url.to_string());
        shown
            .entry(state.portal.clone())
            .or_default()
            .extend(images);
        for url in std::iter::once(&state.url).chain(&state.aliases) {
            urls.insert(CanonicalUrl::from(url), url.clone());
        }
        article = Some(state);
    }
    let Some(article) = article.filter(|article| !article.is_tombstone()) else {
        return Ok(None);
    };
    for url in page_urls(tx, id).await? {
        urls.insert(CanonicalUrl::from(&url), url);
    }
    let at = next_instant(tx, now).await?;
    note(tx, at, &article, reason).await?;
    let portal = &article.portal;
    for (canonical, url) in &urls {
        remove_url(tx, portal, url, id).await?;
        forget_item(tx, portal, canonical, id).await?;
    }
    let tombstone = article.tombstone(at);
    let json = serde_json::to_string(&tombstone).map_err(broken)?;
    sqlx::query("UPDATE changes SET article = ? WHERE article_id = ?")
        .bind(json)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    write_change(tx, at, &tombstone, ChangeKind::Removed).await?;
    Ok(Some(article.title))
}

/// The addresses of an article's pages, and those at which their captures were made in the end.
async fn page_urls(tx: &mut SqliteConnection, id: &str) -> Result<Vec<Url>, StoreError> {
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
        .map_err(|e| StoreError::record("page URL", e))
}

/// Notes the removal, and by what the article is recognised.
async fn note(
    tx: &mut SqliteConnection,
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
    .bind(kept_ids::written(&sketch)?)
    .execute(tx)
    .await?;
    Ok(())
}

/// What lists say of the article goes, unless another one stands at the address by now.
async fn forget_item(
    tx: &mut SqliteConnection,
    portal: &str,
    url: &CanonicalUrl,
    id: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE items SET title = '', done = 1, reason = NULL, held = NULL
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

/// The titles on the article's pages: an alias may have another one than the article.
async fn page_titles(tx: &mut SqliteConnection, id: &str) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT content ->> 'title' FROM pages WHERE article_id = ? AND content ->> 'title' <> ''",
    )
    .bind(id)
    .fetch_all(tx)
    .await?)
}

/// Takes its titles out of what was said about it, also where they were written as programs quote.
async fn scrub(tx: &mut SqliteConnection, titles: &BTreeSet<String>) -> Result<(), StoreError> {
    for title in titles.iter().filter(|title| !title.trim().is_empty()) {
        let quoted = format!("{title:?}");
        let quoted = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        for words in [title.as_str(), quoted] {
            for table in [
                "UPDATE incidents SET message = replace(message, ?1, '…') WHERE instr(message, ?1)",
                "UPDATE incidents SET first_message = replace(first_message, ?1, '…')
                 WHERE instr(first_message, ?1)",
                "UPDATE columns SET message = replace(message, ?1, '…') WHERE instr(message, ?1)",
            ] {
                sqlx::query(table).bind(words).execute(&mut *tx).await?;
            }
        }
    }
    Ok(())
}

/// What the archive and the published tree need to know.
async fn tell_rest(
    tx: &mut SqliteConnection,
    id: &str,
    removed: &mut Removed,
) -> Result<(), StoreError> {
    let urls: Vec<String> =
        sqlx::query_scalar("SELECT canonical_url FROM removed_urls WHERE id = ?")
            .bind(id)
            .fetch_all(&mut *tx)
            .await?;
    let urls = urls.into_iter().map(CanonicalUrl::from_stored);
    removed.urls.extend(urls);
    let spared: Vec<(String, i64)> = sqlx::query_as(
        "SELECT c.file, c.offset FROM captures c JOIN pages p ON p.capture = c.id
         JOIN removed_urls r ON r.canonical_url = p.canonical_url
         WHERE r.id = ?",
    )
    .bind(id)
    .fetch_all(&mut *tx)
    .await?;
    let spared = spared.into_iter();
    removed
        .spared
        .extend(spared.filter_map(|(file, offset)| Some((file, u64::try_from(offset).ok()?))));
    let standing: Vec<(String, String)> = sqlx::query_as(
        "SELECT p.article_id, p.url FROM pages p
         JOIN removed_urls r ON r.canonical_url = p.canonical_url
         WHERE r.id = ? AND p.article_id IS NOT NULL",
    )
    .bind(id)
    .fetch_all(&mut *tx)
    .await?;
    for (other, url) in standing {
        let url = Url::parse(&url).map_err(|e| StoreError::record("page URL", e))?;
        removed.standing.insert((parse_id(&other)?, url));
    }
    let json: Option<Option<String>> =
        sqlx::query_scalar("SELECT article FROM articles WHERE id = ?")
            .bind(id)
            .fetch_optional(tx)
            .await?;
    if let Some(json) = json.flatten() {
        let article: Article = serde_json::from_str(&json)
            .map_err(|e| StoreError::record(format!("article {id}"), e))?;
        removed.columns.extend(article.columns);
    }
    Ok(())
}

/// Whether a removed article stood at this address, and no other one has since.
pub(in crate::store) async fn is_removed_url(
    tx: &mut SqliteConnection,
    portal: &str,
    url: &CanonicalUrl,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM removed_urls WHERE portal = ?1 AND canonical_url = ?2)
            AND NOT EXISTS (SELECT 1 FROM pages WHERE portal = ?1 AND canonical_url = ?2)",
    )
    .bind(portal)
    .bind(url.as_str())
    .fetch_one(tx)
    .await?)
}

/// The removed article that a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recognised {
    id: String,
    /// Nothing but its number says so: of the article no more is known than its tombstone.
    by_number_alone: bool,
}

/// The removed article that this page shows: by its address; by its number, or without one by its
/// title and day, when the text is like; or, where only its tombstone is known, by the id that it
/// would be given, unless it is known for another article.
pub(super) async fn shown_by(
    tx: &mut SqliteConnection,
    page: &ReadPage,
    url: &CanonicalUrl,
) -> Result<Option<Recognised>, StoreError> {
    let at_address: Option<String> = sqlx::query_scalar(
        "SELECT id FROM removed_urls WHERE portal = ?1 AND canonical_url = ?2
            AND NOT EXISTS (SELECT 1 FROM pages WHERE portal = ?1 AND canonical_url = ?2)",
    )
    .bind(&page.portal)
    .bind(url.as_str())
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(id) = at_address {
        return Ok(Some(Recognised {
            id,
            by_number_alone: false,
        }));
    }
    let rows: Vec<(String, Option<String>, Option<String>)> =
        sqlx::query_as("SELECT id, index_number, sketch FROM removals WHERE portal = ?")
            .bind(&page.portal)
            .fetch_all(&mut *tx)
            .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let number = match &page.content.metadata.index_number {
        Some(number) if !is_known_template(tx, &page.portal, number.as_str()).await? => {
            Some(number)
        }
        _ => None,
    };
    let own = kept_ids::sketch_of(&page.content);
    let minted = entry_id_candidates(&page.portal, number, url).next();
    for (id, their_number, sketch) in rows {
        let bears_number = number.is_some_and(|own| their_number.as_deref() == Some(own.as_str()));
        // Two numbers are two articles, be they word for word the same.
        let is_other = number.is_some() && their_number.is_some() && !bears_number;
        let by_number_alone = sketch.is_none();
        let is_it = match sketch {
            Some(sketch) => {
                let sketch = kept_ids::read(&sketch)?;
                !is_other && sketch.is_nearly_same(&own) || bears_number && sketch.is_like(&own)
            }
            None => {
                minted.is_some_and(|minted| minted.to_string() == id)
                    && !is_known_otherwise(tx, page, url, number).await?
            }
        };
        if is_it {
            return Ok(Some(Recognised {
                id,
                by_number_alone,
            }));
        }
    }
    Ok(None)
}

/// Whether an article that is there stands on the page, or one that was published: portals give one
/// number to several.
async fn is_known_otherwise(
    tx: &mut SqliteConnection,
    page: &ReadPage,
    url: &CanonicalUrl,
    number: Option<&IndexNumber>,
) -> Result<bool, StoreError> {
    let is_there: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM pages WHERE portal = ? AND canonical_url = ?)",
    )
    .bind(&page.portal)
    .bind(url.as_str())
    .fetch_one(&mut *tx)
    .await?;
    if is_there {
        return Ok(true);
    }
    let kept = kept_ids::id_of(tx, &page.portal, url, number, &page.content).await?;
    Ok(kept.is_some())
}

/// Turns away a page that shows a removed article: its address counts as the article's from now on.
/// Where the number alone speaks for that, somebody should look.
pub(super) async fn turn_away(
    tx: &mut SqliteConnection,
    now: Timestamp,
    page: &ReadPage,
    removed: &Recognised,
) -> Result<(), StoreError> {
    let id = removed.id.as_str();
    if removed.by_number_alone {
        let message = format!(
            "{}: bears the number of the article {id}, which was removed before this store was \
             restored from published dumps, and is taken for it: it is not published, and not read \
             again. Look at the page; if it is another article, restore a backup of the store, \
             which tells them apart",
            page.url
        );
        incidents::note(tx, now, "removed-number", page.url.as_str(), &message).await?;
    }
    for url in [&page.url, &page.found_at] {
        let canonical = CanonicalUrl::from(url);
        remove_url(tx, &page.portal, url, id).await?;
        forget_item(tx, &page.portal, &canonical, id).await?;
    }
    Ok(())
}

impl Store {
    /// Whether an article that is there stands at this address, in whichever portal.
    pub async fn is_page(&self, url: &CanonicalUrl) -> Result<bool, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pages WHERE canonical_url = ?)")
                .bind(url.as_str())
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// Where the captures of these addresses are, file and offset, from which no article was read.
    pub async fn captures_of(&self, urls: &[&Url]) -> Result<Vec<(String, u64)>, StoreError> {
        let mut places = Vec::new();
        for url in urls {
            let rows: Vec<(String, i64)> = sqlx::query_as(
                "SELECT file, offset FROM captures WHERE url = ?
                       AND id NOT IN (SELECT capture FROM pages WHERE capture IS NOT NULL)",
            )
            .bind(url.as_str())
            .fetch_all(&self.pool)
            .await?;
            let rows = rows.into_iter();
            places.extend(rows.filter_map(|(file, at)| Some((file, u64::try_from(at).ok()?))));
        }
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// Takes captures out of the index that are no more in the archive, some at a time: whoever collects
    /// meanwhile need not wait for all.
    pub async fn forget_captures(&self, places: &[(String, u64)]) -> Result<(), StoreError> {
        for some in places.chunks(FORGOTTEN_AT_ONCE) {
            let mut tx = self.begin().await?;
            for (file, at) in some {
                let Ok(at) = i64::try_from(*at) else {
                    continue;
                };
                sqlx::query(
                    "UPDATE pages SET capture = NULL WHERE capture IN
                         (SELECT id FROM captures WHERE file = ?1 AND offset = ?2)",
                )
                .bind(file)
                .bind(at)
                .execute(&mut *tx)
                .await?;
                sqlx::query("DELETE FROM captures WHERE file = ? AND offset = ?")
                    .bind(file)
                    .bind(at)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}
