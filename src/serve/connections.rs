//! Connections of the HTTP server: how many at once, and how long each may take.
//!
//! Owns the accept loop and its limits: a slow or silent client costs one connection for a bounded
//! time, and one address takes no more than its part of them. Never knows the content.

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

use super::places::Places;
use super::rate::Peer;
use crate::config::{Proxies, Rate};

/// How long open requests may take after a stop.
const GRACE: Duration = Duration::from_secs(5);
/// The size of the read buffer, which holds the head of a request. Longer heads get 431.
const BUFFER: usize = 16 * 1024;

/// How long a connection waits for others of its address to end.
const WAIT: Duration = Duration::from_secs(30);
/// An address has this number of connections at least, if there are so many in all.
const LEAST_OF_ADDRESS: usize = 16;

/// The limits for clients.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many connections may be open at once. Others wait in the system's queue. The limit
    /// leaves file handles for the store and the crawl: each connection may need two.
    pub connections: usize,
    /// How many of them may come from one address. Some more wait until one of these ends; others
    /// are closed. A proxy has no such limit: it speaks for many.
    pub of_address: usize,
    /// The proxies in front of the server.
    pub proxies: Proxies,
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
    /// The default limits with this number of connections.
    pub fn new(connections: usize) -> Self {
        Self::of(connections, None)
    }

    /// The default times with this number of connections, of which an address may have so many, by
    /// default a quarter. In an hour, a slow line can load the largest dump.
    pub fn of(connections: usize, of_address: Option<usize>) -> Self {
        let quarter = (connections / 4).max(LEAST_OF_ADDRESS);
        Self {
            connections,
            of_address: of_address.unwrap_or(quarter).min(connections),
            proxies: Proxies::None,
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
    let of_addresses = Places::new(limits.of_address);
    let waiting = Arc::new(Semaphore::new(
        (limits.connections / 4).max(LEAST_OF_ADDRESS),
    ));
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
        let (limits, places) = (limits.clone(), places.clone());
        let own = (!limits.proxies.has(peer.0)).then(|| of_addresses.of(peer.0));
        let own_place = match own.map(|own| (own.clone().try_acquire_owned(), own)) {
            None => None,
            Some((Ok(own_place), _)) => Some(own_place),
            Some((Err(_), own)) => {
                drop(place);
                // Too many wait already: the client learns so at once.
                if let Ok(waits) = waiting.clone().try_acquire_owned() {
                    let stop = stop.clone();
                    tokio::spawn(async move {
                        let places = async {
                            let own_place = own.acquire_owned().await.ok()?;
                            Some((own_place, places.acquire_owned().await.ok()?))
                        };
                        let got = tokio::select! {
                            () = stop.cancelled() => None,
                            got = tokio::time::timeout(WAIT, places) => got.ok().flatten(),
                        };
                        drop(waits);
                        if let Some(_places) = got {
                            serve_for_a_while(stream, app, peer, limits, watcher).await;
                        }
                    });
                }
                continue;
            }
        };
        tokio::spawn(async move {
            serve_for_a_while(stream, app, peer, limits, watcher).await;
            drop((place, own_place));
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

async fn serve_for_a_while(
    stream: TcpStream,
    app: Router,
    peer: Peer,
    limits: Limits,
    watcher: Watcher,
) {
    let lifetime = limits.lifetime;
    // It is not an error if a client leaves or is dropped.
    let ended = serve_connection(stream, app, peer, limits, watcher);
    let _ = tokio::time::timeout(lifetime, ended).await;
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
