//! How often a feed may change, in the terms of the feed formats.
//!
//! Owns the conversion to minutes and periods. Never reads a timetable.

use chrono::TimeDelta;

const PERIODS: [(&str, u32); 5] = [
    ("hourly", 60),
    ("daily", 24 * 60),
    ("weekly", 7 * 24 * 60),
    ("monthly", 30 * 24 * 60),
    ("yearly", 365 * 24 * 60),
];

/// The time between two runs of a column, in whole minutes and at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunInterval {
    minutes: u32,
}

impl RunInterval {
    /// Converts the time between two runs.
    pub fn new(interval: TimeDelta) -> Self {
        let minutes = u32::try_from(interval.num_minutes()).unwrap_or_default();
        Self {
            minutes: minutes.max(1),
        }
    }

    /// How many minutes a copy stays fresh: `ttl` of RSS.
    pub fn minutes(self) -> u32 {
        self.minutes
    }

    /// A period and the number of updates in it, for the syndication module of RSS 1.0. It is the
    /// shortest period that is a multiple of the interval, else the shortest that is longer.
    pub fn frequency(self) -> (&'static str, u32) {
        let even = PERIODS
            .iter()
            .find(|(_, length)| length % self.minutes == 0);
        let longer = || PERIODS.iter().find(|(_, length)| *length >= self.minutes);
        match even.or_else(longer) {
            Some((period, length)) => (period, length / self.minutes),
            None => ("yearly", 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_told_in_the_words_of_both_vocabularies() {
        let told = |minutes: i64| {
            let run_interval = RunInterval::new(TimeDelta::minutes(minutes));
            (run_interval.minutes(), run_interval.frequency())
        };
        assert_eq!(told(0), (1, ("hourly", 60)));
        assert_eq!(told(20), (20, ("hourly", 3)));
        assert_eq!(told(45), (45, ("daily", 32)));
        assert_eq!(told(240), (240, ("daily", 6)));
        assert_eq!(told(28 * 24 * 60), (40_320, ("monthly", 1)));
        assert_eq!(told(9 * 365 * 24 * 60), (4_730_400, ("yearly", 1)));
    }
}
