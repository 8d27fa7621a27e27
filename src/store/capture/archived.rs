//! The pages of articles, with the captures from which they were read.
//!
//! Owns the order in which the archive is read again: the order in which it was written. Never
//! opens it.

use sqlx::{FromRow, Row};
use url::Url;
use uuid::Uuid;

use super::Captures;
use crate::archive::CapturePlace;
use crate::model::{Article, ColumnName, Field, ListRow, Timestamp};
use crate::store::StoreError;
use crate::store::article::{PageContent, ReadPage, sound_in, stored};
use crate::store::driver::EngineRow;
use crate::store::rows::{PAGE, StoredPage, capture_place, field_list, list_row};

/// A place in the archive, and the page that was read from there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The archive's file.
    pub file: String,
    /// The offset of the capture's response record in it, in bytes.
    pub offset: i64,
    /// The page's number.
    pub found: i64,
}

/// A page of an article, with the capture from which its last state was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchivedPage {
    /// The place of its capture in the archive.
    pub position: Position,
    /// The portal.
    pub portal: String,
    /// The URL under which it is known.
    pub url: Url,
    /// What a column's list said of it at first sight.
    pub row: Option<ListRow>,
    /// The columns that list it, by name.
    pub columns: Vec<ColumnName>,
    /// Its content.
    pub content: PageContent,
    /// The hash by which its states are compared.
    pub content_sha256: String,
    /// The column whose rules read it, if that is known.
    pub read_by: Option<ColumnName>,
    /// When it was read.
    pub read_at: Timestamp,
    /// Whether everything about its reading is known, so that the same rules give exactly the same.
    pub is_exact: bool,
    /// The fields that it kept from its former state.
    pub kept: Vec<Field>,
    /// The charset in which it was read, and the reason for choosing it.
    pub charset: Option<(String, String)>,
    /// The number of its capture.
    pub capture: i64,
    /// The URL of the request.
    pub captured_url: Url,
    /// The time of the request.
    pub captured_at: Timestamp,
    /// The id of the capture's record.
    pub record_id: String,
    /// The digest of the body as it was sent.
    pub payload_digest: String,
}

/// What is read beside [`PAGE`].
const BESIDE: &str = "p.charset, p.charset_found, p.read_by, p.read_ms, p.kept, p.row_title,
         p.row_day, c.id AS capture, c.url AS captured_url, c.at_ms, c.file, c.offset, c.record_id, c.payload_digest,
         (SELECT string_agg(i.column_name, ' ') FROM items i
          WHERE i.portal = p.portal AND i.canonical_url = p.canonical_url) AS columns";

impl Captures<'_> {
    /// Pages of articles in the order of the archive, after `after`, at most `limit`.
    pub async fn pages(
        self,
        after: &Position,
        limit: i64,
    ) -> Result<Vec<ArchivedPage>, StoreError> {
        // The captures come first, so that their index gives the order.
        let query = format!(
            "SELECT {PAGE}, {BESIDE} FROM captures c CROSS JOIN pages p ON p.capture = c.id
             WHERE p.article_id IS NOT NULL AND (c.file, c.offset) >= (?1, ?2)
                 AND (c.file, c.offset, p.found) > (?1, ?2, ?3)
             ORDER BY c.file, c.offset, p.found LIMIT ?4"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(&after.file)
            .bind(after.offset)
            .bind(after.found)
            .bind(limit)
            .fetch_all(&self.store.pool)
            .await?;
        rows.iter().map(page).collect()
    }

    /// The number of articles' pages with a capture in the archive, and the number without one.
    pub async fn page_counts(self) -> Result<(i64, i64), StoreError> {
        Ok(sqlx::query_as(
            "SELECT COUNT(capture), COUNT(*) - COUNT(capture) FROM pages
             WHERE article_id IS NOT NULL",
        )
        .fetch_one(&self.store.pool)
        .await?)
    }

    /// An article, and the page that supplies its text, if that page has a capture in the archive.
    pub async fn article(
        self,
        id: Uuid,
    ) -> Result<Option<(Article, Option<ArchivedPage>)>, StoreError> {
        let mut connection = self.store.pool.acquire().await?;
        let Some(stored) = stored(&mut connection, &id.to_string()).await? else {
            return Ok(None);
        };
        let article = sound_in(&mut connection, &stored).await?;
        let primary: String = sqlx::query_scalar("SELECT primary_url FROM articles WHERE id = ?")
            .bind(id.to_string())
            .fetch_one(&mut *connection)
            .await?;
        let query = format!(
            "SELECT {PAGE}, {BESIDE} FROM pages p JOIN captures c ON c.id = p.capture
             WHERE p.article_id = ? AND p.canonical_url = ?"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(id.to_string())
            .bind(primary)
            .fetch_optional(&mut *connection)
            .await?;
        let page = row.as_ref().map(page).transpose()?;
        Ok(Some((article, page)))
    }

    /// A page whose row is damaged, if its capture is in the archive and the rest of the row can be
    /// read. Its content is empty.
    pub async fn damaged_page(self, found: i64) -> Result<Option<ArchivedPage>, StoreError> {
        let query = format!(
            "SELECT {PAGE}, {BESIDE} FROM pages p JOIN captures c ON c.id = p.capture WHERE p.found = ?"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(found)
            .fetch_optional(&self.store.pool)
            .await?;
        Ok(row.and_then(|row| page_with(&row, PageContent::default()).ok()))
    }

    /// The newest whole capture of `url` up to `until`, or the newest of all.
    pub async fn until(
        self,
        url: &Url,
        until: Option<Timestamp>,
    ) -> Result<Option<CapturePlace>, StoreError> {
        let row: Option<(String, i64)> = sqlx::query_as(
            "SELECT file, \"offset\" FROM captures WHERE url = ? AND at_ms <= ?
             ORDER BY id DESC LIMIT 1",
        )
        .bind(url.as_str())
        .bind(until.map_or(i64::MAX, Timestamp::millis))
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(row.and_then(capture_place))
    }

    /// The capture that a revisit record refers to.
    pub async fn of_record(
        self,
        url: &Url,
        record_id: &str,
    ) -> Result<Option<CapturePlace>, StoreError> {
        let row: Option<(String, i64)> = sqlx::query_as(
            "SELECT file, \"offset\" FROM captures WHERE url = ? AND record_id = ? LIMIT 1",
        )
        .bind(url.as_str())
        .bind(record_id)
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(row.and_then(capture_place))
    }
}

fn page(row: &EngineRow) -> Result<ArchivedPage, StoreError> {
    page_with(row, StoredPage::from_row(row)?.read()?)
}

fn page_with(row: &EngineRow, content: PageContent) -> Result<ArchivedPage, StoreError> {
    let url: String = row.try_get("url")?;
    let wrong =
        |cause: &dyn std::fmt::Display| StoreError::unreadable(format!("page {url}"), cause);
    let parsed = |text: &str| Url::parse(text).map_err(|e| wrong(&e));
    let at = |millis: i64| {
        Timestamp::from_millis(millis).ok_or_else(|| wrong(&"a time is out of range"))
    };
    let name = |text: &str| text.parse::<ColumnName>().map_err(|e| wrong(&e));
    let columns: Option<String> = row.try_get("columns")?;
    let names = columns.as_deref().unwrap_or_default().split_whitespace();
    let mut columns: Vec<ColumnName> = names.map(name).collect::<Result<_, _>>()?;
    columns.sort();
    columns.dedup();
    let read_by: Option<String> = row.try_get("read_by")?;
    let read_ms: Option<i64> = row.try_get("read_ms")?;
    let kept: Option<String> = row.try_get("kept")?;
    let captured_at = at(row.try_get("at_ms")?)?;
    let captured_url: String = row.try_get("captured_url")?;
    let charset: Option<String> = row.try_get("charset")?;
    let decided: Option<String> = row.try_get("charset_found")?;
    Ok(ArchivedPage {
        position: Position::from_row(row)?,
        portal: row.try_get("portal")?,
        url: parsed(&url)?,
        row: list_row(row.try_get("row_title")?, row.try_get("row_day")?)?,
        columns,
        content,
        content_sha256: row.try_get("content_sha256")?,
        read_by: read_by.as_deref().map(name).transpose()?,
        read_at: read_ms.map(at).transpose()?.unwrap_or(captured_at),
        is_exact: read_ms.is_some(),
        kept: field_list(&kept.unwrap_or_default()),
        charset: charset.zip(decided),
        capture: row.try_get("capture")?,
        captured_url: parsed(&captured_url)?,
        captured_at,
        record_id: row.try_get("record_id")?,
        payload_digest: row.try_get("payload_digest")?,
    })
}

impl FromRow<'_, EngineRow> for Position {
    fn from_row(row: &EngineRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            file: row.try_get("file")?,
            offset: row.try_get("offset")?,
            found: row.try_get("found")?,
        })
    }
}

impl ArchivedPage {
    /// Whether the page already has the content that was read anew. If not everything about its
    /// reading is known, the comparison is the one of a recheck.
    pub fn says(&self, read: &ReadPage) -> bool {
        let is_same = self.content.is_to_the_letter(&read.content);
        is_same || (!self.is_exact && self.is_as_good_as(read))
    }

    /// Whether both are equal as two states of a page are compared: without white space and the
    /// portal's own host.
    pub fn is_as_good_as(&self, read: &ReadPage) -> bool {
        let addresses = [&read.url, &read.found_at];
        self.content_sha256 == read.content.sha256(&addresses) || self.content.is_said_by(read)
    }
}
