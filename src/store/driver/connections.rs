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
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteQueryResult, SqliteRow, SqliteStatement,
    SqliteTransactionManager, SqliteTypeInfo,
};
use sqlx::{ConnectOptions, Connection, Either, Error, Execute, Executor, SqlStr, Sqlite};
use sqlx_core::transaction::TransactionManager;
use tokio::sync::{
    Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, TryAcquireError,
};

/// A statement waits for earlier ones for so long at most.
const WAIT: Duration = Duration::from_secs(30);

/// The connections. Cheap to clone.
#[derive(Clone, Debug)]
pub(in crate::store) struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: SqliteConnectOptions,
    /// The places for connections, those that are opened first in front.
    places: Vec<Arc<Mutex<Option<SqliteConnection>>>>,
    /// As many permits as there are places that nobody holds.
    free: Arc<Semaphore>,
}

/// A connection that somebody uses.
#[derive(Debug)]
pub(in crate::store) struct Held {
    // It is given back before its permit.
    connection: OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>,
    _permit: OwnedSemaphorePermit,
}

/// A transaction. One that is dropped changes nothing.
#[derive(Debug)]
pub(in crate::store) struct Transaction {
    held: Held,
    is_open: bool,
}

impl Connections {
    /// At most so many connections. None is opened yet.
    pub(in crate::store) fn new(options: SqliteConnectOptions, most: usize) -> Self {
        let places = std::iter::repeat_with(Arc::default).take(most).collect();
        Self(Arc::new(Shared {
            options,
            places,
            free: Arc::new(Semaphore::new(most)),
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

    fn free_place(&self) -> Option<OwnedMutexGuard<Option<SqliteConnection>>> {
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

    /// Begins a transaction with this statement.
    pub(in crate::store) fn begin(
        &self,
        statement: &'static str,
    ) -> BoxFuture<'_, Result<Transaction, Error>> {
        Box::pin(async move {
            let mut held = self.acquire().await?;
            let statement = Some(SqlStr::from_static(statement));
            let begun = SqliteTransactionManager::begin(&mut held, statement).await;
            held.mend_after(begun, self).await.map(|()| Transaction {
                held,
                is_open: true,
            })
        })
    }

    pub(in crate::store) fn is_closed(&self) -> bool {
        self.0.free.is_closed()
    }

    /// Closes the connections, once nobody uses them any more.
    pub(in crate::store) fn close(&self) -> BoxFuture<'_, ()> {
        self.0.free.close();
        Box::pin(async move {
            for place in &self.0.places {
                if let Some(connection) = place.lock().await.take()
                    && let Err(error) = connection.close().await
                {
                    tracing::debug!(%error, "a connection to the database did not close");
                }
            }
        })
    }
}

/// Whether a connection cannot begin a transaction any more. A commit that fails on a full disk ends
/// its transaction without the driver's knowledge.
async fn is_unfit(place: &mut Option<SqliteConnection>) -> bool {
    let Some(connection) = place.as_mut().filter(|known| known.is_in_transaction()) else {
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
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl Transaction {
    pub(in crate::store) async fn commit(mut self) -> Result<(), Error> {
        SqliteTransactionManager::commit(&mut self.held).await?;
        self.is_open = false;
        Ok(())
    }

    pub(in crate::store) async fn rollback(mut self) -> Result<(), Error> {
        SqliteTransactionManager::rollback(&mut self.held).await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.is_open {
            SqliteTransactionManager::start_rollback(&mut self.held);
        }
    }
}

impl Deref for Transaction {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.held
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.held
    }
}

/// Runs one statement on any connection. The whole answer is read before its first row is passed on:
/// long ones are for [`Store::streams`](crate::store::Store).
impl<'p> Executor<'p> for &'_ Connections {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<SqliteQueryResult, SqliteRow>, Error>>
    where
        E: 'q + Execute<'q, Sqlite>,
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
    ) -> BoxFuture<'e, Result<Option<SqliteRow>, Error>>
    where
        E: 'q + Execute<'q, Sqlite>,
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
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, Result<SqliteStatement, Error>>
    where
        'p: 'e,
    {
        let connections = self.clone();
        Box::pin(async move {
            let mut held = connections.acquire().await?;
            held.prepare_with(sql, parameters).await
        })
    }
}
