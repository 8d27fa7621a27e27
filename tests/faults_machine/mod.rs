//! Faults of the machine, of readers and of operators, one test a fault; the test's name has the
//! fault's number.
//!
//! Owns the real program in folders of its own, against the replica portal. Never leaves loopback.

mod disk;
mod fairness;
mod kill;
pub(crate) mod machine;
pub(crate) mod memory;
mod names;
pub(crate) mod published;
mod readers;
mod readonly;
pub(crate) mod rot;
mod rot_flips;
mod rot_plain;
mod rot_texts;
pub(crate) mod store;
pub(crate) mod sweep;
mod time;
