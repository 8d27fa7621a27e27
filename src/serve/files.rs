//! The published files, with validators, ranges and content codings.
//!
//! Owns content types and `Cache-Control`. Never reads the store: a conditional request needs only
//! the file's length and time.

use std::path::Path;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::services::ServeDir;

use super::Source;
use crate::model::PictureKind;
use crate::render::paths;

/// Serves the published files in `public`.
pub(super) fn routes(public: &Path, source: Source) -> Router {
    let files = ServeDir::new(public)
        .precompressed_br()
        .precompressed_gzip()
        // A request for several ranges gets the whole file, as RFC 9110 (14.2) allows.
        .ignore_multi_range_requests(true);
    Router::new()
        .fallback_service(files)
        .layer(from_fn_with_state(source, describe))
        .layer(from_fn(plain_path))
}

/// Refuses paths that are never published. Published paths are plain ASCII without escapes, and no
/// name in them begins with a dot: those are temporary files, marks, or a way out of the folder.
/// The folder of pictures holds bytes of portals, so only the paths of kept pictures are served.
async fn plain_path(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_foreign = is_among_pictures(path) && !paths::is_picture(path.trim_start_matches('/'));
    if path.contains(['%', '\\']) || path.contains("/.") || is_foreign {
        return StatusCode::NOT_FOUND.into_response();
    }
    next.run(request).await
}

/// Sets the media types of feeds and dumps, which their file extensions do not give, and
/// `Cache-Control`.
async fn describe(State(source): State<Source>, mut request: Request, next: Next) -> Response {
    // A client with a part of the old file must not get the rest of the new one. The whole file is
    // always right (RFC 9110, 13.1.5). HEAD has no ranges.
    let has_condition = request.headers().contains_key(header::IF_RANGE);
    if has_condition || *request.method() == Method::HEAD {
        request.headers_mut().remove(header::RANGE);
    }
    let path = request.uri().path();
    let media_type = media_type(path).map(HeaderValue::from_static);
    let freshness = source.freshness().of_path(path);
    let mut response = next.run(request).await;
    let status = response.status();
    let headers = response.headers_mut();
    if let Some(media_type) = media_type
        && status.is_success()
    {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        headers.insert(header::CACHE_CONTROL, freshness);
    }
    response
}

fn is_among_pictures(path: &str) -> bool {
    let mut parts = path.trim_start_matches('/').split('/');
    parts.next() == Some(paths::PICTURES)
}

pub(super) fn media_type(path: &str) -> Option<&'static str> {
    let file = path.rsplit('/').next().unwrap_or_default();
    match file {
        "" => Some("text/html; charset=utf-8"),
        "rss.xml" => Some("application/rss+xml; charset=utf-8"),
        "atom.xml" => Some("application/atom+xml; charset=utf-8"),
        "feed.json" => Some("application/feed+json; charset=utf-8"),
        _ => match file.rsplit('.').next() {
            Some("atom") => Some("application/atom+xml; charset=utf-8"),
            Some("opml") => Some("text/x-opml; charset=utf-8"),
            Some("html") => Some("text/html; charset=utf-8"),
            Some("css") => Some("text/css; charset=utf-8"),
            Some("json") => Some("application/json; charset=utf-8"),
            Some("ndjson") => Some("application/x-ndjson; charset=utf-8"),
            Some("gz") => Some("application/gzip"),
            // Browsers must not guess the media type.
            Some(extension) if is_among_pictures(path) => {
                PictureKind::from_extension(extension).map(PictureKind::media_type)
            }
            _ => None,
        },
    }
}
