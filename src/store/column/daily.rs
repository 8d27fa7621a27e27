//! Figures of columns over time.
//!
//! Owns the counts by day. Never judges them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Columns;
use crate::model::{ColumnName, Timestamp};
use crate::store::StoreError;

/// Figures of a column, for monitoring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Edits by the portal after publication.
    pub revisions: i64,
    /// Withdrawals, each time counted.
    pub withdrawals: i64,
}

impl Columns<'_> {
    /// The number of articles that came into a column on each day (Beijing time) since `since`,
    /// without backfilled ones. Days without articles are left out.
    pub async fn articles_by_day(
        self,
        column: &ColumnName,
        since: Timestamp,
    ) -> Result<Vec<(NaiveDate, u32)>, StoreError> {
        let rows: Vec<(String, u32)> = sqlx::query_as(
            "SELECT date(c.at_ms / 1000 + 28800, 'unixepoch') AS of_day, COUNT(*)
             FROM column_articles k JOIN changes c ON c.seq = k.seq
             WHERE k.column_name = ? AND k.backfill = 0
               AND c.at_ms >= ? GROUP BY of_day ORDER BY of_day",
        )
        .bind(column.as_str())
        .bind(since.millis())
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(day, count)| {
                let day = day.parse().map_err(|e| StoreError::unreadable("day", e))?;
                Ok((day, count))
            })
            .collect()
    }

    /// The figures of all columns that have any.
    pub async fn figures(self) -> Result<BTreeMap<String, Figures>, StoreError> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT t.column_name, COUNT(*) FILTER (WHERE c.kind = 'revised'),
                    COUNT(*) FILTER (WHERE c.kind = 'withdrawn')
             FROM column_told t JOIN changes c ON c.seq = t.seq GROUP BY t.column_name",
        )
        .fetch_all(&self.store.pool)
        .await?;
        let figures = rows.into_iter().map(|(column, revisions, withdrawals)| {
            let figures = Figures {
                revisions,
                withdrawals,
            };
            (column, figures)
        });
        Ok(figures.collect())
    }
}
