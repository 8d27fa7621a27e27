//! The mark of a copy, in the store that is filled.
//!
//! Owns what it says, and that nothing else uses a store that is not whole. Never copies a row.

use serde::{Deserialize, Serialize};

use super::aside;
use super::rows::count;
use super::side::Side;
use super::tables::{MARK, MARKED, Table};
use crate::store::rows::json;
use crate::store::{Store, StoreError};

/// What it says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The store that is copied, without its password.
    from: String,
    /// How many steps of the schema the copy has.
    schema: i64,
    /// The statements that put back what was set aside.
    aside: Vec<String>,
    /// Whether all of it is there.
    pub(super) is_whole: bool,
}

impl Mark {
    fn read(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|e| StoreError::unreadable("the mark of a copy", e))
    }

    async fn write(&self, side: &mut Side) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO meta (key, value) VALUES (?, ?)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(MARK)
        .bind(json(self)?)
        .execute(&mut side.connection)
        .await?;
        Ok(())
    }

    /// Marks an empty store as a copy that is not whole; or returns the mark of the same copy. A
    /// store that holds anything else is refused.
    pub(super) async fn begin(
        side: &mut Side,
        tables: &[Table],
        from: String,
    ) -> Result<Self, StoreError> {
        let schema = "SELECT COUNT(*) FROM _sqlx_migrations".to_owned();
        let schema = side.number(schema).await?;
        let mark: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
            .bind(MARK)
            .fetch_optional(&mut side.connection)
            .await?;
        let place = || side.shown.clone();
        match mark.as_deref().map(Self::read).transpose()? {
            Some(mark) if mark.from == from && (mark.schema == schema || mark.is_whole) => {
                return Ok(mark);
            }
            Some(mark) if !mark.is_whole => {
                return Err(StoreError::OtherCopy {
                    place: place(),
                    from: mark.from,
                    schema: mark.schema,
                });
            }
            _ => (),
        }
        // What an empty store says of itself is no content.
        for table in tables.iter().filter(|table| table.name != MARKED) {
            if count(side, table).await? > 0 {
                return Err(StoreError::Filled {
                    place: side.shown.clone(),
                    table: table.name.clone(),
                });
            }
        }
        side.run("BEGIN").await?;
        let mark = Self {
            from,
            schema,
            aside: aside::set(side, tables).await?,
            is_whole: false,
        };
        mark.write(side).await?;
        side.run("COMMIT").await?;
        Ok(mark)
    }

    /// Puts back what was set aside, and says that the copy is whole: both or neither.
    pub(super) async fn end(self, side: &mut Side) -> Result<(), StoreError> {
        side.connection.be_sure().await?;
        side.run("BEGIN").await?;
        for statement in &self.aside {
            side.run(statement).await?;
        }
        let whole = Self {
            aside: Vec::new(),
            is_whole: true,
            ..self
        };
        whole.write(side).await?;
        side.run("COMMIT").await
    }
}

impl Store {
    /// Refuses a store into which another one is copied and not whole yet.
    pub(in crate::store) async fn refuse_half_copy(&self) -> Result<(), StoreError> {
        let mark: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
            .bind(MARK)
            .fetch_optional(&self.pool)
            .await?;
        match mark.as_deref().map(Mark::read).transpose()? {
            Some(mark) if !mark.is_whole => Err(StoreError::HalfCopied {
                place: self.file.clone(),
                from: mark.from,
            }),
            _ => Ok(()),
        }
    }
}
