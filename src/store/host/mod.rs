//! Hosts: who may ask one, when, and what robots.txt says.
//!
//! Owns what outlives a process of the hosts that are asked. Never asks a host for anything.

mod lease;
mod rests;

pub use lease::{Holder, Lease, LeaseKind};
pub use rests::Resting;

use super::Store;

/// Hosts that are asked.
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
