//! When a receiver that failed is tried again.

use chrono::TimeDelta;

use crate::model::{Timestamp, backoff};

/// The first rest; each further one is twice as long.
const FIRST: TimeDelta = TimeDelta::minutes(1);
/// No rest is longer.
const LONGEST: TimeDelta = TimeDelta::hours(6);

/// When to try again after so many failures in a row.
pub(super) fn next_try(now: Timestamp, failures: u32) -> Timestamp {
    now.plus(backoff(FIRST, LONGEST, failures.saturating_sub(1)))
}
