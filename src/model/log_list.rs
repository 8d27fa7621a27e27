//! Lists in lines of the log.
//!
//! Owns their form: JSON, so that the log's own JSON has them as arrays. Never writes a line.

use std::fmt;

/// The fields of the log that are lists.
pub const LOG_LISTS: [&str; 4] = ["columns", "added", "removed", "reasons"];

/// A list as a field of a line of the log.
#[derive(Clone, Copy, Debug)]
pub struct LogList<I>(pub I);

impl<I> fmt::Display for LogList<I>
where
    I: Clone + IntoIterator<Item: fmt::Display>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self
            .0
            .clone()
            .into_iter()
            .map(|one| one.to_string())
            .collect();
        f.write_str(&serde_json::to_string(&texts).map_err(|_| fmt::Error)?)
    }
}
