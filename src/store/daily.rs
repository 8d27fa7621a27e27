//! Figures of a column over time.

use chrono::NaiveDate;

use super::{Store, StoreError};
use crate::model::{ColumnName, Instant};

/// What monitoring wants to know of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Changes after publication that were the portal's edits.
    pub revisions: i64,
    /// Articles that were taken down, as often as that happened.
    pub withdrawals: i64,
}

impl Store {
    /// How many articles came into a column on each day in China since `since`, what a backfill
    /// brought aside. Days without any are left out.
    pub async fn articles_by_day(
        &self,
        column: &ColumnName,
        since: Instant,
    ) -> Result<Vec<(NaiveDate, u32)>, StoreError> {
        let rows: Vec<(String, u32)> = sqlx::query_as(
            "SELECT date(c.at_ms / 1000 + 28800, 'unixepoch') AS day, COUNT(*) FROM
                 (SELECT article_id, MIN(seq) AS seq FROM publications
                  WHERE column_name = ? AND backfill = 0 GROUP BY article_id) p
             JOIN changes c ON c.seq = p.seq
             WHERE c.at_ms >= ? GROUP BY day ORDER BY day",
        )
        .bind(column.as_str())
        .bind(since.millis())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(day, count)| {
                let day = day.parse().map_err(|e| StoreError::record("day", e))?;
                Ok((day, count))
            })
            .collect()
    }

    /// A column's figures.
    pub async fn figures(&self, column: &ColumnName) -> Result<Figures, StoreError> {
        let (revisions, withdrawals): (i64, i64) = sqlx::query_as(
            "SELECT COALESCE(SUM(c.kind = 'revised'), 0), COALESCE(SUM(c.kind = 'withdrawn'), 0)
             FROM changes c
             WHERE c.kind IN ('revised', 'withdrawn') AND EXISTS
                 (SELECT 1 FROM publications p
                  WHERE p.article_id = c.article_id AND p.column_name = ?)",
        )
        .bind(column.as_str())
        .fetch_one(&self.pool)
        .await?;
        Ok(Figures {
            revisions,
            withdrawals,
        })
    }
}
