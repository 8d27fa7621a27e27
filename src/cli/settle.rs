//! What commands do before they collect or publish: they complete what a kill has left, and compare
//! the feed files with the store.
//!
//! Owns the words. Never decides what follows.

use super::outcome::{Stop, tell};
use crate::config::{Config, Folders};
use crate::model::{Clock, ColumnName};
use crate::pipeline::{self, LifeError};
use crate::store::Store;

impl From<LifeError> for Stop {
    fn from(error: LifeError) -> Self {
        match error {
            LifeError::Store(error) => Self::failed(error),
            error => Self::configuration(error),
        }
    }
}

/// Completes moves that a kill has left, compares the feed files with the store, and tells what
/// followed.
pub(super) async fn settle(
    folders: &Folders,
    store: &Store,
    config: Config,
) -> Result<(Config, Vec<(ColumnName, String)>), Stop> {
    let moved = pipeline::complete_moves(folders, store, Clock::system().now()).await?;
    for (from, into) in &moved {
        tell(&format!(
            "dibao: {from} is now {into}: a command that was stopped is complete"
        ));
    }
    let config = match moved.is_empty() {
        true => config,
        false => Config::load_rest(folders)?,
    };
    let now = Clock::system().now();
    let settled = pipeline::settle(store, now, &config.columns, &config.broken).await;
    let settled = settled.map_err(Stop::failed)?;
    let noted = pipeline::note_broken(store, now, &config.broken).await;
    noted.map_err(Stop::failed)?;
    for (from, into) in &settled.followed {
        tell(&format!(
            "dibao: {from} is now {into}, as its feed file was renamed: ids as before"
        ));
    }
    for name in &settled.ended {
        tell(&format!(
            "dibao: {name} has no feed file any more: its feed says that it ended"
        ));
    }
    Ok((config, settled.refused))
}
