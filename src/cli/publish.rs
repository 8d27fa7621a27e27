//! `dibao publish`: publishes what the store holds, without asking a portal.
//!
//! Owns the words and the exit code. Never decides what changed.

use tokio_util::sync::CancellationToken;

use super::outcome::{Done, Stop, tell};
use super::settle::settle;
use super::{bars, left_out, ready, run};
use crate::config::Folders;
use crate::model::Clock;
use crate::pipeline::{self, PublishInput};
use crate::service;
use crate::store::StoreError;

pub(super) async fn publish(folders: &Folders, is_all: bool) -> Result<Done, Stop> {
    let stop = CancellationToken::new();
    ready::stop_on_signal(stop.clone());
    let config = left_out::load_rest(folders)?;
    let kept = ready::kept(folders)?;
    let (store, directory) = ready::open(folders).await?;
    let (config, _) = settle(folders, &store, config).await?;
    let progress = bars::bars();
    let published = async {
        let site = service::site(&config.service, &store).await?;
        let input = PublishInput::new(&config, &site, &store, (&*directory, &kept), &progress);
        match is_all {
            true => pipeline::publish_all(&input).await,
            false => pipeline::publish(&input).await,
        }
    };
    let published = stop.run_until_cancelled(published).await;
    let damaged = store.incidents().note_damage(Clock::system().now()).await;
    store.close().await;
    run::say_published(published)?;
    let damaged = damaged.map_err(Stop::failed)?;
    for row in &damaged {
        tell(&format!("dibao: {}: {row}", StoreError::CORRUPT));
    }
    Ok(match damaged.is_empty() {
        true => left_out::done::<&str>(&config, &[]),
        false => Done::Partly,
    })
}
