//! Published files that are in a bucket, passed through to readers.
//!
//! Owns the request to the bucket and the answer from it. The bucket's own tags and times are the
//! validators. Never keeps a file: what readers ask for often belongs behind a CDN.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accepted::{Coding, accepted};
use super::{file, media_type};
use crate::publish::{Bucket, Found, Wanted, WantedRange};
use crate::render::paths;

/// Answers with a file of the bucket, in a coding that the client takes, if there is a copy in it.
pub(super) async fn answer(State(bucket): State<Arc<Bucket>>, request: Request) -> Response {
    let is_head = *request.method() == Method::HEAD;
    if !is_head && *request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Some(path) = file(request.uri().path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = request.headers();
    let wanted = wanted(headers, is_head);
    let codings = match (&wanted.range, media_type(&path)) {
        (None, Some(kind)) if is_packed(kind) => accepted(headers),
        _ => accepted(&HeaderMap::new()),
    };
    for coding in codings.into_iter().flatten() {
        match fetched(&bucket, &coding.copy_of(&path), Some(coding), &wanted).await {
            response if response.status() == StatusCode::NOT_FOUND => (),
            response => return response,
        }
    }
    let response = fetched(&bucket, &path, None, &wanted).await;
    if response.status() == StatusCode::NOT_FOUND {
        return folder(&bucket, &path).await.unwrap_or(response);
    }
    response
}

/// Whether files of this type may have compressed copies.
fn is_packed(kind: &str) -> bool {
    kind.starts_with("text/") || kind.contains("json") || kind.contains("xml")
}

async fn fetched(bucket: &Bucket, path: &str, coding: Option<Coding>, wanted: &Wanted) -> Response {
    let found = match bucket.fetch(path, wanted.clone()).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "a published file cannot be read");
            let retry = [(header::RETRY_AFTER, "10")];
            return (StatusCode::SERVICE_UNAVAILABLE, retry).into_response();
        }
    };
    let (tag, modified, bytes, range, body) = match found {
        Found::Missing => return StatusCode::NOT_FOUND.into_response(),
        Found::Known => return StatusCode::NOT_MODIFIED.into_response(),
        Found::OutOfRange => return StatusCode::RANGE_NOT_SATISFIABLE.into_response(),
        Found::File {
            tag,
            modified,
            bytes,
            range,
            body,
        } => (tag, modified, bytes, range, body),
    };
    let mut response = Response::new(Body::from_stream(body));
    let is_part = range.end - range.start < bytes && wanted.range.is_some();
    let length = match wanted.is_head {
        true => bytes,
        false => range.end - range.start,
    };
    let mut set = |name, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_LENGTH, length.to_string());
    set(header::ACCEPT_RANGES, "bytes".to_owned());
    set(header::VARY, "accept-encoding".to_owned());
    set(header::LAST_MODIFIED, httpdate::fmt_http_date(modified));
    if let Some(tag) = tag {
        set(header::ETAG, tag);
    }
    if let Some(coding) = coding {
        set(header::CONTENT_ENCODING, coding.name().to_owned());
    }
    if is_part {
        let last = range.end.saturating_sub(1);
        set(
            header::CONTENT_RANGE,
            format!("bytes {}-{last}/{bytes}", range.start),
        );
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// The way to the page of a folder, for its address without the slash at its end.
async fn folder(bucket: &Bucket, path: &str) -> Option<Response> {
    if path.ends_with(".html") || !has(bucket, &format!("{path}/{}", paths::CATALOGUE)).await {
        return None;
    }
    let target = HeaderValue::try_from(format!("/{path}/")).ok()?;
    let target = [(header::LOCATION, target)];
    Some((StatusCode::TEMPORARY_REDIRECT, target).into_response())
}

/// Whether there is such a file.
pub(super) async fn has(bucket: &Bucket, path: &str) -> bool {
    let wanted = Wanted {
        is_head: true,
        ..Wanted::default()
    };
    matches!(bucket.fetch(path, wanted).await, Ok(Found::File { .. }))
}

/// What a request asks for. Several tags, and several ranges, are ignored: the whole file is right.
fn wanted(headers: &HeaderMap, is_head: bool) -> Wanted {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let tag = text(&header::IF_NONE_MATCH).filter(|tag| !tag.contains(','));
    let since = text(&header::IF_MODIFIED_SINCE).filter(|_| tag.is_none());
    Wanted {
        known_tag: tag.map(|tag| tag.trim_start_matches("W/").to_owned()),
        known_time: since.and_then(|since| httpdate::parse_http_date(since).ok()),
        range: text(&header::RANGE).and_then(range),
        is_head,
    }
}

fn range(text: &str) -> Option<WantedRange> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    match (first.parse(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => Some(WantedRange::Of(first..last.saturating_add(1))),
        (Ok(first), Err(_)) if last.is_empty() => Some(WantedRange::From(first)),
        (Err(_), Ok(last)) if first.is_empty() => Some(WantedRange::Last(last)),
        _ => None,
    }
}
