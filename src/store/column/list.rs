//! What is remembered of the first page of a column's list.
//!
//! Owns this memory between runs. Never judges it.

use chrono::NaiveDate;

use super::Columns;
use crate::model::{ColumnName, Timestamp};
use crate::store::StoreError;
use crate::store::rows::from_row;

/// What is remembered of the first page of a column's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListMemory {
    /// A hash of the items of the answer to which the stored validators belong.
    pub items: Option<String>,
    /// When the page was last sent whole.
    pub whole_at: Option<Timestamp>,
    /// How often "not modified" was said of items that had changed.
    pub lies: u32,
    /// The first page behind which pages of known items were read, and when.
    pub looked: Option<(String, Timestamp)>,
    /// The order of the list, if it is not the newest first.
    pub order: Option<ListOrder>,
    /// From this day on the column counts as silent, unless it has news before.
    pub silent_on: Option<NaiveDate>,
    /// The feed file's rules by which the list was read to which the stored validators belong, as text;
    /// `None` without any.
    pub rules: Option<String>,
    /// A hash of the answer that was read last, if the same answer means that nothing is new.
    pub answer: Option<String>,
}

/// The order of a list that does not show the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOrder {
    /// The oldest first; it is walked from its last page up.
    Rising,
    /// The oldest first, and its last page is unknown.
    RisingUnread,
    /// Not by days, for example by clicks.
    Mixed,
}

impl ListOrder {
    fn name(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::RisingUnread => "rising-unread",
            Self::Mixed => "mixed",
        }
    }
}

pub(super) struct MemoryRow {
    items: Option<String>,
    whole_ms: Option<i64>,
    lies: u32,
    looked: Option<String>,
    looked_ms: Option<i64>,
    list_order: Option<String>,
    silent_on: Option<String>,
    rules: Option<String>,
    answer: Option<String>,
}

from_row!(MemoryRow: items, whole_ms, lies, looked, looked_ms, list_order, silent_on, rules, answer);

impl MemoryRow {
    pub(super) fn memory(self) -> ListMemory {
        let orders = [ListOrder::Rising, ListOrder::RisingUnread, ListOrder::Mixed];
        ListMemory {
            items: self.items,
            whole_at: self.whole_ms.and_then(Timestamp::from_millis),
            lies: self.lies,
            looked: self
                .looked
                .zip(self.looked_ms.and_then(Timestamp::from_millis)),
            order: orders
                .into_iter()
                .find(|known| Some(known.name()) == self.list_order.as_deref()),
            silent_on: self.silent_on.and_then(|day| day.parse().ok()),
            rules: self.rules,
            answer: self.answer,
        }
    }
}

impl Columns<'_> {
    /// What is remembered of the column's list at this URL.
    pub async fn list_memory(
        self,
        column: &ColumnName,
        url: &str,
    ) -> Result<ListMemory, StoreError> {
        let row: Option<MemoryRow> = sqlx::query_as(
            "SELECT items, whole_ms, lies, looked, looked_ms, list_order, silent_on, rules,
                 answer
             FROM list_memory WHERE column_name = ? AND url = ?",
        )
        .bind(column.as_str())
        .bind(url)
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(row.map(MemoryRow::memory).unwrap_or_default())
    }

    /// Stores from which day on the column counts as silent, unless it has news before.
    pub async fn note_silent_on(
        self,
        column: &ColumnName,
        day: NaiveDate,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE list_memory SET silent_on = ?1
             WHERE column_name = ?2 AND silent_on IS DISTINCT FROM ?1",
        )
        .bind(day.to_string())
        .bind(column.as_str())
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }

    /// Stores what is remembered of the column's list at this URL, and forgets other URLs.
    pub async fn note_list_memory(
        self,
        column: &ColumnName,
        url: &str,
        memory: &ListMemory,
    ) -> Result<(), StoreError> {
        let (looked, looked_at) = memory.looked.clone().unzip();
        sqlx::query(
            "INSERT INTO list_memory
                 (column_name, url, items, whole_ms, lies, looked, looked_ms, list_order,
                  silent_on, rules, answer)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (column_name) DO UPDATE SET url = excluded.url, items = excluded.items,
                 whole_ms = excluded.whole_ms, lies = excluded.lies, looked = excluded.looked,
                 looked_ms = excluded.looked_ms, list_order = excluded.list_order,
                 silent_on = excluded.silent_on, rules = excluded.rules,
                 answer = excluded.answer",
        )
        .bind(column.as_str())
        .bind(url)
        .bind(&memory.items)
        .bind(memory.whole_at.map(Timestamp::millis))
        .bind(memory.lies)
        .bind(looked)
        .bind(looked_at.map(Timestamp::millis))
        .bind(memory.order.map(ListOrder::name))
        .bind(memory.silent_on.map(|day| day.to_string()))
        .bind(&memory.rules)
        .bind(&memory.answer)
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }
}
