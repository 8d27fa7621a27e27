//! Keeps every exchange with a portal: the bytes in the archive, the rest in the book of its host.
//!
//! Owns the order of writing. Never fetches.

mod archive_writer;
mod error;
mod host_book;

pub use archive_writer::ArchiveWriter;
pub(super) use host_book::StoreHostBook;
