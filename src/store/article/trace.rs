//! What became of an address, as far as the store knows.
//!
//! Owns the order in which one thing about an address counts before another. Never asks a portal,
//! and never changes anything.

use serde::Serialize;
use sqlx::AssertSqlSafe;
use url::Url;
use uuid::Uuid;

use super::removal::Removal;
use super::{Articles, sound_in};
use crate::identify::{CanonicalUrl, differ_in_tokens};
use crate::model::{Article, ColumnName, Timestamp};
use crate::store::column::ListedState;
use crate::store::rows::{ARTICLE, StoredArticle, from_row, parse_id};
use crate::store::{Store, StoreError};

/// What became of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressState {
    /// It is the page of a published article.
    Published,
    /// It is another address of an article.
    Alias,
    /// The portal took its article down.
    Withdrawn,
    /// Its article was removed.
    Removed,
    /// Its page was read, and is not published.
    HeldBack,
    /// A column lists it, and its page was not read yet, or could not be.
    Queued,
    /// Its page was read, and belongs to no article any more.
    NoArticle,
    /// A published file had an article there, whose id is kept for it.
    IdKept,
    /// It is a list page.
    ListPage,
    /// The store knows nothing of it.
    NeverSeen,
}

/// What one portal's columns know of an address.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    /// The portal, as in `feeds/`.
    pub portal: String,
    /// What became of it.
    pub state: AddressState,
    /// Its page, if that was ever read and stored.
    pub page: Option<TracedPage>,
    /// Its article.
    pub article: Option<TracedArticle>,
    /// The removal of the article that stood there.
    pub removal: Option<Removal>,
    /// The id that is kept for an article there.
    pub kept_id: Option<Uuid>,
    /// The columns that list it.
    pub listed: Vec<ListedState>,
}

/// A stored page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TracedPage {
    /// Its address.
    pub url: Url,
    /// The column by whose rules it was read last.
    pub read_by: Option<ColumnName>,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it last answered well.
    pub answered_at: Timestamp,
    /// When it was last asked for.
    pub looked_at: Timestamp,
    /// When it is due to be asked for again; `null` if it is not.
    pub next_look_at: Option<Timestamp>,
    /// How often it was missing since it last answered.
    pub missing_looks: u32,
    /// Since when it counts as gone.
    pub gone_at: Option<Timestamp>,
}

/// An article in brief.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TracedArticle {
    /// Its id.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// The address that supplies its text.
    pub url: Url,
    /// Its other addresses.
    pub aliases: Vec<Url>,
    /// The columns that list it.
    pub columns: Vec<ColumnName>,
    /// Its day of publication.
    pub published_on: Option<chrono::NaiveDate>,
    /// Its revision.
    pub revision: u32,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When the portal took it down.
    pub withdrawn_at: Option<Timestamp>,
}

impl From<Article> for TracedArticle {
    fn from(article: Article) -> Self {
        Self {
            id: article.id,
            title: article.title,
            url: article.url,
            aliases: article.aliases,
            columns: article.columns,
            published_on: article.metadata.published_on,
            revision: article.revision,
            first_seen_at: article.first_seen_at,
            updated_at: article.updated_at,
            withdrawn_at: article.withdrawn_at,
        }
    }
}

/// A row of `pages`.
struct Row {
    url: String,
    article_id: Option<String>,
    read_by: Option<String>,
    first_seen_ms: i64,
    answered_ms: i64,
    looked_ms: i64,
    next_check_ms: Option<i64>,
    gone_looks: u32,
    gone_ms: Option<i64>,
}

from_row!(Row: url, article_id, read_by, first_seen_ms, answered_ms, looked_ms, next_check_ms,
          gone_looks, gone_ms);

impl Articles<'_> {
    /// What each portal's columns know of an address, by the portal's name; empty if none knows
    /// anything.
    pub async fn traces(self, url: &CanonicalUrl) -> Result<Vec<Trace>, StoreError> {
        let portals: Vec<String> = sqlx::query_scalar(
            "SELECT portal FROM pages WHERE canonical_url = ?1
             UNION SELECT portal FROM items WHERE canonical_url = ?1
             UNION SELECT portal FROM removed_urls WHERE canonical_url = ?1
             UNION SELECT portal FROM kept_urls WHERE canonical_url = ?1
             ORDER BY portal",
        )
        .bind(url.as_str())
        .fetch_all(&self.store.pool)
        .await?;
        let mut traces = Vec::with_capacity(portals.len());
        for portal in portals {
            traces.push(trace(self.store, portal, url).await?);
        }
        Ok(traces)
    }

    /// The known addresses that differ from this one in tokens alone: a session id, a clock.
    pub async fn but_for_tokens(self, url: &Url) -> Result<Vec<CanonicalUrl>, StoreError> {
        let own = CanonicalUrl::from(url);
        let host = own.as_str().split('/').next().unwrap_or_default();
        // `0` comes right after `/`.
        let mut known: Vec<String> = sqlx::query_scalar(
            "SELECT canonical_url FROM pages
                 WHERE canonical_url >= ?1 || '/' AND canonical_url < ?1 || '0'
             UNION SELECT canonical_url FROM items
                 WHERE canonical_url >= ?1 || '/' AND canonical_url < ?1 || '0'
             ORDER BY canonical_url",
        )
        .bind(host)
        .fetch_all(&self.store.pool)
        .await?;
        known.retain(|known| {
            let known = Url::parse(&format!("{}://{known}", url.scheme()));
            known.is_ok_and(|known| differ_in_tokens(&known, url))
        });
        Ok(known.into_iter().map(CanonicalUrl::from_stored).collect())
    }
}

async fn trace(store: &Store, portal: String, url: &CanonicalUrl) -> Result<Trace, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT url, article_id, read_by, first_seen_ms, answered_ms, looked_ms, next_check_ms,
                gone_looks, gone_ms
         FROM pages WHERE portal = ? AND canonical_url = ?",
    )
    .bind(&portal)
    .bind(url.as_str())
    .fetch_optional(&store.pool)
    .await?;
    let id = row.as_ref().and_then(|row| row.article_id.clone());
    let kept: Option<String> =
        sqlx::query_scalar("SELECT id FROM kept_urls WHERE portal = ? AND canonical_url = ?")
            .bind(&portal)
            .bind(url.as_str())
            .fetch_optional(&store.pool)
            .await?;
    let mut trace = Trace {
        state: AddressState::NeverSeen,
        page: row.map(TracedPage::try_from).transpose()?,
        article: match id {
            Some(id) => stored_article(store, &id).await?,
            None => None,
        },
        removal: removal(store, &portal, url).await?,
        kept_id: kept.as_deref().map(parse_id).transpose()?,
        listed: store.queue().at(&portal, url).await?,
        portal,
    };
    trace.state = state(&trace, url);
    Ok(trace)
}

fn state(trace: &Trace, url: &CanonicalUrl) -> AddressState {
    if let Some(article) = &trace.article {
        return match article.withdrawn_at {
            Some(_) => AddressState::Withdrawn,
            None if CanonicalUrl::from(&article.url) == *url => AddressState::Published,
            None => AddressState::Alias,
        };
    }
    let any = |is: fn(&ListedState) -> bool| trace.listed.iter().any(is);
    if trace.removal.is_some() {
        AddressState::Removed
    } else if any(ListedState::is_held) {
        AddressState::HeldBack
    } else if any(|item| item.is_waiting) {
        AddressState::Queued
    } else if trace.page.is_some() || !trace.listed.is_empty() {
        AddressState::NoArticle
    } else {
        AddressState::IdKept
    }
}

/// The article of this id, or the one that it turned out to be.
async fn stored_article(store: &Store, id: &str) -> Result<Option<TracedArticle>, StoreError> {
    let query = format!(
        "WITH RECURSIVE up (id) AS (
             SELECT id FROM articles WHERE id = ?
             UNION SELECT a.absorbed_by FROM articles a JOIN up ON a.id = up.id
                 WHERE a.absorbed_by IS NOT NULL
         )
         SELECT {ARTICLE} FROM articles a
         WHERE a.absorbed_by IS NULL AND a.id IN (SELECT id FROM up) AND a.article IS NOT NULL"
    );
    let row: Option<StoredArticle> = sqlx::query_as(AssertSqlSafe(query))
        .bind(id)
        .fetch_optional(&store.pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let article = sound_in(&mut *store.pool.acquire().await?, &row).await?;
    Ok(Some(TracedArticle::from(article)))
}

/// The removal of the article that stood at this address.
async fn removal(
    store: &Store,
    portal: &str,
    url: &CanonicalUrl,
) -> Result<Option<Removal>, StoreError> {
    let id: Option<String> =
        sqlx::query_scalar("SELECT id FROM removed_urls WHERE portal = ? AND canonical_url = ?")
            .bind(portal)
            .bind(url.as_str())
            .fetch_optional(&store.pool)
            .await?;
    let Some(id) = id.as_deref().map(parse_id).transpose()? else {
        return Ok(None);
    };
    let removals = store.articles().removals().await?;
    Ok(removals.into_iter().find(|removal| removal.id == id))
}

impl TryFrom<Row> for TracedPage {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |cause: String| StoreError::unreadable(format!("page {}", row.url), cause);
        let time = |millis: i64| {
            Timestamp::from_millis(millis).ok_or_else(|| broken("time out of range".to_owned()))
        };
        let column = row.read_by.as_deref().map(str::parse::<ColumnName>);
        Ok(Self {
            url: Url::parse(&row.url).map_err(|e| broken(e.to_string()))?,
            read_by: column.transpose().map_err(|e| broken(e.to_string()))?,
            first_seen_at: time(row.first_seen_ms)?,
            answered_at: time(row.answered_ms)?,
            looked_at: time(row.looked_ms)?,
            next_look_at: row.next_check_ms.map(time).transpose()?,
            missing_looks: row.gone_looks,
            gone_at: row.gone_ms.map(time).transpose()?,
        })
    }
}
