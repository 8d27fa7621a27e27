//! The names of the archive's files.
//!
//! Owns their form: they begin with the time of their first capture, so that their order is that of
//! the archive. Never opens a file.

use chrono::Utc;

use crate::model::Timestamp;

const PREFIX: &str = "dibao-";
const SUFFIX: &str = ".warc.gz";

/// Whether this is the name of a file of the archive. Other files beside it are left alone.
pub(super) fn is_name(name: &str) -> bool {
    let is_of_name = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-');
    name.strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX))
        .is_some_and(|stem| stem.bytes().all(is_of_name))
}

/// The name of a file that begins with a capture of this time, in UTC, and differs from others by
/// this part.
pub(super) fn name(at: Timestamp, part: &str) -> String {
    format!("{}-{part}{SUFFIX}", begin(at))
}

/// The begin of the names of files that begin with a capture of this second.
pub(super) fn begin(at: Timestamp) -> String {
    let second = at.to_chrono().with_timezone(&Utc).format("%Y%m%d%H%M%S");
    format!("{PREFIX}{second}")
}
