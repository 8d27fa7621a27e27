//! Connections to the database. One that is given back can be taken at once.
//!
//! Owns how many there are, and that they are opened when they are first needed. Never runs a statement.
//!
//! The driver's pool asks a connection whether it lives each time that it is taken and given back, in
//! a task of its own. Each is a round trip to SQLite's thread: two of three were such. Meanwhile the
//! next statement opens another connection, which reads the whole schema (1 to 2 ms).

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, TryFutureExt};
use futures_util::stream::{self, BoxStream, StreamExt};
use sqlx::{ConnectOptions, Connection, Either, Error, Execute, Executor, SqlStr};
use sqlx_core::transaction::TransactionManager;
use tokio::sync::{
    Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, TryAcquireError,
};

use super::engine::{
    Engine, EngineConnection, EngineRow, Manager, Options, Outcome, Statement, TypeInfo,
};
use super::{StoreError, StorePlace};

/// A statement waits for earlier ones for so long at most.
const WAIT: Duration = Duration::from_secs(30);

/// The connections. Cheap to clone.
#[derive(Clone, Debug)]
pub(in crate::store) struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: Options,
    /// The places for connections, those that are opened first in front.
    places: Vec<Arc<Mutex<Option<EngineConnection>>>>,
    /// As many permits as there are places that nobody holds.
    free: Arc<Semaphore>,
}

/// A connection that somebody uses.
#[derive(Debug)]
pub(in crate::store) struct Held {
    // It is given back before its permit.
    connection: OwnedMappedMutexGuard<Option<EngineConnection>, EngineConnection>,
    _permit: OwnedSemaphorePermit,
}

/// A transaction. One that is dropped changes nothing.
#[derive(Debug)]
pub(in crate::store) struct Transaction {
    held: Held,
    is_open: bool,
}

/// What a transaction is for. Each that writes holds the write lock from its start, so that what it
/// reads stays true until it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Begin {
    /// Articles, changes, publications: what a commit wrote outlives a power cut.
    Write,
    /// Notes that a power cut may take away. It outlives a kill.
    Note,
    /// A change of the schema. An index of a large table is sorted in a file.
    Migrate,
}

impl Begin {
    /// In PostgreSQL, one lock orders all transactions that write, as SQLite's file lock does: so the
    /// changes have no gaps and are committed in the order of their numbers. It is given back with
    /// the commit. Each schema has its own: a database may hold several stores.
    fn statement(self, options: &Options) -> &'static str {
        match (self, options) {
            (Self::Write, Options::Sqlite(_)) => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
            (Self::Note, Options::Sqlite(_)) => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
            (Self::Migrate, Options::Sqlite(_)) => {
                "PRAGMA temp_store = FILE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE"
            }
            #[cfg(feature = "many-machines")]
            (Self::Write | Self::Migrate, Options::Postgres(_)) => {
                "BEGIN; SELECT pg_advisory_xact_lock(hashtext('dibao write'), hashtext(current_schema()))"
            }
            #[cfg(feature = "many-machines")]
            (Self::Note, Options::Postgres(_)) => {
                "BEGIN; SET LOCAL synchronous_commit = OFF; \
                 SELECT pg_advisory_xact_lock(hashtext('dibao write'), hashtext(current_schema()))"
            }
        }
    }
}

impl Connections {
    /// At most so many connections. None is opened yet.
    pub(in crate::store) fn new(options: Options, most: usize) -> Self {
        let places = std::iter::repeat_with(Arc::default).take(most).collect();
        Self(Arc::new(Shared {
            options,
            places,
            free: Arc::new(Semaphore::new(most)),
        }))
    }

    /// One connection, which is open already.
    pub(in crate::store) fn of(options: Options, connection: EngineConnection) -> Self {
        Self(Arc::new(Shared {
            options,
            places: vec![Arc::new(Mutex::new(Some(connection)))],
            free: Arc::new(Semaphore::new(1)),
        }))
    }

    /// Takes a connection; waits for one if all are in use.
    // Boxed, as the driver's are: it is part of the future of every statement.
    pub(in crate::store) fn acquire(&self) -> BoxFuture<'_, Result<Held, Error>> {
        Box::pin(async move {
            let permit = self.permit().await?;
            let mut place = loop {
                match self.free_place() {
                    Some(place) => break place,
                    // The one that was free is taken, and another one is free by now.
                    None => tokio::task::yield_now().await,
                }
            };
            if is_unfit(&mut place).await {
                *place = None;
            }
            if place.is_none() {
                *place = Some(self.0.options.connect().await?);
            }
            let connection = OwnedMutexGuard::try_map(place, Option::as_mut);
            Ok(Held {
                connection: connection.map_err(|_| Error::WorkerCrashed)?,
                _permit: permit,
            })
        })
    }

    fn free_place(&self) -> Option<OwnedMutexGuard<Option<EngineConnection>>> {
        let mut places = self.0.places.iter();
        places.find_map(|place| Arc::clone(place).try_lock_owned().ok())
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        let free = || Arc::clone(&self.0.free);
        match free().try_acquire_owned() {
            Ok(permit) => Ok(permit),
            Err(TryAcquireError::Closed) => Err(Error::PoolClosed),
            Err(TryAcquireError::NoPermits) => {
                let permit = tokio::time::timeout(WAIT, free().acquire_owned()).await;
                let permit = permit.map_err(|_| Error::PoolTimedOut)?;
                permit.map_err(|_| Error::PoolClosed)
            }
        }
    }

    /// Begins a transaction.
    pub(in crate::store) fn begin(
        &self,
        begin: Begin,
    ) -> BoxFuture<'_, Result<Transaction, Error>> {
        Box::pin(async move {
            let mut held = self.acquire().await?;
            let statement = Some(SqlStr::from_static(begin.statement(&self.0.options)));
            let begun = Manager::begin(&mut held, statement).await;
            held.mend_after(begun, self).await.map(|()| Transaction {
                held,
                is_open: true,
            })
        })
    }

    /// Whether they are to PostgreSQL.
    pub(in crate::store) fn is_postgres(&self) -> bool {
        self.0.options.is_postgres()
    }

    pub(in crate::store) fn is_closed(&self) -> bool {
        self.0.free.is_closed()
    }

    /// Closes the connections that nobody uses. They are opened again when they are needed.
    pub(in crate::store) async fn let_go(&self) {
        for place in &self.0.places {
            if let Ok(mut place) = place.try_lock() {
                close(&mut place).await;
            }
        }
    }

    /// Closes the connections, once nobody uses them any more.
    pub(in crate::store) fn close(&self) -> BoxFuture<'_, ()> {
        self.0.free.close();
        Box::pin(async move {
            for place in &self.0.places {
                close(&mut *place.lock().await).await;
            }
        })
    }
}

/// Opens a connection that has the store alone. Refused while another process has it.
pub(in crate::store) async fn connect_alone(
    place: &StorePlace,
) -> Result<EngineConnection, StoreError> {
    let in_use = |e| StoreError::alone(&place.shown(), &e);
    let options = place.options(false)?.alone();
    let mut connection = options.connect().await.map_err(in_use)?;
    connection.be_alone().await.map_err(in_use)?;
    Ok(connection)
}

async fn close(place: &mut Option<EngineConnection>) {
    if let Some(connection) = place.take()
        && let Err(error) = connection.close().await
    {
        tracing::debug!(%error, "a connection to the database did not close");
    }
}

/// Whether a connection is lost, or cannot begin a transaction any more. A commit that fails on a full
/// disk ends its transaction without the driver's knowledge.
async fn is_unfit(place: &mut Option<EngineConnection>) -> bool {
    let in_doubt = |known: &&mut EngineConnection| known.is_in_transaction() || known.is_stale();
    let Some(connection) = place.as_mut().filter(in_doubt) else {
        return false;
    };
    // The rollback of a transaction that was dropped may be under way.
    connection.ping().await.is_err() || connection.is_in_transaction()
}

impl Held {
    /// Passes a result on. After an error, a connection whose thread has ended is replaced.
    async fn mend_after<T>(
        &mut self,
        result: Result<T, Error>,
        connections: &Connections,
    ) -> Result<T, Error> {
        if result.is_err() && self.ping().await.is_err() {
            *self.connection = connections.0.options.connect().await?;
        }
        result
    }
}

impl Deref for Held {
    type Target = EngineConnection;

    fn deref(&self) -> &EngineConnection {
        &self.connection
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut EngineConnection {
        &mut self.connection
    }
}

impl Transaction {
    pub(in crate::store) async fn commit(mut self) -> Result<(), Error> {
        Manager::commit(&mut self.held).await?;
        self.is_open = false;
        Ok(())
    }

    pub(in crate::store) async fn rollback(mut self) -> Result<(), Error> {
        Manager::rollback(&mut self.held).await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.is_open {
            Manager::start_rollback(&mut self.held);
        }
    }
}

impl Deref for Transaction {
    type Target = EngineConnection;

    fn deref(&self) -> &EngineConnection {
        &self.held
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut EngineConnection {
        &mut self.held
    }
}

/// Runs one statement on any connection. The whole answer is read before its first row is passed on:
/// long ones are for [`Store::streams`](crate::store::Store).
impl<'p> Executor<'p> for &'_ Connections {
    type Database = Engine;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<Outcome, EngineRow>, Error>>
    where
        E: 'q + Execute<'q, Engine>,
    {
        let connections = self.clone();
        let answer = async move {
            let mut held = connections.acquire().await?;
            let mut answer: Vec<_> = held.fetch_many(query).collect().await;
            if let Some(error) = answer.pop_if(|last| last.is_err()) {
                answer.push(held.mend_after(error, &connections).await);
            }
            Ok(stream::iter(answer))
        };
        Box::pin(answer.try_flatten_stream())
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<EngineRow>, Error>>
    where
        E: 'q + Execute<'q, Engine>,
    {
        let connections = self.clone();
        Box::pin(async move {
            let mut held = connections.acquire().await?;
            let row = held.fetch_optional(query).await;
            held.mend_after(row, &connections).await
        })
    }

    fn prepare_with<'e>(
        self,
        _sql: SqlStr,
        _parameters: &'e [TypeInfo],
    ) -> BoxFuture<'e, Result<Statement, Error>>
    where
        'p: 'e,
    {
        Statement::prepare()
    }
}
