//! How connections to the database are made.
//!
//! Owns their settings. Never opens one by itself.

use std::path::Path;
use std::time::Duration;

#[cfg(feature = "many-machines")]
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous};
#[cfg(feature = "many-machines")]
use sqlx::{ConnectOptions, Error};
#[cfg(feature = "many-machines")]
use url::Url;

/// The page cache of a connection, in KiB below zero as SQLite wants it. A mapped file would be
/// cheaper still, but a damaged disk would then end the process.
const CACHE: &str = "-16384";
/// The log is written back into the database after so many pages of 4 KiB. An article's transaction
/// writes some dozen.
const CHECKPOINT: &str = "4000";
/// Prepared statements that a connection keeps: more than dibao has.
const STATEMENTS: usize = 512;
/// So many rows of an answer wait for their reader at most. SQLite's thread goes on meanwhile, and
/// wakes the reader less often.
const ROWS: usize = 256;
/// Who wants a store for itself waits for others for so long.
const ALONE: Duration = Duration::from_secs(2);

/// What the server is told of a connection.
#[cfg(feature = "many-machines")]
const SETTINGS: [(&str, &str); 5] = [
    // It compiles for 20 ms what takes 2: it takes a list of ten in JSON for hundreds.
    ("jit", "off"),
    // How it notices a machine that is gone without a word. Otherwise it would keep the lock of a
    // transaction for hours, and nobody could write.
    ("idle_in_transaction_session_timeout", "20s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];

/// How a connection is made.
#[derive(Clone, Debug)]
pub(in crate::store) enum Options {
    /// To a file of SQLite.
    Sqlite(SqliteConnectOptions),
    /// To a server of PostgreSQL.
    #[cfg(feature = "many-machines")]
    Postgres(PgConnectOptions),
}

impl Options {
    /// To this file; `create`s it if it is missing.
    pub(in crate::store) fn sqlite(file: &Path, create: bool) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged article survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .statement_cache_capacity(STATEMENTS)
            .row_buffer_size(ROWS)
            .pragma("cache_size", CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT)
            .busy_timeout(Duration::from_secs(10));
        Self::Sqlite(options)
    }

    /// To this server.
    #[cfg(feature = "many-machines")]
    pub(in crate::store) fn postgres(url: &Url) -> Result<Self, Error> {
        let options = PgConnectOptions::from_url(url)?
            .application_name("dibao")
            .options(SETTINGS)
            .statement_cache_capacity(STATEMENTS);
        Ok(Self::Postgres(options))
    }

    /// For a connection that only reads.
    pub(in crate::store) fn reader(&self) -> Self {
        match self.clone() {
            Self::Sqlite(of) => Self::Sqlite(of.create_if_missing(false).read_only(true)),
            #[cfg(feature = "many-machines")]
            other => other,
        }
    }

    /// For the connection of transactions. What a statement of many rows could have to take back
    /// stays in memory: for 1,000 polls, it were 350 KB in a file.
    pub(in crate::store) fn writer(&self) -> Self {
        match self.clone() {
            Self::Sqlite(of) => {
                Self::Sqlite(of.pragma("temp_store", "MEMORY").create_if_missing(false))
            }
            #[cfg(feature = "many-machines")]
            other => other,
        }
    }

    /// For the one connection that has a file for itself: nobody else opens it meanwhile, and it
    /// fails if somebody has it open. A server has a lock for it: [`EngineConnection::be_alone`].
    ///
    /// [`EngineConnection::be_alone`]: super::EngineConnection::be_alone
    pub(in crate::store) fn alone(&self) -> Self {
        match self.clone() {
            Self::Sqlite(of) => Self::Sqlite(
                of.locking_mode(SqliteLockingMode::Exclusive)
                    .busy_timeout(ALONE)
                    .create_if_missing(false),
            ),
            #[cfg(feature = "many-machines")]
            other => other,
        }
    }

    /// For a connection that copies rows, which may come before those that they refer to. What it
    /// wrote last may be lost with the power.
    pub(in crate::store) fn copying(&self) -> Self {
        match self.clone() {
            Self::Sqlite(of) => Self::Sqlite(
                of.foreign_keys(false)
                    .synchronous(SqliteSynchronous::Normal)
                    .create_if_missing(false),
            ),
            #[cfg(feature = "many-machines")]
            other => other,
        }
    }

    /// Whether this is PostgreSQL.
    pub(in crate::store) fn is_postgres(&self) -> bool {
        !matches!(self, Self::Sqlite(_))
    }
}
