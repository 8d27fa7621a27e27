//! How far a check of the rows has come, and what it found.
//!
//! Owns both records. Never reads a row.

use serde::{Deserialize, Serialize};

use crate::store::rows::DamagedRow;

/// How far a check of the rows has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlace {
    pub(super) table: usize,
    pub(super) after: i64,
}

/// What some rows were like.
#[derive(Clone, Debug, Default)]
pub struct CheckedRows {
    /// How many were read.
    pub rows: usize,
    /// Those that are damaged.
    pub damaged: Vec<DamagedRow>,
    /// Whether these were the last.
    pub is_end: bool,
}

/// A row without a checksum, and the checksum that it gets.
pub(super) type Unsealed = (i64, i64);
