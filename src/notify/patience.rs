//! When a receiver that failed is tried again.

use chrono::TimeDelta;

use crate::model::Timestamp;

/// The first rest; each further one is twice as long.
const FIRST: TimeDelta = TimeDelta::minutes(1);
/// No rest is longer.
const LONGEST: TimeDelta = TimeDelta::hours(6);

/// When to try again after so many failures in a row.
pub(super) fn next_try(now: Timestamp, failures: u32) -> Timestamp {
    let doubled = FIRST * 2i32.pow(failures.saturating_sub(1).min(12));
    now.plus(doubled.min(LONGEST))
}
