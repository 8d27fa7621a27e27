//! Answers that are made on request, with the headers for caching.
//!
//! Owns entity tags and the comparison with the client's tag. Never makes the content.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::model::sha256_hex;

/// How long a client may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caching {
    /// For a minute.
    Minute,
    /// Not at all: the client must ask each time.
    Revalidate,
}

impl Caching {
    /// The value of `Cache-Control`.
    pub(super) fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Minute => "public, max-age=60",
            Self::Revalidate => "no-cache",
        })
    }
}

/// An answer that stays fresh for a minute.
pub(super) fn answer(asked: &HeaderMap, media_type: &'static str, body: Vec<u8>) -> Response {
    answer_for(asked, media_type, body, Caching::Minute.value())
}

/// An answer with its entity tag; 304 if the client has it already (RFC 9110, section 13.1.2).
/// `freshness` is the value of `Cache-Control`.
pub(super) fn answer_for(
    asked: &HeaderMap,
    media_type: &'static str,
    body: Vec<u8>,
    freshness: HeaderValue,
) -> Response {
    let hash = sha256_hex(Sha256::new_with_prefix(&body));
    let tag = format!("\"{}\"", &hash[..32]);
    let mut response = if has_tag(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Bytes::from(body).into_response()
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_TYPE, media_type);
    headers.insert(header::CACHE_CONTROL, freshness);
    if response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    // This cannot fail: the tag is hex.
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Whether the client has the answer with this tag. Tags are compared weakly, because proxies make
/// strong tags weak without changing the answer.
pub(super) fn has_tag(asked: &HeaderMap, tag: &str) -> bool {
    let fields = asked.get_all(header::IF_NONE_MATCH).iter();
    let fields = fields.filter_map(|field| field.to_str().ok());
    fields
        .flat_map(|field| field.split(','))
        .map(|known| known.trim())
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}
