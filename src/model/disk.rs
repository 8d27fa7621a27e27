//! A disk without room, or that may not be written, which every room that writes may meet.

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
