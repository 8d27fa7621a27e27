//! HTTP: the published files, what is asked of the open store, and whether the service is well.
//!
//! Owns the listener and its limits. Never crawls on a request, never renders on a health check.

mod answer;
mod api;
mod combined;
mod connections;
mod files;
mod freshness;
mod kept;
mod live;
mod metrics;
mod overview;
mod parameters;
mod pictures;
mod problem;
mod rate;
mod search;
mod source;
mod status;
mod tide;

pub use connections::Limits;
pub use live::Live;
pub use source::Source;

use rate::Counter;
use tide::Tide;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use self::kept::Kept;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

/// What is served, and to how many.
#[derive(Clone, Debug)]
pub struct Served {
    /// The published folder.
    pub public: PathBuf,
    /// What readers may take of the service.
    pub limits: Limits,
    /// What other answers are made of.
    pub source: Source,
}

/// Binds `address`, or says why it cannot.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|e| {
        format!("{address}: cannot be listened on: {e}\n  remedy: name another with --listen")
    })
}

/// Serves the published folder until told to stop.
pub async fn serve(listener: TcpListener, served: Served, stop: CancellationToken) {
    let tide = Tide::new(stop.clone());
    let source = served.source.clone();
    let counter = Counter::new(served.limits.rate);
    let app = router(&served.public, served.source, tide.clone(), &counter);
    tokio::select! {
        () = async { tokio::join!(connections::answer(listener, app, served.limits, stop), tide.watch(&source)); } => (),
        () = counter.sweep() => (),
    }
}

fn router(public: &Path, source: Source, tide: Tide, counter: &Counter) -> Router {
    source.publishes_in(public);
    let files = files::routes(public, source.clone());
    let kept = Kept::new(public, source.clone());
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state((public.to_owned(), source.clone()))
        .merge(own(source.clone()))
        .fallback_service(files.clone())
        .merge(
            api::routes(source.clone(), tide)
                .merge(search::routes(source.clone(), kept.clone()))
                .merge(combined::routes(files, source, kept))
                .layer(from_fn_with_state(counter.clone(), rate::limit)),
        )
        .layer(header_of(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // A page cannot say this of itself.
        .layer(header_of(header::X_FRAME_OPTIONS, "DENY"))
        .layer(anybody())
}

/// How the service and its columns are.
fn own(source: Source) -> Router {
    Router::new()
        .route("/status", get(status::page))
        .route("/metrics", get(metrics::metrics))
        .with_state(source)
}

fn header_of(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

/// All of it is public: pages of any site may read it (CORS), with what a mirror must know.
fn anybody() -> CorsLayer {
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

/// Ready once the store is open and the published tree is there; its manifest is written last.
async fn ready(State((public, source)): State<(PathBuf, Source)>) -> (StatusCode, &'static str) {
    let published = public.join(crate::render::paths::MANIFEST).is_file();
    match (source.live().is_some(), published) {
        (true, true) => (StatusCode::OK, "ready\n"),
        (false, _) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store is not open: nothing is collected; the log says why\n",
        ),
        (true, false) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "nothing is published yet\n",
        ),
    }
}
