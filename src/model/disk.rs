//! Full and read-only disks, the text of sizes, and the numbers of files.
//!
//! Owns how an I/O error of such a disk is recognised. Never touches a disk.

use std::fs::Metadata;
use std::io::{self, ErrorKind};

/// The stable code of a full disk.
pub const DISK_FULL: &str = "disk-full";

/// The number of a file within its file system, by which another file at the same path differs; 0
/// where there are no such numbers.
#[cfg(unix)]
pub fn inode(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

/// The number of a file within its file system: there are no such numbers here.
#[cfg(not(unix))]
pub fn inode(_: &Metadata) -> u64 {
    0
}

/// Whether dibao has no right to write there.
pub fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Whether the disk, or dibao's quota on it, is full.
pub fn is_disk_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}

/// A size as text for people.
pub fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
