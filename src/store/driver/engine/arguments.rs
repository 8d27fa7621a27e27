//! The values that are bound to a statement's parameters.
//!
//! Owns which Rust types may be bound. Never knows to which statement.

use std::error::Error as StdError;

use sqlx::encode::IsNull;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Encode, Error, Sqlite, Type};

use super::{Engine, TypeInfo};

type Boxed = Box<dyn StdError + Send + Sync>;

/// A bound value. NULL has the type of the value that is missing: PostgreSQL asks for it.
#[derive(Clone, Debug)]
pub(in crate::store) enum Parameter {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// The bound values of a statement, in order.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Arguments(Vec<Parameter>);

impl sqlx::Arguments for Arguments {
    type Database = Engine;

    fn reserve(&mut self, additional: usize, _size: usize) {
        self.0.reserve(additional);
    }

    fn add<'t, T>(&mut self, value: T) -> Result<(), Boxed>
    where
        T: Encode<'t, Engine> + Type<Engine>,
    {
        if let IsNull::Yes = value.encode(&mut self.0)? {
            self.0.push(Parameter::missing(&T::type_info()));
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<Vec<Parameter>> for Arguments {
    fn from(all: Vec<Parameter>) -> Self {
        Self(all)
    }
}

sqlx_core::impl_into_arguments_for_arguments!(Arguments);
sqlx_core::impl_encode_for_option!(Engine);

impl Parameter {
    /// NULL in the place of a value of this type.
    fn missing(of: &TypeInfo) -> Self {
        match sqlx::TypeInfo::name(of) {
            "INTEGER" | "BOOLEAN" => Self::Integer(None),
            "BLOB" => Self::Bytes(None),
            _ => Self::Text(None),
        }
    }
}

impl Arguments {
    pub(super) fn for_sqlite(self) -> Result<SqliteArguments, Error> {
        let mut all = SqliteArguments::default();
        all.reserve(self.0.len(), 0);
        for parameter in self.0 {
            let added = match parameter {
                Parameter::Integer(value) => sqlx::Arguments::add(&mut all, value),
                Parameter::Text(value) => sqlx::Arguments::add(&mut all, value),
                Parameter::Bytes(value) => sqlx::Arguments::add(&mut all, value),
            };
            added.map_err(Error::Encode)?;
        }
        Ok(all)
    }

    /// Those at these places.
    #[cfg(feature = "many-machines")]
    pub(super) fn for_postgres(
        &self,
        places: &[usize],
    ) -> Result<sqlx::postgres::PgArguments, Error> {
        let mut chosen = sqlx::postgres::PgArguments::default();
        for place in places {
            let added = match self.0.get(*place) {
                Some(Parameter::Integer(value)) => chosen.add(*value),
                Some(Parameter::Text(value)) => chosen.add(value.as_deref()),
                Some(Parameter::Bytes(value)) => chosen.add(value.as_deref()),
                None => {
                    Err(format!("the statement has a parameter {place} without a value").into())
                }
            };
            added.map_err(Error::Encode)?;
        }
        Ok(chosen)
    }
}

/// A type is bound as one of the parameters.
macro_rules! bound {
    ($($type:ty => $parameter:ident($given:ident => $value:expr)),+ $(,)?) => {
        $(impl Encode<'_, Engine> for $type {
            fn encode_by_ref(&self, buffer: &mut Vec<Parameter>) -> Result<IsNull, Boxed> {
                let $given = self;
                buffer.push(Parameter::$parameter(Some($value)));
                Ok(IsNull::No)
            }
        })+
    };
}

bound! {
    bool => Integer(given => i64::from(*given)),
    i32 => Integer(given => i64::from(*given)),
    i64 => Integer(given => *given),
    u32 => Integer(given => i64::from(*given)),
    &'_ str => Text(given => (*given).to_owned()),
    String => Text(given => given.clone()),
    &'_ [u8] => Bytes(given => given.to_vec()),
    Vec<u8> => Bytes(given => given.clone()),
}

/// A type has SQLite's name, and is read where SQLite reads it. PostgreSQL's values tell their type
/// when they are read.
macro_rules! named {
    ($($type:ty),+ $(,)?) => {
        $(impl Type<Engine> for $type {
            fn type_info() -> TypeInfo {
                TypeInfo::Sqlite(<Self as Type<Sqlite>>::type_info())
            }

            fn compatible(of: &TypeInfo) -> bool {
                match of {
                    TypeInfo::Sqlite(of) => <Self as Type<Sqlite>>::compatible(of),
                    #[cfg(feature = "many-machines")]
                    TypeInfo::Postgres(_) => true,
                }
            }
        })+
    };
}

named!(bool, i32, i64, u32, f64, str, String, [u8], Vec<u8>);
