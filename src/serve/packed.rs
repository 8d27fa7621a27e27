//! Answers that are made on request, in gzip (RFC 1952) for clients that take it.
//!
//! Owns which answers are worth it. Never packs a published file, which has its own copies, nor an
//! answer that is written piece by piece.

use std::io::Write;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::browser;
use super::files::takes_gzip;

/// A smaller answer fits one packet anyway.
const LEAST: usize = 1024;
/// No answer that is made at once is larger.
const MOST: usize = 64 << 20;
/// Answers are packed while their readers wait.
const LEVEL: u32 = 2;

/// Packs an answer, if it is text of some size and its client takes gzip.
pub(super) async fn pack(request: Request, next: Next) -> Response {
    let takes = takes_gzip(request.headers());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::NOT_MODIFIED {
        // That of the whole answer, which may be a feed.
        browser::vary(response.headers_mut(), true);
    }
    if !is_text(response.headers()) {
        return response;
    }
    vary(response.headers_mut());
    let size = response.body().size_hint().exact();
    let is_large = size.is_some_and(|size| size >= LEAST as u64 && size <= MOST as u64);
    if !takes || !is_large || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // It is in memory already.
    let Ok(bytes) = to_bytes(body, MOST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let plain = bytes.clone();
    let packed = tokio::task::spawn_blocking(move || packed(&plain)).await;
    let Ok(Ok(packed)) = packed else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let headers = &mut parts.headers;
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.remove(header::CONTENT_LENGTH);
    weaken(headers);
    Response::from_parts(parts, Body::from(packed))
}

fn packed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Whether an answer is text that nobody packed.
fn is_text(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|media_type| media_type.to_str().ok());
    let is_one = |media_type: &str| {
        let kind = media_type.split(';').next().unwrap_or_default();
        kind.ends_with("json") || kind.ends_with("xml") || kind.starts_with("text/")
    };
    media_type.is_some_and(is_one) && !headers.contains_key(header::CONTENT_ENCODING)
}

/// Says that the coding differs by what the client takes.
fn vary(headers: &mut HeaderMap) {
    if !headers.contains_key(header::VARY) {
        let value = HeaderValue::from_static("accept-encoding");
        headers.insert(header::VARY, value);
    }
}

/// The tag of the same answer in other bytes is weak (RFC 9110, section 8.8.1).
fn weaken(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let weak = tag.filter(|tag| !tag.starts_with("W/"));
    let weak = weak.and_then(|tag| HeaderValue::from_str(&format!("W/{tag}")).ok());
    if let Some(weak) = weak {
        headers.insert(header::ETAG, weak);
    }
}
