//! How a command ends, and how it writes to the terminal.
//!
//! Owns the two kinds of an early end, which become exit codes. Never ends the process, but where
//! nobody reads stdout any more.

use std::fmt::Display;
use std::io::Write;

use crate::config::{ConfigErrors, UnknownColumn};

/// Why a command ended before its work was done.
#[derive(Debug)]
pub(super) enum Stop {
    /// The command line or a configuration file is wrong, or a folder cannot be used: exit 2.
    Configuration(String),
    /// The work failed: exit 1.
    Failed(String),
}

impl Stop {
    pub(super) fn configuration(cause: impl Display) -> Self {
        Self::Configuration(cause.to_string())
    }

    pub(super) fn failed(cause: impl Display) -> Self {
        Self::Failed(cause.to_string())
    }
}

impl From<ConfigErrors> for Stop {
    fn from(errors: ConfigErrors) -> Self {
        Self::configuration(errors)
    }
}

impl From<UnknownColumn> for Stop {
    fn from(error: UnknownColumn) -> Self {
        Self::configuration(error)
    }
}

/// The result of a command that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// All is well: exit 0.
    Well,
    /// Something failed and was reported; the rest was done: exit 1.
    Partly,
}

impl Done {
    /// The result of two parts of a command.
    pub(super) fn and(self, other: Self) -> Self {
        match self {
            Self::Well => other,
            Self::Partly => self,
        }
    }
}

/// Writes a line to stderr. A closed stderr is ignored.
pub(super) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes a line to stdout. If its reader has gone away (`dibao export | head`), the command ends
/// without an error.
pub(super) fn say(line: &str) -> Result<(), Stop> {
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Stop::failed(format_args!("stdout cannot be written: {e}"))),
    }
}
