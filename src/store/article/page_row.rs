//! Rows of `pages`, with the columns that identity needs.
//!
//! Owns how a row is read back. Never decides which article a page belongs to.

use crate::store::driver::EngineRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use super::content::PageContent;
use crate::identify::{CanonicalUrl, SeenValues};
use crate::model::IndexNumber;
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::{StoredPage, sum};

/// Selects [`PageRow`]s; a condition follows.
pub(in crate::store) const SELECT_PAGES: &str = "SELECT p.found, p.portal, p.canonical_url, p.url,
    p.article_id, p.content, p.content_sha256, p.index_number, p.title_fold, p.day, p.sum,
    (SELECT t.body FROM texts t WHERE t.id = p.text_id) AS packed,
    p.first_seen_ms, p.seen_values, p.gone_looks, p.unrest, p.next_check_ms,
    EXISTS (SELECT 1 FROM template_numbers t
            WHERE t.portal = p.portal AND t.index_number = p.index_number) AS is_template
    FROM pages p";

/// A row of `pages`, with the columns that identity needs.
#[derive(Clone)]
pub(in crate::store) struct PageRow {
    pub(in crate::store) found: i64,
    pub(in crate::store) canonical_url: String,
    pub(super) url: String,
    pub(in crate::store) article_id: Option<String>,
    /// Whether its number comes from a page template. Such a number identifies nothing.
    pub(super) is_template: bool,
    stored: StoredPage,
    pub(in crate::store) content_sha256: String,
    pub(super) first_seen_ms: i64,
    seen_values: Option<String>,
    /// How often in a row it was missing.
    pub(super) gone_looks: i64,
    /// How many looks in a row showed another text.
    pub(super) unrest: i64,
    /// When it is rechecked; `None` if it is looked at no more.
    pub(super) next_check_ms: Option<i64>,
}

impl FromRow<'_, EngineRow> for PageRow {
    fn from_row(row: &EngineRow) -> Result<Self, sqlx::Error> {
        let stored = StoredPage::from_row(row)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Self {
            found: stored.found,
            canonical_url: text(&stored.canonical_url),
            url: text(&stored.url),
            article_id: stored.article_id.as_deref().map(text),
            is_template: row.try_get("is_template")?,
            content_sha256: text(&stored.content_sha256),
            first_seen_ms: row.try_get("first_seen_ms")?,
            seen_values: row.try_get("seen_values")?,
            gone_looks: row.try_get("gone_looks")?,
            unrest: row.try_get("unrest")?,
            next_check_ms: row.try_get("next_check_ms")?,
            stored,
        })
    }
}

impl PageRow {
    /// The page's content.
    pub(in crate::store) fn content(&self) -> Result<PageContent, StoreError> {
        Ok(self.stored.read()?)
    }

    /// The checksum of the row once it belongs to this article. The row must have been read: damage
    /// would count as sound from then on.
    pub(super) fn sum_with(&self, article: &str) -> i64 {
        let row = StoredPage {
            article_id: Some(article.as_bytes().to_vec()),
            ..self.stored.clone()
        };
        sum::sum(&row.parts())
    }

    /// The values of parameters in addresses of its text that have changed so far.
    pub(super) fn seen_values(&self) -> Result<SeenValues, StoreError> {
        let seen = self.seen_values.as_deref().map(serde_json::from_str);
        let seen = seen
            .transpose()
            .map_err(|e| StoreError::unreadable(format!("page {}", self.canonical_url), e))?;
        Ok(seen.unwrap_or_default())
    }
}

/// The page at this address.
pub(super) async fn page_row(
    tx: &mut EngineConnection,
    portal: &str,
    url: &CanonicalUrl,
) -> Result<Option<PageRow>, StoreError> {
    let query = format!("{SELECT_PAGES} WHERE p.portal = ? AND p.canonical_url = ?");
    Ok(sqlx::query_as(AssertSqlSafe(query))
        .bind(portal)
        .bind(url.as_str())
        .fetch_optional(tx)
        .await?)
}

/// Whether the number comes from a page template. Such a number identifies nothing.
pub(super) async fn is_known_template(
    tx: &mut EngineConnection,
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

/// The page's index number; `None` also for a template's number, which identifies nothing.
pub(super) async fn own_number<'a>(
    tx: &mut EngineConnection,
    portal: &str,
    content: &'a PageContent,
) -> Result<Option<&'a IndexNumber>, StoreError> {
    Ok(match &content.metadata.index_number {
        Some(number) if is_known_template(tx, portal, number.as_str()).await? => None,
        number => number.as_ref(),
    })
}
