//! One of the two stores of a copy, on one connection.
//!
//! Owns that no other process has it. Never knows a table.

use std::path::PathBuf;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::store::driver::{EngineConnection, Options, connect_alone};
use crate::store::{StoreError, StorePlace};

/// A store, on one connection.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) connection: EngineConnection,
    /// The place as errors name it.
    pub(super) shown: PathBuf,
    options: Options,
}

impl Side {
    /// Takes the store for this process alone. Refused while another process has it.
    pub(super) async fn alone(place: &StorePlace) -> Result<Self, StoreError> {
        Ok(Self {
            connection: connect_alone(place).await?,
            shown: place.shown(),
            options: place.options(false)?,
        })
    }

    /// Lets others open it again, who read in it that it is not whole; and makes it quick to fill.
    pub(super) async fn for_others(mut self) -> Result<Self, StoreError> {
        if self.is_postgres() {
            self.connection.be_one_of_many().await?;
            return Ok(self);
        }
        self.connection.close().await?;
        self.connection = self.options.copying().connect().await?;
        Ok(self)
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.connection.is_postgres()
    }

    /// Runs a statement without an answer.
    pub(super) async fn run(&mut self, statement: impl Into<String>) -> Result<(), StoreError> {
        let statement = sqlx::query(AssertSqlSafe(statement.into()));
        statement.execute(&mut self.connection).await?;
        Ok(())
    }

    /// Reads one number; 0 for NULL.
    pub(super) async fn number(&mut self, query: String) -> Result<i64, StoreError> {
        let number = sqlx::query_scalar(AssertSqlSafe(query));
        let number: Option<i64> = number.fetch_one(&mut self.connection).await?;
        Ok(number.unwrap_or(0))
    }

    /// What is read from now on is as it is at this moment.
    pub(super) async fn stand_still(&mut self) -> Result<(), StoreError> {
        self.run(match self.is_postgres() {
            true => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            false => "BEGIN",
        })
        .await
    }

    pub(super) async fn close(self) -> Result<(), StoreError> {
        Ok(self.connection.close().await?)
    }
}
