//! A cache of feeds that are made on request.
//!
//! Owns the cached feeds, until the next publishing. Never reads the store for a cached feed, only
//! the manifest's time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::answer::has_tag;
use super::problem::Problem;
use super::source::Source;
use crate::render::paths;

/// The size of the cache in bytes.
const MOST: u64 = 32 << 20;
/// The largest feed; see `render`.
const LARGEST: usize = 4 << 20;
/// The rough number of feeds in the cache.
const FEEDS: usize = 200;

/// The state of publishing: time and length of the manifest, which is written last, and how often
/// the store was opened.
type Published = (SystemTime, u64, u64);

#[derive(Clone)]
struct CachedFeed {
    published: Published,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, CachedFeed> for Weight {
    fn weight(&self, url: &String, answer: &CachedFeed) -> u64 {
        (url.len() + answer.body.len() + 512) as u64
    }
}

/// The cache. Clones share it.
#[derive(Clone)]
pub(super) struct FeedCache {
    manifest: Option<PathBuf>,
    source: Source,
    answers: Arc<Cache<String, CachedFeed, Weight>>,
}

impl FeedCache {
    /// A cache that is valid until the next publishing: into the folder `public`, or by this process
    /// into a bucket.
    pub(super) fn new(public: Option<&Path>, source: Source) -> Self {
        Self {
            manifest: public.map(|public| public.join(paths::MANIFEST)),
            source,
            answers: Arc::new(Cache::with_weighter(FEEDS, MOST, Weight)),
        }
    }

    fn published(&self) -> Option<Published> {
        let opened = self.source.opened();
        let Some(manifest) = &self.manifest else {
            return Some((SystemTime::UNIX_EPOCH, 0, opened));
        };
        let manifest = std::fs::metadata(manifest).ok()?;
        Some((manifest.modified().ok()?, manifest.len(), opened))
    }
}

/// Answers from the cache, or makes the feed and keeps it. Other requests for the same feed wait.
pub(super) async fn answer_from_cache(
    State(cache): State<FeedCache>,
    mut request: Request,
    next: Next,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_asked_for = is_read && request.uri().query().is_some();
    let Some(published) = cache.published().filter(|_| is_asked_for) else {
        return next.run(request).await;
    };
    let url = request.uri().to_string();
    let asked = std::mem::take(request.headers_mut());
    let is_old = |answer: &CachedFeed| answer.published != published;
    if cache.answers.get(&url).as_ref().is_some_and(is_old) {
        cache.answers.remove(&url);
    }
    let guard = match cache.answers.get_value_or_guard_async(&url).await {
        Ok(answer) => return respond(&asked, answer),
        Err(guard) => guard,
    };
    *request.method_mut() = Method::GET;
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        let detail = "the answer is larger than the limit of a feed: ask for less";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return Problem::new(status, "too-large", detail).into_response();
    };
    let answer = CachedFeed {
        published,
        headers: parts.headers,
        body,
    };
    // If the entry was removed in the meantime, the feed is not kept. This does no harm.
    let _ = guard.insert(answer.clone());
    respond(&asked, answer)
}

fn respond(asked: &HeaderMap, answer: CachedFeed) -> Response {
    let tag = answer.headers.get(header::ETAG);
    let tag = tag.and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    let is_known = has_tag(asked, tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(answer.body).into_response()
    };
    *response.headers_mut() = answer.headers;
    if is_known {
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    response
}
