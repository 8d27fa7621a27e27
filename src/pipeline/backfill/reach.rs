//! How far a backfill is to go.
//!
//! Owns its limits, and whether it may continue an earlier one. Never reads a page.

use chrono::NaiveDate;

use crate::model::Timestamp;
use crate::store::BackfillState;

/// How far a backfill is to go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// It pauses after this many list pages.
    pub pages: Option<u32>,
    /// Items older than this day are left out.
    pub since: Option<NaiveDate>,
    /// It pauses at this time: something else is due for the host then.
    pub until: Option<Timestamp>,
}

impl Reach {
    /// Whether it goes on where another has left off. It does not if it reaches further back: the
    /// items that the other one left out as too old would be missing for good.
    pub(super) fn continues(&self, state: &BackfillState) -> bool {
        state
            .since
            .is_none_or(|cut| self.since.is_some_and(|since| since >= cut))
    }
}
