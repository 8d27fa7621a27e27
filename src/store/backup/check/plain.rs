//! Reads the rows of plain tables for damage: titles, incidents, pictures, removals, kept ids.
//!
//! Owns which of their columns are covered: those that are published, or that decide an id. Triggers
//! of the schema take a checksum away when one of these changes, and the next check sets it anew.
//! Never mends one.

use sqlx::AssertSqlSafe;

use super::place::{CheckedRows, RowPlace};
use crate::store::driver::EngineRow;
use crate::store::rows::{DamagedRow, Part, Value, bytes, differs, number, sum};
use crate::store::{Store, StoreError};

/// A table whose rows are covered column by column.
#[derive(Debug)]
pub(in crate::store::backup) struct Plain {
    /// Its name.
    pub(in crate::store::backup) table: &'static str,
    /// What names a row, as SQL.
    key: &'static str,
    /// The covered columns that are text.
    pub(in crate::store::backup) texts: &'static [&'static str],
    /// The covered columns that are numbers.
    pub(in crate::store::backup) numbers: &'static [&'static str],
}

pub(in crate::store::backup) const PLAIN: &[Plain] = &[
    Plain {
        table: "columns",
        key: "name",
        texts: &["name", "portal", "url", "title"],
        numbers: &[],
    },
    Plain {
        table: "portals",
        key: "name",
        texts: &["name", "title"],
        numbers: &[],
    },
    Plain {
        table: "incidents",
        key: "id || ' ' || reason || ' ' || subject",
        texts: &["reason", "subject", "first_message"],
        numbers: &["opened_ms", "closed_ms"],
    },
    Plain {
        table: "pictures",
        key: "portal || ' ' || url",
        texts: &["portal", "url", "sha256", "extension"],
        numbers: &["bytes"],
    },
    Plain {
        table: "removals",
        key: "id",
        texts: &[
            "id",
            "portal",
            "reason",
            "index_number",
            "title_sha256",
            "sketch",
        ],
        numbers: &["at_ms", "is_complete"],
    },
    Plain {
        table: "kept_ids",
        key: "id",
        texts: &[
            "id",
            "portal",
            "index_number",
            "title_sha256",
            "sketch",
            "content_sha256",
            "published_on",
        ],
        numbers: &[
            "revision",
            "first_seen_ms",
            "updated_ms",
            "published_ms",
            "withdrawn",
        ],
    },
];

impl Plain {
    /// What a check reads of a row.
    pub(in crate::store::backup) fn selected(&self) -> String {
        let covered = self.texts.iter().chain(self.numbers).copied();
        let covered = covered.collect::<Vec<_>>().join(", ");
        let (table, key) = (self.table, self.key);
        format!("SELECT rowid AS place, {key} AS key, {covered}, sum FROM {table}")
    }
}

/// The covered values of a row, texts before numbers.
pub(in crate::store::backup) fn parts_of(
    plain: &Plain,
    row: &EngineRow,
) -> Result<Vec<Value>, StoreError> {
    let mut values = Vec::with_capacity(plain.texts.len() + plain.numbers.len());
    for name in plain.texts {
        values.push(bytes(row, name)?.map_or(Value::Nothing, Value::Text));
    }
    for name in plain.numbers {
        values.push(number(row, name)?.map_or(Value::Nothing, Value::Number));
    }
    Ok(values)
}

impl Store {
    /// Gives rows that were written since the last check their checksum, at most `most` of a table.
    pub async fn seal_new_rows(&self, most: i64) -> Result<(), StoreError> {
        for plain in PLAIN {
            let query = format!(
                "SELECT rowid FROM {} WHERE sum IS NULL LIMIT ?",
                plain.table
            );
            let new: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(query))
                .bind(most)
                .fetch_all(&self.pool)
                .await?;
            self.seal_plain(plain, &new).await?;
        }
        Ok(())
    }

    /// Gives these rows their checksum. Nobody can change one between the look at it and this.
    async fn seal_plain(&self, plain: &Plain, rows: &[i64]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_note().await?;
        let look = format!("{} WHERE rowid = ? AND sum IS NULL", plain.selected());
        let update = format!("UPDATE {} SET sum = ? WHERE rowid = ?", plain.table);
        for place in rows {
            let row = sqlx::query(AssertSqlSafe(look.clone()))
                .bind(place)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(row) = row else { continue };
            let values = parts_of(plain, &row)?;
            let parts: Vec<Part<'_>> = values.iter().map(Value::as_part).collect();
            sqlx::query(AssertSqlSafe(update.clone()))
                .bind(sum::sum(&parts))
                .bind(place)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    pub(super) async fn check_plain(
        &self,
        plain: &Plain,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<(), StoreError> {
        let query = format!(
            "{} WHERE rowid > ? ORDER BY rowid LIMIT ?",
            plain.selected()
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(place.after)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        let mut new = Vec::new();
        for row in &rows {
            place.after = number(row, "place")?.unwrap_or(place.after);
            checked.rows += 1;
            let values = parts_of(plain, row)?;
            let parts: Vec<Part<'_>> = values.iter().map(Value::as_part).collect();
            let stored = number(row, "sum")?;
            if differs(&parts, stored) {
                let key = bytes(row, "key")?.unwrap_or_default();
                let key = String::from_utf8_lossy(&key).into_owned();
                let cause = "its checksum is not that of its contents";
                let damaged = DamagedRow::new(plain.table, key, (&[], &[]), cause);
                checked.damaged.push(damaged.at(place.after));
            } else if stored.is_none() {
                new.push(place.after);
            }
        }
        self.seal_plain(plain, &new).await
    }
}
