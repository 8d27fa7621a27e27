//! The pause of a column: until it is resumed, or until a day.
//!
//! Owns on which days it rests. Never reads a clock.

use chrono::NaiveDate;

/// The pause of a column. It is not collected meanwhile; what it has stays published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pause {
    /// It is collected.
    #[default]
    None,
    /// Until somebody resumes it.
    Open,
    /// Until this day, on which it is collected again.
    Until(NaiveDate),
}

impl Pause {
    /// Whether the column rests on this day.
    pub fn rests_on(self, day: NaiveDate) -> bool {
        match self {
            Self::None => false,
            Self::Open => true,
            Self::Until(until) => day < until,
        }
    }
}
