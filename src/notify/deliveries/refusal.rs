//! Why a message was not taken.
//!
//! Owns the three cases. Never decides what follows.

use chrono::TimeDelta;

/// Why a message was not taken, on one line.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The receiver refused it, or could not be reached.
    Failed(String),
    /// The receiver may have taken it.
    Unsure(String),
    /// Too much was sent: the receiver rests for this time.
    Limited(String, TimeDelta),
}
