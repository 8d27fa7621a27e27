//! Puts files in place: whole or not at all, and only when they changed.
//!
//! Owns the folder of published files and the names of its temporary files. Never knows what a file
//! means. Never touches a good file before the new one is safely on the disk.

mod compressed;
mod directory;
mod error;
mod folder;
mod pending;
mod published;
mod sweep;

pub use directory::{Directory, PublishLock};
pub use error::{PublishError, PublishStep};
pub use pending::{PendingFile, WriteOutcome};
