//! The tables of a copy: those that both databases have, with the columns of both.
//!
//! Owns that they are read from the two schemas, so that a table of a later step is copied, too. Never
//! reads a row.

use std::collections::BTreeMap;

use super::side::Side;
use crate::store::StoreError;

/// What belongs to the database, to processes that run, or is made anew: steps of the schema, leases,
/// heartbeats, words.
const LEFT: [&str; 4] = ["_sqlx_migrations", "leases", "workers", "search_words"];

/// The table in which a copy has its mark, and the mark's key there. It is no row of the copy.
pub(super) const MARKED: &str = "meta";
pub(super) const MARK: &str = "copy";

/// The number that SQLite gives a row by itself. PostgreSQL has it as a column where it matters.
const ROWID: &str = "rowid";

/// A table as it is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    /// Those of the key come first.
    pub(super) columns: Vec<(String, Kind)>,
    /// How many columns name a row, and give the order.
    pub(super) key: usize,
    /// The column whose numbers the database gives by itself, never one twice.
    pub(super) counted: Option<String>,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Text,
    Bytes,
}

/// A table as one of the databases has it.
#[derive(Clone, Debug, Default)]
struct Described {
    columns: BTreeMap<String, Kind>,
    key: BTreeMap<i64, String>,
    counted: Option<String>,
}

/// Table, column, type, place in the primary key from 1 on, and whether the database counts in it.
type Row = (String, String, String, i64, i64);

const SQLITE: &str = "
    SELECT t.name, c.name, c.type, c.pk,
        CASE WHEN c.pk = 1 AND instr(upper(s.sql), 'AUTOINCREMENT') > 0 THEN 1 ELSE 0 END
    FROM pragma_table_list t JOIN sqlite_schema s ON s.name = t.name AND s.type = 'table'
    JOIN pragma_table_xinfo(t.name) c
    WHERE t.schema = 'main' AND t.type = 'table' AND c.hidden = 0
    UNION ALL
    SELECT t.name, 'rowid', 'INTEGER', 0, 0 FROM pragma_table_list t
    WHERE t.schema = 'main' AND t.type = 'table' AND t.wr = 0
        AND (SELECT CASE WHEN COUNT(*) = 1 THEN MAX(c.type) END
             FROM pragma_table_xinfo(t.name) c WHERE c.pk > 0) IS NOT 'INTEGER'";

const POSTGRES: &str = "
    SELECT CAST(c.relname AS text), CAST(a.attname AS text), format_type(a.atttypid, NULL),
        CAST(COALESCE(array_position(CAST(i.indkey AS smallint[]), a.attnum) + 1, 0) AS bigint),
        CAST(CASE WHEN a.attidentity = '' THEN 0 ELSE 1 END AS bigint)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = ''
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind = 'r' AND c.relnamespace =
        (SELECT oid FROM pg_namespace WHERE nspname = current_schema())";

/// The tables to copy, by name.
pub(super) async fn tables(from: &mut Side, to: &mut Side) -> Result<Vec<Table>, StoreError> {
    let (mut source, target) = (described(from).await?, described(to).await?);
    let mut tables = Vec::with_capacity(target.len());
    for (name, target) in target {
        if let Some(source) = source.remove(&name) {
            let table = joined(&name, source, target);
            tables.push(table.map_err(|cause| StoreError::unreadable(name, cause))?);
        }
    }
    Ok(tables)
}

async fn described(side: &mut Side) -> Result<BTreeMap<String, Described>, StoreError> {
    let query = if side.is_postgres() { POSTGRES } else { SQLITE };
    let rows: Vec<Row> = sqlx::query_as(query)
        .fetch_all(&mut side.connection)
        .await?;
    let mut tables: BTreeMap<String, Described> = BTreeMap::new();
    for (table, column, kind, place, is_counted) in rows {
        if LEFT.contains(&table.as_str()) || table.starts_with("sqlite_") {
            continue;
        }
        let kind = match kind.as_str() {
            "INTEGER" | "bigint" => Kind::Integer,
            "TEXT" | "text" => Kind::Text,
            "BLOB" | "bytea" => Kind::Bytes,
            other => {
                let cause = format!("values of the type {other} are not copied");
                return Err(StoreError::unreadable(format!("{table}.{column}"), cause));
            }
        };
        let described = tables.entry(table).or_default();
        if place > 0 {
            described.key.insert(place, column.clone());
        }
        if is_counted > 0 {
            described.counted = Some(column.clone());
        }
        described.columns.insert(column, kind);
    }
    Ok(tables)
}

fn joined(name: &str, mut from: Described, mut to: Described) -> Result<Table, &'static str> {
    // A row number that one of them does not have means nothing; nor does one beside the mark's.
    let is_numbered = |of: &Described| of.columns.contains_key(ROWID);
    let has_number = is_numbered(&from) && is_numbered(&to) && name != MARKED;
    if !has_number {
        from.columns.remove(ROWID);
        to.columns.remove(ROWID);
    }
    if from.columns != to.columns {
        return Err("its columns are not the same in both databases");
    }
    let key: Vec<String> = match has_number {
        true => vec![ROWID.to_owned()],
        false => from.key.into_values().collect(),
    };
    if key.is_empty() {
        return Err("its rows have no key");
    }
    let mut columns = Vec::with_capacity(from.columns.len());
    for name in &key {
        columns.extend(from.columns.remove_entry(name));
    }
    columns.extend(from.columns);
    Ok(Table {
        name: name.to_owned(),
        key: key.len(),
        counted: to
            .counted
            .filter(|counted| columns.iter().any(|(name, _)| name == counted)),
        columns,
    })
}
