//! `dibao restore --ids`: restores the ids in published dumps.
//!
//! Owns the words. Never reads a dump; `pipeline::restore_ids` does.

use std::path::PathBuf;

use super::backup;
use super::outcome::{Done, Stop, say, tell};
use crate::config::Folders;
use crate::model::Clock;
use crate::pipeline::{RestoreError, restore_ids};
use crate::store::database_in;

pub(super) async fn restore(folders: &Folders, dumps: &[PathBuf]) -> Result<Done, Stop> {
    let (data, now) = (&folders.data, Clock::system().now());
    let restored = restore_ids(data, dumps, now, |file| {
        tell(&format!("dibao: reading {}", file.display()));
    });
    let restored = restored.await.map_err(|error| match error {
        RestoreError::Dumps(fault) => Stop::configuration(fault),
        RestoreError::Store(error) => backup::stop(error),
    })?;
    say(&format!(
        "restored  {}  {} ids, from {} files; {} articles stay removed",
        database_in(data).display(),
        restored.kept,
        restored.files,
        restored.removed
    ))?;
    Ok(Done::Well)
}
