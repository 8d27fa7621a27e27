//! `dibao serve`: the scheduler and the HTTP server in one process.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::args::Folders;
use super::reload::Reloader;
use super::session::{Desk, Tree};
use super::setting;
use super::{Done, Stop, tell};
use crate::serve::{Limits, Served, Source};
use crate::store::Purpose;

pub(super) async fn serve(places: &Folders, listen: SocketAddr) -> Result<Done, Stop> {
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone());
    let reloader = Reloader::start(places)?;
    let in_force = reloader.in_force();
    let service = in_force.borrow().setting.service.clone();
    let store = match setting::store(places).await {
        // Readers are served whatever has become of the store.
        Err(error) if !error.is_fault() => return Err(Stop::configuration(error)),
        store => store,
    };
    let directory = setting::open_tree(&places.public(), Purpose::Real)?;
    let fetcher = setting::fetcher(places, service.contact.as_deref())?;
    let listener = crate::serve::bind(listen)
        .await
        .map_err(Stop::configuration)?;
    let address = listener.local_addr().map_err(Stop::failed)?;
    tell(&format!(
        "dibao: serving {} at http://{address}/",
        places.public().display()
    ));
    let served = Served {
        public: places.public(),
        limits: Limits {
            rate: Some(service.rate),
            ..Limits::connections(service.connections)
        },
        source: Source::default(),
    };
    let desk = Desk {
        places: places.clone(),
        in_force,
        fetcher,
        directory: Arc::new(Mutex::new(Tree::new(directory))),
        source: served.source.clone(),
        stop: stop.clone(),
    };
    let source = served.source.clone();
    // A task of its own: what collecting and publishing compute keeps no reader waiting.
    let server = tokio::spawn(crate::serve::serve(listener, served, stop.clone()));
    tokio::join!(desk.work(store), reloader.follow(source, stop));
    server.await.map_err(Stop::failed)?;
    tell("dibao: stopped");
    Ok(Done::Well)
}

/// Cancels the token at the first SIGTERM or Ctrl-C; a second one ends the process at once.
pub(super) fn stop_on_signal(stop: CancellationToken) {
    tokio::spawn(async move {
        signal().await;
        tell("dibao: stopping; once more to stop at once");
        stop.cancel();
        signal().await;
        std::process::exit(1);
    });
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => (),
        _ = tokio::signal::ctrl_c() => (),
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
