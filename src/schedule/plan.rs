//! The input and the output of the scheduler.
//!
//! Owns these types. Never computes a time.

use std::collections::BTreeMap;

use crate::config::{Column, Cron};
use crate::model::{ColumnName, Timestamp};

/// The columns to run, and when.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The columns, sorted by name.
    pub columns: Vec<Column>,
    /// When they are due.
    pub cron: Cron,
    /// When each column ran last; columns that never ran are left out.
    pub last_runs: BTreeMap<ColumnName, Timestamp>,
}

/// Columns of one host that are due.
#[derive(Clone, Debug)]
pub struct Due {
    /// The columns.
    pub columns: Vec<Column>,
    /// When the next column of the host is due; it waits for the end of this cycle.
    pub others_at: Option<Timestamp>,
}
