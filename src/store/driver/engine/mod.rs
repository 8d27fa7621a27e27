//! The database under the store: SQLite, or PostgreSQL. One kind of connection, row and value for both.
//!
//! Owns which of the two is at work. A statement is written once, in the SQL that both understand;
//! `dialect` says what becomes of it for PostgreSQL. Never knows a table.

mod arguments;
mod connection;
#[cfg(feature = "many-machines")]
mod dialect;
mod listener;
#[cfg(feature = "many-machines")]
mod locks;
mod options;
mod row;

use std::fmt;

use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteTypeInfo;
use sqlx::{Either, Error, SqlStr};
use sqlx_core::impl_statement_query;

pub(in crate::store) use arguments::{Arguments, Parameter};
pub(in crate::store) use connection::{EngineConnection, Manager};
pub(in crate::store) use listener::Listener;
pub(in crate::store) use options::Options;
pub(in crate::store) use row::{EngineRow, Value, ValueRef};

/// The database: SQLite or PostgreSQL.
#[derive(Debug)]
pub(in crate::store) struct Engine;

impl sqlx::Database for Engine {
    type Connection = EngineConnection;
    type TransactionManager = Manager;
    type Row = EngineRow;
    type QueryResult = Outcome;
    type Column = Column;
    type TypeInfo = TypeInfo;
    type Value = Value;
    type ValueRef<'r> = ValueRef<'r>;
    type Arguments = Arguments;
    type ArgumentBuffer = Vec<Parameter>;
    type Statement = Statement;

    const NAME: &'static str = "SQLite or PostgreSQL";
    const URL_SCHEMES: &'static [&'static str] = &["sqlite", "postgres", "postgresql"];
}

/// What a statement without an answer did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Outcome {
    rows: u64,
}

impl Outcome {
    /// How many rows were inserted, updated or deleted.
    pub(in crate::store) fn rows_affected(self) -> u64 {
        self.rows
    }
}

impl Extend<Self> for Outcome {
    fn extend<T: IntoIterator<Item = Self>>(&mut self, others: T) {
        self.rows += others.into_iter().map(|other| other.rows).sum::<u64>();
    }
}

/// The type of a value, as the database that holds it names it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) enum TypeInfo {
    /// Of SQLite.
    Sqlite(SqliteTypeInfo),
    /// Of PostgreSQL.
    #[cfg(feature = "many-machines")]
    Postgres(sqlx::postgres::PgTypeInfo),
}

impl fmt::Display for TypeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(sqlx::TypeInfo::name(self))
    }
}

impl sqlx::TypeInfo for TypeInfo {
    fn is_null(&self) -> bool {
        match self {
            Self::Sqlite(of) => of.is_null(),
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.is_null(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Sqlite(of) => of.name(),
            #[cfg(feature = "many-machines")]
            Self::Postgres(of) => of.name(),
        }
    }
}

/// The columns of an answer are known by name and place; no list of them is made.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Column {}

impl sqlx::Column for Column {
    type Database = Engine;

    fn ordinal(&self) -> usize {
        match *self {}
    }

    fn name(&self) -> &str {
        match *self {}
    }

    fn type_info(&self) -> &TypeInfo {
        match *self {}
    }
}

/// Connections prepare and keep the statements that they are given; nobody else does.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Statement {}

impl Statement {
    /// Refuses to prepare one.
    pub(in crate::store::driver) fn prepare<'e>() -> BoxFuture<'e, Result<Self, Error>> {
        let refused = "statements are prepared when they are run".to_owned();
        Box::pin(std::future::ready(Err(Error::Protocol(refused))))
    }
}

impl sqlx::Statement for Statement {
    type Database = Engine;

    fn into_sql(self) -> SqlStr {
        match self {}
    }

    fn sql(&self) -> &SqlStr {
        match *self {}
    }

    fn parameters(&self) -> Option<Either<&[TypeInfo], usize>> {
        match *self {}
    }

    fn columns(&self) -> &[Column] {
        match *self {}
    }

    impl_statement_query!(Arguments);
}
