//! How far a receiver of news has come: what was told, and when the next message is due.
//!
//! Owns this memory and the times of digests. Never reads the store.

use chrono::{Datelike, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

use crate::config::{Delivery, Every};
use crate::model::Timestamp;

/// The last change and the last incident of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reach {
    pub(super) seq: i64,
    pub(super) incident: i64,
}

/// How far a receiver has come. The store keeps it as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// What was told or passed over.
    pub(super) told: Reach,
    /// The beginning of the period whose digest was sent last, in milliseconds.
    pub(super) period: i64,
    /// The last change and incident of a mail that was not taken yet.
    pub(super) letter: Option<Reach>,
    /// Whether a message is being sent. It stays so if dibao ends before an answer is noted.
    pub(super) is_open: bool,
    /// The times of the last messages, in milliseconds.
    pub(super) sent: Vec<i64>,
}

/// The beginning of the period in which a digest is due; 0 without digests.
pub(super) fn period(delivery: &Delivery, now: Timestamp) -> i64 {
    let day = now.date();
    let back = match delivery.every {
        Every::Now => return 0,
        Every::Day => 0,
        Every::Week => i64::from(day.weekday().num_days_from_monday()),
    };
    let length = match delivery.every {
        Every::Week => TimeDelta::days(7),
        _ => TimeDelta::days(1),
    };
    let at = TimeDelta::seconds(i64::from(delivery.at.num_seconds_from_midnight()));
    let begin = Timestamp::start_of(day).plus(at - TimeDelta::days(back));
    match begin > now {
        true => begin.plus(-length).millis(),
        false => begin.millis(),
    }
}

impl Place {
    /// As the store keeps it. Numbers can always be written.
    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether messages may be sent now.
    pub(super) fn is_due(&self, delivery: &Delivery, now: Timestamp) -> bool {
        delivery.every == Every::Now || self.period < period(delivery, now)
    }

    /// When the next message may be sent, if so many may be sent within some time; `None` for now.
    pub(super) fn rests_until(
        &mut self,
        (most, within): (usize, TimeDelta),
        now: Timestamp,
    ) -> Option<Timestamp> {
        let begin = now.plus(-within).millis();
        self.sent.retain(|at| *at > begin);
        let oldest = self.sent.len().checked_sub(most)?;
        let oldest = Timestamp::from_millis(*self.sent.get(oldest)?)?;
        Some(oldest.plus(within))
    }
}
