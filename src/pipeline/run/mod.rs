//! A run of a column: its lists, what waits, and what is due for another look.
//!
//! Owns the order of requests, and what becomes of what was read. Never knows HTML, HTTP or SQL
//! itself.

mod article_parts;
pub(super) mod collect;
pub(super) mod failure_budget;
mod held_articles;
pub(super) mod held_rechecks;
mod lease_wait;
mod pictures;
mod queue;
pub(super) mod report;
pub(super) mod walk;

pub(super) use article_parts::MOST;
pub use collect::{AskedBy, Collector, HOSTS_AT_ONCE, collect, collect_all};
pub use pictures::mirror;
pub use report::{ColumnReport, Ending, Failure};
