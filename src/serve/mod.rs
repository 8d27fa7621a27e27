//! HTTP: the published files, answers from the open store, and the health of the service.
//!
//! Owns the listener and its limits. Never crawls on a request, never renders on a health check.

mod answer;
mod api;
mod browser;
mod change_watcher;
mod combined;
mod connections;
mod cost;
mod feed_cache;
mod files;
mod freshness;
mod kept_files;
mod made_feed;
mod metrics;
mod narrowed;
mod open_store;
mod overview;
mod packed;
mod places;
mod problem;
mod proxy;
mod rate;
mod search;
mod source;
mod status;

pub use connections::Limits;
pub use open_store::OpenStore;
pub use source::Source;

use change_watcher::ChangeWatcher;
use places::Places;
use rate::Counter;

use std::net::SocketAddr;

use self::feed_cache::FeedCache;
use crate::publish::PublishedFiles;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

/// The options of the server.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The published files.
    pub public: PublishedFiles,
    /// The limits for clients.
    pub limits: Limits,
    /// The source of all other answers.
    pub source: Source,
}

/// The server cannot listen on an address.
#[derive(Debug, thiserror::Error)]
#[error("{address}: dibao cannot listen on it: {source}\n  remedy: name another with --listen")]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// The cause.
    pub source: std::io::Error,
}

/// Listens on `address`.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| BindError { address, source })
}

/// Serves the published files until `stop`.
pub async fn serve(listener: TcpListener, served: ServerOptions, stop: CancellationToken) {
    let change_watcher = ChangeWatcher::new(stop.clone());
    let source = served.source.clone();
    let counter = Counter::new(served.limits.rate, served.limits.proxies.clone());
    let app = router(
        &served.public,
        served.source,
        change_watcher.clone(),
        &counter,
    );
    tokio::select! {
        () = async { tokio::join!(connections::serve(listener, app, served.limits, stop), change_watcher.watch(&source)); } => (),
        () = counter.sweep() => (),
    }
}

fn router(
    public: &PublishedFiles,
    source: Source,
    change_watcher: ChangeWatcher,
    counter: &Counter,
) -> Router {
    source.publishes_in(public.folder());
    let files = files::routes(public, source.clone());
    let cache = FeedCache::new(public.folder(), source.clone());
    let turns = Places::new(1);
    let narrowed = narrowed::routes(
        files.clone(),
        source.clone(),
        cache.clone(),
        &turns,
        counter,
    );
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state((public.clone(), source.clone()))
        .merge(monitoring(source.clone()))
        .fallback_service(
            files
                .clone()
                .layer(from_fn_with_state(narrowed, narrowed::intercept)),
        )
        .merge(
            api::routes(source.clone(), change_watcher, &turns)
                .merge(search::routes(source.clone(), cache.clone(), &turns))
                .merge(combined::routes(files, source, cache, &turns))
                .layer(from_fn_with_state(counter.clone(), rate::limit))
                .layer(from_fn(browser::show))
                .layer(from_fn(packed::pack)),
        )
        .layer(header_of(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // The markup of a page cannot set this.
        .layer(header_of(header::X_FRAME_OPTIONS, "DENY"))
        .layer(any_origin())
}

/// The routes for the state of the service and its columns.
fn monitoring(source: Source) -> Router {
    Router::new()
        .route("/status", get(status::page))
        .route("/status/", get(made_page))
        .route("/search/", get(made_page))
        .route("/metrics", get(metrics::metrics))
        .with_state(source)
}

/// The way from a page for sites without the service to the page that the service makes. It is
/// relative: the site may stand below a path that only a proxy knows.
async fn made_page(uri: Uri) -> Redirect {
    let name = uri.path().trim_matches('/');
    let query = uri.query().map(|query| format!("?{query}"));
    Redirect::permanent(&format!("../{name}{}", query.unwrap_or_default()))
}

fn header_of(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

/// All answers are public. Pages of any site may read them (CORS), with the headers that a mirror
/// needs.
fn any_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(Any)
        .expose_headers([
            header::ETAG,
            header::LINK,
            header::CONTENT_RANGE,
            header::RETRY_AFTER,
            header::ALLOW,
            api::SEQ,
            api::ARTICLES,
        ])
}

/// Ready when the store is open and the files are published. The manifest is written last.
async fn ready(
    State((public, source)): State<(PublishedFiles, Source)>,
) -> (StatusCode, &'static str) {
    let published = files::is_published(&public).await;
    match (source.open_store().is_some(), published) {
        (true, true) => (StatusCode::OK, "ready\n"),
        (false, _) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store is not open, so nothing is collected; the log has the reason\n",
        ),
        (true, false) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "nothing is published yet\n",
        ),
    }
}
