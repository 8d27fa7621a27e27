//! Errors of the configuration: the file, line and key, the expected value, and the remedy.
//!
//! Owns the form of the message. Never knows a key.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::place;
use crate::model::ColumnName;

/// A fault in a configuration file, or in a variable that wins over one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{}: {}{problem}\n  remedy: {remedy}", file.display(), after_colon(*line), of_key(key.as_deref()))]
pub struct ConfigError {
    file: PathBuf,
    line: Option<usize>,
    key: Option<String>,
    /// Which table of its list holds the key: `[[job]]`.
    nth: usize,
    problem: String,
    remedy: String,
}

impl ConfigError {
    /// An error about the whole of `file`.
    pub fn new(file: &Path, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            key: None,
            nth: 0,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// An error about one key of `file`.
    pub fn at(file: &Path, key: &str, problem: &str, remedy: impl Into<String>) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..Self::new(file, problem, remedy)
        }
    }

    /// An error about an environment variable.
    pub(super) fn of_variable(name: &str, problem: &str, remedy: &str) -> Self {
        Self::new(Path::new(name), problem, remedy)
    }

    /// Says that the key stands in the table with this place in its list.
    pub(super) fn nth(self, nth: usize) -> Self {
        Self { nth, ..self }
    }

    /// Says on which line of the file's text it is.
    pub(super) fn on_line(self, line: usize) -> Self {
        let line = Some(line);
        Self { line, ..self }
    }

    /// Finds the line of the key in the file, if it can be read.
    pub(super) fn in_file(self) -> Self {
        match std::fs::read_to_string(&self.file) {
            Ok(text) => self.in_text(&text),
            Err(_) => self,
        }
    }

    /// Finds the line of the key in the file's text.
    pub(super) fn in_text(self, text: &str) -> Self {
        let key = self.key.as_deref().filter(|_| self.line.is_none());
        match key.and_then(|key| place::line(text, key, self.nth)) {
            Some(line) => self.on_line(line),
            None => self,
        }
    }
}

fn after_colon(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

fn of_key(key: Option<&str>) -> String {
    key.map_or_else(String::new, |key| format!("key `{key}`: "))
}

/// All errors as one text, in their order.
pub fn join_errors(errors: &[ConfigError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

/// No feed file is one of the named column, or of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "there is no column {name}\n  remedy: name one of: {}; or a portal, or a pattern such as */news",
    joined(known)
)]
pub struct UnknownColumn {
    /// The name that was given.
    pub name: String,
    /// The names of all columns.
    pub known: Vec<ColumnName>,
}

fn joined(names: &[ColumnName]) -> String {
    let names: Vec<&str> = names.iter().map(ColumnName::as_str).collect();
    names.join(", ")
}
