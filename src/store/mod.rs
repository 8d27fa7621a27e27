//! The one place of state: articles with their pages and changes, columns, hosts, captures.
//!
//! Owns the only SQL (SQLite through migrations, WAL). An article, its revision and its change
//! are one transaction. Never fetches, never reads markup, never asks the clock: `now` comes in.

mod article;
mod backup;
mod capture;
mod column;
mod driver;
mod host;
mod incidents;
mod kept_files;
mod migrations;
mod notices;
mod rows;
mod search;

pub use crate::model::DamagedRow;
pub use article::{
    AddressState, ArticlePage, Articles, Beside, Brief, ChangePage, ChangedSince, Changes, DuePage,
    IdKeeper, KeptIds, ListedFile, Mark, Marks, MonthCount, PageContent, Publication, Publications,
    Published, PublishedColumn, PublishedFolder, PublishedTopic, Publishing, ReadPage, Reading,
    RecheckOutcome, Removal, Removed, SaveOutcome, Snapshot, Trace, TracedArticle, TracedPage,
    UNLISTED,
};
pub use backup::{
    CheckedRows, PublishedState, RestoredFrom, RowPlace, StoreSummary, Trouble, database_in,
};
pub use capture::{
    ArchivedPage, Captures, CheckState, Checkpoint, KnownFile, NewCapture, PageCapture, Position,
    Reextraction, Reread, Rewritten,
};
pub use column::{
    Account, Added, BackfillState, Backfills, CONFIGURATION, ColumnLife, ColumnState, Columns,
    Delay, Figures, LastDay, ListMemory, ListOrder, ListedItem, ListedState, Names, OlderPage,
    Queue, QueuedItem, QuietPoll, RENAMED, RunEnd, Shown, Shows, Spent, Standing, StoredColumn,
    Verdicts,
};
pub use driver::StoreError;
pub use host::{Holder, Hosts, Lease, LeaseKind, Resting};
pub use incidents::Incidents;
pub use kept_files::{KeptCopy, KeptFiles, WantedFile};
pub use notices::{DeadLetter, FailingReceiver, Notice, Notices};
pub use search::{Search, SearchHit, SearchResults};

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::model::is_read_only;
use driver::{Connections, Transaction, error};

/// The database's name in its folder.
const FILE: &str = "dibao.sqlite";
/// A search waits this long for earlier ones.
const READER_WAIT: Duration = Duration::from_secs(3);

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
/// What runs without news have noted is written down within this time.
const NOTED: Duration = Duration::from_secs(1);

/// A read that takes longer ends without an answer.
const READ_LIMIT: Duration = Duration::from_secs(3);
/// SQLite checks the time after this many steps.
const STEPS: i32 = 10_000;

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
    pool: Connections,
    /// One connection for transactions: they wait in a queue here, and not for SQLite's lock. What it
    /// writes does not empty its page cache.
    writer: Connections,
    /// For answers too long for memory, which are read while SQLite makes them.
    streams: SqlitePool,
    /// For searches, which may take long: they take no connection from others.
    readers: SqlitePool,
    /// For the changes, which mirrors follow: they wait for no search.
    followers: SqlitePool,
    file: PathBuf,
    /// When the whole database was read last, if it is to be noted at a clean end.
    checked: Option<SystemTime>,
    held: Arc<host::HeldHosts>,
    lease_asks: Arc<host::LeaseAsks>,
    robots_asks: Arc<host::RobotsAsks>,
    polls: Arc<column::Polls>,
    standing_asks: Arc<column::StandingAsks>,
    /// Whether a task waits to write down what is only noted.
    is_writing: Arc<AtomicBool>,
    /// The damaged rows that were met and not told of yet, by name.
    damage: Arc<Mutex<BTreeMap<String, DamagedRow>>>,
    /// Incidents that are known to be closed, by reason and subject.
    closed_incidents: Arc<Mutex<BTreeSet<(&'static str, &'static str)>>>,
}

impl Store {
    /// Opens the store in `folder`, creates both if they are missing, and migrates the schema. A
    /// store of the other purpose, of a newer dibao, or a damaged one is refused and left as it is.
    pub async fn open(folder: &Path, purpose: Purpose) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|e| StoreError::folder(folder, &e))?;
        let file = folder.join(FILE);
        // SQLite would only say that it cannot open a file.
        let probe = match tempfile::tempfile_in(folder) {
            Err(e) if is_read_only(&e) => return Err(StoreError::read_only(&file, &e)),
            probe => probe,
        };
        // The file system's time, as the database's file has it.
        let now = probe.and_then(|probe| probe.metadata()?.modified()).ok();
        let checked = now.and_then(|now| backup::take_note(&file, now));
        let mut store = Self::connect(file, true).await?;
        let prepared = store.prepare(purpose, checked.is_none()).await;
        if prepared.is_err() {
            // Otherwise files of the refused store would stay open.
            store.close().await;
        }
        store.checked = checked.or(now);
        prepared.map(|()| store)
    }

    async fn prepare(&self, purpose: Purpose, is_unsure: bool) -> Result<(), StoreError> {
        if is_unsure {
            self.check().await?;
        }
        self.migrate().await?;
        search::renew(self).await?;
        self.claim(purpose).await
    }

    /// Whether a store was begun in `folder`.
    pub fn is_in(folder: &Path) -> bool {
        std::fs::metadata(folder.join(FILE)).is_ok_and(|file| file.len() > 0)
    }

    /// Opens an existing store of any purpose, for commands that only read.
    pub async fn open_existing(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        if !file.exists() {
            return Err(StoreError::Missing { file });
        }
        let store = Self::connect(file, false).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// The folder of the database.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(&self.file)
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
            .statement_cache_capacity(STATEMENTS)
            .row_buffer_size(ROWS)
            .pragma("cache_size", CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT)
            .busy_timeout(Duration::from_secs(10));
        let reading = options.clone().create_if_missing(false).read_only(true);
        let reading = || {
            SqlitePoolOptions::new()
                .max_connections(2)
                .acquire_timeout(READER_WAIT)
                .connect_lazy_with(reading.clone())
        };
        let (readers, followers) = (reading(), reading());
        let streams = options.clone().create_if_missing(false).read_only(true);
        let streams = SqlitePoolOptions::new().connect_lazy_with(streams);
        // What a statement of many rows could have to take back stays in memory: for 1,000 polls, it
        // were 350 KB in a file.
        let writer = options.clone().pragma("temp_store", "MEMORY");
        let writer = Connections::new(writer.create_if_missing(false), 1);
        let pool = Connections::new(options, 4);
        drop(
            pool.acquire()
                .await
                .map_err(|e| StoreError::opening(&file, &e))?,
        );
        Ok(Self {
            pool,
            writer,
            streams,
            readers,
            followers,
            file,
            checked: None,
            held: Arc::default(),
            lease_asks: Arc::default(),
            robots_asks: Arc::default(),
            polls: Arc::default(),
            standing_asks: Arc::default(),
            is_writing: Arc::default(),
            damage: Arc::default(),
            closed_incidents: Arc::default(),
        })
    }

    /// Checks the whole database for damage before anything is written to it.
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

    /// Takes the steps that the store has not taken, all of them or none: a kill leaves it as it was,
    /// and a new store needs one sync instead of two a step. A store that took them all is only read.
    async fn migrate(&self) -> Result<(), StoreError> {
        let migrator = migrations::migrator();
        let failed = |e| StoreError::migrating(&self.file, e);
        if self.took_steps().await == Some(migrator.iter().count()) {
            let mut connection = self.pool.acquire().await?;
            let run = migrator.run_direct(None, &mut *connection, false);
            return run.await.map_err(failed);
        }
        // An index of a large table is sorted in a file.
        let begin = "PRAGMA temp_store = FILE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
        let mut tx = self.writer.begin(begin).await?;
        let run = migrator.run_direct(None, &mut *tx, false);
        run.await.map_err(failed)?;
        Ok(tx.commit().await?)
    }

    /// How many steps the store took; `None` for a new one.
    async fn took_steps(&self) -> Option<usize> {
        let steps = sqlx::query_scalar("SELECT COUNT(*) FROM _sqlx_migrations");
        let steps: i64 = steps.fetch_one(&self.pool).await.ok()?;
        usize::try_from(steps).ok()
    }

    /// Marks an empty store that is opened for the demo. A store with contents keeps its purpose.
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

    /// The purpose of this store.
    pub async fn purpose(&self) -> Result<Purpose, StoreError> {
        let mark: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'demo'")
            .fetch_optional(&self.pool)
            .await?;
        Ok(mark.map_or(Purpose::Real, |_| Purpose::Demo))
    }

    /// A transaction that holds the write lock from its start, so that its reads stay true until it
    /// writes.
    async fn begin(&self) -> Result<Transaction, StoreError> {
        let begin = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
        Ok(self.writer.begin(begin).await?)
    }

    /// A transaction like [`Store::begin`] for notes that a power cut may take away: leases, rests,
    /// counts, ends of runs, the index of the archive. Other processes see it at once, and it outlives
    /// a kill. The log is one sequence: when a later transaction is on the disk, this one is, too.
    async fn begin_note(&self) -> Result<Transaction, StoreError> {
        let begin = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
        Ok(self.writer.begin(begin).await?)
    }

    /// Writes down what runs without news have noted, and which hosts they gave back, within a
    /// second. A kill before that costs those polls, which come again.
    fn write_down_soon(&self) {
        if self.is_writing.swap(true, Ordering::SeqCst) {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(NOTED).await;
            store.is_writing.store(false, Ordering::SeqCst);
            if store.writer.is_closed() {
                return;
            }
            if let Err(error) = store.write_down().await {
                let reason = error.reason();
                tracing::warn!(reason, %error, "polls are not written down yet");
            }
        });
    }

    /// Writes down at once what runs without news have noted, and which hosts they gave back.
    pub async fn write_down(&self) -> Result<(), StoreError> {
        if !self.held.has_left() && self.polls.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_note().await?;
        let (left, polls) = (self.held.take_left(), self.polls.take());
        let written = async {
            left.write(&mut tx).await?;
            polls.write(&mut tx).await?;
            Ok(tx.commit().await?)
        };
        let written = written.await;
        if written.is_err() {
            self.held.put_back(left);
            self.polls.put_back(polls);
        }
        written
    }

    /// A connection for searches and lists, with a time limit.
    async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        limited(&self.readers).await
    }

    /// A connection for the changes, with a time limit.
    async fn follower(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        limited(&self.followers).await
    }

    /// Overwrites deleted data in the database's file and in its log, which otherwise keep it until
    /// the space is used again. `false` if another process is reading and the log has to wait.
    pub async fn shred(&self) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        let (busy, ..): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *connection)
            .await?;
        Ok(busy == 0)
    }

    /// Writes the log back into the database file and closes it.
    pub async fn close(&self) {
        if let Err(error) = self.write_down().await {
            let reason = error.reason();
            tracing::warn!(reason, %error, "polls are not written down");
        }
        // The last connection to close writes the log back, which a reader cannot do.
        self.readers.close().await;
        self.followers.close().await;
        self.streams.close().await;
        self.writer.close().await;
        self.pool.close().await;
        if let Some(checked) = self.checked.filter(|_| !error::is_damage_known()) {
            backup::leave_note(&self.file, checked);
        }
    }
}

/// A connection of this pool whose reads end after a time.
async fn limited(pool: &SqlitePool) -> Result<PoolConnection<Sqlite>, StoreError> {
    let mut connection = pool.acquire().await?;
    let deadline = Instant::now() + READ_LIMIT;
    // This replaces the handler of a former use.
    connection
        .lock_handle()
        .await?
        .set_progress_handler(STEPS, move || Instant::now() < deadline);
    Ok(connection)
}

/// Refuses a file that is not a database. SQLite takes a file of less than one page for an empty
/// database and would overwrite it.
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
        Ok(_) => "it is not an SQLite database".to_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => e.to_string(),
    };
    Err(StoreError::damaged(file, cause))
}
