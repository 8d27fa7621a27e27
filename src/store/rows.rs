//! Articles and changes as rows of the database have them, read back.

use uuid::Uuid;

use super::StoreError;
use crate::model::{Article, Change, ChangeKind, Timestamp};

pub(super) type ChangeRow = (i64, String, i64, String);

pub(super) fn article(json: &str) -> Result<Article, StoreError> {
    serde_json::from_str(json).map_err(|e| StoreError::record("article", e))
}

/// What happened, and when.
pub(super) fn moment(
    seq: i64,
    kind: String,
    at: i64,
) -> Result<(ChangeKind, Timestamp), StoreError> {
    let kind = serde_json::from_value::<ChangeKind>(serde_json::Value::String(kind))
        .map_err(|e| StoreError::record(format!("change {seq}"), e))?;
    let at = Timestamp::from_millis(at)
        .ok_or_else(|| StoreError::record(format!("change {seq}"), "time out of range"))?;
    Ok((kind, at))
}

pub(super) fn change((seq, kind, at, json): ChangeRow) -> Result<Change, StoreError> {
    let (kind, at) = moment(seq, kind, at)?;
    Ok(Change {
        seq,
        kind,
        at,
        article: article(&json)?,
    })
}

/// Reads back an article's id.
pub(super) fn parse_id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|e| StoreError::record(format!("article id {text}"), e))
}
