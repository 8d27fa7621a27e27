//! HTTP: the published files, and whether the service is well.
//!
//! Owns the listener and the files' content types. Never renders, never crawls.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// After a stop, requests under way have this long to end.
const GRACE: Duration = Duration::from_secs(5);

/// Binds `address`, or says why it cannot.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|e| {
        format!("{address}: cannot be listened on: {e}\n  remedy: name another with --listen")
    })
}

/// Serves the published folder until told to stop.
pub async fn serve(listener: TcpListener, public: &Path, stop: CancellationToken) {
    let app = router(public);
    let stopped = stop.clone();
    let server = axum::serve(listener, app)
        .with_graceful_shutdown(async move { stopped.cancelled().await })
        .into_future();
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server => if let Err(error) = ended {
            tracing::error!(%error, "the HTTP server broke off");
        },
        () = overdue => (),
    }
}

fn router(public: &Path) -> Router {
    let nosniff = SetResponseHeaderLayer::overriding(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .fallback_service(ServeDir::new(public))
        .with_state(public.to_owned())
        .layer(from_fn(content_type))
        .layer(nosniff)
}

/// Ready once the published tree is there; its manifest is written last.
async fn ready(State(public): State<PathBuf>) -> (StatusCode, &'static str) {
    if public.join(crate::render::paths::MANIFEST).is_file() {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "nothing is published yet\n",
        )
    }
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
