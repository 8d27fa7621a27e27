//! The answers, as programs read them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Change;

/// Some changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangesAnswer {
    /// In the order of their numbers, without a gap.
    pub changes: Vec<Change>,
    /// What to ask for next, as `after`: the number of the last of them.
    pub next: i64,
}
