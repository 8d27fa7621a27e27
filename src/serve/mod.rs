//! HTTP: the published files, and whether the service is well.
//!
//! Owns the listener, its limits, and the files' content types. Never crawls on a request.

mod answer;
mod connections;
mod parameters;
mod problem;
mod search;
mod search_page;
mod source;

pub use connections::Limits;
pub use source::{Live, Source};

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::services::ServeDir;
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
    let app = router(&served.public, served.source);
    connections::answer(listener, app, served.limits, stop).await;
}

fn router(public: &Path, source: Source) -> Router {
    let nosniff = SetResponseHeaderLayer::overriding(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .fallback_service(ServeDir::new(public))
        .with_state((public.to_owned(), source.clone()))
        .layer(from_fn(content_type))
        .merge(search::routes(source))
        .layer(from_fn(plain_path))
        .layer(nosniff)
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

/// Every published path is plain ASCII, and no name in it begins with a dot: such are files in
/// writing, marks, or a way out of the folder, and an escape could only hide one.
async fn plain_path(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.contains(['%', '\\']) || path.contains("/.") {
        return StatusCode::NOT_FOUND.into_response();
    }
    next.run(request).await
}

/// Feeds and dumps by their registered types, which file extensions do not tell.
async fn content_type(request: Request, next: Next) -> Response {
    let media_type = media_type(request.uri().path());
    let mut response = next.run(request).await;
    if let Some(media_type) = media_type
        && response.status().is_success()
    {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    response
}

fn media_type(path: &str) -> Option<&'static str> {
    let file = path.rsplit('/').next().unwrap_or_default();
    match file {
        "" => Some("text/html; charset=utf-8"),
        "rss.xml" => Some("application/rss+xml; charset=utf-8"),
        "atom.xml" => Some("application/atom+xml; charset=utf-8"),
        "feed.json" => Some("application/feed+json; charset=utf-8"),
        "feeds.opml" => Some("text/x-opml; charset=utf-8"),
        _ => match file.rsplit('.').next() {
            Some("atom") => Some("application/atom+xml; charset=utf-8"),
            Some("html") => Some("text/html; charset=utf-8"),
            Some("json") => Some("application/json; charset=utf-8"),
            Some("ndjson") => Some("application/x-ndjson; charset=utf-8"),
            Some("gz") => Some("application/gzip"),
            _ => None,
        },
    }
}
