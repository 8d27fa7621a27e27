//! Items as columns list them: what became of each, and why it waits.
//!
//! Owns how an item is read back for a person. Never changes one.

use chrono::NaiveDate;
use serde::Serialize;
use url::Url;

use super::{Columns, Queue};
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Field, Timestamp, Verdict};
use crate::store::StoreError;
use crate::store::rows::{column_name, field_list, from_row};

/// An item as a column lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedState {
    /// The column.
    pub column: ColumnName,
    /// The address that it lists.
    pub url: Url,
    /// The title that it lists; `null` for a removed article.
    pub title: Option<String>,
    /// The day that it lists, or that of the item beside it.
    pub listed_on: Option<NaiveDate>,
    /// Whether a backfill found it.
    pub is_older: bool,
    /// Whether it waits: its page was not read yet, or what was read is not published.
    pub is_waiting: bool,
    /// Failed tries in a row.
    pub attempts: u32,
    /// When it was tried last and waits since; `null` before the first try.
    pub tried_at: Option<Timestamp>,
    /// When it is tried again; `null` where that may be at once.
    pub next_try_at: Option<Timestamp>,
    /// Why it waits: a stable code; `null` where it was not tried yet.
    pub reason: Option<String>,
    /// The fields for which it is held back, where most articles of the column lack them.
    pub fields: Vec<Field>,
    /// The reason in words, with the remedy.
    pub message: Option<String>,
}

/// A row of `items`.
struct ItemRow {
    column_name: String,
    url: String,
    title: String,
    listed_on: Option<String>,
    backfill: bool,
    done: bool,
    attempts: u32,
    tried_ms: Option<i64>,
    next_try_ms: i64,
    reason: Option<String>,
    held: Option<String>,
    message: Option<String>,
}

from_row!(ItemRow: column_name, url, title, listed_on, backfill, done, attempts, tried_ms,
          next_try_ms, reason, held, message);

const SELECT: &str =
    "SELECT column_name, url, title, listed_on, backfill, done, attempts, tried_ms,
    next_try_ms, reason, held, message FROM items";

impl ListedState {
    /// Whether it was read and held back.
    pub fn is_held(&self) -> bool {
        let reason = self.reason.as_deref();
        self.is_waiting && Verdict::HELD.iter().any(|held| Some(held.code()) == reason)
    }

    fn from_row(row: ItemRow) -> Result<Self, StoreError> {
        let broken = |cause: String| StoreError::unreadable(format!("item {}", row.url), cause);
        let day = row.listed_on.as_deref().map(str::parse::<NaiveDate>);
        let names = row.held.unwrap_or_default();
        let time = |millis: i64| Timestamp::from_millis(millis).filter(|_| millis > 0);
        Ok(Self {
            column: row
                .column_name
                .parse::<ColumnName>()
                .map_err(|e| broken(format!("{e}")))?,
            url: Url::parse(&row.url).map_err(|e| broken(e.to_string()))?,
            title: Some(row.title).filter(|title| !title.is_empty()),
            listed_on: day.transpose().map_err(|e| broken(e.to_string()))?,
            is_older: row.backfill,
            is_waiting: !row.done,
            attempts: row.attempts,
            tried_at: row.tried_ms.and_then(time),
            next_try_at: time(row.next_try_ms),
            reason: row.reason,
            fields: field_list(&names),
            message: row.message,
        })
    }
}

impl Columns<'_> {
    /// The columns of which this address is a list page: their own address, or a page that the
    /// backfill under way has read.
    pub async fn with_list_page(self, url: &CanonicalUrl) -> Result<Vec<ColumnName>, StoreError> {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, url FROM columns ORDER BY name")
                .fetch_all(&self.store.pool)
                .await?;
        let older: Vec<String> =
            sqlx::query_scalar("SELECT column_name FROM backfill_pages WHERE canonical_url = ?")
                .bind(url.as_str())
                .fetch_all(&self.store.pool)
                .await?;
        let is_own = |own: &str| Url::parse(own).is_ok_and(|own| CanonicalUrl::from(&own) == *url);
        let named = columns
            .into_iter()
            .filter(|(name, own)| is_own(own) || older.contains(name));
        named.map(|(name, _)| column_name(&name)).collect()
    }
}

impl Queue<'_> {
    /// The items of a portal's columns at this address.
    pub(in crate::store) async fn at(
        self,
        portal: &str,
        url: &CanonicalUrl,
    ) -> Result<Vec<ListedState>, StoreError> {
        let sql = format!("{SELECT} WHERE portal = ? AND canonical_url = ? ORDER BY column_name");
        let rows: Vec<ItemRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(portal)
            .bind(url.as_str())
            .fetch_all(&self.store.pool)
            .await?;
        rows.into_iter().map(ListedState::from_row).collect()
    }

    /// The items of a column that were read and held back, the newest first.
    pub async fn held_back(self, column: &ColumnName) -> Result<Vec<ListedState>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE column_name = ? AND done = 0 AND reason IS NOT NULL
             ORDER BY listed_on DESC NULLS LAST, walk DESC, position"
        );
        let rows: Vec<ItemRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(column.as_str())
            .fetch_all(&self.store.pool)
            .await?;
        let mut items: Vec<ListedState> = rows
            .into_iter()
            .map(ListedState::from_row)
            .collect::<Result<_, _>>()?;
        items.retain(ListedState::is_held);
        Ok(items)
    }
}
