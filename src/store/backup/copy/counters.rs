//! The numbers that a database gives rows by itself, and never twice.
//!
//! Owns how each database is asked for the last one. Never gives one.

use super::side::Side;
use super::tables::Table;
use crate::store::StoreError;

/// The last number that was given in a table's column; 0 before the first.
pub(super) async fn last(side: &mut Side, table: &str, column: &str) -> Result<i64, StoreError> {
    let most = format!("SELECT MAX({column}) FROM \"{table}\"");
    let most = side.number(most).await?;
    let given = match side.is_postgres() {
        true => format!(
            "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence('{table}', '{column}') AS regclass))"
        ),
        false => format!("SELECT MAX(seq) FROM sqlite_sequence WHERE name = '{table}'"),
    };
    Ok(side.number(given).await?.max(most))
}

/// Lets the next number of each table follow the last one of the other store.
pub(super) async fn copy(
    from: &mut Side,
    to: &mut Side,
    tables: &[Table],
) -> Result<(), StoreError> {
    for table in tables {
        let Some(column) = &table.counted else {
            continue;
        };
        let (last, name) = (last(from, &table.name, column).await?, &table.name);
        if to.is_postgres() {
            let (value, is_given) = (last.max(1), last > 0);
            let set = format!(
                "SELECT setval(CAST(pg_get_serial_sequence('{name}', '{column}') AS regclass), {value}, {is_given})"
            );
            to.number(set).await?;
        } else {
            to.run(format!("DELETE FROM sqlite_sequence WHERE name = '{name}'"))
                .await?;
            let set = format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', {last})");
            to.run(set).await?;
        }
    }
    Ok(())
}
