//! Reads rows for damage, some at a time.
//!
//! Owns the order of the tables, and the place up to which they were read. Rows without a checksum
//! (of an older store, or written since the last check) get theirs here. Never mends one.

mod articles;
mod changes;
mod place;
mod plain;
mod structure;

use sqlx::AssertSqlSafe;

use crate::store::{Store, StoreError};
use place::Unsealed;
pub use place::{CheckedRows, RowPlace};
pub(super) use plain::{PLAIN, Plain, parts_of};

/// The tables of articles, in the order in which they are read; plain ones come after them.
const TABLES: [&str; 4] = ["articles", "changes", "publications", "pages"];

impl Store {
    /// How many rows a check reads.
    pub async fn rows_to_check(&self) -> Result<u64, StoreError> {
        let plain = PLAIN.iter().map(|plain| plain.table);
        let counts = TABLES
            .into_iter()
            .chain(plain)
            .map(|table| format!("SELECT COUNT(*) AS n FROM {table}"));
        let all = format!(
            "SELECT CAST(SUM(n) AS BIGINT) FROM ({}) t",
            counts.collect::<Vec<_>>().join(" UNION ALL ")
        );
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(all))
            .fetch_one(&self.pool)
            .await?;
        Ok(u64::try_from(rows).unwrap_or(0))
    }

    /// Reads some rows, at most `most`, and moves the place on.
    pub async fn check_rows(
        &self,
        place: &mut RowPlace,
        most: i64,
    ) -> Result<CheckedRows, StoreError> {
        let mut checked = CheckedRows::default();
        let plain = || PLAIN.get(place.table.checked_sub(TABLES.len())?);
        match (TABLES.get(place.table), plain()) {
            (Some(table), _) => {
                let unsealed = match *table {
                    "articles" => self.check_articles(place, most, &mut checked).await?,
                    "changes" => self.check_changes(place, most, &mut checked).await?,
                    "publications" => self.check_publications(place, most, &mut checked).await?,
                    _ => self.check_pages(place, most, &mut checked).await?,
                };
                self.seal_rows(table, &unsealed).await?;
            }
            (None, Some(plain)) => self.check_plain(plain, place, most, &mut checked).await?,
            (None, None) => {
                *place = RowPlace::default();
                checked.is_end = true;
                return Ok(checked);
            }
        }
        if i64::try_from(checked.rows).unwrap_or(i64::MAX) < most {
            place.table += 1;
            place.after = 0;
        }
        Ok(checked)
    }

    /// Gives texts that stand in these rows of an older store, once they were read, rows of their own.
    pub async fn part_checked_rows(
        &self,
        before: &RowPlace,
        after: &RowPlace,
    ) -> Result<(), StoreError> {
        match TABLES.get(before.table) {
            Some(table) if after.table == before.table => {
                self.part_rows(table, (before.after, after.after)).await
            }
            Some(table) => self.part_rows(table, (before.after, i64::MAX)).await,
            None => Ok(()),
        }
    }

    /// Gives rows their checksum. A row that was written meanwhile has one.
    async fn seal_rows(&self, table: &str, rows: &[Unsealed]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_note().await?;
        let update = format!("UPDATE {table} SET sum = ? WHERE rowid = ? AND sum IS NULL");
        for (row, sum) in rows {
            sqlx::query(AssertSqlSafe(update.clone()))
                .bind(sum)
                .bind(row)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}
