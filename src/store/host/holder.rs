//! Who may hold a host's lease, for what, and for how long.
//!
//! Owns these names, and whether a holder is alive. Never reads the store.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::model::sha256_hex;

/// A lease expires if it is not renewed for this long.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(120);

/// So many hex digits name a machine.
const MACHINE: usize = 12;

/// A process that holds leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    machine: String,
    process: u32,
}

impl Holder {
    /// This process on this machine.
    pub fn this_process() -> Self {
        let machine = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .or_else(|_| std::fs::read_to_string("/etc/machine-id"))
            .unwrap_or_default();
        // Each container of a machine counts its processes on its own.
        let namespace = std::fs::read_link("/proc/self/ns/pid")
            .map(|link| link.to_string_lossy().into_owned())
            .unwrap_or_default();
        let machine = format!("{} {namespace}", machine.trim());
        Self {
            machine: short(&machine),
            process: std::process::id(),
        }
    }

    /// Another process of the same machine, by its number.
    pub fn process(number: u32) -> Self {
        Self {
            process: number,
            ..Self::this_process()
        }
    }

    pub(super) fn text(&self) -> String {
        format!("{}/{}", self.machine, self.process)
    }

    /// Whether the holder named by `text` is a process of this machine that has died. If that
    /// cannot be determined, its lease has to expire.
    pub(super) fn is_dead(&self, text: &str) -> bool {
        let Some((machine, process)) = text.rsplit_once('/') else {
            return false;
        };
        let proc = std::path::Path::new("/proc");
        !machine.is_empty()
            && machine == self.machine
            && proc.join("self").exists()
            && !proc.join(process).exists()
    }
}

/// A short name of a machine: each lease has it, and there is one for each host.
fn short(machine: &str) -> String {
    if machine.trim().is_empty() {
        return String::new();
    }
    let mut name = sha256_hex(Sha256::new_with_prefix(machine));
    name.truncate(MACHINE);
    name
}

/// The purpose of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseKind {
    /// A run that is due.
    Run,
    /// A backfill, which makes room for runs.
    Backfill,
}

impl LeaseKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Backfill => "backfill",
        }
    }
}
