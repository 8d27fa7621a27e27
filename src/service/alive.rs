//! What a process does beside others that share its store: it tells that it is alive, and takes over
//! the hosts of those that died.
//!
//! Owns when. Never chooses what is due.

use std::collections::BTreeSet;

use tokio::sync::mpsc;

use crate::model::Clock;
use crate::pipeline::Collector;
use crate::store::{BEAT, Holder, Store, StoreError};

/// Tells once that this process is alive, and again and again until the store is closed: also while what
/// runs is brought to its end. A store in a file knows by itself who is alive.
pub(super) async fn keep_alive(
    store: &Store,
    holder: &Holder,
    clock: &Clock,
) -> Result<(), StoreError> {
    if !store.is_shared() {
        return Ok(());
    }
    store.hosts().beat(holder, clock).await?;
    let (store, holder, clock) = (store.clone(), holder.clone(), clock.clone());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(BEAT).await;
            if store.is_closed() {
                return;
            }
            if let Err(error) = store.hosts().beat(&holder, &clock).await {
                let reason = error.reason();
                tracing::warn!(reason, %error, "others are not told that this process is alive");
            }
        }
    });
    Ok(())
}

/// Looks for hosts whose holder has died, and names them, until told to stop.
pub(super) async fn take_over(
    collector: &Collector,
    hosts: mpsc::UnboundedSender<BTreeSet<String>>,
) {
    let Collector {
        store, clock, stop, ..
    } = collector;
    while store.is_shared() {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => (),
        }
        match store.hosts().abandoned(clock.now()).await {
            Ok(found) if found.is_empty() => (),
            Ok(found) => {
                tracing::warn!(hosts = ?found, "another process died: its hosts are taken over");
                // The scheduler ends with this task.
                let _ = hosts.send(found.into_iter().collect());
            }
            Err(error) => {
                let reason = error.reason();
                tracing::warn!(reason, %error, "it is not known whether other processes are alive");
            }
        }
    }
}
