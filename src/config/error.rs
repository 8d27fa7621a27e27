//! An error in a configuration file: the file and key, what was expected, and the remedy.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Something in a configuration file that dibao cannot work with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {problem}\n  remedy: {remedy}", file.display())]
pub struct ConfigError {
    file: PathBuf,
    problem: String,
    remedy: String,
}

impl ConfigError {
    /// An error about the whole of `file`.
    pub fn new(file: &Path, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// An error about one key of `file`.
    pub fn at(file: &Path, key: &str, problem: &str, remedy: impl Into<String>) -> Self {
        Self::new(file, format!("key `{key}`: {problem}"), remedy)
    }
}
