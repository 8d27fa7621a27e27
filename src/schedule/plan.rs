//! The input and the output of the scheduler.
//!
//! Owns these types. Never computes a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::{Column, Cron};
use crate::model::{ColumnName, Timestamp};

/// The columns to run, and when.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The columns, sorted by name.
    pub columns: Arc<[Column]>,
    /// When they are due.
    pub cron: Cron,
    /// When each column ran last; columns that never ran are left out.
    pub last_runs: BTreeMap<ColumnName, Timestamp>,
}

/// Columns of one host that are due.
#[derive(Clone, Debug)]
pub struct Due {
    pub(super) plan: Arc<[Column]>,
    /// The places of the columns among those of the plan.
    pub(super) places: Vec<usize>,
    /// When the next column of the host is due; it waits for the end of this cycle.
    pub others_at: Option<Timestamp>,
    /// Those that are due since somebody else left them in the middle of a run.
    pub hastened: BTreeSet<ColumnName>,
}

impl Due {
    /// The columns.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.places.iter().filter_map(|place| self.plan.get(*place))
    }
}
