//! Patterns over the names of columns, as people write them in files, on the command line and in URLs.
//!
//! Owns what they match. Never knows which columns there are.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use super::error::ConfigError;
use crate::model::ColumnName;

/// Patterns of which one has to match: `PORTAL/COLUMN`, `PORTAL/*`, `*/COLUMN`, or `PORTAL` for all of
/// its columns. Without any, all columns match.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Vec<GlobMatcher>);

impl Patterns {
    /// Compiles patterns.
    pub fn new<P: AsRef<str>>(patterns: &[P]) -> Result<Self, globset::Error> {
        let compiled = patterns.iter().map(|pattern| compiled(pattern.as_ref()));
        Ok(Self(compiled.collect::<Result<_, _>>()?))
    }

    /// Compiles the patterns of a key of a file.
    pub(super) fn of_key(file: &Path, key: &str, patterns: &[String]) -> Result<Self, ConfigError> {
        Self::new(patterns)
            .map_err(|e| ConfigError::at(file, key, &e.to_string(), "write lucheng/* or */notices"))
    }

    /// The compiled patterns, each with its text.
    pub(super) fn matchers(&self) -> &[GlobMatcher] {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them matches this column.
    pub fn matches(&self, name: &ColumnName) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.is_match(name.as_str()))
    }
}

fn compiled(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    let whole = match pattern.contains('/') {
        true => pattern.to_owned(),
        false => format!("{pattern}/*"),
    };
    let glob = GlobBuilder::new(&whole).literal_separator(true).build()?;
    Ok(glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_columns_of_a_portal_or_of_many() {
        let name = |text: &str| text.parse::<ColumnName>().unwrap();
        for (pattern, matches, others) in [
            ("a/x", "a/x", "a/xx"),
            ("a/*", "a/y", "b/y"),
            ("*/x", "b/x", "b/y"),
            ("a", "a/y", "aa/y"),
            ("a*", "aa/y", "b/a"),
        ] {
            let patterns = Patterns::new(&[pattern]).unwrap();
            assert!(patterns.matches(&name(matches)), "{pattern}");
            assert!(!patterns.matches(&name(others)), "{pattern}");
        }
        assert!(Patterns::new::<&str>(&[]).unwrap().matches(&name("a/x")));
        assert!(Patterns::new(&["a/["]).is_err());
    }
}
