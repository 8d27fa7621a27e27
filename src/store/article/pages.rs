//! The URLs of articles: when each is looked at again, and what is known of it.

use chrono::TimeDelta;
use sqlx::SqliteConnection;
use url::Url;

use super::Articles;
use super::content::{PageContent, Reading};
use crate::fetch::Validators;
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Field, Timestamp};
use crate::store::StoreError;

/// A page that is due to be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuePage {
    /// Where it stands.
    pub url: Url,
    /// Of its last good answer.
    pub validators: Validators,
}

/// After first sight, an article is looked at again at these ages, ever less often.
const LOOKS: [TimeDelta; 6] = [
    TimeDelta::hours(1),
    TimeDelta::hours(6),
    TimeDelta::days(1),
    TimeDelta::days(3),
    TimeDelta::days(7),
    TimeDelta::days(30),
];

/// When a page first seen at `first_seen` is to be looked at after `now`; `None` once it is old.
pub(super) fn next_look(first_seen: Timestamp, now: Timestamp) -> Option<Timestamp> {
    LOOKS
        .into_iter()
        .map(|age| first_seen.plus(age))
        .find(|look| *look > now)
}

impl Articles<'_> {
    /// What a page said when it was last recorded; `None` for one that never was.
    pub async fn page_content(
        self,
        portal: &str,
        url: &Url,
    ) -> Result<Option<PageContent>, StoreError> {
        let content: Option<String> =
            sqlx::query_scalar("SELECT content FROM pages WHERE portal = ? AND canonical_url = ?")
                .bind(portal)
                .bind(CanonicalUrl::from(url).as_str())
                .fetch_optional(&self.store.pool)
                .await?;
        content
            .map(|json| serde_json::from_str(&json))
            .transpose()
            .map_err(|e| StoreError::record(format!("page {url}"), e))
    }

    /// The pages that are due to be looked at again and that this column looks after, the longest
    /// due first. Of several columns that list a page, the first by name does: their rules may
    /// read it differently, and it must not flip back and forth.
    pub async fn due_pages(
        self,
        now: Timestamp,
        column: &ColumnName,
    ) -> Result<Vec<DuePage>, StoreError> {
        let rows: Vec<(String, Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT p.url, p.etag, p.last_modified FROM pages p
             WHERE p.next_check_ms <= ?1 AND p.article_id IS NOT NULL AND ?2 =
                 (SELECT MIN(i.column_name) FROM items i
                  WHERE i.portal = p.portal AND i.canonical_url = p.canonical_url)
             ORDER BY p.next_check_ms, p.found",
        )
        .bind(now.millis())
        .bind(column.as_str())
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(url, etag, last_modified)| {
                let url = Url::parse(&url).map_err(|e| StoreError::record("page URL", e))?;
                let validators = Validators {
                    etag,
                    last_modified,
                };
                Ok(DuePage { url, validators })
            })
            .collect()
    }

    /// Whether an article that is there stands at this address, in whichever portal.
    pub async fn has_page(self, url: &CanonicalUrl) -> Result<bool, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pages WHERE canonical_url = ?)")
                .bind(url.as_str())
                .fetch_one(&self.store.pool)
                .await?,
        )
    }
}

/// A page found under `https` is known under that address from then on, and never goes back:
/// columns that list both would have it change with every run. Says whether the address changed.
pub(in crate::store) async fn prefer_https(
    tx: &mut SqliteConnection,
    found: i64,
    url: &Url,
) -> Result<bool, StoreError> {
    if url.scheme() != "https" {
        return Ok(false);
    }
    let done = sqlx::query("UPDATE pages SET url = ? WHERE found = ? AND url LIKE 'http:%'")
        .bind(url.as_str())
        .bind(found)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes from what, when, and how a page's last state was read.
pub(super) async fn read_from(
    tx: &mut SqliteConnection,
    now: Timestamp,
    found: i64,
    reading: &Reading,
) -> Result<(), StoreError> {
    let (charset, decided, replaced) = match reading.charset {
        Some((charset, decided, replaced)) => (
            Some(charset),
            Some(decided.to_string()),
            Some(i64::try_from(replaced).unwrap_or(i64::MAX)),
        ),
        None => (None, None, None),
    };
    sqlx::query(
        // A capture may have gone from the archive while its page was read.
        "UPDATE pages SET capture = COALESCE((SELECT id FROM captures WHERE id = ?), capture), charset = ?, charset_found = ?,
             replaced = ?, read_by = ?, read_ms = ?, kept = ?
         WHERE found = ?",
    )
    .bind(reading.capture)
    .bind(charset)
    .bind(decided)
    .bind(replaced)
    .bind(reading.read_by.as_ref().map(ColumnName::as_str))
    .bind(now.millis())
    .bind(field_names(&reading.kept))
    .bind(found)
    .execute(tx)
    .await?;
    Ok(())
}

/// Names of fields, parted by spaces; `None` for no field.
pub(in crate::store) fn field_names(fields: &[Field]) -> Option<String> {
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Notes that a page answered well, and when it is to be looked at again. What a backfill brought
/// is not recent: it is looked at once, at the last of the ages, lest thousands of old pages come
/// between a portal and its news.
pub(super) async fn answered(
    tx: &mut SqliteConnection,
    now: Timestamp,
    found: i64,
    first_seen: Timestamp,
    validators: Option<&Validators>,
) -> Result<(), StoreError> {
    let older: Option<bool> = sqlx::query_scalar(
        "SELECT MIN(i.backfill) FROM items i
         JOIN pages p ON p.portal = i.portal AND p.canonical_url = i.canonical_url
         WHERE p.found = ?",
    )
    .bind(found)
    .fetch_one(&mut *tx)
    .await?;
    let from = match older {
        Some(true) => now.max(first_seen.plus(LOOKS[4])),
        _ => now,
    };
    sqlx::query(
        "UPDATE pages SET answered_ms = ?1, looked_ms = ?1, next_check_ms = ?2, gone_looks = 0, gone_ms = NULL,
             etag = CASE WHEN ?3 THEN ?4 ELSE etag END,
             last_modified = CASE WHEN ?3 THEN ?5 ELSE last_modified END
         WHERE found = ?6",
    )
    .bind(now.millis())
    .bind(next_look(first_seen, from).map(Timestamp::millis))
    .bind(validators.is_some())
    .bind(validators.and_then(|v| v.etag.as_deref()))
    .bind(validators.and_then(|v| v.last_modified.as_deref()))
    .bind(found)
    .execute(tx)
    .await?;
    Ok(())
}
