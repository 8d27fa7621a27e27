//! A disk without room, which every room that writes may meet.

use std::io::{self, ErrorKind};

/// The stable code of it.
pub const DISK_FULL: &str = "disk-full";

/// Whether the disk, or the share of it that we may use, is full.
pub fn is_disk_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}
