//! What the machine, the readers and the operator do to dibao, one test a fault. Each test's name
//! tells the fault's number. All through the real program, in folders of its own, against the
//! replica portal on loopback.

mod disk;
mod kill;
pub(crate) mod machine;
pub(crate) mod memory;
mod names;
mod readers;
mod readonly;
mod store;
mod sweep;
mod time;
pub(crate) mod tree;
