//! Puts files in place: whole or not at all, and only when they changed.
//!
//! Owns the place of published files and that of kept copies, each a folder or a bucket, and the names
//! of temporary files. Never knows what a file means. Never touches a good file before the new one is safely on the disk.

#[cfg(feature = "many-machines")]
mod bucket;
mod compressed;
mod error;
mod folder;
mod kept;
#[cfg(feature = "many-machines")]
mod kept_bucket;
mod kept_source;
mod parts;
mod pending;
mod place;
mod publish_folder;
mod published;
mod reader;
mod room;
mod spool;
mod sweep;
mod unsynced;

#[cfg(feature = "many-machines")]
pub use bucket::{Bucket, Found, Wanted, WantedRange};
pub use error::{PublishError, PublishStep};
pub use kept::KeptPlace;
pub use kept_source::KeptSource;
pub use pending::PendingFile;
pub use place::{Copies, Pending, PendingWrite, PublishLock, PublishPlace};
pub use publish_folder::PublishFolder;
pub use published::{Counts, WriteOutcome};
pub use reader::{PublishedFiles, open_bucket};
pub use room::{DISK_LOW, Room};
