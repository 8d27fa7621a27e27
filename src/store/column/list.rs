//! What is remembered of the first page of a column's list.
//!
//! Owns this memory between runs. Never judges it.

use super::Columns;
use crate::model::{ColumnName, Timestamp};
use crate::store::StoreError;

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

type Row = (
    Option<String>,
    Option<i64>,
    u32,
    Option<String>,
    Option<i64>,
    Option<String>,
);

impl Columns<'_> {
    /// What is remembered of the column's list at this URL.
    pub async fn list_memory(
        self,
        column: &ColumnName,
        url: &str,
    ) -> Result<ListMemory, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT items, whole_ms, lies, looked, looked_ms, list_order FROM list_memory
             WHERE column_name = ? AND url = ?",
        )
        .bind(column.as_str())
        .bind(url)
        .fetch_optional(&self.store.pool)
        .await?;
        let Some((items, whole, lies, looked, looked_ms, order)) = row else {
            return Ok(ListMemory::default());
        };
        let orders = [ListOrder::Rising, ListOrder::RisingUnread, ListOrder::Mixed];
        Ok(ListMemory {
            items,
            whole_at: whole.and_then(Timestamp::from_millis),
            lies,
            looked: looked.zip(looked_ms.and_then(Timestamp::from_millis)),
            order: orders
                .into_iter()
                .find(|known| Some(known.name()) == order.as_deref()),
        })
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
            "INSERT OR REPLACE INTO list_memory
                 (column_name, url, items, whole_ms, lies, looked, looked_ms, list_order)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(column.as_str())
        .bind(url)
        .bind(&memory.items)
        .bind(memory.whole_at.map(Timestamp::millis))
        .bind(memory.lies)
        .bind(looked)
        .bind(looked_at.map(Timestamp::millis))
        .bind(memory.order.map(ListOrder::name))
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }
}
