//! Constant patterns.
//!
//! Owns their compilation. Never takes a pattern from outside the code.

use regex::{Regex, RegexSet};

/// Compiles a pattern from the code.
#[allow(
    clippy::expect_used,
    reason = "for constant patterns alone, all of which the tests compile"
)]
pub(in crate::extract) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("valid pattern")
}

/// Compiles several patterns that are searched for at once.
#[allow(
    clippy::expect_used,
    reason = "for constant patterns alone, all of which the tests compile"
)]
pub(in crate::extract) fn patterns(texts: impl Iterator<Item = &'static &'static str>) -> RegexSet {
    RegexSet::new(texts).expect("valid patterns")
}
