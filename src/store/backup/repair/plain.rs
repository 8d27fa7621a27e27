//! Restores rows of plain tables.
//!
//! Owns the one source that they have: the byte that the checksum tells of. Never guesses.

use sqlx::AssertSqlSafe;

use super::super::check::{Plain, parts_of};
use super::sources::{RestoredFrom, of_checksum};
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::{Part, Value, number};

pub(super) async fn repair_plain(
    tx: &mut EngineConnection,
    plain: &Plain,
    place: i64,
) -> Result<Option<RestoredFrom>, StoreError> {
    let query = format!("{} WHERE rowid = ?", plain.selected());
    let row = sqlx::query(AssertSqlSafe(query))
        .bind(place)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let values = parts_of(plain, &row)?;
    let parts: Vec<Part<'_>> = values.iter().map(Value::as_part).collect();
    let candidates = of_checksum(&parts, number(&row, "sum")?);
    let Some((from, values)) = candidates.into_iter().next() else {
        return Ok(None);
    };
    let names = plain.texts.iter().chain(plain.numbers);
    let set: Vec<String> = names.map(|name| format!("{name} = ?")).collect();
    // The next check sets the checksum.
    let update = format!(
        "UPDATE {} SET {}, sum = NULL WHERE rowid = ?",
        plain.table,
        set.join(", ")
    );
    let mut update = sqlx::query(AssertSqlSafe(update));
    for value in values {
        update = match value {
            Value::Number(number) => update.bind(number),
            Value::Text(text) => match String::from_utf8(text) {
                Ok(text) => update.bind(text),
                Err(_) => return Ok(None),
            },
            Value::Nothing => update.bind(None::<String>),
        };
    }
    update.bind(place).execute(&mut *tx).await?;
    Ok(Some(from))
}
