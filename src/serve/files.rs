//! The published files: with validators, ranges, and in the content coding that is asked for.
//!
//! Owns content types and what caches are told. A request that finds its copy still good costs a
//! look at the file's length and time, and never one into the store.

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

/// Serves the tree in `public`.
pub(super) fn routes(public: &Path, source: Source) -> Router {
    let files = ServeDir::new(public)
        .precompressed_br()
        .precompressed_gzip()
        // Who asks for several parts gets the whole, as the standard allows (RFC 9110, 14.2).
        .ignore_multi_range_requests(true);
    Router::new()
        .fallback_service(files)
        .layer(from_fn_with_state(source, describe))
        .layer(from_fn(plain_path))
}

/// Every published path is plain ASCII, and no name in it begins with a dot: such are files in
/// writing, marks, or a way out of the folder, and an escape could only hide one. Among pictures, which
/// are a portal's bytes, nothing else is served.
async fn plain_path(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_foreign = is_among_pictures(path) && !paths::is_picture(path.trim_start_matches('/'));
    if path.contains(['%', '\\']) || path.contains("/.") || is_foreign {
        return StatusCode::NOT_FOUND.into_response();
    }
    next.run(request).await
}

/// Feeds and dumps by their registered types, which file extensions do not tell; and how long a
/// copy is good.
async fn describe(State(source): State<Source>, mut request: Request, next: Next) -> Response {
    // Who has a part of what was there before must not have the rest of what is there now: they get
    // the whole, which is always right (RFC 9110, 13.1.5). A range means nothing to a HEAD.
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
            Some("json") => Some("application/json; charset=utf-8"),
            Some("ndjson") => Some("application/x-ndjson; charset=utf-8"),
            Some("gz") => Some("application/gzip"),
            // Never what somebody guesses of them.
            Some(extension) if is_among_pictures(path) => {
                PictureKind::from_extension(extension).map(PictureKind::media_type)
            }
            _ => None,
        },
    }
}
