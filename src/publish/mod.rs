//! Puts files where they belong: whole or not at all, and only when they differ.
//!
//! Owns the published tree and the names of its temporary files. Never knows what a file means,
//! never touches a good file before its successor is safely on the disk.

mod coded;
mod directory;
mod error;
mod pending;
mod sweep;

pub use directory::{Directory, Outcome, Turn};
pub use error::{PublishError, Step};
pub use pending::Pending;
