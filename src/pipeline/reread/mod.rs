//! Reads archived pages anew by today's rules: to save what changes, or to verify an article.
//!
//! Owns the way from a capture to an article. Never fetches.

mod check;
mod reextract;
mod repair;
mod rereader;
mod verify;

pub use check::{ARCHIVE_DAMAGED, CheckStep, Checker, Damage, DamagedFile};
pub use reextract::{ReextractReport, ReextractStep, Reextractor};
pub use repair::{Repair, RepairedRow, repair};
pub use rereader::{Rereader, Unread};
pub use verify::{CaptureCheck, CharsetCheck, Comparison, FieldCheck, Unverified, Verified};
