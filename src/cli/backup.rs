//! `dibao backup` and `dibao restore`: the store whole, and back.

use std::path::Path;

use super::args::Places;
use super::{Done, Stop, say, setting, tell};
use crate::store::{Holdings, Store, StoreError, database_in};

pub(super) async fn backup(places: &Places, file: &Path, force: bool) -> Result<Done, Stop> {
    let store = Store::open_existing(&places.data()).await.map_err(stop)?;
    let done = back_up(&store, file, force).await;
    store.close().await;
    let held = done.map_err(stop)?;
    say(&format!("backup  {}  {}", file.display(), words(&held)))?;
    Ok(Done::Well)
}

async fn back_up(store: &Store, file: &Path, force: bool) -> Result<Holdings, StoreError> {
    let bytes = store.holdings().await?.bytes;
    tell(&format!(
        "dibao: writing about {} to {}",
        megabytes(bytes),
        file.display()
    ));
    store.back_up(file, force).await
}

pub(super) async fn restore(places: &Places, file: &Path) -> Result<Done, Stop> {
    let data = places.data();
    tell(&format!("dibao: checking {}", file.display()));
    let held = Store::restore(&data, file).await.map_err(stop)?;
    say(&format!(
        "restored  {}  {}",
        database_in(&data).display(),
        words(&held)
    ))?;
    let archive = setting::archive_in(&data);
    if !archive.exists() {
        tell(&format!(
            "dibao: there is no {}: copy what the portals sent back there from beside the backup",
            archive.display()
        ));
    }
    Ok(Done::Well)
}

fn words(held: &Holdings) -> String {
    format!(
        "{} articles, up to change {}, {}",
        held.articles,
        held.seq,
        megabytes(held.bytes)
    )
}

/// A size as people read it.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

/// What is wrong with a file or the command line is the caller's to mend; the rest may mend itself.
pub(super) fn stop(error: StoreError) -> Stop {
    match &error {
        StoreError::Open { reason, .. } if *reason != StoreError::CORRUPT => Stop::failed(error),
        StoreError::Sql(_) | StoreError::Backup { .. } | StoreError::Record { .. } => {
            Stop::failed(error)
        }
        _ => Stop::configuration(error),
    }
}
