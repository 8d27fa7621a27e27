//! Reads values back that the database holds as text and numbers.
//!
//! Owns these conversions, and JSON as a way to give a statement many values. Never queries the database.

mod from_row;
mod stored;
pub(super) mod sum;
mod text;

use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

use super::StoreError;
use crate::archive::CapturePlace;
pub(super) use crate::model::DamagedRow;
use crate::model::{ChangeKind, ColumnName, Field, ListRow, Timestamp};
pub(super) use from_row::from_row;
pub(super) use stored::{
    ARTICLE, CHANGE, PAGE, STATE, StoredArticle, StoredChange, StoredPage, StoredPublication,
    bytes, differs, number,
};
pub(super) use sum::{Part, Value, encode};
pub(super) use text::{Parted, corrected_text, part};

/// Reads back the kind and the time of a change.
pub(super) fn moment(
    seq: i64,
    kind: String,
    at: i64,
) -> Result<(ChangeKind, Timestamp), StoreError> {
    let kind = serde_json::from_value::<ChangeKind>(serde_json::Value::String(kind))
        .map_err(|e| StoreError::unreadable(format!("change {seq}"), e))?;
    let at = Timestamp::from_millis(at)
        .ok_or_else(|| StoreError::unreadable(format!("change {seq}"), "time out of range"))?;
    Ok((kind, at))
}

/// Reads back an article's id.
pub(super) fn parse_id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|e| StoreError::unreadable(format!("article id {text}"), e))
}

/// Reads back what a list said of an article; `None` without a title.
pub(super) fn list_row(
    title: Option<String>,
    day: Option<String>,
) -> Result<Option<ListRow>, StoreError> {
    let Some(title) = title.filter(|title| !title.is_empty()) else {
        return Ok(None);
    };
    let day = day.map(|day| {
        day.parse::<NaiveDate>()
            .map_err(|e| StoreError::unreadable(format!("day {day}"), e))
    });
    Ok(Some(ListRow {
        title,
        published_on: day.transpose()?,
    }))
}

/// Reads back a column's name.
pub(super) fn column_name(text: &str) -> Result<ColumnName, StoreError> {
    text.parse()
        .map_err(|e| StoreError::unreadable(format!("column {text}"), e))
}

/// Values as JSON, of which one statement makes rows: a statement for each would be a round trip to
/// SQLite's thread for each.
pub(super) fn json(values: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(values).map_err(|e| StoreError::unreadable("values", e))
}

/// Reads back fields by their names, which spaces separate.
pub(super) fn field_list(names: &str) -> Vec<Field> {
    let is_named = |field: &Field| names.split(' ').any(|name| name == field.name());
    Field::ALL.into_iter().filter(is_named).collect()
}

/// Reads back a file and an offset; `None` for an offset that no file has.
pub(super) fn capture_place((file, offset): (String, i64)) -> Option<CapturePlace> {
    let offset = u64::try_from(offset).ok()?;
    Some(CapturePlace { file, offset })
}
