//! The results of each column's fetches, counted by verdict.
//!
//! Owns the counts. Never decides on a verdict.

use std::collections::BTreeMap;

use url::Url;

use super::Columns;
use super::quiet::settle;
use crate::model::{ColumnName, Timestamp, Verdict, VerdictCount};
use crate::store::StoreError;

/// The results of some fetches, counted by verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts(BTreeMap<Verdict, Count>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Count {
    count: u32,
    last: Timestamp,
    url: Url,
}

impl Verdicts {
    /// Counts one more.
    pub fn add(&mut self, now: Timestamp, url: &Url, verdict: Verdict) {
        let count = self.0.entry(verdict).or_insert(Count {
            count: 0,
            last: now,
            url: url.clone(),
        });
        count.count += 1;
        count.last = now;
        count.url.clone_from(url);
    }

    /// Whether any host answered.
    pub fn has_answer(&self) -> bool {
        self.0.keys().any(|verdict| verdict.is_answer())
    }
}

impl Columns<'_> {
    /// Adds to a column's counts.
    pub async fn note_verdicts(
        self,
        column: &ColumnName,
        verdicts: &Verdicts,
    ) -> Result<(), StoreError> {
        if verdicts.0.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin_note().await?;
        settle(&mut tx, column).await?;
        for (verdict, count) in &verdicts.0 {
            sqlx::query(
                "INSERT INTO verdicts (column_name, verdict, count, last_ms, last_url)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (column_name, verdict) DO UPDATE
                 SET count = verdicts.count + ?3, last_ms = ?4, last_url = ?5",
            )
            .bind(column.as_str())
            .bind(verdict.code())
            .bind(count.count)
            .bind(count.last.millis())
            .bind(count.url.as_str())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// A column's counts, by code.
    pub async fn verdicts(self, column: &ColumnName) -> Result<Vec<VerdictCount>, StoreError> {
        let rows: Vec<(String, i64, i64, String)> = sqlx::query_as(
            "SELECT v.verdict, v.count + COALESCE(q.count, 0), COALESCE(q.ended_ms, v.last_ms),
                    v.last_url
             FROM verdicts v
             LEFT JOIN quiet_polls q ON q.column_name = v.column_name AND v.verdict = ?2
             WHERE v.column_name = ?1 ORDER BY v.verdict",
        )
        .bind(column.as_str())
        .bind(Verdict::Unchanged.code())
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(verdict, count, last, last_url)| {
                let last_at = Timestamp::from_millis(last)
                    .ok_or_else(|| StoreError::unreadable("verdict", "time out of range"))?;
                Ok(VerdictCount {
                    verdict,
                    count,
                    last_at,
                    last_url,
                })
            })
            .collect()
    }
}
