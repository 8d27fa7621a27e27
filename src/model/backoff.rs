//! The wait before another try after a failure.
//!
//! Owns the doubling of the wait. Never waits.

use chrono::TimeDelta;

/// More doublings would exceed every limit.
const MOST_DOUBLINGS: u32 = 20;

/// The first wait, doubled this many times, but at most `longest`.
pub fn backoff(first: TimeDelta, longest: TimeDelta, doublings: u32) -> TimeDelta {
    let doubled = first * 2i32.pow(doublings.min(MOST_DOUBLINGS));
    doubled.min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_until_it_is_the_longest() {
        let wait = |doublings| backoff(TimeDelta::minutes(10), TimeDelta::days(1), doublings);
        assert_eq!(wait(0), TimeDelta::minutes(10));
        assert_eq!(wait(3), TimeDelta::minutes(80));
        assert_eq!(wait(8), TimeDelta::days(1));
        assert_eq!(wait(u32::MAX), TimeDelta::days(1));
    }
}
