//! `collect` and `syndicate`: two short sequences that meet only at the store.
//!
//! Owns the order of things. Never knows HTML, HTTP or SQL itself.

mod accept;
mod articles;
mod collect;
mod held;
mod progress;
mod report;
mod syndicate;
mod usual;
mod walk;

pub use accept::{Unacceptable, accept};
pub use collect::{Collector, collect, collect_all};
pub use progress::{Progress, Step};
pub use report::{ColumnReport, Ending, Failure};
pub use syndicate::{SyndicateError, Syndicated, syndicate};
