//! Columns: their runs, their queue of items, their backfill, and how they have been lately.
//!
//! Owns what outlives a run of a column. Never judges it, and never writes an article.

mod backfill;
mod daily;
mod drift;
mod finder;
mod queue;
mod runs;
mod verdicts;

pub use backfill::{BackfillState, OlderPage};
pub use daily::Figures;
pub use drift::{Shown, Shows};
pub use finder::ListedItem;
pub use queue::QueuedItem;
pub use runs::{ColumnState, RunEnd};
pub use verdicts::Verdicts;

use super::Store;

/// What is known of columns.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    store: &'a Store,
}

/// The items that are still to be read.
#[derive(Clone, Copy, Debug)]
pub struct Queue<'a> {
    store: &'a Store,
}

/// How far backfills have come.
#[derive(Clone, Copy, Debug)]
pub struct Backfills<'a> {
    store: &'a Store,
}

impl Store {
    /// What columns have learned of themselves, and how their runs went.
    pub fn columns(&self) -> Columns<'_> {
        Columns { store: self }
    }

    /// The items that column pages list and that are still to be read.
    pub fn queue(&self) -> Queue<'_> {
        Queue { store: self }
    }

    /// How far the backfills of columns have come.
    pub fn backfills(&self) -> Backfills<'_> {
        Backfills { store: self }
    }
}
