//! Pages that are gone, articles that are withdrawn, and articles that turn out to be another one.
//!
//! Owns when a missing page withdraws its article. Never asks a portal.

use chrono::TimeDelta;
use url::Url;

use super::pages;
use super::refresh::{By, refresh};
use super::write_change::{next_timestamp, write_change};
use super::{Articles, sound_in, stored};
use crate::identify::CanonicalUrl;
use crate::model::{ChangeKind, Timestamp};
use crate::store::driver::EngineConnection;
use crate::store::rows::from_row;
use crate::store::{StoreError, Transaction, incidents, search};

/// The time between the two rechecks that decide whether a page is gone.
const SECOND_RECHECK: TimeDelta = TimeDelta::days(1);
/// Withdrawn articles are rechecked this often,
const MONTH: TimeDelta = TimeDelta::days(30);
/// for this long.
const YEAR: TimeDelta = TimeDelta::days(365);

/// The code of the incident that much of a portal is gone at once.
const MASS_MISSING: &str = "mass-missing";

/// The result of a recheck without new content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecheckOutcome {
    /// It answered, and the article is as it was.
    Unchanged,
    /// It answered, and the article was withdrawn before.
    Restored,
    /// It was not there. Another recheck comes before anything follows from that.
    Missing,
    /// It was not there for the second time, and no other page of its article is there.
    Withdrawn,
    /// The same, but much of the portal is gone, too: nothing follows until a person has looked.
    MassMissing,
}

impl Articles<'_> {
    /// Notes that a page is unchanged (304).
    pub async fn note_unchanged(
        self,
        now: Timestamp,
        portal: &str,
        url: &Url,
    ) -> Result<RecheckOutcome, StoreError> {
        let Some((mut tx, page)) = self.begin_recheck(portal, url).await? else {
            return Ok(RecheckOutcome::Unchanged);
        };
        let first_seen = page.first_seen(now);
        pages::answered(&mut tx, now, page.found, first_seen, None, true).await?;
        close_mass_missing(&mut tx, now, portal).await?;
        let kind = refresh(&mut tx, now, &page.article_id, By::Portal).await?;
        tx.commit().await?;
        Ok(match kind {
            Some(ChangeKind::Restored) => RecheckOutcome::Restored,
            _ => RecheckOutcome::Unchanged,
        })
    }

    /// Notes that a recheck gave no result. Nothing follows; the page is rechecked as any page of
    /// its age, and a last time after two months.
    pub async fn put_off_recheck(
        self,
        now: Timestamp,
        portal: &str,
        url: &Url,
    ) -> Result<(), StoreError> {
        let Some((mut tx, page)) = self.begin_recheck(portal, url).await? else {
            return Ok(());
        };
        let (first_seen, first_gone) = (page.first_seen(now), page.first_gone(now));
        let last = first_seen.plus(MONTH * 2);
        let next = match page.gone_looks {
            0 => pages::next_recheck(first_seen, now).or(Some(last).filter(|last| *last > now)),
            // A recheck without a result decides nothing: missing pages are still looked for.
            1 => Some(now.plus(SECOND_RECHECK)),
            _ => Some(now.plus(MONTH)).filter(|next| *next <= first_gone.plus(YEAR)),
        };
        sqlx::query("UPDATE pages SET looked_ms = ?, next_check_ms = ? WHERE found = ?")
            .bind(now.millis())
            .bind(next.map(Timestamp::millis))
            .bind(page.found)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes that a page is not there (404, 410). The article is withdrawn if the page was missing
    /// a day ago, too, no other page of the article is left, and the portal otherwise answers.
    pub async fn note_missing(
        self,
        now: Timestamp,
        portal: &str,
        url: &Url,
    ) -> Result<RecheckOutcome, StoreError> {
        let Some((mut tx, page)) = self.begin_recheck(portal, url).await? else {
            return Ok(RecheckOutcome::Missing);
        };
        let look = missing(&mut tx, now, portal, &page).await?;
        tx.commit().await?;
        Ok(look)
    }

    /// Begins the transaction for a recheck's result; `None` if the page belongs to no article.
    async fn begin_recheck(
        self,
        portal: &str,
        url: &Url,
    ) -> Result<Option<(Transaction, RecheckedPage)>, StoreError> {
        let mut tx = self.store.begin().await?;
        let page: Option<RecheckedPage> = sqlx::query_as(
            "SELECT found, article_id, first_seen_ms, gone_looks, gone_ms FROM pages
             WHERE portal = ? AND canonical_url = ? AND article_id IS NOT NULL",
        )
        .bind(portal)
        .bind(CanonicalUrl::from(url).as_str())
        .fetch_optional(&mut *tx)
        .await?;
        Ok(page.map(|page| (tx, page)))
    }
}

struct RecheckedPage {
    found: i64,
    article_id: String,
    first_seen_ms: i64,
    gone_looks: i64,
    gone_ms: Option<i64>,
}

from_row!(RecheckedPage: found, article_id, first_seen_ms, gone_looks, gone_ms);

impl RecheckedPage {
    fn first_seen(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(self.first_seen_ms).unwrap_or(now)
    }

    /// When it was first missing; `now` if it was there so far.
    fn first_gone(&self, now: Timestamp) -> Timestamp {
        self.gone_ms.and_then(Timestamp::from_millis).unwrap_or(now)
    }
}

async fn missing(
    tx: &mut EngineConnection,
    now: Timestamp,
    portal: &str,
    page: &RecheckedPage,
) -> Result<RecheckOutcome, StoreError> {
    let first_gone = page.first_gone(now);
    let is_second = page.gone_looks >= 1 && first_gone.plus(SECOND_RECHECK) <= now;
    let looks = if is_second { 2 } else { page.gone_looks.max(1) };
    let next = if page.gone_looks == 0 || is_second {
        now.plus(SECOND_RECHECK)
    } else {
        first_gone.plus(SECOND_RECHECK)
    };
    set_gone(tx, now, page.found, looks, first_gone, Some(next)).await?;
    if !is_second {
        return Ok(RecheckOutcome::Missing);
    }
    let withdrawn: bool =
        sqlx::query_scalar("SELECT withdrawn_ms IS NOT NULL FROM articles WHERE id = ?")
            .bind(&page.article_id)
            .fetch_one(&mut *tx)
            .await?;
    if withdrawn {
        let next = Some(now.plus(MONTH)).filter(|next| *next <= first_gone.plus(YEAR));
        set_gone(tx, now, page.found, looks, first_gone, next).await?;
        return Ok(RecheckOutcome::Missing);
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
        // Another page may now have to supply the text.
        refresh(tx, now, &page.article_id, By::Portal).await?;
        return Ok(RecheckOutcome::Missing);
    }
    if much_is_gone(tx, now, portal).await? {
        return Ok(RecheckOutcome::MassMissing);
    }
    if !portal_stands(tx, now, portal, first_gone).await? {
        return Ok(RecheckOutcome::Missing);
    }
    withdraw(tx, now, &page.article_id).await?;
    sqlx::query("UPDATE pages SET next_check_ms = ? WHERE article_id = ?")
        .bind(now.plus(MONTH).millis())
        .bind(&page.article_id)
        .execute(tx)
        .await?;
    Ok(RecheckOutcome::Withdrawn)
}

async fn set_gone(
    tx: &mut EngineConnection,
    now: Timestamp,
    found: i64,
    looks: i64,
    first_gone: Timestamp,
    next: Option<Timestamp>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE pages SET looked_ms = ?, gone_looks = ?, gone_ms = ?, next_check_ms = ?
         WHERE found = ?",
    )
    .bind(now.millis())
    .bind(looks)
    .bind(first_gone.millis())
    .bind(next.map(Timestamp::millis))
    .bind(found)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether more than a tenth of the portal is gone at once: a fault of the portal, not news. A
/// single article is never "much".
async fn much_is_gone(
    tx: &mut EngineConnection,
    now: Timestamp,
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

/// Closes the incident that much of the portal was gone, once that is over.
pub(super) async fn close_mass_missing(
    tx: &mut EngineConnection,
    now: Timestamp,
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

/// How many of a portal's articles were missing at the last recheck, and how many there are.
async fn gone_of_all(tx: &mut EngineConnection, portal: &str) -> Result<(i64, i64), StoreError> {
    Ok(sqlx::query_as(
        "SELECT COUNT(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM pages p
                                         WHERE p.article_id = a.id AND p.gone_looks = 0)),
                COUNT(*)
         FROM articles a WHERE a.portal = ? AND a.withdrawn_ms IS NULL AND a.absorbed_by IS NULL",
    )
    .bind(portal)
    .fetch_one(tx)
    .await?)
}

/// Whether another article of the portal has answered since `since`. If not, one is made due, so
/// that the next recheck knows.
async fn portal_stands(
    tx: &mut EngineConnection,
    now: Timestamp,
    portal: &str,
    since: Timestamp,
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

/// Marks an article as withdrawn and writes the change.
async fn withdraw(tx: &mut EngineConnection, now: Timestamp, id: &str) -> Result<(), StoreError> {
    let Some(row) = stored(tx, id).await? else {
        return Ok(());
    };
    let mut article = sound_in(tx, &row).await?;
    if article.withdrawn_at.is_none() {
        article.withdrawn_at = Some(now);
        let at = next_timestamp(tx, now).await?;
        write_change(tx, at, &article, ChangeKind::Withdrawn).await?;
        search::index(tx, &article).await?;
    }
    Ok(())
}

/// Absorbs an article into the one that it turned out to be. That one has its pages already;
/// readers learn that the absorbed article is withdrawn.
pub(super) async fn absorb(
    tx: &mut EngineConnection,
    now: Timestamp,
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
