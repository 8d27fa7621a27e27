//! How much room is left on the disk of a folder.
//!
//! Owns the floors under which something is left aside. Never frees anything.

use std::fmt;
use std::path::Path;

use crate::config::FreeSpace;
use crate::model::megabytes;

/// The code of an incident: the disk has little room left.
pub const DISK_LOW: &str = "disk-low";

/// The usual floor,
const USUAL: u64 = 1 << 30;
/// or this part of the disk, if that is less.
const PART: u64 = 20;

/// The room on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    free: u64,
    floor: u64,
}

impl Room {
    /// The room on the disk of `folder`, which is to keep this space free; `None` where the system
    /// does not say.
    #[cfg(target_os = "linux")]
    pub fn on_disk_of(folder: &Path, free_space: FreeSpace) -> Option<Self> {
        let disk = rustix::fs::statvfs(folder).ok()?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let all = disk.f_blocks.saturating_mul(disk.f_frsize);
        // Some file systems do not count.
        (all > 0).then(|| Self::new(free, all, free_space))
    }

    /// The room on the disk of `folder`: the system is not asked here.
    #[cfg(not(target_os = "linux"))]
    pub fn on_disk_of(_: &Path, _: FreeSpace) -> Option<Self> {
        None
    }

    fn new(free: u64, all: u64, free_space: FreeSpace) -> Self {
        let floor = match free_space {
            FreeSpace::Usual => USUAL.min(all / PART),
            FreeSpace::Bytes(bytes) => bytes,
        };
        Self { free, floor }
    }

    /// Whether nothing is written that can be had later: no picture, no compressed copy, no backfill.
    pub fn is_low(self) -> bool {
        self.free < self.floor
    }

    /// Whether nothing is collected.
    pub fn is_scarce(self) -> bool {
        self.free < self.floor / 2
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (free, floor) = (megabytes(self.free), megabytes(self.floor));
        write!(
            f,
            "{free} of its disk are free, and {floor} are to stay free"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_a_gibibyte_or_a_twentieth_whichever_is_less() {
        let gib = |n: u64| n << 30;
        for (free, all, low, scarce) in [
            (gib(2), gib(100), false, false),
            (gib(1) - 1, gib(100), true, false),
            (gib(1) / 2 - 1, gib(100), true, true),
            // A twentieth of 10 GiB is half a GiB.
            (gib(1) / 2, gib(10), false, false),
            (gib(1) / 2 - 1, gib(10), true, false),
            (gib(1) / 4 - 1, gib(10), true, true),
            (0, gib(10), true, true),
        ] {
            let room = Room::new(free, all, FreeSpace::Usual);
            assert_eq!((room.is_low(), room.is_scarce()), (low, scarce), "{room}");
        }
    }

    #[test]
    fn the_floor_can_be_set_or_left_out() {
        assert!(!Room::new(0, 1 << 40, FreeSpace::Bytes(0)).is_low());
        assert!(Room::new(99, 1 << 40, FreeSpace::Bytes(100)).is_low());
        assert!(!Room::new(50, 1 << 40, FreeSpace::Bytes(100)).is_scarce());
    }
}
