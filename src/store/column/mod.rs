//! Columns: their runs, their queue of items, their backfill, and their recent behaviour.
//!
//! Owns the state of a column between runs. Never judges it, and never fetches.

mod backfill;
mod daily;
mod drift;
mod finder;
mod items;
mod list;
mod lives;
mod queue;
mod quiet;
mod runs;
mod same_rows;
mod spent;
mod standing;
mod verdicts;

pub use backfill::{BackfillState, OlderPage};
pub use daily::Figures;
pub use drift::{Shown, Shows};
pub use finder::ListedItem;
pub use items::ListedState;
pub use list::{ListMemory, ListOrder};
pub use lives::{ColumnLife, StoredColumn};
pub use queue::{Added, Delay, QueuedItem};
pub(super) use quiet::Polls;
pub use quiet::QuietPoll;
pub(super) use runs::LastRunAsks;
pub use runs::{ColumnState, Names, RunEnd};
pub use spent::{Account, LastDay, Spent};
pub(super) use standing::StandingAsks;
pub use standing::{CONFIGURATION, RENAMED, SILENT, Standing};
pub use verdicts::Verdicts;

use super::Store;

/// The state of columns between runs.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    store: &'a Store,
}

/// The items that are still to be read.
#[derive(Clone, Copy, Debug)]
pub struct Queue<'a> {
    store: &'a Store,
}

/// The progress of backfills.
#[derive(Clone, Copy, Debug)]
pub struct Backfills<'a> {
    store: &'a Store,
}

impl Store {
    /// The state of columns between runs, and the results of their runs.
    pub fn columns(&self) -> Columns<'_> {
        Columns { store: self }
    }

    /// The items that column pages list and that are still to be read.
    pub fn queue(&self) -> Queue<'_> {
        Queue { store: self }
    }

    /// The progress of the columns' backfills.
    pub fn backfills(&self) -> Backfills<'_> {
        Backfills { store: self }
    }
}
