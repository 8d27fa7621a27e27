//! Hosts: who may ask one, when, and what robots.txt says.
//!
//! Owns what outlives a process of the hosts that are asked. Never asks a host for anything.

mod lease;
mod rests;

pub use lease::{Holder, Lease, LeaseKind};
pub use rests::Resting;
