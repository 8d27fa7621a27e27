//! Recognises pages that show a removed article, and turns them away.
//!
//! Owns the rules by which a page counts as a removed article's. Never removes an article.

use super::tombstone::forget_item;
use crate::identify::{CanonicalUrl, Sketch, entry_id_candidates};
use crate::model::{IndexNumber, Timestamp};
use crate::store::article::content::ReadPage;
use crate::store::article::kept_ids::{self, remove_url};
use crate::store::article::page_row::own_number;
use crate::store::driver::EngineConnection;
use crate::store::rows::from_row;
use crate::store::{StoreError, incidents};

/// The removed article that a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store::article) struct Recognised {
    id: String,
    /// Whether only the number says so: of the article, only its tombstone is known.
    by_number_alone: bool,
}

/// An article that was removed.
struct RemovedRow {
    id: String,
    index_number: Option<String>,
    /// `None` if only the tombstone is known.
    sketch: Option<String>,
    /// Whether it stood at the page's address.
    is_there: bool,
}

from_row!(RemovedRow: id, index_number, sketch, is_there);

/// The removed article that this page shows: first by its address, then by number and text. Where
/// only the tombstone is known, by the id that the page would be given.
pub(in crate::store::article) async fn shown_by(
    tx: &mut EngineConnection,
    page: &ReadPage,
    url: &CanonicalUrl,
) -> Result<Option<Recognised>, StoreError> {
    let removed: Vec<RemovedRow> = sqlx::query_as(
        "SELECT id, NULL AS index_number, NULL AS sketch, 1 AS is_there FROM removed_urls
         WHERE portal = ?1 AND canonical_url = ?2
           -- Unless another article has stood there since.
           AND NOT EXISTS (SELECT 1 FROM pages WHERE portal = ?1 AND canonical_url = ?2)
         UNION ALL SELECT id, index_number, sketch, 0 FROM removals WHERE portal = ?1",
    )
    .bind(&page.portal)
    .bind(url.as_str())
    .fetch_all(&mut *tx)
    .await?;
    if let Some(there) = removed.iter().find(|row| row.is_there) {
        return Ok(Some(Recognised {
            id: there.id.clone(),
            by_number_alone: false,
        }));
    }
    if removed.is_empty() {
        return Ok(None);
    }
    let number = own_number(tx, &page.portal, &page.content).await?;
    let own = kept_ids::sketch_of(&page.content);
    let minted = entry_id_candidates(&page.portal, number, url).next();
    let minted = minted.map(|id| id.to_string());
    for row in removed {
        let is_shown = match &row.sketch {
            Some(sketch) => {
                let theirs = row.index_number.as_deref();
                is_same_article((theirs, &kept_ids::parse_sketch(sketch)?), (number, &own))
            }
            None => {
                minted.as_ref() == Some(&row.id)
                    && !is_known_otherwise(tx, page, url, number).await?
            }
        };
        if is_shown {
            return Ok(Some(Recognised {
                id: row.id,
                by_number_alone: row.sketch.is_none(),
            }));
        }
    }
    Ok(None)
}

/// Whether a page shows a removed article, by the numbers and the texts of both.
fn is_same_article(
    (their_number, removed): (Option<&str>, &Sketch),
    (own_number, own): (Option<&IndexNumber>, &Sketch),
) -> bool {
    match (their_number, own_number.map(IndexNumber::as_str)) {
        (Some(theirs), Some(own_number)) if theirs == own_number => removed.is_like(own),
        // Two numbers are two articles, even where their texts are equal.
        (Some(_), Some(_)) => false,
        // What was removed must not come back, not even where title and day alone say that it is it.
        _ => removed.is_nearly_same(own) || removed.is_as_bare(own),
    }
}

/// Whether the page belongs to an article that is stored, or that was published: portals give one
/// number to several.
async fn is_known_otherwise(
    tx: &mut EngineConnection,
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

/// Turns away a page that shows a removed article: from now on its addresses count as the
/// article's. Where only the number says so, an incident asks a person to look.
pub(in crate::store::article) async fn turn_away(
    tx: &mut EngineConnection,
    now: Timestamp,
    page: &ReadPage,
    removed: &Recognised,
) -> Result<(), StoreError> {
    let id = removed.id.as_str();
    if removed.by_number_alone {
        let message = format!(
            "{}: bears the number of the article {id}, which was removed before this store was \
             restored, and is taken for it: it is not published, and not read again. Look at the \
             page; if it is another article, restore a backup of the store, which tells them apart",
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
