//! What only one of the processes that share a store does at a time.
//!
//! Owns the locks for it, which the server gives back when a process dies. Processes that share a store
//! in a file lock the published folder instead. Never does the work.

use std::time::Duration;

use sqlx::Connection;
use sqlx::pool::PoolConnection;

use crate::store::driver::Engine;
use crate::store::{Store, StoreError};

/// Whether a turn still lasts is asked this often.
const LOOK: Duration = Duration::from_secs(10);

/// What needs a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Publishing.
    Publish,
    /// What one process does for all: notices, the check of data, retention.
    Lead,
}

/// A turn. It ends when this is dropped.
#[derive(Debug)]
pub struct Turn(Option<PoolConnection<Engine>>);

impl Store {
    /// Waits until no other process has a turn of this kind.
    pub async fn turn(&self, task: Task) -> Result<Turn, StoreError> {
        if !self.is_postgres() {
            return Ok(Turn(None));
        }
        let mut connection = self.streams.acquire().await?;
        // The lock belongs to the connection, and ends with it.
        connection.close_on_drop();
        let name = match task {
            Task::Publish => "dibao publish",
            Task::Lead => "dibao lead",
        };
        sqlx::query("SELECT pg_advisory_lock(hashtext(?), hashtext(current_schema()))")
            .bind(name)
            .execute(&mut *connection)
            .await?;
        Ok(Turn(Some(connection)))
    }
}

impl Turn {
    /// Waits until the turn is lost: the server was restarted, or is out of reach. One that needs no
    /// lock is never lost.
    pub async fn lost(mut self) {
        let Some(connection) = &mut self.0 else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(LOOK).await;
            if connection.ping().await.is_err() {
                return;
            }
        }
    }
}
