//! The pages of articles: their state, and the time of the next recheck.
//!
//! Owns the ages at which an article is rechecked. Never fetches.

use chrono::TimeDelta;
use sqlx::AssertSqlSafe;
use sqlx::query::Query;
use url::Url;
use uuid::Uuid;

use super::Articles;
use super::content::{PageContent, ReadPage};
use super::page_row::page_row;
use crate::fetch::Validators;
use crate::identify::{CanonicalUrl, SeenValues};
use crate::model::{ColumnName, Field, ListRow, Timestamp};
use crate::store::StoreError;
use crate::store::driver::{Arguments, Engine, EngineConnection};
use crate::store::rows::{PAGE, StoredPage, column_name, list_row, sum};

/// A page that is due for a recheck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuePage {
    /// Its URL.
    pub url: Url,
    /// What a column's list said of it at first sight.
    pub row: Option<ListRow>,
    /// The validators of its last good answer.
    pub validators: Validators,
}

/// An article is rechecked at these ages, counted from first sight.
const RECHECKS: [TimeDelta; 6] = [
    TimeDelta::hours(1),
    TimeDelta::hours(6),
    TimeDelta::days(1),
    TimeDelta::days(3),
    TimeDelta::days(7),
    TimeDelta::days(30),
];

/// The next recheck after `now` of a page first seen at `first_seen`; `None` once it is old.
pub(super) fn next_recheck(first_seen: Timestamp, now: Timestamp) -> Option<Timestamp> {
    RECHECKS
        .into_iter()
        .map(|age| first_seen.plus(age))
        .find(|look| *look > now)
}

impl Articles<'_> {
    /// The content of a page when it was last saved; `None` if it never was.
    pub async fn page_content(
        self,
        portal: &str,
        url: &Url,
    ) -> Result<Option<PageContent>, StoreError> {
        let mut connection = self.store.pool.acquire().await?;
        let row = page_row(&mut connection, portal, &CanonicalUrl::from(url)).await?;
        row.map(|row| row.content()).transpose()
    }

    /// The pages of this column that are due for a recheck, the longest due first. If several
    /// columns list a page, the first by name rechecks it: their rules may read it differently, and
    /// it must not flip back and forth.
    pub async fn due_pages(
        self,
        now: Timestamp,
        column: &ColumnName,
    ) -> Result<Vec<DuePage>, StoreError> {
        type Row = (
            String,
            Option<String>,
            Option<String>,
            Option<String>,
            Option<String>,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT p.url, p.row_title, p.row_day, p.etag, p.last_modified FROM pages p
             WHERE p.portal = COALESCE(
                     (SELECT portal FROM columns WHERE name = ?2),
                     (SELECT portal FROM items WHERE column_name = ?2 LIMIT 1))
                 AND p.next_check_ms <= ?1 AND p.article_id IS NOT NULL AND ?2 =
                 (SELECT MIN(i.column_name) FROM items i
                  WHERE i.portal = p.portal AND i.canonical_url = p.canonical_url)
             ORDER BY p.next_check_ms, p.found",
        )
        .bind(now.millis())
        .bind(column.as_str())
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(url, title, day, etag, last_modified)| {
                let url = Url::parse(&url).map_err(|e| StoreError::unreadable("page URL", e))?;
                let validators = Validators {
                    etag,
                    last_modified,
                };
                Ok(DuePage {
                    url,
                    row: list_row(title, day)?,
                    validators,
                })
            })
            .collect()
    }

    /// The pages of an article, as found, each with the column that rechecks it: the first by name of
    /// those that list it. They are to be fetched whole.
    pub async fn pages_of(
        self,
        id: Uuid,
    ) -> Result<Vec<(Option<ColumnName>, DuePage)>, StoreError> {
        type Row = (Option<String>, String, Option<String>, Option<String>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT (SELECT MIN(i.column_name) FROM items i
                     WHERE i.portal = p.portal AND i.canonical_url = p.canonical_url),
                 p.url, p.row_title, p.row_day
             FROM pages p WHERE p.article_id = ? ORDER BY p.found",
        )
        .bind(id.to_string())
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(column, url, title, day)| {
                let page = DuePage {
                    url: Url::parse(&url).map_err(|e| StoreError::unreadable("page URL", e))?,
                    row: list_row(title, day)?,
                    validators: Validators::default(),
                };
                Ok((column.as_deref().map(column_name).transpose()?, page))
            })
            .collect()
    }

    /// Whether a stored article stands at this address, in any portal.
    pub async fn has_page(self, url: &CanonicalUrl) -> Result<bool, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pages WHERE canonical_url = ?)")
                .bind(url.as_str())
                .fetch_one(&self.store.pool)
                .await?,
        )
    }
}

/// Gives a page's row the checksum of what it says now. Only a row that was read as a whole before it
/// was written may be sealed: damage would count as sound from then on.
pub(in crate::store) async fn seal(
    tx: &mut EngineConnection,
    found: i64,
) -> Result<(), StoreError> {
    let query = format!("SELECT {PAGE} FROM pages p WHERE p.found = ?");
    let row: StoredPage = sqlx::query_as(AssertSqlSafe(query))
        .bind(found)
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query("UPDATE pages SET sum = ? WHERE found = ?")
        .bind(sum::sum(&row.parts()))
        .bind(found)
        .execute(tx)
        .await?;
    Ok(())
}

/// A page found under `https` keeps that address and never goes back: if columns list both, it
/// would change with every run. Returns whether the address changed.
pub(in crate::store) async fn prefer_https(
    tx: &mut EngineConnection,
    found: i64,
    url: &Url,
) -> Result<bool, StoreError> {
    if url.scheme() != "https" {
        return Ok(false);
    }
    let done = sqlx::query("UPDATE pages SET url = ? WHERE found = ? AND url LIKE 'http:%'")
        .bind(url.as_str())
        .bind(found)
        .execute(&mut *tx)
        .await?;
    let is_other = done.rows_affected() > 0;
    if is_other {
        seal(tx, found).await?;
    }
    Ok(is_other)
}

/// Notes when and how a page's last state was read, from which capture, and that it answered well, as
/// [`answered`] does.
pub(super) async fn read_from(
    tx: &mut EngineConnection,
    now: Timestamp,
    found: i64,
    first_seen: Timestamp,
    page: &ReadPage,
    is_same: bool,
) -> Result<(), StoreError> {
    let (reading, validators) = (&page.reading, Some(&page.validators));
    let (charset, decided, replaced) = match reading.charset {
        Some(charset) => (
            Some(charset.name),
            Some(charset.found.to_string()),
            Some(i64::try_from(charset.replaced).unwrap_or(i64::MAX)),
        ),
        None => (None, None, None),
    };
    let row = reading.row.as_ref();
    let query = format!(
        "{ANSWERED};
         -- The capture may have left the archive while its page was read.
         UPDATE pages SET capture = COALESCE((SELECT id FROM captures WHERE id = ?9), capture),
             charset = ?10, charset_found = ?11, replaced = ?12, read_by = ?13, read_ms = ?1,
             kept = ?14, row_day = CASE WHEN row_title IS NULL THEN ?15 ELSE row_day END,
             row_title = COALESCE(row_title, ?16)
         WHERE found = ?6"
    );
    let query = sqlx::query(AssertSqlSafe(query));
    bind_answered(query, now, found, first_seen, validators, is_same)
        .bind(reading.capture)
        .bind(charset)
        .bind(decided)
        .bind(replaced)
        .bind(reading.read_by.as_ref().map(ColumnName::as_str))
        .bind(field_names(&reading.kept))
        .bind(
            row.and_then(|row| row.published_on)
                .map(|day| day.to_string()),
        )
        .bind(row.map(|row| &row.title))
        .execute(tx)
        .await?;
    Ok(())
}

/// Notes the values of parameters in addresses of a page's text that have changed so far.
pub(super) async fn note_values(
    tx: &mut EngineConnection,
    found: i64,
    seen: &SeenValues,
) -> Result<(), StoreError> {
    let json = serde_json::to_string(seen).map_err(|e| StoreError::unreadable("addresses", e))?;
    sqlx::query("UPDATE pages SET seen_values = ? WHERE found = ?")
        .bind(Some(json).filter(|_| !seen.is_empty()))
        .bind(found)
        .execute(tx)
        .await?;
    Ok(())
}

/// The names of fields, separated by spaces; `None` for no field.
pub(in crate::store) fn field_names(fields: &[Field]) -> Option<String> {
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Notes that a page answered well, and sets its next recheck. A page that a backfill brought is
/// rechecked only once, at the last of the ages: thousands of old pages must not delay the news. The
/// text of a page that `is_same` is not another one at every look.
pub(super) async fn answered(
    tx: &mut EngineConnection,
    now: Timestamp,
    found: i64,
    first_seen: Timestamp,
    validators: Option<&Validators>,
    is_same: bool,
) -> Result<(), StoreError> {
    let query = sqlx::query(ANSWERED);
    let query = bind_answered(query, now, found, first_seen, validators, is_same);
    query.execute(tx).await?;
    Ok(())
}

const ANSWERED: &str = "UPDATE pages SET answered_ms = ?1, looked_ms = ?1,
         next_check_ms = CASE (SELECT MIN(i.backfill) FROM items i
                               WHERE i.portal = pages.portal
                                 AND i.canonical_url = pages.canonical_url)
                         WHEN 1 THEN ?8 ELSE ?2 END,
         gone_looks = 0, gone_ms = NULL, unrest = CASE WHEN ?7 <> 0 THEN 0 ELSE unrest END,
         etag = CASE WHEN ?3 <> 0 THEN ?4 ELSE etag END,
         last_modified = CASE WHEN ?3 <> 0 THEN ?5 ELSE last_modified END
     WHERE found = ?6";

fn bind_answered<'q>(
    query: Query<'q, Engine, Arguments>,
    now: Timestamp,
    found: i64,
    first_seen: Timestamp,
    validators: Option<&'q Validators>,
    is_same: bool,
) -> Query<'q, Engine, Arguments> {
    let of_backfill = now.max(first_seen.plus(RECHECKS[4]));
    query
        .bind(now.millis())
        .bind(next_recheck(first_seen, now).map(Timestamp::millis))
        .bind(validators.is_some())
        .bind(validators.and_then(|v| v.etag.as_deref()))
        .bind(validators.and_then(|v| v.last_modified.as_deref()))
        .bind(found)
        .bind(is_same)
        .bind(next_recheck(first_seen, of_backfill).map(Timestamp::millis))
}
