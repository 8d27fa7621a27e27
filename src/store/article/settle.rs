//! Decides which article a page belongs to: groups it with all related pages, and applies the
//! grouping.
//!
//! Owns the choice of related pages. Never groups by itself: `identify` does.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::content::ReadPage;
use super::page_row::{PageRow, SELECT_PAGES};
use super::refresh::{By, refresh};
use super::{kept_ids, sound_in, stored, withdraw};
use crate::identify::{
    CanonicalUrl, Fingerprint, Group, KnownArticle, KnownPage, TEMPLATE_BEARERS,
    entry_id_candidates, group, is_template, reused_numbers,
};
use crate::model::{ChangeKind, IndexNumber, Timestamp};
use crate::store::driver::EngineConnection;
use crate::store::rows::parse_id;
use crate::store::{StoreError, incidents};

/// Whether this page shows that its number is a template's. From now on that number identifies
/// nothing.
pub(in crate::store) async fn becomes_template(
    tx: &mut EngineConnection,
    portal: &str,
    number: &IndexNumber,
) -> Result<bool, StoreError> {
    let rows = rows_by_number(tx, portal, number.as_str()).await?;
    if rows.len() < TEMPLATE_BEARERS || rows.iter().any(|row| row.is_template) {
        return Ok(false);
    }
    let mut bearers = Vec::with_capacity(rows.len());
    for row in &rows {
        bearers.push(row.content()?.fingerprint());
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

async fn rows_by_number(
    tx: &mut EngineConnection,
    portal: &str,
    number: &str,
) -> Result<Vec<PageRow>, StoreError> {
    let query = format!("{SELECT_PAGES} WHERE p.portal = ? AND p.index_number = ?");
    Ok(sqlx::query_as(AssertSqlSafe(query))
        .bind(portal)
        .bind(number)
        .fetch_all(tx)
        .await?)
}

/// Groups the page with all related pages, applies the grouping, and returns the kind of the change of
/// the page's article.
pub(in crate::store) async fn settle(
    tx: &mut EngineConnection,
    now: Timestamp,
    page: &ReadPage,
    url: &CanonicalUrl,
    loosened: bool,
    by: By,
) -> Result<Option<ChangeKind>, StoreError> {
    let number = page.content.metadata.index_number.as_ref();
    let rows = neighbours(tx, &page.portal, url, number.filter(|_| loosened)).await?;
    let mut known = Vec::with_capacity(rows.len());
    for row in &rows {
        known.push(known_page(row, number.filter(|_| loosened))?);
    }
    let articles = known_articles(tx, &known).await?;
    let groups = group(&known, &articles);
    let (mut touched, mut own) = (Vec::new(), None);
    for group in &groups {
        let articles = carry_out(tx, now, &page.portal, &rows, &known, group).await?;
        if group.pages.iter().any(|at| known[*at].url == *url) {
            own = articles.first().cloned();
        }
        touched.extend(articles);
    }
    if loosened {
        touched.extend(articles.iter().map(|article| article.id.to_string()));
    }
    note_reused(tx, now, &page.portal, &known, &groups).await?;
    let by = if loosened { By::Rules } else { by };
    let mut changes: Vec<(String, Option<ChangeKind>)> = Vec::new();
    for article in touched {
        if !changes.iter().any(|(done, _)| *done == article) {
            let kind = refresh(tx, now, &article, by).await?;
            changes.push((article, kind));
        }
    }
    let own = changes
        .into_iter()
        .find(|(article, _)| Some(article) == own.as_ref());
    Ok(own.and_then(|(_, kind)| kind))
}

/// The rows of all related pages: those with its number, those with its title and day, and the
/// other pages of their articles. If its number has just turned out to be a template's, the same
/// for every page with that number.
async fn neighbours(
    tx: &mut EngineConnection,
    portal: &str,
    url: &CanonicalUrl,
    loosened: Option<&IndexNumber>,
) -> Result<Vec<PageRow>, StoreError> {
    let query = format!(
        "WITH seed AS (
             SELECT found, article_id, index_number, title_fold, day FROM pages WHERE found IN
                 (SELECT found FROM pages WHERE portal = ?1 AND canonical_url = ?2
                  UNION SELECT found FROM pages WHERE portal = ?1 AND index_number = ?3)
         ), near AS (
             SELECT found, article_id FROM seed
             -- Without CROSS, all pages of the portal would be walked.
             UNION SELECT p.found, p.article_id FROM seed s CROSS JOIN pages p
                 ON p.portal = ?1 AND p.index_number = s.index_number
                 WHERE s.index_number NOT IN
                     (SELECT index_number FROM template_numbers WHERE portal = ?1)
             UNION SELECT p.found, p.article_id FROM seed s CROSS JOIN pages p
                 ON p.portal = ?1 AND p.title_fold = s.title_fold AND p.day IS NOT DISTINCT FROM s.day
         )
         {SELECT_PAGES}
         -- Not IN … OR IN …: PostgreSQL would walk all pages there are.
         WHERE p.found IN
             (SELECT found FROM near
              UNION SELECT o.found FROM near n CROSS JOIN pages o ON o.article_id = n.article_id)
         ORDER BY p.found"
    );
    Ok(sqlx::query_as(AssertSqlSafe(query))
        .bind(portal)
        .bind(url.as_str())
        .bind(loosened.map(IndexNumber::as_str))
        .fetch_all(tx)
        .await?)
}

fn known_page(row: &PageRow, loosened: Option<&IndexNumber>) -> Result<KnownPage, StoreError> {
    let content = row.content()?;
    let fingerprint = content.fingerprint();
    let number = content.metadata.index_number;
    Ok(KnownPage {
        url: CanonicalUrl::from_stored(row.canonical_url.clone()),
        fingerprint,
        article: row.article_id.as_deref().map(parse_id).transpose()?,
        loosened: loosened.is_some() && number.as_ref() == loosened,
        number: number.filter(|_| !row.is_template),
    })
}

async fn known_articles(
    tx: &mut EngineConnection,
    pages: &[KnownPage],
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

/// Makes the pages of a group one article: mints an id if necessary, moves the pages, and absorbs
/// the articles that turned out to be this one. Returns the articles that may have changed: this
/// one first, then those that lost a page to it.
async fn carry_out(
    tx: &mut EngineConnection,
    now: Timestamp,
    portal: &str,
    rows: &[PageRow],
    pages: &[KnownPage],
    group: &Group,
) -> Result<Vec<String>, StoreError> {
    let article = match group.article {
        Some(id) => id.to_string(),
        None => mint(tx, portal, rows, pages, group).await?,
    };
    let mut touched = vec![article.clone()];
    for at in &group.pages {
        if rows[*at].article_id.as_deref() != Some(&article) {
            touched.extend(rows[*at].article_id.clone());
            sqlx::query("UPDATE pages SET article_id = ?, sum = ? WHERE found = ?")
                .bind(&article)
                .bind(rows[*at].sum_with(&article))
                .bind(rows[*at].found)
                .execute(&mut *tx)
                .await?;
        }
    }
    for absorbed in &group.absorbs {
        withdraw::absorb(tx, now, &absorbed.to_string(), &article).await?;
    }
    Ok(touched)
}

/// Mints the id of a new article, once and for all, and inserts its row. An article with an id kept
/// from published dumps gets that id.
async fn mint(
    tx: &mut EngineConnection,
    portal: &str,
    rows: &[PageRow],
    pages: &[KnownPage],
    group: &Group,
) -> Result<String, StoreError> {
    let members = || group.pages.iter().map(|at| &pages[*at]);
    let number = members().find_map(|page| page.number.as_ref());
    let Some(primary) = members().next().map(|page| &page.url) else {
        return Err(StoreError::unreadable("group", "no page"));
    };
    if kept_ids::has_any(tx).await? {
        for at in &group.pages {
            let (page, content) = (&pages[*at], rows[*at].content()?);
            let kept =
                kept_ids::id_of(tx, portal, &page.url, page.number.as_ref(), &content).await?;
            if let Some(id) = kept {
                make_row(tx, &id, portal, primary).await?;
                return Ok(id);
            }
        }
    }
    for id in entry_id_candidates(portal, number, primary) {
        let id = id.to_string();
        let (is_reserved, taken) = kept_ids::uses_of(tx, &id).await?;
        if is_reserved {
            continue;
        }
        if taken && is_bereft(tx, portal, &id, members()).await? {
            return Ok(id);
        }
        if !taken {
            make_row(tx, &id, portal, primary).await?;
            return Ok(id);
        }
    }
    Err(StoreError::unreadable("id", "none is free"))
}

async fn make_row(
    tx: &mut EngineConnection,
    id: &str,
    portal: &str,
    primary: &CanonicalUrl,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO articles (id, portal, primary_url) VALUES (?, ?, ?)")
        .bind(id)
        .bind(portal)
        .bind(primary.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether this article has lost all its pages, and one of these pages shows it again: a portal may
/// show another document at its URL for a while.
async fn is_bereft(
    tx: &mut EngineConnection,
    portal: &str,
    id: &str,
    mut pages: impl Iterator<Item = &KnownPage>,
) -> Result<bool, StoreError> {
    let is_without_page: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM articles a
             WHERE id = ? AND portal = ? AND absorbed_by IS NULL
             AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.article_id = a.id))",
    )
    .bind(id)
    .bind(portal)
    .fetch_one(&mut *tx)
    .await?;
    let Some(row) = stored(tx, id).await?.filter(|_| is_without_page) else {
        return Ok(false);
    };
    let article = sound_in(tx, &row).await?;
    let metadata = &article.metadata;
    let day = metadata.published_on.or(metadata.issued_on);
    let before = Fingerprint::new(&article.title, day, &article.body.body_text);
    Ok(pages.any(|page| page.fingerprint.is_like(&before)))
}

/// Notes one incident for each number that two articles have.
async fn note_reused(
    tx: &mut EngineConnection,
    now: Timestamp,
    portal: &str,
    pages: &[KnownPage],
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
