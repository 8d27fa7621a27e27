//! `dibao serve`: the scheduler and the HTTP server in one process; `dibao worker`: the scheduler alone.
//!
//! Owns the exit codes. Never does the work of the service.

use std::net::SocketAddr;

use tokio_util::sync::CancellationToken;

use super::outcome::{Done, Stop, tell};
use super::ready::{stop_on_signal, tell_unshared};
use crate::config::Folders;
use crate::service::{Service, StartError};

pub(super) async fn serve(folders: &Folders, listen: SocketAddr) -> Result<Done, Stop> {
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone());
    tell_unshared(folders);
    let service = start(folders, Some(listen), stop).await?;
    if let Some(address) = service.address() {
        tell(&format!(
            "dibao: serving {} at http://{address}/",
            folders.public
        ));
    }
    if !service.is_addressed() {
        tell(&format!(
            "dibao: --listen {listen}: listens at every address of this machine, so feeds and pages cannot \
             tell where they are; they keep the address of the last publication, at first 127.0.0.1\n  \
             remedy: give the site's address as base_url in dibao.toml, or as DIBAO_BASE_URL"
        ));
    }
    service.run().await.map_err(Stop::failed)?;
    tell("dibao: stopped");
    Ok(Done::Well)
}

pub(super) async fn work(folders: &Folders) -> Result<Done, Stop> {
    if folders.store.is_none() {
        return Err(Stop::configuration(
            "a worker shares its store with others, and a store in a file is not shared\n  remedy: name a \
             server of PostgreSQL with --store; on one machine, `dibao serve` does all",
        ));
    }
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone());
    tell_unshared(folders);
    let service = start(folders, None, stop).await?;
    tell("dibao: working");
    service.run().await.map_err(Stop::failed)?;
    tell("dibao: stopped");
    Ok(Done::Well)
}

async fn start(
    folders: &Folders,
    listen: Option<SocketAddr>,
    stop: CancellationToken,
) -> Result<Service, Stop> {
    let service = Service::start(folders, listen, stop).await;
    service.map_err(|error| match error {
        StartError::System(error) => Stop::failed(error),
        error => Stop::configuration(error),
    })
}
