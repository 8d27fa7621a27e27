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
    AddressState, ArticlePage, Articles, Beside, Brief, ChangePage, ChangeSignal, ChangedSince,
    Changes, DuePage, IdKeeper, KeptIds, ListedFile, Mark, Marks, MonthCount, PageContent,
    Publication, Publications, Published, PublishedColumn, PublishedFolder, PublishedTopic,
    Publishing, ReadPage, Reading, RecheckOutcome, Removal, Removed, SaveOutcome, Snapshot, Trace,
    TracedArticle, TracedPage, UNLISTED,
};
pub use backup::{
    CheckedRows, Copied, CopyStep, Differing, PublishedState, RestoredFrom, RowPlace, StoreSummary,
    Trouble, database_in,
};
pub use capture::{
    ArchivedPage, Captures, CheckState, Checkpoint, KnownFile, NewCapture, PageCapture, Position,
    Reextraction, Reread, Rewritten,
};
pub use column::{
    Account, Added, BackfillState, Backfills, CONFIGURATION, ColumnLife, ColumnState, Columns,
    Delay, Figures, LastDay, ListMemory, ListOrder, ListedItem, ListedState, Names, OlderPage,
    Queue, QueuedItem, QuietPoll, RENAMED, RunEnd, SILENT, Shown, Shows, Spent, Standing,
    StoredColumn, Verdicts,
};
pub use driver::{StoreError, StorePlace};
pub use host::{BEAT, Holder, Hosts, Lease, LeaseKind, Resting, Task, Turn, Worker};
pub use incidents::Incidents;
pub use kept_files::{KeptCopy, KeptFiles, WantedFile};
pub use notices::{DeadLetter, FailingReceiver, Notice, Notices};
pub use search::{Search, SearchHit, SearchResults};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sqlx::pool::{Pool, PoolConnection, PoolOptions};

use crate::model::is_read_only;
use driver::{Begin, Connections, Engine, Transaction, error};

/// A search waits this long for earlier ones.
const READER_WAIT: Duration = Duration::from_secs(3);

/// What runs without news have noted is written down within this time.
const NOTED: Duration = Duration::from_secs(1);

/// A read that takes longer ends without an answer.
const READ_LIMIT: Duration = Duration::from_secs(3);

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
    streams: Pool<Engine>,
    /// For searches, which may take long: they take no connection from others.
    readers: Pool<Engine>,
    /// For the changes, which mirrors follow: they wait for no search.
    followers: Pool<Engine>,
    place: StorePlace,
    /// The place as errors name it.
    file: PathBuf,
    /// When the whole database was read last, if it is to be noted at a clean end.
    checked: Option<SystemTime>,
    held: Arc<host::HeldHosts>,
    lease_asks: Arc<host::LeaseAsks>,
    robots_asks: Arc<host::RobotsAsks>,
    polls: Arc<column::Polls>,
    standing_asks: Arc<column::StandingAsks>,
    last_run_asks: Arc<column::LastRunAsks>,
    /// Whether a task waits to write down what is only noted.
    is_writing: Arc<AtomicBool>,
    /// The damaged rows that were met and not told of yet, by name.
    damage: Arc<Mutex<BTreeMap<String, DamagedRow>>>,
    /// Incidents that are known to be closed, by reason and subject.
    closed_incidents: Arc<Mutex<BTreeSet<(&'static str, &'static str)>>>,
    contact: Arc<host::Contact>,
}

impl Store {
    /// Opens the store at `place`, makes it if it is missing, and migrates the schema. A store of the
    /// other purpose, of a newer dibao, or a damaged one is refused and left as it is.
    pub async fn open(place: impl Into<StorePlace>, purpose: Purpose) -> Result<Self, StoreError> {
        let place = place.into();
        let folder = place.folder();
        std::fs::create_dir_all(folder).map_err(|e| StoreError::folder(folder, &e))?;
        // SQLite would only say that it cannot open a file.
        let probe = match tempfile::tempfile_in(folder) {
            Err(e) if is_read_only(&e) => return Err(StoreError::read_only(&place.shown(), &e)),
            probe => probe,
        };
        let StorePlace::File(file) = &place else {
            let store = Self::connect(place, true).await?;
            return store.prepared(purpose, false).await;
        };
        // The file system's time, as the database's file has it.
        let now = probe.and_then(|probe| probe.metadata()?.modified()).ok();
        let checked = now.and_then(|now| backup::take_note(file, now));
        let mut store = Self::connect(place, true).await?;
        store.checked = checked.or(now);
        store.prepared(purpose, checked.is_none()).await
    }

    async fn prepared(mut self, purpose: Purpose, is_unsure: bool) -> Result<Self, StoreError> {
        match self.prepare(purpose, is_unsure).await {
            Ok(()) => Ok(self),
            Err(error) => {
                // Otherwise files of the refused store would stay open.
                self.checked = None;
                self.close().await;
                Err(error)
            }
        }
    }

    async fn prepare(&self, purpose: Purpose, is_unsure: bool) -> Result<(), StoreError> {
        if is_unsure && !self.is_postgres() {
            self.check().await?;
        }
        self.migrate().await?;
        self.refuse_half_copy().await?;
        search::renew(self).await?;
        self.claim(purpose).await
    }

    /// Opens an existing store of any purpose, for commands that only read.
    pub async fn open_existing(place: impl Into<StorePlace>) -> Result<Self, StoreError> {
        let place = place.into();
        if let StorePlace::File(file) = &place
            && !file.exists()
        {
            return Err(StoreError::Missing { file: file.clone() });
        }
        let store = Self::connect(place, false).await?;
        store.migrate().await?;
        store.refuse_half_copy().await?;
        Ok(store)
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.writer.is_closed()
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.place.folder()
    }

    /// Whether PostgreSQL holds the store.
    fn is_postgres(&self) -> bool {
        self.pool.is_postgres()
    }

    async fn connect(place: StorePlace, create: bool) -> Result<Self, StoreError> {
        let file = place.shown();
        let options = place.options(create)?;
        let reading = || {
            PoolOptions::<Engine>::new()
                .max_connections(2)
                .acquire_timeout(READER_WAIT)
                .after_connect(|connection, _| Box::pin(connection.limit(READ_LIMIT)))
                // The limit, which is set at each use, also shows whether the connection still works.
                .test_before_acquire(false)
                .before_acquire(|connection, _| {
                    Box::pin(async { connection.limit(READ_LIMIT).await.map(|()| true) })
                })
                .connect_lazy_with(options.reader())
        };
        let (readers, followers) = (reading(), reading());
        let streams = PoolOptions::<Engine>::new().connect_lazy_with(options.reader());
        let writer = Connections::new(options.writer(), 1);
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
            place,
            file,
            checked: None,
            held: Arc::default(),
            lease_asks: Arc::default(),
            robots_asks: Arc::default(),
            polls: Arc::default(),
            standing_asks: Arc::default(),
            last_run_asks: Arc::default(),
            is_writing: Arc::default(),
            damage: Arc::default(),
            closed_incidents: Arc::default(),
            contact: Arc::default(),
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

    /// Marks an empty store that is opened for the demo. A store with contents keeps its purpose.
    async fn claim(&self, purpose: Purpose) -> Result<(), StoreError> {
        if purpose == Purpose::Demo {
            sqlx::query(
                "INSERT INTO meta (key, value) SELECT 'demo', '1'
                 WHERE NOT EXISTS (SELECT 1 FROM columns) ON CONFLICT DO NOTHING",
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
        Ok(self.writer.begin(Begin::Write).await?)
    }

    /// A transaction like [`Store::begin`] for notes that a power cut may take away: leases, rests,
    /// counts, ends of runs, the index of the archive. Other processes see it at once, and it outlives
    /// a kill. The log is one sequence: when a later transaction is on the disk, this one is, too.
    async fn begin_note(&self) -> Result<Transaction, StoreError> {
        Ok(self.writer.begin(Begin::Note).await?)
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
    async fn reader(&self) -> Result<PoolConnection<Engine>, StoreError> {
        self.taken_of(&self.readers).await
    }

    /// A connection for the changes, with a time limit.
    async fn follower(&self) -> Result<PoolConnection<Engine>, StoreError> {
        self.taken_of(&self.followers).await
    }

    /// A connection of this pool, which tries again and again to reach a server.
    async fn taken_of(&self, pool: &Pool<Engine>) -> Result<PoolConnection<Engine>, StoreError> {
        pool.acquire().await.map_err(|error| match error {
            sqlx::Error::PoolTimedOut if self.is_postgres() => {
                StoreError::out_of_reach("no connection could be made")
            }
            error => error.into(),
        })
    }

    /// Overwrites deleted data in the database's file and in its log, which otherwise keep it until
    /// the space is used again. `false` if another process is reading and the log has to wait.
    /// PostgreSQL gives the space free to be used again; its log is the server's.
    pub async fn shred(&self) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        if connection.is_postgres() {
            return Ok(true);
        }
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
