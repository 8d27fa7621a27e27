//! When to look for new changes again.
//!
//! Owns the wait between two looks. A server tells of each change; other processes that share a file
//! write into it without a sign. Never reads the changes.

use std::time::Duration;

use super::Changes;
use crate::store::StoreError;
use crate::store::driver::Listener;

/// The time between two looks into a file, or while the server is away.
const LOOK: Duration = Duration::from_millis(500);
/// The longest time between two looks into a store on a server.
const LONGEST: Duration = Duration::from_secs(5);

/// Tells when there may be new changes.
#[derive(Debug)]
pub struct ChangeSignal(Option<Listener>);

impl Changes<'_> {
    /// A signal of changes from now on. With a store on a server, it has a connection of its own.
    pub async fn signal(self) -> Result<ChangeSignal, StoreError> {
        let options = self.store.place.options(false)?;
        Ok(ChangeSignal(options.listen().await?))
    }
}

impl ChangeSignal {
    /// Waits until there may be new changes: some seconds at most.
    pub async fn wait(&mut self) {
        let Some(listener) = &mut self.0 else {
            return tokio::time::sleep(LOOK).await;
        };
        if let Ok(Err(_)) = tokio::time::timeout(LONGEST, listener.heard()).await {
            tokio::time::sleep(LOOK).await;
        }
    }
}
