//! Errors of the configuration: the file and key, the expected value, and the remedy.
//!
//! Owns the form of the message. Never knows a key.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::ColumnName;

/// A fault in a configuration file.
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

/// All errors as one text, in their order.
pub fn join_errors(errors: &[ConfigError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

/// The named column has no feed file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no column {name}\n  remedy: name one of: {}", joined(known))]
pub struct UnknownColumn {
    /// The name that was given.
    pub name: ColumnName,
    /// The names of all columns.
    pub known: Vec<ColumnName>,
}

fn joined(names: &[ColumnName]) -> String {
    let names: Vec<&str> = names.iter().map(ColumnName::as_str).collect();
    names.join(", ")
}
