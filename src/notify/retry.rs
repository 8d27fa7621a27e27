//! When a receiver that failed is tried again: after a rest that doubles up to a limit.
//!
//! Owns the length of the rest. Never sends anything.

use chrono::TimeDelta;

use crate::model::{Timestamp, backoff};

/// The first rest; each further rest is twice as long.
const FIRST: TimeDelta = TimeDelta::minutes(1);
/// The longest rest.
const LONGEST: TimeDelta = TimeDelta::hours(6);

/// The time of the next try after this number of failures in a row.
pub(super) fn next_try(now: Timestamp, failures: u32) -> Timestamp {
    now.plus(backoff(FIRST, LONGEST, failures.saturating_sub(1)))
}
