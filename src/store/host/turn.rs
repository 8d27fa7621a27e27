//! What only one of the processes that share a store does at a time.
//!
//! Owns the locks for it, which the server gives back when a process dies. Processes that share a store
//! in a file lock the published folder instead. Never does the work.

use std::time::Duration;

use sqlx::Connection;
use sqlx::pool::PoolConnection;

use crate::store::driver::Engine;
use crate::store::{Store, StoreError};

/// Whether a turn still lasts is asked this often, and must be answered within this time.
const LOOK: Duration = Duration::from_secs(10);
/// Without such a question, the server ends a turn after this time: its machine is gone.
const SILENT: &str = "SET idle_session_timeout = '30s'";
/// A wait for a turn is one of many, so that the server's silence is noticed.
const WAIT: &str = "SET lock_timeout = '60s'";
/// The server's code of a wait that took too long.
const WAITED: &str = "55P03";

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
        let mut connection = self.taken_of(&self.streams).await?;
        // The lock belongs to the connection, and ends with it.
        connection.close_on_drop();
        let name = match task {
            Task::Publish => "dibao publish",
            Task::Lead => "dibao lead",
        };
        for setting in [SILENT, WAIT] {
            sqlx::query(setting).execute(&mut *connection).await?;
        }
        loop {
            let locked =
                sqlx::query("SELECT pg_advisory_lock(hashtext(?), hashtext(current_schema()))")
                    .bind(name)
                    .execute(&mut *connection)
                    .await;
            match locked {
                Ok(_) => return Ok(Turn(Some(connection))),
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(WAITED) => (),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Turn {
    /// Waits until the turn is lost: the server was restarted, or is out of reach. One that needs no
    /// lock is never lost. A turn that nobody waits for ends after half a minute.
    pub async fn lost(&mut self) {
        let Some(connection) = &mut self.0 else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(LOOK).await;
            match tokio::time::timeout(LOOK, connection.ping()).await {
                Ok(Ok(())) => (),
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }
}
