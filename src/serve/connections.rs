//! Connections of the HTTP server: how many there may be, and how long each may keep us waiting.
//!
//! Owns the accept loop and its limits. Never knows what is served: who is slow, silent or greedy
//! costs one connection for a bounded time, and neither memory nor the crawl.

use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use super::rate::Peer;
use crate::config::Rate;

/// After a stop, requests under way have this long to end.
const GRACE: Duration = Duration::from_secs(5);
/// The head of a request, and what is read ahead of it. Longer heads are refused with 431.
const BUFFER: usize = 16 * 1024;

/// What readers may take of the service.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once. Above that, new ones wait in the system's queue until another ends.
    /// This keeps files open for the store and the crawl: each connection may need two of them.
    pub connections: usize,
    /// A connection without the whole head of a request for this long is closed; so is an idle one.
    pub head: Duration,
    /// A client that takes nothing of its answer for this long is dropped.
    pub stall: Duration,
    /// No connection lives longer: a client that takes its answer byte by byte ends here.
    pub lifetime: Duration,
    /// How often one client may ask what is answered from the store; `None` as often as it likes.
    pub rate: Option<Rate>,
}

impl Limits {
    /// The times that are usual, for so many connections. On a slow line, an hour is enough for
    /// the largest dump.
    pub fn new(connections: usize) -> Self {
        Self {
            connections,
            head: Duration::from_secs(15),
            stall: Duration::from_secs(30),
            lifetime: Duration::from_secs(3600),
            rate: None,
        }
    }
}

/// Answers requests until told to stop; then no connection is taken, and those there are end.
pub(super) async fn serve(
    mut listener: TcpListener,
    app: Router,
    limits: Limits,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let free = places.clone().acquire_owned();
        let next = async { (free.await, Listener::accept(&mut listener).await) };
        let (place, (stream, address)) = tokio::select! {
            () = stop.cancelled() => break,
            next = next => next,
        };
        let peer = Peer(address.ip());
        let app = app.clone().layer(Extension(peer));
        let watcher = graceful.watcher();
        tokio::spawn(async move {
            // A client that breaks off is nobody's error, and neither is one that is dropped.
            let ended = serve_connection(stream, app, limits, watcher);
            let _ = tokio::time::timeout(limits.lifetime, ended).await;
            drop(place);
        });
    }
    // Nobody new is kept waiting for an answer that will not come.
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some readers were still taking their answers, and were cut off");
    }
}

async fn serve_connection(
    stream: TcpStream,
    app: Router,
    limits: Limits,
    watcher: Watcher,
) -> Result<(), hyper::Error> {
    let mut stream = TimeoutStream::new(stream);
    // Silence is bounded by `head`: while an answer is sent, a client has nothing to say.
    stream.set_write_timeout(Some(limits.stall));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(BUFFER)
        .serve_connection(
            TokioIo::new(Box::pin(stream)),
            TowerToHyperService::new(app),
        );
    watcher.watch(connection).await
}
