//! Hosts: who may ask one, when, and what robots.txt says; and whose turn it is to do what only one
//! process may do.
//!
//! Owns the state of hosts that outlives a process. Never sends a request.

mod held;
mod holder;
mod lease;
mod rests;
mod robots;
mod together;
mod turn;
mod workers;

pub(super) use held::HeldHosts;
pub use holder::{Holder, LeaseKind};
pub use lease::Lease;
pub use rests::Resting;
pub(super) use robots::RobotsAsks;
pub(super) use together::Together;
pub use turn::{Task, Turn};
pub(super) use workers::Contact;
pub use workers::{BEAT, Worker};

use std::time::Duration;

use chrono::TimeDelta;

use super::Store;
use crate::model::Timestamp;

/// Wishes to take hosts, which are answered together.
pub(super) type LeaseAsks = Together<lease::LeaseAsk, (Lease, rests::StoredRest)>;

/// Hosts that dibao sends requests to.
#[derive(Clone, Copy, Debug)]
pub struct Hosts<'a> {
    store: &'a Store,
}

impl Store {
    /// Hosts: leases, pauses, rests and robots.txt.
    pub fn hosts(&self) -> Hosts<'_> {
        Hosts { store: self }
    }
}

/// The time left until `until`, at most `most`: a longer time comes from a clock that was set back.
fn left(until: i64, now: Timestamp, most: TimeDelta) -> Duration {
    let left = TimeDelta::milliseconds(until.saturating_sub(now.millis()));
    left.min(most).to_std().unwrap_or_default()
}
