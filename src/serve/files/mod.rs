//! The published files, with validators, ranges and content codings.
//!
//! Owns content types and `Cache-Control`. Never reads the store: a conditional request needs only
//! the file's length and time. What is asked for often is answered from memory, the rest by
//! `ServeDir`, with the same headers.

mod accepted;
#[cfg(feature = "many-machines")]
mod bucket;
mod known;
mod moves;
mod ranges;

use std::time::UNIX_EPOCH;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::services::ServeDir;

pub(super) use self::accepted::takes_gzip;
use self::accepted::{Coding, Codings, accepted};
use self::known::{KnownFile, KnownFiles};
use self::moves::Moves;
use super::Source;
use super::browser::{XML, is_shown, is_xml_feed, vary};
use crate::model::FileCopy;
use crate::publish::PublishedFiles;
use crate::render::paths;
pub(super) use crate::render::served::media_type;

/// No file system has a longer name, in bytes.
const LONGEST_NAME: usize = 255;
/// Large files are read in pieces of so many bytes.
const PIECE: usize = 256 * 1024;

#[derive(Clone)]
struct Files {
    /// What is answered from memory; nothing of a bucket.
    known: Option<KnownFiles>,
    moves: Moves,
    source: Source,
}

/// Serves the published files.
pub(super) fn routes(public: &PublishedFiles, source: Source) -> Router {
    let (router, known) = match public {
        PublishedFiles::Folder(folder) => {
            let files = ServeDir::new(folder)
                .precompressed_br()
                .precompressed_gzip()
                .with_buf_chunk_size(PIECE)
                // A request for several ranges gets the whole file, as RFC 9110 (14.2) allows.
                .ignore_multi_range_requests(true);
            let router = Router::new().fallback_service(files);
            (router, Some(KnownFiles::new(folder)))
        }
        #[cfg(feature = "many-machines")]
        PublishedFiles::Bucket(bucket) => {
            let router = Router::new().fallback(bucket::answer);
            (router.with_state(bucket.clone()), None)
        }
    };
    let files = Files {
        known,
        moves: Moves::new(public),
        source,
    };
    router.layer(from_fn_with_state(files, answer))
}

async fn answer(State(files): State<Files>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_head = *request.method() == Method::HEAD;
    let codings = accepted(request.headers());
    if is_never_published(path) {
        return missing(&files, next, codings, is_head).await;
    }
    if let Some(target) = files.moves.target(path).await {
        return moved(&target);
    }
    let media_type = media_type(path);
    let is_feed = media_type.is_some_and(is_xml_feed);
    let media_type = match is_feed && is_shown(request.headers()) {
        true => Some(XML),
        false => media_type,
    };
    let media_type = media_type.map(HeaderValue::from_static);
    let freshness = files.source.freshness().of_path(path);
    // A client with a part of the old file must not get the rest of the new one. The whole file is
    // always right (RFC 9110, 13.1.5). HEAD has no ranges.
    if request.headers().contains_key(header::IF_RANGE) || is_head {
        request.headers_mut().remove(header::RANGE);
    }
    ranges::tidy(request.headers_mut());
    let (path, headers) = (request.uri().path(), request.headers());
    let is_read = is_head || *request.method() == Method::GET;
    if is_read
        && let Some(media_type) = &media_type
        && let Some(condition) = Condition::of(headers)
        && let Some(file) = file(path)
        && let Some(known_files) = &files.known
        && let Some((file, coding)) = known_files.find(&file, codings).await
        && let Some(mut answer) = known(&file, coding, &condition, media_type, is_head)
    {
        let headers = answer.headers_mut();
        headers.insert(header::CACHE_CONTROL, freshness);
        vary(headers, is_feed);
        return answer;
    }
    let whole = ranges::is_of_end(request.headers()).then(|| ranges::whole(&request));
    let mut response = next.clone().run(request).await;
    // The last bytes of a file that has fewer are all of it.
    if response.status() == StatusCode::RANGE_NOT_SATISFIABLE
        && let Some(whole) = whole
    {
        response = next.clone().run(whole).await;
    }
    if let Some(known) = &files.known {
        known.end_turn();
    }
    let status = response.status();
    if status == StatusCode::NOT_FOUND && is_read {
        return missing(&files, next, codings, is_head).await;
    }
    if status == StatusCode::TEMPORARY_REDIRECT {
        make_relative(&mut response);
    }
    let headers = response.headers_mut();
    if let Some(media_type) = media_type
        && status.is_success()
    {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        headers.insert(header::CACHE_CONTROL, freshness);
        vary(headers, is_feed);
    }
    response
}

/// The answer for a path of a column that became another one. A reader may keep the new address.
fn moved(target: &str) -> Response {
    let mut response = StatusCode::MOVED_PERMANENTLY.into_response();
    if let Ok(target) = HeaderValue::from_str(target) {
        response.headers_mut().insert(header::LOCATION, target);
    }
    response
}

/// The redirect to a folder's page, for an address without the slash at its end, names the folder as a
/// reference relative to that address: the site may stand below a path that only a proxy knows.
fn make_relative(response: &mut Response) {
    let headers = response.headers_mut();
    let target = headers.get(header::LOCATION).map(HeaderValue::as_bytes);
    let Some(target) = target.and_then(|target| std::str::from_utf8(target).ok()) else {
        return;
    };
    let path = target.split('?').next().unwrap_or_default();
    let name = path.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
    let relative = HeaderValue::from_str(target.get(name..).unwrap_or_default());
    if let Ok(relative) = relative {
        headers.insert(header::LOCATION, relative);
    }
}

/// The answer for a path without a file: the page that says so, if it is published.
async fn missing(files: &Files, next: Next, codings: Codings, is_head: bool) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let page = match &files.known {
        None => page_of(next, is_head).await,
        Some(files) => {
            let page = files.find(paths::NOT_FOUND, codings).await;
            page.and_then(|(page, coding)| known(&page, coding, &Condition::None, &html, is_head))
        }
    };
    let Some(mut response) = page else {
        return StatusCode::NOT_FOUND.into_response();
    };
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    for name in [header::ETAG, header::LAST_MODIFIED, header::ACCEPT_RANGES] {
        headers.remove(name);
    }
    response
}

/// The page that says that there is no such file, as the service behind gives it.
async fn page_of(next: Next, is_head: bool) -> Option<Response> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = match is_head {
        true => Method::HEAD,
        false => Method::GET,
    };
    *request.uri_mut() = format!("/{}", paths::NOT_FOUND).parse().ok()?;
    let mut page = next.run(request).await;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    page.headers_mut().insert(header::CONTENT_TYPE, html);
    (page.status() == StatusCode::OK).then_some(page)
}

/// Whether the manifest is there, which is published last.
pub(super) async fn is_published(public: &PublishedFiles) -> bool {
    match public {
        PublishedFiles::Folder(folder) => folder.join(paths::MANIFEST).is_file(),
        #[cfg(feature = "many-machines")]
        PublishedFiles::Bucket(bucket) => bucket::has(bucket, paths::MANIFEST).await,
    }
}

/// Whether a path is never published. Published paths are plain ASCII without escapes, and no name
/// in them begins with a dot: those are temporary files, marks, or a way out of the folder. The
/// folders of kept files hold bytes of portals, so only the paths of kept files are served.
fn is_never_published(path: &str) -> bool {
    let plain = path.trim_start_matches('/');
    let is_foreign = FileCopy::is_below_folders(plain) && !paths::is_kept_file(plain);
    let is_too_long = path.split('/').any(|name| name.len() > LONGEST_NAME);
    path.contains(['%', '\\']) || path.contains("/.") || is_foreign || is_too_long
}

/// The file that is asked for, relative to the folder.
fn file(path: &str) -> Option<String> {
    let path = path.strip_prefix('/').filter(|_| !path.contains("//"))?;
    Some(match path.is_empty() || path.ends_with('/') {
        true => format!("{path}{}", paths::CATALOGUE),
        false => path.to_owned(),
    })
}

/// The condition of a request that asks for a whole file.
enum Condition {
    None,
    /// The client has the file with this tag.
    Tag(HeaderValue),
    /// The client has the file of this second.
    Time(u64),
}

impl Condition {
    /// `None` if the request has ranges, several tags, or other conditions.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let others = [header::RANGE, header::IF_MATCH, header::IF_UNMODIFIED_SINCE];
        if others.iter().any(|name| headers.contains_key(name)) {
            return None;
        }
        if let Some(tag) = headers.get(header::IF_NONE_MATCH) {
            let bytes = tag.as_bytes();
            let is_one = bytes.ends_with(b"\"") && !bytes.contains(&b',');
            return is_one.then(|| Self::Tag(tag.clone()));
        }
        let since = headers.get(header::IF_MODIFIED_SINCE);
        let since = since.and_then(|since| httpdate::parse_http_date(since.to_str().ok()?).ok());
        let since = since.and_then(|since| since.duration_since(UNIX_EPOCH).ok());
        Some(since.map_or(Self::None, |since| Self::Time(since.as_secs())))
    }

    /// Whether the client has this state of the file already (RFC 9110, 13.1.2 and 13.1.3).
    fn is_met(&self, file: &KnownFile) -> bool {
        match self {
            Self::None => false,
            Self::Tag(tag) => {
                let tag = tag.as_bytes().trim_ascii();
                tag.strip_prefix(b"W/").unwrap_or(tag) == file.etag.as_bytes()
            }
            Self::Time(since) => file.seconds() <= *since,
        }
    }
}

/// The answer with a known file; `None` if its bytes are not in memory.
fn known(
    file: &KnownFile,
    coding: Option<Coding>,
    condition: &Condition,
    media_type: &HeaderValue,
    is_head: bool,
) -> Option<Response> {
    let is_known = condition.is_met(file);
    let mut response = match (is_known, is_head) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => Response::new(Body::empty()),
        (false, false) => Response::new(Body::from(file.bytes.clone()?)),
    };
    let headers = response.headers_mut();
    if !is_known {
        let plain = HeaderValue::from_static;
        headers.insert(header::CONTENT_TYPE, media_type.clone());
        headers.insert(header::ACCEPT_RANGES, plain("bytes"));
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, plain(coding.name()));
        }
        headers.insert(header::VARY, plain("accept-encoding"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.length()));
    }
    headers.insert(header::LAST_MODIFIED, file.last_modified.clone());
    headers.insert(header::ETAG, file.etag.clone());
    Some(response)
}
