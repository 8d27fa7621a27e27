//! What is kept of every exchange with a portal: the bytes in the archive, and the book of its host.
//!
//! Owns the order in which both are written. Never fetches.

mod archive_writer;
mod error;
mod host_book;

pub use archive_writer::ArchiveWriter;
pub(super) use host_book::StoreHostBook;
