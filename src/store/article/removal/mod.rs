//! Removing an article: its text goes for good, and does not come back.
//!
//! Owns the list of places in the store that hold an article's text, and the rules by which a page
//! counts as a removed article's. Never touches the archive or the published files.

mod recognise;
mod tombstone;

use std::collections::BTreeSet;

use serde::Serialize;
use url::Url;
use uuid::Uuid;

use self::tombstone::Traces;
use super::kept_ids::{BEFORE, keep_removed};
use super::{Articles, sound_in, stored};
use crate::archive::CapturePlace;
use crate::identify::CanonicalUrl;
use crate::model::{Article, ColumnName, Timestamp};
use crate::store::driver::EngineConnection;
use crate::store::rows::{capture_place, parse_id};
use crate::store::{StoreError, kept_files};

pub(super) use recognise::{shown_by, turn_away};

/// An article that was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// Its id.
    pub id: Uuid,
    /// The portal whose id it has.
    #[serde(skip)]
    pub portal: String,
    /// The time of the removal.
    pub at: Timestamp,
    /// The operator's reason.
    pub reason: String,
    /// Whether it is out of the archive and the published files, too.
    pub is_complete: bool,
}

/// A removal as far as the store did it: input for erasing in the archive and the published files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// The article, and those that turned out to be the same one, each with its title; without a
    /// title where it was removed before.
    pub articles: Vec<(Uuid, Option<String>)>,
    /// The columns that listed it.
    pub columns: BTreeSet<ColumnName>,
    /// All its addresses.
    pub urls: BTreeSet<CanonicalUrl>,
    /// Captures of these addresses that other articles were read from.
    pub spared: BTreeSet<CapturePlace>,
    /// Other articles that now stand at one of these addresses, in any portal's columns.
    pub standing: BTreeSet<(Uuid, Url)>,
}

impl Articles<'_> {
    /// Removes an article, and those that turned out to be the same one. Of its text only free
    /// space is left, which [`Store::shred`](crate::store::Store::shred) clears. `None` where no
    /// article has the id. For an article that was removed before, the answer has the data for a
    /// second try.
    pub async fn remove(
        self,
        now: Timestamp,
        id: Uuid,
        reason: &str,
    ) -> Result<Option<Removed>, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(family) = family(&mut tx, &id.to_string()).await? else {
            return Ok(None);
        };
        let mut removed = Removed::default();
        let mut traces = Traces::default();
        for id in &family {
            let title = tombstone::put(&mut tx, now, id, reason, &mut traces).await?;
            removed.articles.push((parse_id(id)?, title));
        }
        for id in &family {
            tombstone::delete_pages(&mut tx, id, &mut traces).await?;
        }
        traces.scrub(&mut tx).await?;
        for (portal, urls) in &traces.files {
            kept_files::remove(&mut tx, portal, urls).await?;
        }
        for id in &family {
            add_rest(&mut tx, id, &mut removed).await?;
        }
        tx.commit().await?;
        Ok(Some(removed))
    }

    /// Removes the articles of these tombstones that the store has, and keeps the others from ever
    /// coming: they were removed from the store that this one replaces. Returns their ids.
    pub async fn stay_removed(
        self,
        now: Timestamp,
        tombstones: &[Article],
    ) -> Result<Vec<Uuid>, StoreError> {
        let mut gone: BTreeSet<Uuid> = BTreeSet::new();
        let before: BTreeSet<Uuid> = self.removals().await?.iter().map(|one| one.id).collect();
        for tombstone in tombstones {
            let id = tombstone.id;
            if before.contains(&id) || !gone.insert(id) {
                continue;
            }
            if self.remove(now, id, BEFORE).await?.is_none() {
                let mut tx = self.store.begin().await?;
                keep_removed(&mut tx, tombstone, false).await?;
                tx.commit().await?;
            }
        }
        Ok(gone.into_iter().collect())
    }

    /// Notes that an article, and those that turned out to be the same one, are out of the archive
    /// and the published files, too.
    pub async fn complete_removal(self, removed: &Removed) -> Result<(), StoreError> {
        for (id, _) in &removed.articles {
            sqlx::query("UPDATE removals SET is_complete = 1 WHERE id = ?")
                .bind(id.to_string())
                .execute(&self.store.pool)
                .await?;
        }
        Ok(())
    }

    /// The removals so far, oldest first.
    pub async fn removals(self) -> Result<Vec<Removal>, StoreError> {
        let rows: Vec<(String, String, i64, String, bool)> = sqlx::query_as(
            "SELECT id, portal, at_ms, reason, is_complete FROM removals ORDER BY at_ms, id",
        )
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(id, portal, at, reason, is_complete)| {
                Ok(Removal {
                    id: parse_id(&id)?,
                    portal,
                    at: Timestamp::from_millis(at)
                        .ok_or_else(|| StoreError::unreadable("removal", "time out of range"))?,
                    reason,
                    is_complete,
                })
            })
            .collect()
    }
}

/// The ids of all articles that are one with this one: the article that it turned out to be, and
/// every other that turned out to be that.
async fn family(tx: &mut EngineConnection, id: &str) -> Result<Option<Vec<String>>, StoreError> {
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
    // It may have been removed before the store was restored.
    let was_removed: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM removals WHERE id = ?)")
            .bind(id)
            .fetch_one(tx)
            .await?;
    Ok(was_removed.then(|| vec![id.to_owned()]))
}

/// Adds one article's data for erasing in the archive and the published files.
async fn add_rest(
    tx: &mut EngineConnection,
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
    let spared = spared.into_iter().filter_map(capture_place);
    removed.spared.extend(spared);
    let standing: Vec<(String, String)> = sqlx::query_as(
        "SELECT p.article_id, p.url FROM pages p
         JOIN removed_urls r ON r.canonical_url = p.canonical_url
         WHERE r.id = ? AND p.article_id IS NOT NULL",
    )
    .bind(id)
    .fetch_all(&mut *tx)
    .await?;
    for (other, url) in standing {
        let url = Url::parse(&url).map_err(|e| StoreError::unreadable("page URL", e))?;
        removed.standing.insert((parse_id(&other)?, url));
    }
    if let Some(row) = stored(tx, id).await? {
        removed.columns.extend(sound_in(tx, &row).await?.columns);
    }
    Ok(())
}
