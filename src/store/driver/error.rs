//! Errors of the store, each with its remedy.
//!
//! Owns their messages and stable codes. Never repairs anything.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::migrate::MigrateError;
use sqlx::sqlite::SqliteError;
use thiserror::Error;

use crate::model::{DISK_FULL, DamagedRow};

/// An error of the store. No error loses stored data.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The data folder cannot be made or written.
    #[error(
        "{}: the data folder cannot be used: {cause}\n  \
         remedy: make it writable, or name another with --data",
        folder.display()
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's message.
        cause: String,
    },
    /// The store does not exist yet.
    #[error(
        "{}: there is no store yet\n  \
         remedy: run `dibao run` first, or name its folder with --data",
        file.display()
    )]
    Missing {
        /// The file that is missing.
        file: PathBuf,
    },
    /// A store on a server is copied by the server's tools.
    #[error(
        "{}: a store on a server is not backed up into a file of dibao's\n  \
         remedy: use pg_dump and pg_restore",
        place.display()
    )]
    OnServer {
        /// The address, without its password.
        place: PathBuf,
    },
    /// This build has no PostgreSQL.
    #[error(
        "{}: this dibao keeps its store in a file only\n  \
         remedy: build it with `--features many-machines`, or leave the server out",
        place.display()
    )]
    NotBuilt {
        /// The address, without its password.
        place: PathBuf,
    },
    /// The published files are there, but their store is missing.
    #[error(
        "{}: there is no store, although {} was published from one\n  \
         remedy: put a backup there with `dibao restore FILE`; without one, `dibao restore \
         --ids {}` keeps the ids; to begin anew, with other ids, move {} away",
        folder.display(), published.display(), published.display(), published.display()
    )]
    Lost {
        /// The data folder.
        folder: PathBuf,
        /// The published folder.
        published: PathBuf,
    },
    /// There is no store, and the published files, which would tell whether one was lost, cannot be read.
    #[error(
        "{}: there is no store, and what was published from one cannot be read: {cause}",
        folder.display()
    )]
    Unseen {
        /// The data folder.
        folder: PathBuf,
        /// Why they cannot be read, with the remedy.
        cause: String,
    },
    /// The database file cannot be opened.
    #[error(
        "{}: cannot be opened as a store: {reason}: {cause}\n  \
         remedy: {}",
        file.display(), remedy(reason)
    )]
    Open {
        /// The database file.
        file: PathBuf,
        /// A stable code: of a passing fault, or of damage.
        reason: &'static str,
        /// SQLite's message.
        cause: String,
    },
    /// The schema is of a newer dibao.
    #[error(
        "{}: was written by a newer or another dibao (schema {version})\n  \
         remedy: use that dibao; the store was left as it is",
        file.display()
    )]
    Newer {
        /// The database file.
        file: PathBuf,
        /// The schema's version.
        version: i64,
    },
    /// It is a demo store, but a real one is wanted.
    #[error(
        "{}: holds the demo's invented articles\n  \
         remedy: name another folder with --data",
        file.display()
    )]
    IsDemo {
        /// The database file.
        file: PathBuf,
    },
    /// It is a real store, but a demo store is wanted.
    #[error(
        "{}: holds real articles, with which the demo does not mix\n  \
         remedy: name another folder with --data",
        file.display()
    )]
    IsReal {
        /// The database file.
        file: PathBuf,
    },
    /// A backup would overwrite a file.
    #[error(
        "{}: is there already\n  \
         remedy: name another file, or say --force to replace it",
        file.display()
    )]
    BackupExists {
        /// The file.
        file: PathBuf,
    },
    /// A file cannot be written whole; nothing was put in its place.
    #[error(
        "{}: cannot be written: {cause}\n  \
         remedy: see whether its folder is there, writable, and has room",
        file.display()
    )]
    Backup {
        /// The file.
        file: PathBuf,
        /// The system's message.
        cause: String,
    },
    /// The store holds damage, and so would its backup.
    #[error(
        "{}: is not written, since the store holds damage; an earlier file of this name is as it \
         was\n  {damage}\n  remedy: run `dibao repair`, then back up again; put the last backup in \
         place with `dibao restore FILE` if it cannot restore everything",
        file.display()
    )]
    DamagedBackup {
        /// The file.
        file: PathBuf,
        /// The damage, in lines.
        damage: String,
    },
    /// A file from which no store can be restored.
    #[error(
        "{}: is no whole backup of a store: {cause}\n  \
         remedy: name a file that `dibao backup` wrote; nothing was restored",
        file.display()
    )]
    NoBackup {
        /// The file.
        file: PathBuf,
        /// The fault.
        cause: String,
    },
    /// The folder for a restored store has a store already.
    #[error(
        "{}: a store, or what is left of one, is there already\n  \
         remedy: stop dibao and move dibao.sqlite and, where they are, dibao.sqlite-wal and \
         dibao.sqlite-shm away together, or name another folder with --data",
        file.display()
    )]
    Occupied {
        /// The database file.
        file: PathBuf,
    },
    /// Ids can only be kept in a store without articles.
    #[error(
        "{}: holds articles, and so their ids\n  \
         remedy: ids are restored into an empty store only: name another folder with \
         --data, or move dibao.sqlite away together with dibao.sqlite-wal and \
         dibao.sqlite-shm",
        file.display()
    )]
    NotEmpty {
        /// The database file.
        file: PathBuf,
    },
    /// Another process has the store that is to be copied, or its copy.
    #[error(
        "{}: is in use\n  \
         remedy: stop every dibao that works with this store (serve, worker, run, …), then run this again",
        place.display()
    )]
    InUse {
        /// The file, or the address without its password.
        place: PathBuf,
    },
    /// A store is to be copied into itself.
    #[error("{place}: is the store that is to be copied\n  remedy: name two places")]
    SameStore {
        /// The file, or the address without its password.
        place: String,
    },
    /// The copy of another store is not whole yet.
    #[error(
        "{}: is not whole: `dibao migrate` has not ended, which copies {from} here\n  \
         remedy: let that command end, or run it again: it goes on where it ended",
        place.display()
    )]
    HalfCopied {
        /// The file, or the address without its password.
        place: PathBuf,
        /// The store that is copied, without its password.
        from: String,
    },
    /// The place for a copy has the unfinished copy of another store, or by another dibao.
    #[error(
        "{}: holds a part of {from}, as dibao with schema {schema} has copied it\n  \
         remedy: complete that copy by the same command and dibao, or delete the part and run this again",
        place.display()
    )]
    OtherCopy {
        /// The file, or the address without its password.
        place: PathBuf,
        /// The store that is copied, without its password.
        from: String,
        /// How many steps of the schema it has.
        schema: i64,
    },
    /// The place for a copy has rows of its own.
    #[error(
        "{}: holds rows of its own in the table {table}\n  \
         remedy: name a folder without a store, or an empty database",
        place.display()
    )]
    Filled {
        /// The file, or the address without its password.
        place: PathBuf,
        /// The first table with rows.
        table: String,
    },
    /// A table cannot be copied.
    #[error("{}: the table {table}: {cause}\n  remedy: {}", place.display(), remedy(reason))]
    Table {
        /// The file, or the address without its password.
        place: PathBuf,
        /// The table.
        table: String,
        /// A stable code.
        reason: &'static str,
        /// What the database says.
        cause: String,
    },
    /// Stored JSON that cannot be read back.
    #[error(
        "the store holds a value that cannot be read: {what}: {cause}\n  remedy: {}",
        remedy(CORRUPT)
    )]
    Unreadable {
        /// The value that cannot be read.
        what: String,
        /// Why.
        cause: String,
    },
    /// A row of an article is damaged; all others are whole as far as is known.
    #[error("the store: {_0}\n  remedy: {ROW_REMEDY}")]
    Row(Box<DamagedRow>),
    /// The database failed.
    #[error("the store: {}\n  remedy: {}", words_of(_0), remedy(sql_reason(_0)))]
    Sql(sqlx::Error),
}

/// Whether this process has met damage in a store: then none is noted as left whole.
static DAMAGE: AtomicBool = AtomicBool::new(false);

pub(in crate::store) fn note_damage() {
    DAMAGE.store(true, Ordering::SeqCst);
}

pub(in crate::store) fn is_damage_known() -> bool {
    DAMAGE.load(Ordering::SeqCst)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if sql_reason(&error) == CORRUPT {
            DAMAGE.store(true, Ordering::SeqCst);
        }
        Self::Sql(error)
    }
}

impl StoreError {
    /// The stable code of a damaged store.
    pub const CORRUPT: &'static str = CORRUPT;
    /// The stable codes of a store or a disk that takes nothing more, though what it has is whole.
    pub const NOT_WRITABLE: [&'static str; 3] = [DISK_FULL, DISK, READ_ONLY];
    /// The stable code of a store that dibao may not write.
    pub const READ_ONLY: &'static str = READ_ONLY;
    /// The stable code of a server that cannot be reached for now.
    pub const UNREACHABLE: &'static str = UNREACHABLE;
    /// The stable code of a store whose lock, or whose connections, others have.
    pub const LOCKED: &'static str = LOCKED;
    /// The stable codes of a server that cannot be reached, or lets nobody in.
    pub const AWAY: [&'static str; 2] = [UNREACHABLE, REFUSED];

    pub(in crate::store) fn read_only(file: &Path, cause: &std::io::Error) -> Self {
        Self::Open {
            file: file.to_owned(),
            reason: READ_ONLY,
            cause: cause.to_string(),
        }
    }

    /// The server was out of reach for too long, which means this.
    pub(crate) fn out_of_reach(what: &str) -> Self {
        let silence = format!("the server was out of reach: {what}");
        Self::Sql(std::io::Error::new(std::io::ErrorKind::TimedOut, silence).into())
    }

    pub(in crate::store) fn folder(folder: &Path, cause: &std::io::Error) -> Self {
        Self::Folder {
            folder: folder.to_owned(),
            cause: cause.to_string(),
        }
    }

    pub(in crate::store) fn opening(file: &Path, cause: &sqlx::Error) -> Self {
        Self::Open {
            file: file.to_owned(),
            reason: sql_reason(cause),
            cause: words_of(cause),
        }
    }

    /// A store that is wanted by this process alone cannot be opened.
    pub(in crate::store) fn alone(place: &Path, cause: &sqlx::Error) -> Self {
        match sql_reason(cause) {
            LOCKED => Self::InUse {
                place: place.to_owned(),
            },
            _ => Self::opening(place, cause),
        }
    }

    pub(in crate::store) fn in_table(place: &Path, table: &str, cause: &sqlx::Error) -> Self {
        Self::Table {
            place: place.to_owned(),
            table: table.to_owned(),
            reason: sql_reason(cause),
            cause: words_of(cause),
        }
    }

    /// The file is not a store, or is damaged.
    pub(in crate::store) fn damaged(file: &Path, cause: impl Into<String>) -> Self {
        Self::Open {
            file: file.to_owned(),
            reason: CORRUPT,
            cause: cause.into(),
        }
    }

    pub(in crate::store) fn migrating(file: &Path, cause: MigrateError) -> Self {
        match cause {
            MigrateError::VersionMissing(version)
            | MigrateError::VersionMismatch(version)
            | MigrateError::VersionTooNew(version, _) => Self::Newer {
                file: file.to_owned(),
                version,
            },
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                Self::opening(file, &error)
            }
            other => Self::damaged(file, other.to_string()),
        }
    }

    pub(in crate::store) fn backup(file: &Path, cause: &std::io::Error) -> Self {
        Self::Backup {
            file: file.to_owned(),
            cause: cause.to_string(),
        }
    }

    pub(in crate::store) fn no_backup(file: &Path, cause: impl Into<String>) -> Self {
        Self::NoBackup {
            file: file.to_owned(),
            cause: cause.into(),
        }
    }

    /// The cause, without the file and the remedy.
    pub(in crate::store) fn cause(&self) -> String {
        match self {
            Self::Open { cause, .. } => cause.clone(),
            Self::Sql(error) => words_of(error),
            other => other.to_string(),
        }
    }

    pub(in crate::store) fn unreadable(what: impl Into<String>, cause: impl ToString) -> Self {
        DAMAGE.store(true, Ordering::SeqCst);
        Self::Unreadable {
            what: what.into(),
            cause: cause.to_string(),
        }
    }

    /// The stable code of this failure in logs and status.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Sql(error) => sql_reason(error),
            Self::Open { reason, .. } | Self::Table { reason, .. } => reason,
            Self::Unreadable { .. } | Self::Row(_) | Self::DamagedBackup { .. } => CORRUPT,
            Self::Newer { .. } => "store-newer",
            Self::Lost { .. } => "store-lost",
            _ => OTHER,
        }
    }

    /// The damaged row, if it is one alone that is at fault. What has nothing to do with it goes on.
    pub fn damaged_row(&self) -> Option<&DamagedRow> {
        match self {
            Self::Row(row) => Some(row),
            _ => None,
        }
    }

    /// Whether the store itself is at fault, not the request. A service then goes on serving the
    /// published files, and tries again.
    pub fn is_fault(&self) -> bool {
        matches!(
            self,
            Self::Lost { .. } | Self::Open { .. } | Self::Newer { .. } | Self::Sql(_)
        )
    }
}

/// The remedy for damaged rows.
pub(in crate::store) const ROW_REMEDY: &str = "run `dibao repair`, which restores rows from others and from the published files; put a backup \
     in place with `dibao restore FILE` for what it cannot restore";

const LOCKED: &str = "store-locked";
const CORRUPT: &str = "store-corrupt";
const READ_ONLY: &str = "store-read-only";
const DISK: &str = "store-io";
const SLOW: &str = "search-slow";
const UNREACHABLE: &str = "store-unreachable";
const REFUSED: &str = "store-refused";
const OTHER: &str = "store";

/// By SQLite's result codes (<https://www.sqlite.org/rescode.html>): the low byte of an extended
/// code is the plain one.
fn sql_reason(error: &sqlx::Error) -> &'static str {
    /// The disk had no room for the log's index: SQLite reports this as a disk fault.
    const IOERR_SHMSIZE: u32 = 4874;
    let error = match error {
        sqlx::Error::Database(error) => error,
        // All connections wait for a lock.
        sqlx::Error::PoolTimedOut => return LOCKED,
        // A value of another type, or no text: some byte of it was changed.
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => return CORRUPT,
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => return UNREACHABLE,
        _ => return OTHER,
    };
    if error.try_downcast_ref::<SqliteError>().is_none() {
        return server_reason(&error.code().unwrap_or_default());
    }
    let code: u32 = error.code().and_then(|code| code.parse().ok()).unwrap_or(0);
    match (code, code & 0xff) {
        (IOERR_SHMSIZE, _) | (_, 13) => DISK_FULL,
        (_, 5 | 6) => LOCKED,
        (_, 8) => READ_ONLY,
        (_, 9) => SLOW,
        // The statements are dibao's own: one that is no statement met a damaged schema.
        (_, 1 | 11 | 26) => CORRUPT,
        (_, 10) => DISK,
        _ => OTHER,
    }
}

/// What the database says. The driver would add the line of PostgreSQL's own code.
fn words_of(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) if database.try_downcast_ref::<SqliteError>().is_none() => {
            database.message().to_owned()
        }
        error => error.to_string(),
    }
}

/// By PostgreSQL's codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn server_reason(code: &str) -> &'static str {
    match code {
        "53100" => DISK_FULL,
        "25006" => READ_ONLY,
        "57014" => SLOW,
        "55P03" | "40P01" => LOCKED,
        "58030" => DISK,
        _ => match code.get(..2) {
            // Data that are corrupted, or an index.
            Some("XX") if code != "XX000" => CORRUPT,
            // A connection that failed, a server that starts or stops or has no connection left.
            Some("08" | "53" | "57") => UNREACHABLE,
            // Who may not come in, and a database that is not there.
            Some("28" | "3D" | "42") if code != "42601" => REFUSED,
            _ => OTHER,
        },
    }
}

fn remedy(reason: &str) -> &'static str {
    match reason {
        UNREACHABLE => {
            "see whether the server runs, takes connections, and is reached from here; what is stored \
             is whole, and a process that runs tries again"
        }
        REFUSED => {
            "correct the user, the password and the database of --store, and give the user the rights \
             to make tables there"
        }
        LOCKED => {
            "another process is writing, or `dibao migrate` copies the store; it is tried again at the next run"
        }
        SLOW => "look for fewer words, or narrow the search down",
        DISK_FULL => "make room on the disk; the stored data are whole",
        CORRUPT => {
            "nothing more is written to it. Stop dibao, move dibao.sqlite and, where they are, \
             dibao.sqlite-wal and dibao.sqlite-shm away together, and put a backup in their place \
             with `dibao restore FILE`"
        }
        READ_ONLY => {
            "make the data folder and all in it writable for dibao, or name another with --data"
        }
        DISK => "the disk fails: see the system's log; the data stored before are whole",
        _ => "see whether the data folder is readable and writable",
    }
}
