//! A disk without room, or that may not be written, which every room that writes may meet; and how
//! sizes are written.

use std::io::{self, ErrorKind};

/// The stable code of it.
pub const DISK_FULL: &str = "disk-full";

/// Whether it is not for us to write there, however much room there is.
pub fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Whether the disk, or the share of it that we may use, is full.
pub fn is_disk_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}

/// A size as people read it.
pub fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
