//! Constant patterns.

use regex::Regex;

/// Compiles a pattern that stands in the code.
#[allow(
    clippy::expect_used,
    reason = "for constant patterns alone, all of which the tests compile"
)]
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("valid pattern")
}
