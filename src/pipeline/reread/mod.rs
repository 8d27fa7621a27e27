//! Reads archived pages anew by today's rules: to save what changes, or to verify an article.
//!
//! Owns the way from a capture to an article. Never fetches.

mod reextract;
mod rereader;
mod verify;

pub use reextract::{ReextractReport, ReextractStep, Reextractor};
pub use rereader::{Rereader, Unread};
pub use verify::{CaptureCheck, CharsetCheck, Comparison, FieldCheck, Unverified, Verified};
