//! Records a page that was read: which article it is, and what changed. One transaction.

use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use url::Url;
use uuid::Uuid;

use super::refresh::{By, refresh};
use super::{Store, StoreError, incidents, pages};
use crate::fetch::Validators;
use crate::identify::{
    CanonicalUrl, Fingerprint, Group, KnownArticle, Page, entry_id_candidates, group, is_template,
    reused_numbers,
};
use crate::model::{
    Body, ChangeKind, ColumnName, IndexNumber, Instant, Metadata, Provenance, content_sha256,
};

/// What an article page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageContent {
    /// 标题
    pub title: String,
    /// The label block's other values.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// Text, pictures, files.
    #[serde(flatten)]
    pub body: Body,
    /// Where each value was found.
    pub provenance: Provenance,
}

impl PageContent {
    fn sha256(&self) -> String {
        content_sha256(&self.title, &self.metadata, &self.body)
    }

    fn fingerprint(&self) -> Fingerprint {
        let day = self.metadata.published_on.or(self.metadata.issued_on);
        Fingerprint::new(&self.title, day, &self.body.body_text)
    }
}

/// An article page that was fetched and read, and holds what an article must have.
#[derive(Clone, Debug)]
pub struct ReadPage {
    /// The site it stands on.
    pub portal: String,
    /// The URL under which it is known.
    pub url: Url,
    /// What it says.
    pub content: PageContent,
    /// Its HTTP validators.
    pub validators: Validators,
}

/// What recording a page came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing changed for readers.
    Unchanged,
    /// The page's article was changed in this way.
    Changed(ChangeKind),
}

/// A row of `pages` as far as identity needs it.
#[derive(Clone, sqlx::FromRow)]
struct PageRow {
    found: i64,
    canonical_url: String,
    article_id: Option<String>,
    index_number: Option<String>,
    content: String,
    content_sha256: String,
    first_seen_ms: i64,
}

impl Store {
    /// Records what a page says. `column` is the column that lists it, `None` for a second look.
    pub async fn record(
        &self,
        now: Instant,
        column: Option<&ColumnName>,
        page: &ReadPage,
    ) -> Result<Outcome, StoreError> {
        let mut tx = self.begin().await?;
        let kind = record(&mut tx, now, page).await?;
        if let Some(column) = column {
            sqlx::query(
                "UPDATE items SET done = 1, reason = NULL WHERE column_name = ? AND canonical_url = ?",
            )
            .bind(column.as_str())
            .bind(CanonicalUrl::from(&page.url).as_str())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(kind.map_or(Outcome::Unchanged, Outcome::Changed))
    }
}

async fn record(
    tx: &mut SqliteConnection,
    now: Instant,
    page: &ReadPage,
) -> Result<Option<ChangeKind>, StoreError> {
    let url = CanonicalUrl::from(&page.url);
    let known = page_row(tx, &page.portal, &url).await?;
    let sha256 = page.content.sha256();
    if let Some(row) = &known
        && row.content_sha256 == sha256
        && let Some(article) = &row.article_id
    {
        pages::prefer_https(tx, row.found, &page.url).await?;
        pages::answered(
            tx,
            now,
            row.found,
            seen(row.first_seen_ms, now),
            Some(&page.validators),
        )
        .await?;
        return refresh(tx, now, article, By::Portal).await;
    }
    let found = write_page(tx, now, page, &url, &sha256, known.as_ref()).await?;
    let loosened = match &page.content.metadata.index_number {
        Some(number) => becomes_template(tx, &page.portal, number).await?,
        None => false,
    };
    let changes = settle(tx, now, page, &url, loosened).await?;
    let own: Option<String> = sqlx::query_scalar("SELECT article_id FROM pages WHERE found = ?")
        .bind(found)
        .fetch_one(&mut *tx)
        .await?;
    Ok(changes
        .into_iter()
        .find(|(article, _)| Some(article) == own.as_ref())
        .and_then(|(_, kind)| kind))
}

fn seen(millis: i64, now: Instant) -> Instant {
    Instant::from_millis(millis).unwrap_or(now)
}

async fn page_row(
    tx: &mut SqliteConnection,
    portal: &str,
    url: &CanonicalUrl,
) -> Result<Option<PageRow>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT found, canonical_url, article_id, index_number, content, content_sha256,
                first_seen_ms
         FROM pages WHERE portal = ? AND canonical_url = ?",
    )
    .bind(portal)
    .bind(url.as_str())
    .fetch_optional(tx)
    .await?)
}

/// Writes the page's own last state and gives its row. A URL on which another document now
/// stands is taken from its former article, which stays as it is; that is an incident.
async fn write_page(
    tx: &mut SqliteConnection,
    now: Instant,
    page: &ReadPage,
    url: &CanonicalUrl,
    sha256: &str,
    known: Option<&PageRow>,
) -> Result<i64, StoreError> {
    let fingerprint = page.content.fingerprint();
    let number = page.content.metadata.index_number.as_ref();
    let content = serde_json::to_string(&page.content)
        .map_err(|e| StoreError::record(page.url.as_str(), e))?;
    if let Some(row) = known {
        let before = content_of(row)?;
        let is_other = match (&before.metadata.index_number, number) {
            (Some(old), Some(new)) => old != new && !before.fingerprint().is_like(&fingerprint),
            _ => false,
        };
        if is_other {
            sqlx::query("DELETE FROM pages WHERE found = ?")
                .bind(row.found)
                .execute(&mut *tx)
                .await?;
            let message = format!(
                "another document now stands at {}: it was {:?} and is {:?}; the former article \
                 is kept as it was",
                page.url, before.title, page.content.title
            );
            incidents::note(tx, now, "url-reused", page.url.as_str(), &message).await?;
        }
    }
    let found: i64 = sqlx::query_scalar(
        "INSERT INTO pages (portal, canonical_url, url, index_number, title_fold, day, content,
                            content_sha256, first_seen_ms, answered_ms, looked_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9)
         ON CONFLICT (portal, canonical_url) DO UPDATE
         SET index_number = ?4, title_fold = ?5, day = ?6, content = ?7,
             content_sha256 = ?8
         RETURNING found",
    )
    .bind(&page.portal)
    .bind(url.as_str())
    .bind(page.url.as_str())
    .bind(number.map(IndexNumber::as_str))
    .bind(&fingerprint.title)
    .bind(fingerprint.day.map(|day| day.to_string()))
    .bind(content)
    .bind(sha256)
    .bind(now.millis())
    .fetch_one(&mut *tx)
    .await?;
    pages::prefer_https(tx, found, &page.url).await?;
    let first_seen = known.map_or(now, |row| seen(row.first_seen_ms, now));
    pages::answered(tx, now, found, first_seen, Some(&page.validators)).await?;
    Ok(found)
}

fn content_of(row: &PageRow) -> Result<PageContent, StoreError> {
    serde_json::from_str(&row.content)
        .map_err(|e| StoreError::record(format!("page {}", row.canonical_url), e))
}

/// Whether this page makes its number a template's, which from now on counts as none.
async fn becomes_template(
    tx: &mut SqliteConnection,
    portal: &str,
    number: &IndexNumber,
) -> Result<bool, StoreError> {
    if is_known_template(tx, portal, number.as_str()).await? {
        return Ok(false);
    }
    let mut bearers = Vec::new();
    for row in rows_by_number(tx, portal, number.as_str()).await? {
        bearers.push(content_of(&row)?.fingerprint());
    }
    let is_new_template = is_template(&bearers.iter().collect::<Vec<_>>());
    if is_new_template {
        sqlx::query("INSERT INTO template_numbers (portal, index_number) VALUES (?, ?)")
            .bind(portal)
            .bind(number.as_str())
            .execute(tx)
            .await?;
    }
    Ok(is_new_template)
}

pub(super) async fn is_known_template(
    tx: &mut SqliteConnection,
    portal: &str,
    number: &str,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM template_numbers WHERE portal = ? AND index_number = ?)",
    )
    .bind(portal)
    .bind(number)
    .fetch_one(tx)
    .await?)
}

async fn rows_by_number(
    tx: &mut SqliteConnection,
    portal: &str,
    number: &str,
) -> Result<Vec<PageRow>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT found, canonical_url, article_id, index_number, content, content_sha256,
                first_seen_ms
         FROM pages WHERE portal = ? AND index_number = ?",
    )
    .bind(portal)
    .bind(number)
    .fetch_all(tx)
    .await?)
}

/// Groups the page with all that could have to do with it, carries the answer out, and says what
/// changed, article by article.
async fn settle(
    tx: &mut SqliteConnection,
    now: Instant,
    page: &ReadPage,
    url: &CanonicalUrl,
    loosened: bool,
) -> Result<Vec<(String, Option<ChangeKind>)>, StoreError> {
    let number = page.content.metadata.index_number.as_ref();
    let rows = neighbours(tx, &page.portal, url, number.filter(|_| loosened)).await?;
    let mut known = Vec::with_capacity(rows.len());
    for row in &rows {
        known.push(known_page(tx, &page.portal, row, number.filter(|_| loosened)).await?);
    }
    let articles = known_articles(tx, &known).await?;
    let groups = group(&known, &articles);
    let mut touched = Vec::new();
    for group in &groups {
        touched.extend(carry_out(tx, now, &page.portal, &rows, &known, group).await?);
    }
    if loosened {
        touched.extend(articles.iter().map(|article| article.id.to_string()));
    }
    note_reused(tx, now, &page.portal, &known, &groups).await?;
    let by = if loosened { By::Rules } else { By::Portal };
    let mut changes: Vec<(String, Option<ChangeKind>)> = Vec::new();
    for article in touched {
        if !changes.iter().any(|(done, _)| *done == article) {
            let kind = refresh(tx, now, &article, by).await?;
            changes.push((article, kind));
        }
    }
    Ok(changes)
}

/// The rows of all pages that could have to do with this one: those of its number, those of its
/// title and day, and the other pages of their articles. Where its number has just come to count
/// as none, the same of every page that bears it.
async fn neighbours(
    tx: &mut SqliteConnection,
    portal: &str,
    url: &CanonicalUrl,
    loosened: Option<&IndexNumber>,
) -> Result<Vec<PageRow>, StoreError> {
    Ok(sqlx::query_as(
        "WITH seed AS (
             SELECT * FROM pages
             WHERE portal = ?1 AND (canonical_url = ?2 OR index_number = ?3)
         ), near AS (
             SELECT found, article_id FROM seed
             UNION SELECT p.found, p.article_id FROM pages p JOIN seed s
                 ON p.portal = ?1 AND p.index_number = s.index_number
                 WHERE s.index_number NOT IN
                     (SELECT index_number FROM template_numbers WHERE portal = ?1)
             UNION SELECT p.found, p.article_id FROM pages p JOIN seed s
                 ON p.portal = ?1 AND p.title_fold = s.title_fold AND p.day IS s.day
         )
         SELECT found, canonical_url, article_id, index_number, content, content_sha256,
                first_seen_ms
         FROM pages
         WHERE found IN (SELECT found FROM near)
            OR (article_id IS NOT NULL AND article_id IN (SELECT article_id FROM near))
         ORDER BY found",
    )
    .bind(portal)
    .bind(url.as_str())
    .bind(loosened.map(IndexNumber::as_str))
    .fetch_all(tx)
    .await?)
}

async fn known_page(
    tx: &mut SqliteConnection,
    portal: &str,
    row: &PageRow,
    loosened: Option<&IndexNumber>,
) -> Result<Page, StoreError> {
    let content = content_of(row)?;
    let counts = match &row.index_number {
        Some(number) => !is_known_template(tx, portal, number).await?,
        None => false,
    };
    let fingerprint = content.fingerprint();
    let number = content.metadata.index_number;
    Ok(Page {
        url: CanonicalUrl::from_stored(row.canonical_url.clone()),
        fingerprint,
        article: row.article_id.as_deref().map(parse_id).transpose()?,
        loosened: loosened.is_some() && number.as_ref() == loosened,
        number: number.filter(|_| counts),
    })
}

pub(super) fn parse_id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|e| StoreError::record(format!("article id {text}"), e))
}

async fn known_articles(
    tx: &mut SqliteConnection,
    pages: &[Page],
) -> Result<Vec<KnownArticle>, StoreError> {
    let mut ids: Vec<Uuid> = pages.iter().filter_map(|page| page.article).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut articles = Vec::with_capacity(ids.len());
    for id in ids {
        let (number, primary, added_seq): (Option<String>, String, Option<i64>) = sqlx::query_as(
            "SELECT index_number, primary_url, added_seq FROM articles WHERE id = ?",
        )
        .bind(id.to_string())
        .fetch_one(&mut *tx)
        .await?;
        articles.push(KnownArticle {
            id,
            number: number.as_deref().and_then(IndexNumber::parse),
            primary: CanonicalUrl::from_stored(primary),
            added_seq: added_seq.unwrap_or(i64::MAX),
        });
    }
    articles.sort_by_key(|article| article.added_seq);
    Ok(articles)
}

/// Makes the pages of a group one article: mints an id where it has none, moves the pages, and
/// folds in the articles that turned out to be this one. Gives the articles that may differ now:
/// this one first, then those that lost a page to it.
async fn carry_out(
    tx: &mut SqliteConnection,
    now: Instant,
    portal: &str,
    rows: &[PageRow],
    pages: &[Page],
    group: &Group,
) -> Result<Vec<String>, StoreError> {
    let article = match group.article {
        Some(id) => id.to_string(),
        None => mint(tx, portal, pages, group).await?,
    };
    let mut touched = vec![article.clone()];
    for at in &group.pages {
        if rows[*at].article_id.as_deref() != Some(&article) {
            touched.extend(rows[*at].article_id.clone());
            sqlx::query("UPDATE pages SET article_id = ? WHERE found = ?")
                .bind(&article)
                .bind(rows[*at].found)
                .execute(&mut *tx)
                .await?;
        }
    }
    for absorbed in &group.absorbs {
        super::withdraw::absorb(tx, now, &absorbed.to_string(), &article).await?;
    }
    Ok(touched)
}

/// Mints the id of a new article, once and for all, and makes its row.
async fn mint(
    tx: &mut SqliteConnection,
    portal: &str,
    pages: &[Page],
    group: &Group,
) -> Result<String, StoreError> {
    let members = || group.pages.iter().map(|at| &pages[*at]);
    let number = members().find_map(|page| page.number.as_ref());
    let Some(primary) = members().next().map(|page| &page.url) else {
        return Err(StoreError::record("group", "no page"));
    };
    for id in entry_id_candidates(portal, number, primary) {
        let id = id.to_string();
        let taken: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM articles WHERE id = ?)")
            .bind(&id)
            .fetch_one(&mut *tx)
            .await?;
        if !taken {
            sqlx::query("INSERT INTO articles (id, portal, primary_url) VALUES (?, ?, ?)")
                .bind(&id)
                .bind(portal)
                .bind(primary.as_str())
                .execute(&mut *tx)
                .await?;
            return Ok(id);
        }
    }
    Err(StoreError::record("id", "none is free"))
}

/// One incident a number that stands on two articles.
async fn note_reused(
    tx: &mut SqliteConnection,
    now: Instant,
    portal: &str,
    pages: &[Page],
    groups: &[Group],
) -> Result<(), StoreError> {
    for (number, bearers) in reused_numbers(pages, groups) {
        let urls: Vec<&str> = bearers
            .iter()
            .filter_map(|group| groups[*group].pages.first())
            .map(|page| pages[*page].url.as_str())
            .collect();
        let message = format!(
            "the index number {number} stands on different articles: {}; both are published, and \
             the portal should be told",
            urls.join(", ")
        );
        incidents::note(
            tx,
            now,
            "index-conflict",
            &format!("{portal} {number}"),
            &message,
        )
        .await?;
    }
    Ok(())
}
