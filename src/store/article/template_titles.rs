//! Titles that come out alike for pages whose rows have other titles. They are the template's, and
//! identify nothing.
//!
//! Owns which titles these are, column by column, and the rows' titles in their place. Never reads a
//! page, and never judges by a title alone: one notice may be listed twice.

use sqlx::AssertSqlSafe;
use url::Url;

use super::Articles;
use super::content::{PageContent, ReadPage};
use super::page_row::{PageRow, SELECT_PAGES};
use super::pages;
use super::refresh::{By, refresh};
use super::texts;
use crate::extract::{row_title, rows_differ};
use crate::identify::{CanonicalUrl, Fingerprint};
use crate::model::{ColumnName, Field, ListRow, Timestamp};
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::{list_row, part};

/// The pages of a template that are compared.
const MOST: i64 = 50;

/// A page of the column with the title that is in question.
struct Bearer {
    row: PageRow,
    content: PageContent,
    /// Its title in the column's list, where it is another one.
    title: Option<String>,
    listed: ListRow,
}

impl Articles<'_> {
    /// Gives a page that was read anew its row's title, if its own is a template's. Writes nothing.
    pub async fn told_by_row(self, page: ReadPage) -> Result<ReadPage, StoreError> {
        let Some((column, title)) = other_title(&page) else {
            return Ok(page);
        };
        let mut store = self.store.pool.acquire().await?;
        let is_template = is_known(&mut store, column, &page.content).await?
            || !bearers_of(&mut store, column, &page).await?.is_empty();
        Ok(match is_template {
            true => retitled(&page, title),
            false => page,
        })
    }
}

/// The page with its row's title, if its own title is a template's. The other pages of the column
/// with that title get theirs at once: one that answers 304 would keep it.
pub(super) async fn told_by_row(
    tx: &mut EngineConnection,
    now: Timestamp,
    page: &ReadPage,
) -> Result<Option<ReadPage>, StoreError> {
    let Some((column, title)) = other_title(page) else {
        return Ok(None);
    };
    if is_known(tx, column, &page.content).await? {
        return Ok(Some(retitled(page, title)));
    }
    let bearers = bearers_of(tx, column, page).await?;
    if bearers.is_empty() {
        return Ok(None);
    }
    note(tx, column, &page.content.title).await?;
    for bearer in &bearers {
        if let Some(title) = &bearer.title {
            rename(tx, now, bearer, title).await?;
        }
    }
    Ok(Some(retitled(page, title)))
}

/// Notes that a title is a template's.
pub(in crate::store) async fn note(
    tx: &mut EngineConnection,
    column: &ColumnName,
    title: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO template_titles (column_name, title_fold) VALUES (?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(column.as_str())
    .bind(fold(title))
    .execute(tx)
    .await?;
    Ok(())
}

/// The column by whose rules a page was read, and the page's title in that column's list, if it is
/// another one than its own.
fn other_title(page: &ReadPage) -> Option<(&ColumnName, &str)> {
    let (row, column) = (page.reading.row.as_ref()?, page.reading.read_by.as_ref()?);
    Some((column, title_of(row, &page.content)?))
}

fn title_of<'a>(row: &'a ListRow, content: &PageContent) -> Option<&'a str> {
    let found = content.provenance.get(&Field::Title).map(String::as_str);
    row_title(row, &content.title, found.unwrap_or_default())
}

fn retitled(page: &ReadPage, title: &str) -> ReadPage {
    let mut told = page.clone();
    told.reading.own_title = Some(page.content.title.clone());
    told.content.take_row_title(title);
    told
}

fn fold(title: &str) -> String {
    Fingerprint::new(title, None, "").title
}

async fn is_known(
    tx: &mut EngineConnection,
    column: &ColumnName,
    content: &PageContent,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM template_titles WHERE column_name = ? AND title_fold = ?)",
    )
    .bind(column.as_str())
    .bind(fold(&content.title))
    .fetch_one(tx)
    .await?)
}

/// The column's other pages with exactly this page's title, if it is a template's: at least one of
/// them has another text and quite another title in the list.
async fn bearers_of(
    tx: &mut EngineConnection,
    column: &ColumnName,
    page: &ReadPage,
) -> Result<Vec<Bearer>, StoreError> {
    let mut bearers = Vec::new();
    for row in rows_titled(tx, column, page).await? {
        let content = row.content()?;
        let Some(listed) = listed(tx, row.found).await? else {
            continue;
        };
        let title = title_of(&listed, &content).map(str::to_owned);
        if content.title == page.content.title {
            bearers.push(Bearer {
                row,
                content,
                title,
                listed,
            });
        }
    }
    let own = page.content.fingerprint();
    let shows_it = |bearer: &Bearer| {
        let is_other_row = page
            .reading
            .row
            .as_ref()
            .is_some_and(|row| rows_differ(&row.title, &bearer.listed.title));
        is_other_row && !own.has_text_of(&bearer.content.fingerprint())
    };
    if !bearers.iter().any(shows_it) {
        bearers.clear();
    }
    Ok(bearers)
}

async fn rows_titled(
    tx: &mut EngineConnection,
    column: &ColumnName,
    page: &ReadPage,
) -> Result<Vec<PageRow>, StoreError> {
    let query = format!(
        "{SELECT_PAGES} WHERE p.portal = ?1 AND p.title_fold = ?2 AND p.canonical_url <> ?3
             AND p.article_id IS NOT NULL AND EXISTS
                 (SELECT 1 FROM items i WHERE i.column_name = ?4
                      AND i.canonical_url = p.canonical_url)
         ORDER BY p.found LIMIT ?5"
    );
    Ok(sqlx::query_as(AssertSqlSafe(query))
        .bind(&page.portal)
        .bind(fold(&page.content.title))
        .bind(CanonicalUrl::from(&page.url).as_str())
        .bind(column.as_str())
        .bind(MOST)
        .fetch_all(tx)
        .await?)
}

async fn listed(tx: &mut EngineConnection, found: i64) -> Result<Option<ListRow>, StoreError> {
    let (title, day): (Option<String>, Option<String>) =
        sqlx::query_as("SELECT row_title, row_day FROM pages WHERE found = ?")
            .bind(found)
            .fetch_one(tx)
            .await?;
    list_row(title, day)
}

/// Gives a stored page its row's title, and its article with it.
async fn rename(
    tx: &mut EngineConnection,
    now: Timestamp,
    bearer: &Bearer,
    title: &str,
) -> Result<(), StoreError> {
    let mut content = bearer.content.clone();
    content.take_row_title(title);
    let json = serde_json::to_string(&content)
        .map_err(|e| StoreError::unreadable(&bearer.row.canonical_url, e))?;
    let (url, found_at) = addresses(tx, bearer.row.found).await?;
    let parsed = |url: &str| Url::parse(url).map_err(|e| StoreError::unreadable(url, e));
    let found_at = parsed(found_at.as_deref().unwrap_or(&url))?;
    let url = parsed(&url)?;
    let parted = part(&json);
    let text = texts::put(tx, &parted).await?;
    sqlx::query(
        "UPDATE pages SET title_fold = ?, content = ?, content_sha256 = ?, text_id = ?
         WHERE found = ?",
    )
    .bind(fold(title))
    .bind(parted.json.as_ref())
    .bind(content.sha256(&[&url, &found_at]))
    .bind(text)
    .bind(bearer.row.found)
    .execute(&mut *tx)
    .await?;
    pages::seal(tx, bearer.row.found).await?;
    if let Some(article) = &bearer.row.article_id {
        refresh(tx, now, article, By::Rules).await?;
    }
    Ok(())
}

/// The address of a page, and the one of its last answer.
async fn addresses(
    tx: &mut EngineConnection,
    found: i64,
) -> Result<(String, Option<String>), StoreError> {
    Ok(sqlx::query_as(
        "SELECT p.url, c.url FROM pages p LEFT JOIN captures c ON c.id = p.capture
         WHERE p.found = ?",
    )
    .bind(found)
    .fetch_one(tx)
    .await?)
}
