//! Keeps every exchange with a portal: the bytes in the archive, the rest in the book of its host.
//!
//! Owns the order of writing, and the count of what a column makes dibao store. Never fetches.

mod archive_writer;
mod budget;
mod error;
mod host_book;

pub use archive_writer::ArchiveWriter;
pub(super) use budget::{Budget, FLOOD, Spender, low};
pub(super) use host_book::StoreHostBook;
