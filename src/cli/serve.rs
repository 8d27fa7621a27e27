//! `dibao serve`: the scheduler and the HTTP server in one process.
//!
//! Owns the exit codes. Never does the work of the service.

use std::net::SocketAddr;

use tokio_util::sync::CancellationToken;

use super::outcome::{Done, Stop, tell};
use super::ready::stop_on_signal;
use crate::config::Folders;
use crate::service::{Service, StartError};

pub(super) async fn serve(folders: &Folders, listen: SocketAddr) -> Result<Done, Stop> {
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone());
    let service = Service::start(folders, listen, stop).await;
    let service = service.map_err(|error| match error {
        StartError::System(error) => Stop::failed(error),
        error => Stop::configuration(error),
    })?;
    tell(&format!(
        "dibao: serving {} at http://{}/",
        folders.public,
        service.address()
    ));
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
