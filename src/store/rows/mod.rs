//! Reads values back that the database holds as text and numbers.
//!
//! Owns these conversions. Never queries the database.

mod from_row;

use chrono::NaiveDate;
use uuid::Uuid;

use super::StoreError;
use crate::archive::CapturePlace;
use crate::model::{
    Article, Change, ChangeKind, ColumnName, Field, ListRow, Timestamp, WrittenChange,
};
pub(super) use from_row::from_row;

/// Number, kind, time, and the article in JSON.
pub(super) type ChangeRow = (i64, String, i64, String);

/// Reads back an article. States that were saved before the contract had `content` have it, too: it
/// follows from the rest.
pub(super) fn article(json: &str) -> Result<Article, StoreError> {
    let article: Article =
        serde_json::from_str(json).map_err(|e| StoreError::unreadable("article", e))?;
    Ok(article.rehashed())
}

/// Reads back the article of this id.
pub(super) fn article_with_id(id: &str, json: &str) -> Result<Article, StoreError> {
    let article: Article = serde_json::from_str(json)
        .map_err(|e| StoreError::unreadable(format!("article {id}"), e))?;
    Ok(article.rehashed())
}

/// Stands in each article that was saved since the contract has `content`, and in no string: there,
/// a backslash precedes a quotation mark.
const CONTENT: &str = ",\"content\":\"";

/// An article in the JSON in which it is published. It was saved in that since the contract has
/// `content`, so it need not be read.
pub(super) fn published_json(json: String) -> Result<String, StoreError> {
    if json.rfind(CONTENT).is_some() {
        return Ok(json);
    }
    serde_json::to_string(&article(&json)?).map_err(|e| StoreError::unreadable("article", e))
}

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

/// Reads back a change.
pub(super) fn change((seq, kind, at, json): ChangeRow) -> Result<Change, StoreError> {
    let (kind, at) = moment(seq, kind, at)?;
    Ok(Change {
        seq,
        kind,
        at,
        article: article(&json)?,
    })
}

/// Reads back a change, with its article in the JSON in which it is published.
pub(super) fn written_change(
    (seq, kind, at, json): ChangeRow,
) -> Result<WrittenChange, StoreError> {
    let (kind, at) = moment(seq, kind, at)?;
    Ok(WrittenChange {
        seq,
        kind,
        at,
        article: published_json(json)?,
    })
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
