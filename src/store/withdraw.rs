//! Pages that are gone, articles that are withdrawn, and articles that turn out to be another.

use chrono::TimeDelta;
use sqlx::SqliteConnection;
use url::Url;

use super::from_row::from_row;
use super::refresh::{By, next_instant, refresh, write_change};
use super::{Store, StoreError, incidents, pages};
use crate::identify::CanonicalUrl;
use crate::model::{Article, ChangeKind, Instant};

/// Between the looks that tell whether a page is gone.
const SECOND_LOOK: TimeDelta = TimeDelta::days(1);
/// Withdrawn articles are looked at again this often,
const MONTH: TimeDelta = TimeDelta::days(30);
/// for so long.
const YEAR: TimeDelta = TimeDelta::days(365);

/// The code of an incident: much of a portal is gone at once.
const MASS_MISSING: &str = "mass-missing";

/// What a look at an article's page came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It answered, and the article is as it was.
    Unchanged,
    /// It answered, and the article was withdrawn before.
    Restored,
    /// It was not there; it is looked at again before anything follows from that.
    Missing,
    /// It was not there for the second time, and neither is any other page of its article.
    Withdrawn,
    /// The same, but with much of the portal: nothing follows until a person has looked.
    MassMissing,
}

impl Store {
    /// Notes that a page is as it was (304).
    pub async fn note_unchanged(
        &self,
        now: Instant,
        portal: &str,
        url: &Url,
    ) -> Result<Look, StoreError> {
        let mut tx = self.begin().await?;
        let Some(page) = gone_page(&mut tx, portal, url).await? else {
            return Ok(Look::Unchanged);
        };
        let first_seen = Instant::from_millis(page.first_seen_ms).unwrap_or(now);
        pages::answered(&mut tx, now, page.found, first_seen, None).await?;
        close_mass_missing(&mut tx, now, portal).await?;
        let kind = refresh(&mut tx, now, &page.article_id, By::Portal).await?;
        tx.commit().await?;
        Ok(match kind {
            Some(ChangeKind::Restored) => Look::Restored,
            _ => Look::Unchanged,
        })
    }

    /// Notes that a page could not be judged: nothing follows, and it is looked at again as any
    /// page of its age, and a last time after two months.
    pub async fn put_off_look(
        &self,
        now: Instant,
        portal: &str,
        url: &Url,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let Some(page) = gone_page(&mut tx, portal, url).await? else {
            return Ok(());
        };
        let first_seen = Instant::from_millis(page.first_seen_ms).unwrap_or(now);
        let last = first_seen.plus(MONTH * 2);
        let first_gone = page.gone_ms.and_then(Instant::from_millis).unwrap_or(now);
        let next = match page.gone_looks {
            0 => pages::next_look(first_seen, now).or(Some(last).filter(|last| *last > now)),
            // Nothing is decided by a look in vain: missing pages go on being looked for.
            1 => Some(now.plus(SECOND_LOOK)),
            _ => Some(now.plus(MONTH)).filter(|next| *next <= first_gone.plus(YEAR)),
        };
        sqlx::query("UPDATE pages SET looked_ms = ?, next_check_ms = ? WHERE found = ?")
            .bind(now.millis())
            .bind(next.map(Instant::millis))
            .bind(page.found)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes that a page is not there (404, 410). When that was so a day ago too, and no page of
    /// its article is left, and the portal otherwise stands, the article is withdrawn.
    pub async fn note_missing(
        &self,
        now: Instant,
        portal: &str,
        url: &Url,
    ) -> Result<Look, StoreError> {
        let mut tx = self.begin().await?;
        let Some(page) = gone_page(&mut tx, portal, url).await? else {
            return Ok(Look::Missing);
        };
        let look = missing(&mut tx, now, portal, &page).await?;
        tx.commit().await?;
        Ok(look)
    }
}

struct GonePage {
    found: i64,
    article_id: String,
    first_seen_ms: i64,
    gone_looks: i64,
    gone_ms: Option<i64>,
}

from_row!(GonePage: found, article_id, first_seen_ms, gone_looks, gone_ms);

async fn gone_page(
    tx: &mut SqliteConnection,
    portal: &str,
    url: &Url,
) -> Result<Option<GonePage>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT found, article_id, first_seen_ms, gone_looks, gone_ms FROM pages
         WHERE portal = ? AND canonical_url = ? AND article_id IS NOT NULL",
    )
    .bind(portal)
    .bind(CanonicalUrl::from(url).as_str())
    .fetch_optional(tx)
    .await?)
}

async fn missing(
    tx: &mut SqliteConnection,
    now: Instant,
    portal: &str,
    page: &GonePage,
) -> Result<Look, StoreError> {
    let first_gone = page.gone_ms.and_then(Instant::from_millis).unwrap_or(now);
    let is_second = page.gone_looks >= 1 && first_gone.plus(SECOND_LOOK) <= now;
    let looks = if is_second { 2 } else { page.gone_looks.max(1) };
    let next = if page.gone_looks == 0 || is_second {
        now.plus(SECOND_LOOK)
    } else {
        first_gone.plus(SECOND_LOOK)
    };
    set_gone(tx, now, page.found, looks, first_gone, Some(next)).await?;
    if !is_second {
        return Ok(Look::Missing);
    }
    let withdrawn: bool =
        sqlx::query_scalar("SELECT withdrawn_ms IS NOT NULL FROM articles WHERE id = ?")
            .bind(&page.article_id)
            .fetch_one(&mut *tx)
            .await?;
    if withdrawn {
        let next = Some(now.plus(MONTH)).filter(|next| *next <= first_gone.plus(YEAR));
        set_gone(tx, now, page.found, looks, first_gone, next).await?;
        return Ok(Look::Missing);
    }
    let left: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM pages WHERE article_id = ? AND gone_looks < 2)",
    )
    .bind(&page.article_id)
    .fetch_one(&mut *tx)
    .await?;
    if left {
        let next = Some(now.plus(MONTH)).filter(|next| *next <= first_gone.plus(YEAR));
        set_gone(tx, now, page.found, looks, first_gone, next).await?;
        // Another page may have to supply the text now.
        refresh(tx, now, &page.article_id, By::Portal).await?;
        return Ok(Look::Missing);
    }
    if much_is_gone(tx, now, portal).await? {
        return Ok(Look::MassMissing);
    }
    if !portal_stands(tx, now, portal, first_gone).await? {
        return Ok(Look::Missing);
    }
    withdraw(tx, now, &page.article_id).await?;
    sqlx::query("UPDATE pages SET next_check_ms = ? WHERE article_id = ?")
        .bind(now.plus(MONTH).millis())
        .bind(&page.article_id)
        .execute(tx)
        .await?;
    Ok(Look::Withdrawn)
}

async fn set_gone(
    tx: &mut SqliteConnection,
    now: Instant,
    found: i64,
    looks: i64,
    first_gone: Instant,
    next: Option<Instant>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE pages SET looked_ms = ?, gone_looks = ?, gone_ms = ?, next_check_ms = ?
         WHERE found = ?",
    )
    .bind(now.millis())
    .bind(looks)
    .bind(first_gone.millis())
    .bind(next.map(Instant::millis))
    .bind(found)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether more than a tenth of the portal is gone at once, which is the portal's trouble and no
/// news. A single article never is "much".
async fn much_is_gone(
    tx: &mut SqliteConnection,
    now: Instant,
    portal: &str,
) -> Result<bool, StoreError> {
    let (gone, all) = gone_of_all(tx, portal).await?;
    let much = is_much(gone, all);
    if much {
        let message = format!(
            "{gone} of {all} articles are gone at once; nothing is withdrawn. See whether the \
             portal has moved or is under repair"
        );
        incidents::note(tx, now, MASS_MISSING, portal, &message).await?;
    }
    Ok(much)
}

fn is_much(gone: i64, all: i64) -> bool {
    gone > 1 && gone * 10 > all
}

/// Closes the incident of a portal of which much was gone, once it is not any more.
pub(super) async fn close_mass_missing(
    tx: &mut SqliteConnection,
    now: Instant,
    portal: &str,
) -> Result<(), StoreError> {
    let open: Option<i64> = sqlx::query_scalar(
        "SELECT id FROM incidents WHERE reason = ? AND subject = ? AND closed_ms IS NULL",
    )
    .bind(MASS_MISSING)
    .bind(portal)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(id) = open else { return Ok(()) };
    let (gone, all) = gone_of_all(tx, portal).await?;
    if !is_much(gone, all) {
        sqlx::query("UPDATE incidents SET closed_ms = ? WHERE id = ?")
            .bind(now.millis())
            .bind(id)
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// How many of a portal's articles were not there at the last look, and how many there are.
async fn gone_of_all(tx: &mut SqliteConnection, portal: &str) -> Result<(i64, i64), StoreError> {
    Ok(sqlx::query_as(
        "SELECT COALESCE(SUM(NOT EXISTS (SELECT 1 FROM pages p
                                         WHERE p.article_id = a.id AND p.gone_looks = 0)), 0),
                COUNT(*)
         FROM articles a WHERE a.portal = ? AND a.withdrawn_ms IS NULL AND a.absorbed_by IS NULL",
    )
    .bind(portal)
    .fetch_one(tx)
    .await?)
}

/// Whether some other article of the portal has answered since `since`. Where none was asked,
/// one is to be, so that the next look knows.
async fn portal_stands(
    tx: &mut SqliteConnection,
    now: Instant,
    portal: &str,
    since: Instant,
) -> Result<bool, StoreError> {
    let stands: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM pages
                        WHERE portal = ? AND gone_looks = 0 AND answered_ms >= ?)",
    )
    .bind(portal)
    .bind(since.millis())
    .fetch_one(&mut *tx)
    .await?;
    if !stands {
        sqlx::query(
            "UPDATE pages SET next_check_ms = ?1 WHERE found =
                 (SELECT found FROM pages WHERE portal = ?2 AND gone_looks = 0
                  ORDER BY found DESC LIMIT 1)",
        )
        .bind(now.millis())
        .bind(portal)
        .execute(tx)
        .await?;
    }
    Ok(stands)
}

/// Marks an article as withdrawn and tells so.
async fn withdraw(tx: &mut SqliteConnection, now: Instant, id: &str) -> Result<(), StoreError> {
    let json: Option<String> = sqlx::query_scalar("SELECT article FROM articles WHERE id = ?")
        .bind(id)
        .fetch_one(&mut *tx)
        .await?;
    let Some(json) = json else { return Ok(()) };
    let mut article: Article =
        serde_json::from_str(&json).map_err(|e| StoreError::record(format!("article {id}"), e))?;
    if article.withdrawn_at.is_none() {
        article.withdrawn_at = Some(now);
        let at = next_instant(tx, now).await?;
        write_change(tx, at, &article, ChangeKind::Withdrawn).await?;
    }
    Ok(())
}

/// Folds an article into the one that it turned out to be: its pages are that one's by now, and
/// readers are told that it is no more.
pub(super) async fn absorb(
    tx: &mut SqliteConnection,
    now: Instant,
    absorbed: &str,
    into: &str,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE articles SET absorbed_by = ? WHERE id = ?")
        .bind(into)
        .bind(absorbed)
        .execute(&mut *tx)
        .await?;
    withdraw(tx, now, absorbed).await
}
