//! Constant patterns.
//!
//! Owns their compilation. Never takes a pattern from outside the code.

use regex::{Regex, RegexSet};

/// Compiles a pattern from the code. Its `\b` is the boundary of an ASCII word: Chinese writes
/// `于12 Nov` without a space, and Unicode's boundary makes searches in Chinese ten times slower.
#[allow(
    clippy::expect_used,
    reason = "for constant patterns alone, all of which the tests compile"
)]
pub(in crate::extract) fn pattern(text: &str) -> Regex {
    Regex::new(&with_ascii_boundaries(text)).expect("valid pattern")
}

/// Compiles several patterns that are searched for at once.
#[allow(
    clippy::expect_used,
    reason = "for constant patterns alone, all of which the tests compile"
)]
pub(in crate::extract) fn patterns(texts: impl Iterator<Item = &'static &'static str>) -> RegexSet {
    RegexSet::new(texts.map(|text| with_ascii_boundaries(text))).expect("valid patterns")
}

fn with_ascii_boundaries(text: &str) -> String {
    text.replace(r"\b", r"(?-u:\b)")
}
