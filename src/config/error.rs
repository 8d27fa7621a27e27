//! Errors of the configuration: the file, line and key, the expected value, and the remedy.
//!
//! Owns the form of the message. Never knows a key.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::place;
use crate::model::ColumnName;

/// The problem of a key that must be there.
pub(super) const MISSING: &str = "is missing";

/// The remedy for a key that is written wrong.
pub(super) fn meant(key: &str) -> String {
    format!("did you mean `{key}`?")
}

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

    /// Whether another error, of the same file, only follows from this one.
    fn explains(&self, other: &Self) -> bool {
        let Some(key) = &other.key else {
            return false;
        };
        let is_meant = other.problem == MISSING && self.remedy == meant(key);
        self.nth == other.nth && (self.key == other.key || is_meant)
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

/// The errors of one file or of several: all that can be told at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self(vec![error])
    }
}

impl IntoIterator for ConfigErrors {
    type Item = ConfigError;
    type IntoIter = std::vec::IntoIter<ConfigError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl ConfigErrors {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds errors.
    pub(super) fn add(&mut self, more: impl Into<Self>) {
        self.0.extend(more.into());
    }

    /// The value, if it is one; its errors are added.
    pub(super) fn take<T>(&mut self, read: Result<T, impl Into<Self>>) -> Option<T> {
        read.map_err(|more| self.add(more)).ok()
    }

    /// The value, or the default in its place; its errors are added.
    pub(super) fn or_default<T: Default>(&mut self, read: Result<T, impl Into<Self>>) -> T {
        self.take(read).unwrap_or_default()
    }

    /// The whole that was made of the values, if none has an error.
    pub(super) fn end<T>(self, whole: Option<T>) -> Result<T, Self> {
        whole.filter(|_| self.is_empty()).ok_or(self)
    }

    /// With the lines of a file's text, in their order. What only follows from another error is left
    /// out: a key is not missing that stands there with a wrong name or value.
    pub(super) fn in_text(self, text: &str) -> Self {
        let mut all: Vec<ConfigError> = Vec::with_capacity(self.0.len());
        for error in self.0 {
            if !all.iter().any(|known| known.explains(&error)) {
                all.push(error.in_text(text));
            }
        }
        all.sort_by_key(|error| error.line);
        Self(all)
    }

    /// Says that the keys stand in the table with this place in its list.
    pub(super) fn nth(self, nth: usize) -> Self {
        Self(self.0.into_iter().map(|error| error.nth(nth)).collect())
    }
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
