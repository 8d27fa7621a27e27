//! What a column made dibao store on a day.
//!
//! Owns the counts of one day a column, the last one. Never decides how much is too much.

use chrono::NaiveDate;

use super::Columns;
use crate::model::ColumnName;
use crate::store::StoreError;
use crate::store::rows::from_row;

/// What a column made dibao store on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// New items of its list.
    pub items: u32,
    /// Requests.
    pub requests: u32,
    /// Bytes of answers in the archive, and of texts.
    pub bytes: u64,
    /// Bytes of kept pictures.
    pub pictures: u64,
    /// Bytes, like [`Spent::bytes`], of backfills that a person asked for.
    pub backfilled: u64,
}

impl Spent {
    /// Adds what was spent besides.
    pub fn add(&mut self, more: Self) {
        self.items = self.items.saturating_add(more.items);
        self.requests = self.requests.saturating_add(more.requests);
        self.bytes = self.bytes.saturating_add(more.bytes);
        self.pictures = self.pictures.saturating_add(more.pictures);
        self.backfilled = self.backfilled.saturating_add(more.backfilled);
    }
}

/// The last day on which a column made dibao store something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastDay {
    /// So many days ago; 0 for today.
    pub ago: u32,
    /// What was spent on it.
    pub spent: Spent,
    /// On how many days on end before it the limit of bytes was reached.
    pub flood_days: u32,
    /// The limit of bytes then.
    pub limit: u64,
}

/// What a column made dibao store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Today.
    pub today: Spent,
    /// On the last day that counts.
    pub last: Option<LastDay>,
}

/// The last day that counts, as a poll asks for it; `None` if there is none.
pub(super) struct SpentRow {
    spent_day: Option<String>,
    spent_items: Option<i64>,
    spent_requests: Option<i64>,
    spent_bytes: Option<i64>,
    spent_pictures: Option<i64>,
    spent_backfilled: Option<i64>,
    flood_days: Option<i64>,
    stored_limit: Option<i64>,
}

from_row!(SpentRow: spent_day, spent_items, spent_requests, spent_bytes, spent_pictures,
    spent_backfilled, flood_days, stored_limit);

/// What [`SpentRow`] reads of `spent s`.
pub(super) const SPENT: &str = "s.day AS spent_day, s.items AS spent_items,
    s.requests AS spent_requests, s.bytes AS spent_bytes, s.pictures AS spent_pictures,
    s.backfilled AS spent_backfilled, s.flood_days, s.stored_limit";

impl SpentRow {
    /// What was spent until this day.
    pub(super) fn on(self, day: NaiveDate) -> Account {
        let last: Option<NaiveDate> = self.spent_day.and_then(|text| text.parse().ok());
        let ago = last.and_then(|last| u32::try_from((day - last).num_days()).ok());
        let Some(ago) = ago else {
            return Account::default();
        };
        let count = |number: Option<i64>| {
            let number = number.unwrap_or_default();
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        let bytes = |number: Option<i64>| {
            let number = u64::try_from(number.unwrap_or_default());
            number.unwrap_or_default()
        };
        let spent = Spent {
            items: count(self.spent_items),
            requests: count(self.spent_requests),
            bytes: bytes(self.spent_bytes),
            pictures: bytes(self.spent_pictures),
            backfilled: bytes(self.spent_backfilled),
        };
        Account {
            today: if ago == 0 { spent } else { Spent::default() },
            last: Some(LastDay {
                ago,
                spent,
                flood_days: count(self.flood_days),
                limit: bytes(self.stored_limit),
            }),
        }
    }
}

impl Columns<'_> {
    /// What this column made dibao store until this day.
    pub async fn spent(self, column: &ColumnName, day: NaiveDate) -> Result<Account, StoreError> {
        let query = format!("SELECT {SPENT} FROM spent s WHERE s.column_name = ?");
        let row: Option<SpentRow> = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(column.as_str())
            .fetch_optional(&self.store.pool)
            .await?;
        Ok(row.map_or_else(Account::default, |row| row.on(day)))
    }

    /// Adds what this column made dibao store on this day, the `flood_days`-th on end on which it may
    /// reach this `limit` of bytes. Counts of another day are forgotten.
    pub async fn note_spent(
        self,
        column: &ColumnName,
        day: NaiveDate,
        more: Spent,
        flood_days: u32,
        limit: u64,
    ) -> Result<(), StoreError> {
        if more == Spent::default() {
            return Ok(());
        }
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let mut tx = self.store.begin_note().await?;
        sqlx::query(
            "INSERT INTO spent (column_name, day, items, requests, bytes, pictures, backfilled,
                                flood_days, stored_limit)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (column_name) DO UPDATE SET
                 items = ?3 + CASE WHEN spent.day = ?2 THEN spent.items ELSE 0 END,
                 requests = ?4 + CASE WHEN spent.day = ?2 THEN spent.requests ELSE 0 END,
                 bytes = ?5 + CASE WHEN spent.day = ?2 THEN spent.bytes ELSE 0 END,
                 pictures = ?6 + CASE WHEN spent.day = ?2 THEN spent.pictures ELSE 0 END,
                 backfilled = ?7 + CASE WHEN spent.day = ?2 THEN spent.backfilled ELSE 0 END,
                 day = ?2, flood_days = ?8, stored_limit = ?9",
        )
        .bind(column.as_str())
        .bind(day.to_string())
        .bind(more.items)
        .bind(more.requests)
        .bind(bytes(more.bytes))
        .bind(bytes(more.pictures))
        .bind(bytes(more.backfilled))
        .bind(flood_days)
        .bind(bytes(limit))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}
