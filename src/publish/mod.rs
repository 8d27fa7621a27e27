//! Puts files in place: whole or not at all, and only when they changed.
//!
//! Owns the folder of published files and the names of its temporary files. Never knows what a file
//! means. Never touches a good file before the new one is safely on the disk.

mod compressed;
mod error;
mod folder;
mod parts;
mod pending;
mod publish_folder;
mod published;
mod room;
mod sweep;
mod unsynced;

pub use error::{PublishError, PublishStep};
pub use pending::{PendingFile, WriteOutcome};
pub use publish_folder::{PublishFolder, PublishLock};
pub use room::{DISK_LOW, Room};
