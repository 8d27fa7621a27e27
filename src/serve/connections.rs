//! Connections of the HTTP server: how many at once, and how long each may take.
//!
//! Owns the accept loop and its limits: a slow or silent client costs one connection for a bounded
//! time. Never knows the content.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::rate::Peer;
use crate::config::Rate;

/// How long open requests may take after a stop.
const GRACE: Duration = Duration::from_secs(5);
/// The size of the read buffer, which holds the head of a request. Longer heads get 431.
const BUFFER: usize = 16 * 1024;

/// The limits for clients.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections may be open at once. Others wait in the system's queue. The limit
    /// leaves file handles for the store and the crawl: each connection may need two.
    pub connections: usize,
    /// After this time, an idle connection is closed, or one without the whole head of a request.
    pub head: Duration,
    /// After this time, a client that does not read its answer is dropped.
    pub stall: Duration,
    /// The longest life of a connection. It ends clients that read byte by byte.
    pub lifetime: Duration,
    /// How often one client may send requests that need the store; `None` for no limit.
    pub rate: Option<Rate>,
}

impl Limits {
    /// The default times with this number of connections. In an hour, a slow line can load the
    /// largest dump.
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

/// Answers requests until `stop`. Then it accepts no more connections, and ends the open ones.
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
        let (app, peer) = (app.clone(), Peer(address.ip()));
        let watcher = graceful.watcher();
        tokio::spawn(async move {
            // It is not an error if a client leaves or is dropped.
            let ended = serve_connection(stream, app, peer, limits, watcher);
            let _ = tokio::time::timeout(limits.lifetime, ended).await;
            drop(place);
        });
    }
    // New clients must not wait for an answer that will not come.
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("the server stopped before some clients had their whole answers");
    }
}

async fn serve_connection(
    stream: TcpStream,
    app: Router,
    peer: Peer,
    limits: Limits,
    watcher: Watcher,
) -> Result<(), hyper::Error> {
    // Without this, the body of an answer waits 40 ms for the acknowledgement of its head. A socket
    // that refuses it is slow, and works.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    // The write timeout is enough: while an answer is sent, the client sends nothing.
    stream.set_write_timeout(Some(limits.stall));
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        app.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Box::pin(stream)), answer);
    watcher.watch(connection).await
}
