//! The rows of an answer, and their values.
//!
//! Owns how a value becomes a Rust type. Never knows what it means.

use std::borrow::Cow;
use std::error::Error as StdError;

use sqlx::sqlite::{SqliteRow, SqliteValue, SqliteValueRef};
use sqlx::{ColumnIndex, Decode, Error, Row, Sqlite, ValueRef as _};
#[cfg(feature = "many-machines")]
use sqlx::{
    Postgres, TypeInfo as _,
    postgres::{PgRow, PgValue, PgValueRef},
};

use super::{Column, Engine, TypeInfo};

type Boxed = Box<dyn StdError + Send + Sync>;

/// A row, as the database's own driver has it.
pub(in crate::store) enum EngineRow {
    /// Of SQLite.
    Sqlite(SqliteRow),
    /// Of PostgreSQL.
    #[cfg(feature = "many-machines")]
    Postgres(PgRow),
}

/// A value that outlives its row.
pub(in crate::store) enum Value {
    /// Of SQLite.
    Sqlite(SqliteValue),
    /// Of PostgreSQL.
    #[cfg(feature = "many-machines")]
    Postgres(PgValue),
}

/// A value of a row.
pub(in crate::store) enum ValueRef<'r> {
    /// Of SQLite.
    Sqlite(SqliteValueRef<'r>),
    /// Of PostgreSQL.
    #[cfg(feature = "many-machines")]
    Postgres(PgValueRef<'r>),
}

impl Row for EngineRow {
    type Database = Engine;

    fn len(&self) -> usize {
        match self {
            Self::Sqlite(row) => row.len(),
            #[cfg(feature = "many-machines")]
            Self::Postgres(row) => row.len(),
        }
    }

    fn columns(&self) -> &[Column] {
        &[]
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, index: I) -> Result<ValueRef<'_>, Error> {
        let index = index.index(self)?;
        match self {
            Self::Sqlite(row) => row.try_get_raw(index).map(ValueRef::Sqlite),
            #[cfg(feature = "many-machines")]
            Self::Postgres(row) => row.try_get_raw(index).map(ValueRef::Postgres),
        }
    }
}

impl ColumnIndex<EngineRow> for usize {
    fn index(&self, row: &EngineRow) -> Result<usize, Error> {
        match row {
            EngineRow::Sqlite(row) => self.index(row),
            #[cfg(feature = "many-machines")]
            EngineRow::Postgres(row) => self.index(row),
        }
    }
}

impl ColumnIndex<EngineRow> for &'_ str {
    fn index(&self, row: &EngineRow) -> Result<usize, Error> {
        match row {
            EngineRow::Sqlite(row) => self.index(row),
            #[cfg(feature = "many-machines")]
            EngineRow::Postgres(row) => self.index(row),
        }
    }
}

impl sqlx::Value for Value {
    type Database = Engine;

    fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Sqlite(value) => ValueRef::Sqlite(value.as_ref()),
            #[cfg(feature = "many-machines")]
            Self::Postgres(value) => ValueRef::Postgres(value.as_ref()),
        }
    }

    fn type_info(&self) -> Cow<'_, TypeInfo> {
        Cow::Owned(self.as_ref().type_info().into_owned())
    }

    fn is_null(&self) -> bool {
        self.as_ref().is_null()
    }
}

impl<'r> sqlx::ValueRef<'r> for ValueRef<'r> {
    type Database = Engine;

    fn to_owned(&self) -> Value {
        match self {
            Self::Sqlite(value) => Value::Sqlite(sqlx::ValueRef::to_owned(value)),
            #[cfg(feature = "many-machines")]
            Self::Postgres(value) => Value::Postgres(sqlx::ValueRef::to_owned(value)),
        }
    }

    fn type_info(&self) -> Cow<'_, TypeInfo> {
        Cow::Owned(match self {
            Self::Sqlite(value) => TypeInfo::Sqlite(value.type_info().into_owned()),
            #[cfg(feature = "many-machines")]
            Self::Postgres(value) => TypeInfo::Postgres(value.type_info().into_owned()),
        })
    }

    fn is_null(&self) -> bool {
        match self {
            Self::Sqlite(value) => value.is_null(),
            #[cfg(feature = "many-machines")]
            Self::Postgres(value) => value.is_null(),
        }
    }
}

/// A type that both databases give.
macro_rules! read {
    ($($type:ty: $postgres:expr),+ $(,)?) => {
        $(impl<'r> Decode<'r, Engine> for $type {
            fn decode(value: ValueRef<'r>) -> Result<Self, Boxed> {
                match value {
                    ValueRef::Sqlite(value) => <Self as Decode<'r, Sqlite>>::decode(value),
                    #[cfg(feature = "many-machines")]
                    ValueRef::Postgres(value) => $postgres(value),
                }
            }
        })+
    };
}

read! {
    bool: |value| Ok(integer(value)? != 0),
    i32: |value| Ok(Self::try_from(integer(value)?)?),
    i64: integer,
    f64: <Self as Decode<Postgres>>::decode,
    u32: |value| Ok(Self::try_from(integer(value)?)?),
    String: |value: PgValueRef<'r>| Ok(value.as_str()?.to_owned()),
    Vec<u8>: |value: PgValueRef<'r>| Ok(value.as_bytes()?.to_vec()),
}

/// An integer of any width, or a truth as SQLite has it: 0 or 1.
#[cfg(feature = "many-machines")]
fn integer(value: PgValueRef<'_>) -> Result<i64, Boxed> {
    let of = value.type_info().into_owned();
    match of.name() {
        "BOOL" => Ok(i64::from(<bool as Decode<Postgres>>::decode(value)?)),
        "INT2" => Ok(i64::from(<i16 as Decode<Postgres>>::decode(value)?)),
        "INT4" => Ok(i64::from(<i32 as Decode<Postgres>>::decode(value)?)),
        "INT8" => <i64 as Decode<Postgres>>::decode(value),
        other => Err(format!("{other} is no integer").into()),
    }
}
