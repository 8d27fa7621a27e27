//! Saves a page that was read, in one transaction: the page's state, the article that it belongs
//! to, and the change of that article.
//!
//! Owns the question whether a page is too doubtful to be saved. Never reads a page.

use sqlx::AssertSqlSafe;

use super::Articles;
use super::content::{PageContent, ReadPage};
use super::page_row::{PageRow, own_number, page_row};
use super::refresh::{By, refresh};
use super::settle::{becomes_template, settle};
use super::template_titles::told_by_row;
use super::texts::{self, KEEP_TEXT};
use super::withdraw::close_mass_missing;
use super::{pages, removal, unrest};
use crate::identify::CanonicalUrl;
use crate::model::{ChangeKind, ColumnName, IndexNumber, Timestamp};
use crate::store::driver::EngineConnection;
use crate::store::rows::part;
use crate::store::{StoreError, incidents};

/// The result of saving a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    /// Nothing changed for readers.
    Unchanged,
    /// The page shows quite another text and no number: it may be an error page. Nothing was saved.
    Doubtful,
    /// The page shows an article that was removed. Nothing was saved.
    Removed,
    /// The page's article was changed in this way.
    Changed(ChangeKind),
}

impl Articles<'_> {
    /// Saves a page. `column` is the column that lists it, `None` for a recheck.
    pub async fn save(
        self,
        now: Timestamp,
        column: Option<&ColumnName>,
        page: &ReadPage,
    ) -> Result<SaveOutcome, StoreError> {
        let mut tx = self.store.begin().await?;
        let url = CanonicalUrl::from(&page.url);
        if let Some(removed) = removal::shown_by(&mut tx, page, &url).await? {
            removal::turn_away(&mut tx, now, page, &removed).await?;
            tx.commit().await?;
            return Ok(SaveOutcome::Removed);
        }
        let told = told_by_row(&mut tx, now, page).await?;
        let page = told.as_ref().unwrap_or(page);
        let known = page_row(&mut tx, &page.portal, &url).await?;
        if is_doubtful(&mut tx, known.as_ref(), page).await? {
            return Ok(SaveOutcome::Doubtful);
        }
        let kind = save(&mut tx, now, page, &url, known.as_ref()).await?;
        if kind == Some(ChangeKind::Amended) {
            unrest::note(&mut tx, now, page, &url).await?;
        }
        close_mass_missing(&mut tx, now, &page.portal).await?;
        if let Some(column) = column {
            sqlx::query(
                "UPDATE items SET done = 1, reason = NULL, message = NULL
                 WHERE column_name = ? AND canonical_url = ?",
            )
            .bind(column.as_str())
            .bind(url.as_str())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(kind.map_or(SaveOutcome::Unchanged, SaveOutcome::Changed))
    }
}

/// Whether a known URL now shows a text without likeness to its former one. With a new number it is
/// another article; without one, an error page is likelier than a rewrite. The same holds if hardly
/// anything is left of the text, and always if the page has nothing but its title now.
async fn is_doubtful(
    tx: &mut EngineConnection,
    known: Option<&PageRow>,
    page: &ReadPage,
) -> Result<bool, StoreError> {
    let Some(known) = known else {
        return Ok(false);
    };
    let known = known.content()?;
    if !known.body.is_empty() && page.content.body.is_empty() {
        return Ok(true);
    }
    let (before, now) = (known.fingerprint(), page.content.fingerprint());
    if before.has_lost_nearly_all(&now) && page.content.body.is_bare() {
        let number = own_number(tx, &page.portal, &page.content).await?;
        return Ok(number.is_none() || number == known.metadata.index_number.as_ref());
    }
    Ok(own_number(tx, &page.portal, &page.content).await?.is_none() && !before.is_like(&now))
}

async fn save(
    tx: &mut EngineConnection,
    now: Timestamp,
    page: &ReadPage,
    url: &CanonicalUrl,
    known: Option<&PageRow>,
) -> Result<Option<ChangeKind>, StoreError> {
    let sha256 = page.content.sha256(&[&page.url, &page.found_at]);
    if let Some(row) = known
        && is_as_it_was(tx, row, page, &sha256).await?
        && let Some(article) = &row.article_id
    {
        pages::prefer_https(tx, row.found, &page.url).await?;
        let first_seen = seen(row.first_seen_ms, now);
        pages::read_from(tx, now, row.found, first_seen, page, true).await?;
        restate(tx, row, &page.content).await?;
        return refresh(tx, now, article, By::Portal).await;
    }
    write_page(tx, now, page, url, &sha256, known).await?;
    let loosened = match &page.content.metadata.index_number {
        Some(number) => becomes_template(tx, &page.portal, number).await?,
        None => false,
    };
    settle(tx, now, page, url, loosened, By::Portal).await
}

/// Whether a page is as it was, for readers. Notes the values of parameters that vary.
async fn is_as_it_was(
    tx: &mut EngineConnection,
    row: &PageRow,
    page: &ReadPage,
    sha256: &str,
) -> Result<bool, StoreError> {
    let seen = row.seen_values()?;
    if row.content_sha256 == sha256 && seen.is_empty() {
        return Ok(true);
    }
    let compared = row.content()?.compared_with(page, &seen);
    if compared.seen != seen {
        pages::note_values(tx, row.found, &compared.seen).await?;
    }
    Ok(compared.is_same)
}

/// Replaces the page's stored content where it differs only in details that do not count, so that
/// the capture still yields exactly this content. No article changes.
async fn restate(
    tx: &mut EngineConnection,
    row: &PageRow,
    read: &PageContent,
) -> Result<(), StoreError> {
    let before = row.content()?;
    if before.is_to_the_letter(read) {
        return Ok(());
    }
    let content = PageContent {
        provenance: before.provenance,
        ..read.clone()
    };
    let json = serde_json::to_string(&content)
        .map_err(|e| StoreError::unreadable(format!("page {}", row.canonical_url), e))?;
    let parted = part(&json);
    let text = texts::put(tx, &parted).await?;
    sqlx::query("UPDATE pages SET content = ?, text_id = ? WHERE found = ?")
        .bind(parted.json.as_ref())
        .bind(text)
        .bind(row.found)
        .execute(&mut *tx)
        .await?;
    pages::seal(tx, row.found).await
}

fn seen(millis: i64, now: Timestamp) -> Timestamp {
    Timestamp::from_millis(millis).unwrap_or(now)
}

/// Writes the page's last state. If another document now stands at the URL, the
/// former article loses the page and stays as it is; an incident is noted.
async fn write_page(
    tx: &mut EngineConnection,
    now: Timestamp,
    page: &ReadPage,
    url: &CanonicalUrl,
    sha256: &str,
    known: Option<&PageRow>,
) -> Result<(), StoreError> {
    let fingerprint = page.content.fingerprint();
    let number = page.content.metadata.index_number.as_ref();
    let content = serde_json::to_string(&page.content)
        .map_err(|e| StoreError::unreadable(page.url.as_str(), e))?;
    if let Some(row) = known {
        let before = row.content()?;
        let own = own_number(tx, &page.portal, &page.content).await?;
        let has_new_number = own.is_some() && before.metadata.index_number.as_ref() != own;
        let is_other = has_new_number && !before.fingerprint().is_like(&fingerprint);
        if is_other {
            sqlx::query("DELETE FROM pages WHERE found = ?")
                .bind(row.found)
                .execute(&mut *tx)
                .await?;
            let message = format!(
                "another document now stands at {}: it was 「{}」 and is 「{}」; the former article \
                 is kept as it was",
                page.url, before.title, page.content.title
            );
            incidents::note(tx, now, "url-reused", page.url.as_str(), &message).await?;
        }
    }
    let parted = part(&content);
    let text = parted.packed()?;
    let text = text.as_ref();
    // One trip for both.
    let query = format!(
        "{KEEP_TEXT};
         INSERT INTO pages (portal, canonical_url, url, index_number, title_fold, day, content,
                            content_sha256, first_seen_ms, answered_ms, looked_ms, text_id)
         VALUES (?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?12,
                 (SELECT id FROM texts WHERE sha256 = ?1))
         ON CONFLICT (portal, canonical_url) DO UPDATE
         SET index_number = ?7, title_fold = ?8, day = ?9, content = ?10, content_sha256 = ?11,
             text_id = excluded.text_id, unrest = pages.unrest + 1
         RETURNING found"
    );
    let found: i64 = sqlx::query_scalar(AssertSqlSafe(query))
        .bind(text.map(|text| text.sha256.clone()))
        .bind(text.map(|text| text.body.clone()))
        .bind(text.map(|text| text.sum))
        .bind(&page.portal)
        .bind(url.as_str())
        .bind(page.url.as_str())
        .bind(number.map(IndexNumber::as_str))
        .bind(&fingerprint.title)
        .bind(fingerprint.day.map(|day| day.to_string()))
        .bind(parted.json.as_ref())
        .bind(sha256)
        .bind(now.millis())
        .fetch_one(&mut *tx)
        .await?;
    // A new page gets its checksum with its article.
    if known.is_some() && !pages::prefer_https(tx, found, &page.url).await? {
        pages::seal(tx, found).await?;
    }
    let first_seen = known.map_or(now, |row| seen(row.first_seen_ms, now));
    pages::read_from(tx, now, found, first_seen, page, false).await
}
