//! What can go wrong with the store, each with its remedy.

use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;
use thiserror::Error;

/// An error of the store. None of them loses what was stored before.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The data folder cannot be made or written.
    #[error("{}: the data folder cannot be used: {cause}\n  remedy: make it writable, or name another with --data", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// There is no store yet.
    #[error("{}: there is no store yet\n  remedy: run `dibao run` first, or name its folder with --data", file.display())]
    Missing {
        /// The file looked for.
        file: PathBuf,
    },
    /// The database file cannot be opened.
    #[error("{}: cannot be opened as a store: {cause}\n  remedy: if it is damaged, put a backup in its place; it was left as it is", file.display())]
    Open {
        /// The database file.
        file: PathBuf,
        /// What SQLite says.
        cause: String,
    },
    /// The schema is of a newer dibao.
    #[error("{}: was written by a newer dibao (schema {version})\n  remedy: use that dibao; the store was left as it is", file.display())]
    Newer {
        /// The database file.
        file: PathBuf,
        /// The schema's version.
        version: i64,
    },
    /// A demo store where a real one is wanted.
    #[error("{}: holds the demo's invented articles\n  remedy: name another folder with --data", file.display())]
    IsDemo {
        /// The database file.
        file: PathBuf,
    },
    /// A real store where a demo is wanted.
    #[error("{}: holds real articles, with which the demo does not mix\n  remedy: name another folder with --data", file.display())]
    IsReal {
        /// The database file.
        file: PathBuf,
    },
    /// Stored JSON that cannot be read back.
    #[error(
        "the store holds a record that cannot be read: {what}: {cause}\n  remedy: put a backup in its place"
    )]
    Record {
        /// Which record.
        what: String,
        /// Why.
        cause: String,
    },
    /// SQLite failed.
    #[error("the store: {_0}\n  remedy: {}", remedy(_0))]
    Sql(#[from] sqlx::Error),
}

impl StoreError {
    pub(super) fn folder(folder: &Path, cause: &std::io::Error) -> Self {
        Self::Folder {
            folder: folder.to_owned(),
            cause: cause.to_string(),
        }
    }

    pub(super) fn opening(file: &Path, cause: &sqlx::Error) -> Self {
        Self::Open {
            file: file.to_owned(),
            cause: cause.to_string(),
        }
    }

    pub(super) fn migrating(file: &Path, cause: MigrateError) -> Self {
        match cause {
            MigrateError::VersionMissing(version) => Self::Newer {
                file: file.to_owned(),
                version,
            },
            other => Self::Open {
                file: file.to_owned(),
                cause: other.to_string(),
            },
        }
    }

    pub(super) fn record(what: impl Into<String>, cause: impl ToString) -> Self {
        Self::Record {
            what: what.into(),
            cause: cause.to_string(),
        }
    }

    /// The stable code of this failure in logs and status.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Sql(error) => sql_reason(error),
            _ => "store",
        }
    }
}

/// By SQLite's result codes (<https://www.sqlite.org/rescode.html>).
fn sql_reason(error: &sqlx::Error) -> &'static str {
    let sqlx::Error::Database(error) = error else {
        return "store";
    };
    match error.code().as_deref() {
        Some("5" | "6" | "261" | "517") => "store-locked",
        Some("13") => "disk-full",
        Some("11" | "26" | "267" | "523" | "779") => "store-corrupt",
        _ => "store",
    }
}

fn remedy(error: &sqlx::Error) -> &'static str {
    match sql_reason(error) {
        "store-locked" => "another process is writing; it is tried again at the next run",
        "disk-full" => "make room on the disk; what was stored is whole",
        "store-corrupt" => "put a backup in its place; nothing more was written",
        _ => "see whether the data folder is readable and writable",
    }
}
