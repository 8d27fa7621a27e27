//! How a column's pages drift from what is usual for it, and what is told of that.
//!
//! Owns the baseline, the comparison with it, and the words. Never fetches, never holds anything back
//! itself.

pub(super) mod baseline;
pub(super) mod judge;
pub(super) mod messages;
mod silence;
pub(super) mod window;

pub use baseline::fill_rates;
pub(crate) use baseline::{UsualPicture, usual_of};
