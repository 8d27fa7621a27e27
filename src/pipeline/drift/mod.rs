//! How a column's pages drift from the column's baseline, and how that is reported.
//!
//! Owns the baseline, the comparison, and the words. Never fetches, never holds anything back.

mod baseline;
mod judge;
mod list_length;
mod messages;
mod silence;
mod window;

pub(crate) use baseline::Baseline;
pub use baseline::fill_rates;
pub(super) use judge::{Drift, LIST};
pub(super) use list_length::ListLength;
pub(super) use messages::{describe, messages, remedy};
pub(super) use silence::silence;
pub(super) use window::{Break, BreakKind, shows};
