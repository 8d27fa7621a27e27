//! Rows of a table: read in the order of their key, written many at a time, and hashed.
//!
//! Owns these statements. Never holds more than a batch of rows.

use futures_util::TryStreamExt;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Row};

use super::side::Side;
use super::tables::{Kind, MARK, MARKED, Table};
use crate::model::sha256_hex;
use crate::store::StoreError;
use crate::store::driver::{Arguments, EngineRow, Parameter};
use crate::store::rows::{Part, encode};

/// A batch, which is one transaction, ends with so many rows or bytes.
const ROWS: usize = 1024;
const BYTES: usize = 4 << 20;
/// One statement inserts so many rows; what is left of a batch is inserted one by one.
const GROUP: usize = 64;

/// Which rows of a table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Range<'a> {
    All,
    /// Up to this key, with it.
    To(&'a [Parameter]),
    /// Behind this key.
    After(&'a [Parameter]),
}

/// How many rows there are, and the hash of them all in the order of their key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) rows: u64,
    pub(super) sha256: String,
}

/// A name within a statement. The number of a row has no quotes: SQLite knows it without.
fn quoted(name: &str) -> String {
    match name {
        "rowid" => name.to_owned(),
        _ => format!("\"{name}\""),
    }
}

impl Table {
    fn listed(columns: &[(String, Kind)], behind: &str) -> String {
        let names = columns.iter().map(|(name, _)| quoted(name) + behind);
        names.collect::<Vec<_>>().join(", ")
    }

    fn key(&self) -> &[(String, Kind)] {
        self.columns.get(..self.key).unwrap_or_default()
    }

    /// The condition for all rows that are copied: all but the mark of the copy.
    fn condition(&self) -> String {
        match self.name.as_str() {
            MARKED => format!("key <> '{MARK}'"),
            _ => "true".to_owned(),
        }
    }

    fn select(&self, range: Range<'_>) -> (String, Arguments) {
        let (sign, bound) = match range {
            Range::All => ("", &[] as &[Parameter]),
            Range::To(key) => ("<=", key),
            Range::After(key) => (">", key),
        };
        let (all, key) = (
            Self::listed(&self.columns, ""),
            Self::listed(self.key(), ""),
        );
        let (table, condition) = (quoted(&self.name), self.condition());
        let range = match sign {
            "" => String::new(),
            sign => format!(" AND ({key}) {sign} ({})", marks(bound.len())),
        };
        let select = format!("SELECT {all} FROM {table} WHERE {condition}{range} ORDER BY {key}");
        (select, Arguments::from(bound.to_vec()))
    }

    fn insert(&self, rows: usize, is_postgres: bool) -> String {
        let (table, columns) = (quoted(&self.name), Self::listed(&self.columns, ""));
        // PostgreSQL would give some numbers by itself.
        let own = if is_postgres {
            "OVERRIDING SYSTEM VALUE "
        } else {
            ""
        };
        let row = format!("({})", marks(self.columns.len()));
        let rows = vec![row; rows].join(", ");
        format!("INSERT INTO {table} ({columns}) {own}VALUES {rows}")
    }

    fn values(&self, row: &EngineRow, columns: usize) -> Result<Vec<Parameter>, sqlx::Error> {
        let columns = self.columns.iter().take(columns).enumerate();
        let values = columns.map(|(place, (_, kind))| {
            Ok(match kind {
                Kind::Integer => Parameter::Integer(row.try_get(place)?),
                Kind::Text => Parameter::Text(row.try_get(place)?),
                Kind::Bytes => Parameter::Bytes(row.try_get(place)?),
            })
        });
        values.collect()
    }
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn part(value: &Parameter) -> Part<'_> {
    match value {
        Parameter::Integer(Some(number)) => Part::Number(*number),
        Parameter::Text(Some(text)) => Part::Text(text.as_bytes()),
        Parameter::Bytes(Some(bytes)) => Part::Text(bytes),
        Parameter::Integer(None) | Parameter::Text(None) | Parameter::Bytes(None) => Part::Nothing,
    }
}

fn bytes(value: &Parameter) -> usize {
    match part(value) {
        Part::Text(text) => text.len(),
        Part::Number(_) | Part::Nothing => size_of::<i64>(),
    }
}

/// How many rows a table has.
pub(super) async fn count(side: &mut Side, table: &Table) -> Result<u64, StoreError> {
    let (name, condition) = (quoted(&table.name), table.condition());
    let count = format!("SELECT COUNT(*) FROM {name} WHERE {condition}");
    Ok(u64::try_from(side.number(count).await?).unwrap_or(0))
}

/// The last key.
pub(super) async fn last_key(
    side: &mut Side,
    table: &Table,
) -> Result<Option<Vec<Parameter>>, StoreError> {
    let (key, last) = (
        Table::listed(table.key(), ""),
        Table::listed(table.key(), " DESC"),
    );
    let (name, condition) = (quoted(&table.name), table.condition());
    let query = format!("SELECT {key} FROM {name} WHERE {condition} ORDER BY {last} LIMIT 1");
    let row = sqlx::query(AssertSqlSafe(query))
        .fetch_optional(&mut side.connection)
        .await?;
    Ok(row.map(|row| table.values(&row, table.key)).transpose()?)
}

/// Deletes all rows.
pub(super) async fn clear(side: &mut Side, table: &Table) -> Result<(), StoreError> {
    let (name, condition) = (quoted(&table.name), table.condition());
    side.run(format!("DELETE FROM {name} WHERE {condition}"))
        .await
}

/// Counts and hashes rows. Calls `told` for each.
pub(super) async fn digest(
    side: &mut Side,
    table: &Table,
    range: Range<'_>,
    told: impl Fn(u64),
) -> Result<Digest, StoreError> {
    let (select, bound) = table.select(range);
    let Side {
        connection, shown, ..
    } = side;
    let failed = |e| StoreError::in_table(shown, &table.name, &e);
    let mut found = sqlx::query_with(AssertSqlSafe(select), bound).fetch(connection);
    let (mut rows, mut hash) = (0, Sha256::new());
    while let Some(row) = found.try_next().await.map_err(failed)? {
        let values = table.values(&row, table.columns.len()).map_err(failed)?;
        let parts: Vec<Part<'_>> = values.iter().map(part).collect();
        encode(&parts, |bytes| hash.update(bytes));
        rows += 1;
        told(1);
    }
    let sha256 = sha256_hex(hash);
    Ok(Digest { rows, sha256 })
}

/// Copies the rows behind a key. Calls `told` with how many were written.
pub(super) async fn copy(
    from: &mut Side,
    to: &mut Side,
    table: &Table,
    after: Option<&[Parameter]>,
    told: impl Fn(u64),
) -> Result<(), StoreError> {
    let (select, bound) = table.select(after.map_or(Range::All, Range::After));
    let Side {
        connection, shown, ..
    } = from;
    let failed = |e| StoreError::in_table(shown, &table.name, &e);
    let mut found = sqlx::query_with(AssertSqlSafe(select), bound).fetch(connection);
    let (mut batch, mut size) = (Vec::new(), 0);
    while let Some(row) = found.try_next().await.map_err(failed)? {
        let values = table.values(&row, table.columns.len()).map_err(failed)?;
        size += values.iter().map(bytes).sum::<usize>();
        batch.push(values);
        if batch.len() >= ROWS || size >= BYTES {
            told(batch.len() as u64);
            write(to, table, &mut batch).await?;
            size = 0;
        }
    }
    told(batch.len() as u64);
    write(to, table, &mut batch).await
}

/// Writes a batch in one transaction, and empties it. An error leaves the transaction to the
/// connection, which is closed.
async fn write(
    to: &mut Side,
    table: &Table,
    batch: &mut Vec<Vec<Parameter>>,
) -> Result<(), StoreError> {
    let is_postgres = to.is_postgres();
    to.run("BEGIN").await?;
    while !batch.is_empty() {
        let rows = if batch.len() < GROUP { 1 } else { GROUP };
        let values: Vec<Parameter> = batch.drain(..rows).flatten().collect();
        let insert = AssertSqlSafe(table.insert(rows, is_postgres));
        let inserted = sqlx::query_with(insert, Arguments::from(values))
            .execute(&mut to.connection)
            .await;
        inserted.map_err(|e| StoreError::in_table(&to.shown, &table.name, &e))?;
    }
    to.run("COMMIT").await
}
