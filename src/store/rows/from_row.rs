//! How a row of the database becomes a struct: each field is the column of its name.
//!
//! Owns that one macro; the derive of sqlx would build SQLite a second time, for the compiler.
//! Never reads the database.

/// `from_row!(Name: field, …)`, with all fields of the struct.
macro_rules! from_row {
    ($name:ident: $($field:ident),+ $(,)?) => {
        impl sqlx::FromRow<'_, crate::store::driver::EngineRow> for $name {
            fn from_row(row: &crate::store::driver::EngineRow) -> Result<Self, sqlx::Error> {
                use sqlx::Row;
                Ok(Self {
                    $($field: row.try_get(stringify!($field))?,)+
                })
            }
        }
    };
}

pub(in crate::store) use from_row;
