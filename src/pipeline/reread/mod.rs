//! From the archive to articles once more, by today's rules.
//!
//! Owns what is read anew, and what is compared with it. Never fetches.

mod reextract;
mod rereader;
mod verify;

pub use reextract::{ReextractReport, ReextractStep, Reextractor};
pub use rereader::{Rereader, Unread};
pub use verify::{CaptureCheck, CharsetCheck, FieldCheck, How, Unverified, Verified};
