//! The one folder of state: articles, their pages and changes, columns, the queue, incidents.
//!
//! Owns the only SQL (SQLite through migrations, WAL). An article, its revision and its change
//! are one transaction. Never fetches, never reads markup, never asks the clock: `now` comes in.

mod archived;
mod articles;
mod backfill;
mod backup;
mod captures;
mod columns;
mod daily;
mod drift;
mod error;
mod finder;
mod from_row;
mod hosts;
mod incidents;
mod kept;
mod lease;
mod listing;
mod migrations;
mod notices;
mod pages;
mod pictures;
mod queue;
mod record;
mod reextract;
mod refresh;
mod removal;
mod retention;
mod rows;
mod search;
mod settle;
mod verdicts;
mod withdraw;

pub use archived::{ArchivedPage, Position, Spot};
pub use articles::Publication;
pub use backfill::{BackfillState, OlderPage};
pub use backup::{Holdings, database_in};
pub use captures::{CapturePlace, NewCapture};
pub use columns::{ColumnState, RunEnd};
pub use daily::Figures;
pub use drift::{Shown, Shows};
pub use error::StoreError;
pub use hosts::Resting;
pub use incidents::Incident;
pub use kept::{IdKeeper, KeptIds};
pub use lease::{Errand, Holder, Lease};
pub use listing::{ArticlePage, Brief, ChangePage, Listed};
pub use notices::{DeadLetter, FailingReceiver, Notice};
pub use pages::DuePage;
pub use pictures::{KeptPicture, WantedPicture};
pub use queue::{HeldCount, ListedItem, QueuedItem};
pub use record::{Outcome, ReadPage, Reading};
pub use reextract::{Checkpoint, Reextraction, Reread, Rewritten};
pub use removal::{Removal, Removed};
pub use rows::PageContent;
pub use search::{Found, Hit, Order};
pub use verdicts::{VerdictCount, Verdicts};
pub use withdraw::Look;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Sqlite, Transaction};

use crate::model::is_read_only;

/// The database's name in its folder.
const FILE: &str = "dibao.sqlite";
/// How long a search waits for those before it.
const READERS_WAIT: Duration = Duration::from_secs(3);

/// Whether a store holds real articles or the demo's invented ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Real portals.
    Real,
    /// The bundled replica portal.
    Demo,
}

/// An open store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    /// For searches, which may take long: they keep nobody from a connection.
    readers: SqlitePool,
    file: PathBuf,
}

impl Store {
    /// Opens the store in `folder`, making both where they are missing, and brings its schema up
    /// to date. A store of the other purpose, of a newer dibao, or one that is damaged is refused
    /// and left as it is.
    pub async fn open(folder: &Path, purpose: Purpose) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|e| StoreError::folder(folder, &e))?;
        let file = folder.join(FILE);
        // SQLite only says that it cannot open a file.
        match tempfile::tempfile_in(folder) {
            Err(e) if is_read_only(&e) => return Err(StoreError::read_only(&file, &e)),
            _ => (),
        }
        let store = Self::connect(file, true).await?;
        let checked = store.prepare(purpose).await;
        if checked.is_err() {
            // Else files of the refused store would stay open.
            store.close().await;
        }
        checked.map(|()| store)
    }

    async fn prepare(&self, purpose: Purpose) -> Result<(), StoreError> {
        self.check().await?;
        self.migrate().await?;
        self.renew_index().await?;
        self.claim(purpose).await
    }

    /// Whether a store was begun in `folder`.
    pub fn is_in(folder: &Path) -> bool {
        std::fs::metadata(folder.join(FILE)).is_ok_and(|file| file.len() > 0)
    }

    /// Opens a store that is there already, whatever its purpose, for commands that only read.
    pub async fn open_existing(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        if !file.exists() {
            return Err(StoreError::Missing { file });
        }
        let store = Self::connect(file, false).await?;
        store.migrate().await?;
        Ok(store)
    }

    async fn connect(file: PathBuf, create: bool) -> Result<Self, StoreError> {
        check_header(&file)?;
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged article survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let readers = SqlitePoolOptions::new()
            .max_connections(2)
            .acquire_timeout(READERS_WAIT)
            .connect_lazy_with(options.clone().create_if_missing(false).read_only(true));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            // A commit that failed for want of room has ended its transaction, which the driver
            // does not learn: such a connection would refuse every further one.
            .before_acquire(|connection, _| {
                Box::pin(async move { Ok(!connection.is_in_transaction()) })
            })
            .connect_with(options)
            .await
            .map_err(|e| StoreError::opening(&file, &e))?;
        Ok(Self {
            pool,
            readers,
            file,
        })
    }

    /// Reads the whole database for damage before anything is written to it. A run reads all of
    /// it anyway, to publish it.
    async fn check(&self) -> Result<(), StoreError> {
        let found: Result<Vec<String>, sqlx::Error> = sqlx::query_scalar("PRAGMA quick_check(3)")
            .fetch_all(&self.pool)
            .await;
        match found {
            Ok(found) if found == ["ok"] => Ok(()),
            Ok(found) => Err(StoreError::damaged(&self.file, found.join("; "))),
            Err(error) => Err(StoreError::opening(&self.file, &error)),
        }
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        migrations::migrator()
            .run(&self.pool)
            .await
            .map_err(|e| StoreError::migrating(&self.file, e))
    }

    /// Marks an empty store that is opened for the demo; a store that holds anything keeps its
    /// purpose.
    async fn claim(&self, purpose: Purpose) -> Result<(), StoreError> {
        if purpose == Purpose::Demo {
            sqlx::query(
                "INSERT OR IGNORE INTO meta (key, value) SELECT 'demo', '1'
                 WHERE NOT EXISTS (SELECT 1 FROM columns)",
            )
            .execute(&self.pool)
            .await?;
        }
        match (purpose, self.purpose().await?) {
            (Purpose::Real, Purpose::Demo) => Err(StoreError::IsDemo {
                file: self.file.clone(),
            }),
            (Purpose::Demo, Purpose::Real) => Err(StoreError::IsReal {
                file: self.file.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// What the store holds.
    pub async fn purpose(&self) -> Result<Purpose, StoreError> {
        let mark: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'demo'")
            .fetch_optional(&self.pool)
            .await?;
        Ok(mark.map_or(Purpose::Real, |_| Purpose::Demo))
    }

    /// A transaction that holds the write lock from its start, so that what it reads stays true
    /// until it writes.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Writes the log back into the database file and closes it.
    pub async fn close(&self) {
        // The last to close writes the log back, which those that only read cannot.
        self.readers.close().await;
        self.pool.close().await;
    }
}

/// Refuses a file that is no database. SQLite takes one of less than a page for an empty database
/// and would overwrite it.
fn check_header(file: &Path) -> Result<(), StoreError> {
    const HEADER: &[u8] = b"SQLite format 3\0";
    let read = std::fs::File::open(file).and_then(|mut file| {
        let mut start = Vec::with_capacity(HEADER.len());
        std::io::Read::by_ref(&mut file)
            .take(HEADER.len() as u64)
            .read_to_end(&mut start)?;
        Ok(start)
    });
    let cause = match read {
        Ok(start) if start.is_empty() || start == HEADER => return Ok(()),
        Ok(_) => "it is no SQLite database".to_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => e.to_string(),
    };
    Err(StoreError::damaged(file, cause))
}
