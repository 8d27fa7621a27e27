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
