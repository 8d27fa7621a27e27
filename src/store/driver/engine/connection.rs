//! A connection to the database: how it is made, and its transactions.
//!
//! Owns that a statement goes to the database that is at work. Never makes a statement.

use std::str::FromStr;
use std::time::{Duration, Instant};

#[cfg(feature = "many-machines")]
use futures_util::Stream;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use log::LevelFilter;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnection, SqliteTransactionManager};
use sqlx::{ConnectOptions, Connection, Either, Error, Execute, Executor, SqlStr};
use sqlx_core::transaction::{Transaction, TransactionManager};
use url::Url;

#[cfg(feature = "many-machines")]
use super::dialect::{Dialect, Piece};
#[cfg(feature = "many-machines")]
use super::locks;
use super::{Arguments, Engine, EngineRow, Options, Outcome, Statement, TypeInfo};

/// A server that says nothing for so long is out of reach: TCP by itself would wait for hours.
#[cfg(feature = "many-machines")]
const ANSWERS: Duration = Duration::from_secs(300);
/// The same for a connection that is made, or asked whether it lives.
#[cfg(feature = "many-machines")]
const CONNECTS: Duration = Duration::from_secs(10);

/// An open connection.
#[derive(Debug)]
pub(in crate::store) enum EngineConnection {
    /// To a file of SQLite.
    Sqlite(SqliteConnection),
    /// To a server of PostgreSQL.
    #[cfg(feature = "many-machines")]
    Postgres(Box<Server>),
}

/// A connection to a server.
#[cfg(feature = "many-machines")]
#[derive(Debug)]
pub(in crate::store) struct Server {
    connection: sqlx::postgres::PgConnection,
    /// The statements that it has seen.
    dialect: Dialect,
    /// When it was last used.
    used: Instant,
}

/// Begins and ends transactions.
#[derive(Debug)]
pub(in crate::store) struct Manager;

impl FromStr for Options {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        let url = url.parse().map_err(|e| Error::Configuration(Box::new(e)))?;
        Self::from_url(&url)
    }
}

impl ConnectOptions for Options {
    type Connection = EngineConnection;

    fn from_url(url: &Url) -> Result<Self, Error> {
        match url.scheme() {
            #[cfg(feature = "many-machines")]
            "postgres" | "postgresql" => ConnectOptions::from_url(url).map(Self::Postgres),
            _ => ConnectOptions::from_url(url).map(Self::Sqlite),
        }
    }

    async fn connect(&self) -> Result<EngineConnection, Error> {
        match self {
            Self::Sqlite(options) => options.connect().await.map(EngineConnection::Sqlite),
            #[cfg(feature = "many-machines")]
            Self::Postgres(options) => {
                let mut connection = in_time(CONNECTS, options.connect()).await?;
                in_time(ANSWERS, connection.execute(locks::SHARE)).await?;
                Ok(EngineConnection::Postgres(Box::new(Server {
                    connection,
                    dialect: Dialect::default(),
                    used: Instant::now(),
                })))
            }
        }
    }

    fn log_statements(self, level: LevelFilter) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(options.log_statements(level)),
            #[cfg(feature = "many-machines")]
            Self::Postgres(options) => Self::Postgres(options.log_statements(level)),
        }
    }

    fn log_slow_statements(self, level: LevelFilter, duration: Duration) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(options.log_slow_statements(level, duration)),
            #[cfg(feature = "many-machines")]
            Self::Postgres(options) => Self::Postgres(options.log_slow_statements(level, duration)),
        }
    }
}

impl EngineConnection {
    /// Whether this is PostgreSQL.
    pub(in crate::store) fn is_postgres(&self) -> bool {
        !matches!(self, Self::Sqlite(_))
    }

    /// Whether it was not used for a while: its server may have been restarted since.
    pub(in crate::store) fn is_stale(&self) -> bool {
        /// A connection that was used after this was alive then.
        #[cfg(feature = "many-machines")]
        const FRESH: Duration = Duration::from_secs(1);
        match self {
            Self::Sqlite(_) => false,
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.used.elapsed() > FRESH,
        }
    }

    /// Ends a statement that takes longer than this. It replaces the limit of a former use.
    pub(in crate::store) async fn limit(&mut self, most: Duration) -> Result<(), Error> {
        /// SQLite checks the time after this many steps.
        const STEPS: i32 = 10_000;
        match self {
            Self::Sqlite(connection) => {
                let deadline = Instant::now() + most;
                let mut handle = connection.lock_handle().await?;
                handle.set_progress_handler(STEPS, move || Instant::now() < deadline);
            }
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => {
                let limit = format!("SET statement_timeout = {}", most.as_millis());
                of.connection.execute(sqlx::AssertSqlSafe(limit)).await?;
            }
        }
        Ok(())
    }

    /// Keeps all other processes from a store on a server until [`EngineConnection::be_one_of_many`];
    /// fails if one has it. With a file, [`Options::alone`] does so.
    pub(in crate::store) async fn be_alone(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.connection.execute(locks::ALONE).await.map(drop),
        }
    }

    /// Lets other processes have a store on a server again. What this connection writes from then on
    /// may be lost with the server's power, as that of [`Options::copying`].
    pub(in crate::store) async fn be_one_of_many(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.connection.execute(locks::NOT_ALONE).await.map(drop),
        }
    }

    /// From now on, a commit outlives a power cut, and so do all before it.
    pub(in crate::store) async fn be_sure(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(of) => of.execute("PRAGMA synchronous = FULL").await.map(drop),
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of
                .connection
                .execute("SET synchronous_commit = ON")
                .await
                .map(drop),
        }
    }

    /// Takes the steps that the database has not taken.
    pub(in crate::store) async fn migrate(&mut self, steps: &Migrator) -> Result<(), MigrateError> {
        match self {
            Self::Sqlite(connection) => steps.run_direct(None, connection, false).await,
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => steps.run_direct(None, &mut of.connection, false).await,
        }
    }
}

impl Connection for EngineConnection {
    type Database = Engine;
    type Options = Options;

    async fn close(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.connection.close().await,
        }
    }

    async fn close_hard(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.close_hard().await,
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.connection.close_hard().await,
        }
    }

    async fn ping(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.ping().await,
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => in_time(CONNECTS, of.connection.ping()).await,
        }
    }

    async fn begin(&mut self) -> Result<Transaction<'_, Engine>, Error> {
        Transaction::begin(self, None).await
    }

    fn shrink_buffers(&mut self) {
        match self {
            Self::Sqlite(connection) => connection.shrink_buffers(),
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.connection.shrink_buffers(),
        }
    }

    async fn flush(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.flush().await,
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.connection.flush().await,
        }
    }

    fn should_flush(&self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.should_flush(),
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.connection.should_flush(),
        }
    }
}

impl TransactionManager for Manager {
    type Database = Engine;

    /// Without a statement, a transaction only reads, and sees the database as it is at its start.
    async fn begin(
        connection: &mut EngineConnection,
        statement: Option<SqlStr>,
    ) -> Result<(), Error> {
        match connection {
            EngineConnection::Sqlite(of) => SqliteTransactionManager::begin(of, statement).await,
            #[cfg(feature = "many-machines")]
            EngineConnection::Postgres(of) => {
                let read =
                    || SqlStr::from_static("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                let statement = Some(statement.unwrap_or_else(read));
                let done =
                    sqlx::postgres::PgTransactionManager::begin(&mut of.connection, statement);
                in_time(ANSWERS, done).await
            }
        }
    }

    async fn commit(connection: &mut EngineConnection) -> Result<(), Error> {
        match connection {
            EngineConnection::Sqlite(of) => SqliteTransactionManager::commit(of).await,
            #[cfg(feature = "many-machines")]
            EngineConnection::Postgres(of) => {
                let done = sqlx::postgres::PgTransactionManager::commit(&mut of.connection);
                in_time(ANSWERS, done).await
            }
        }
    }

    async fn rollback(connection: &mut EngineConnection) -> Result<(), Error> {
        match connection {
            EngineConnection::Sqlite(of) => SqliteTransactionManager::rollback(of).await,
            #[cfg(feature = "many-machines")]
            EngineConnection::Postgres(of) => {
                let done = sqlx::postgres::PgTransactionManager::rollback(&mut of.connection);
                in_time(ANSWERS, done).await
            }
        }
    }

    fn start_rollback(connection: &mut EngineConnection) {
        match connection {
            EngineConnection::Sqlite(of) => SqliteTransactionManager::start_rollback(of),
            #[cfg(feature = "many-machines")]
            EngineConnection::Postgres(of) => {
                sqlx::postgres::PgTransactionManager::start_rollback(&mut of.connection);
            }
        }
    }

    fn get_transaction_depth(connection: &EngineConnection) -> usize {
        match connection {
            EngineConnection::Sqlite(of) => SqliteTransactionManager::get_transaction_depth(of),
            #[cfg(feature = "many-machines")]
            EngineConnection::Postgres(of) => {
                sqlx::postgres::PgTransactionManager::get_transaction_depth(&of.connection)
            }
        }
    }
}

/// What a statement answers: how many rows it touched, or a row.
type Answer = Either<Outcome, EngineRow>;

impl<'c> Executor<'c> for &'c mut EngineConnection {
    type Database = Engine;

    fn fetch_many<'e, 'q: 'e, E>(self, mut query: E) -> BoxStream<'e, Result<Answer, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Engine>,
    {
        let arguments = query.take_arguments().map_err(Error::Encode);
        let sql = query.sql();
        let arguments = match arguments {
            Ok(arguments) => arguments,
            Err(error) => return stream::once(std::future::ready(Err(error))).boxed(),
        };
        match self {
            EngineConnection::Sqlite(connection) => {
                match arguments.map(Arguments::for_sqlite).transpose() {
                    Ok(arguments) => connection
                        .fetch_many((sql, arguments))
                        .map_ok(|answer| match answer {
                            Either::Left(done) => Either::Left(Outcome {
                                rows: done.rows_affected(),
                            }),
                            Either::Right(row) => Either::Right(EngineRow::Sqlite(row)),
                        })
                        .boxed(),
                    Err(error) => stream::once(std::future::ready(Err(error))).boxed(),
                }
            }
            #[cfg(feature = "many-machines")]
            EngineConnection::Postgres(of) => of.answers(sql, arguments.unwrap_or_default()),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        mut query: E,
    ) -> BoxFuture<'e, Result<Option<EngineRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Engine>,
    {
        let arguments = query.take_arguments().map_err(Error::Encode);
        let sql = query.sql();
        match self {
            EngineConnection::Sqlite(connection) => async move {
                let arguments = arguments?.map(Arguments::for_sqlite).transpose()?;
                let row = connection.fetch_optional((sql, arguments)).await?;
                Ok(row.map(EngineRow::Sqlite))
            }
            .boxed(),
            #[cfg(feature = "many-machines")]
            EngineConnection::Postgres(of) => async move {
                let mut answers = of.answers(sql, arguments?.unwrap_or_default());
                while let Some(answer) = answers.try_next().await? {
                    if let Either::Right(row) = answer {
                        return Ok(Some(row));
                    }
                }
                Ok(None)
            }
            .boxed(),
        }
    }

    fn prepare_with<'e>(
        self,
        _sql: SqlStr,
        _parameters: &'e [TypeInfo],
    ) -> BoxFuture<'e, Result<Statement, Error>>
    where
        'c: 'e,
    {
        Statement::prepare()
    }
}

/// What the server answers, if it answers in time.
#[cfg(feature = "many-machines")]
async fn in_time<T>(
    most: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let answer = tokio::time::timeout(most, answer).await;
    answer.unwrap_or_else(|_| {
        let silence = format!("the server has said nothing for {} s", most.as_secs());
        Err(std::io::Error::new(std::io::ErrorKind::TimedOut, silence).into())
    })
}

/// Answers of the server, as long as each comes in time.
#[cfg(feature = "many-machines")]
fn in_time_each<T: Send>(
    answers: BoxStream<'_, Result<T, Error>>,
) -> impl Stream<Item = Result<T, Error>> + Send {
    stream::try_unfold(answers, async |mut answers| {
        let next = in_time(ANSWERS, answers.try_next()).await?;
        Ok(next.map(|next| (next, answers)))
    })
}

#[cfg(feature = "many-machines")]
impl Server {
    /// Runs a statement in the words of PostgreSQL, which takes one statement at a time.
    fn answers(
        &mut self,
        sql: SqlStr,
        arguments: Arguments,
    ) -> BoxStream<'_, Result<Answer, Error>> {
        let Self {
            connection,
            dialect,
            used,
        } = self;
        *used = Instant::now();
        let answers = async move {
            let pieces = dialect.pieces(&sql);
            let Some((last, before)) = pieces.split_last() else {
                return Ok::<_, Error>(stream::empty().boxed());
            };
            let bound = |piece: &Piece| {
                Ok::<_, Error>((piece.sql(), Some(arguments.for_postgres(&piece.places)?)))
            };
            for piece in before {
                in_time(ANSWERS, connection.execute(bound(piece)?)).await?;
            }
            let answers = in_time_each(connection.fetch_many(bound(last)?));
            let answers = answers.map_ok(|answer| match answer {
                Either::Left(done) => Either::Left(Outcome {
                    rows: done.rows_affected(),
                }),
                Either::Right(row) => Either::Right(EngineRow::Postgres(row)),
            });
            Ok(answers.boxed())
        };
        stream::once(answers).try_flatten().boxed()
    }
}
