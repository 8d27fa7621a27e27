//! A run of a column: its lists, its queue, and its rechecks.
//!
//! Owns the order of requests, and the decision on each page. Never knows HTML, HTTP or SQL itself.

mod article;
mod article_parts;
mod collect;
mod collector;
mod drift_incidents;
mod failure_budget;
mod finish;
mod held_articles;
mod held_rechecks;
mod kept_files;
mod leases;
mod line;
mod list_order;
mod list_validators;
mod page_reader;
mod pending;
mod queue;
mod recheck;
mod report;
mod state;
mod walk;
mod walk_limits;
mod walk_order;
mod walk_page;

pub use collect::{collect, collect_all, collect_with_others, recheck};
pub use collector::{AskedBy, Collector};
pub(super) use failure_budget::FailureBudget;
pub use kept_files::keep_files;
pub(super) use leases::{keep_hosts, wait_for_run};
pub use report::{ColumnReport, Ending, Failure};
pub(super) use state::Run;
pub(super) use walk::{listed, walk};
pub(super) use walk_limits::PAGER_UNREAD;
