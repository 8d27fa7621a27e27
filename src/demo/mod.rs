//! The replica: a small invented portal, served on loopback.
//!
//! Owns the bundled pages of `fixtures/lucheng/site`, and how they are served: well, or as badly as
//! portals do (`hostile`). Never knows its readers.

#[cfg(feature = "demo-hostile")]
pub mod hostile;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

static SITE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../fixtures/lucheng/site");

/// The host that the replica replaces.
pub const HOST: &str = "www.lc.gov.cn";

/// Replaces the answer to a path; `None` for the bundled file.
pub type Override = Arc<dyn Fn(&str) -> Option<Reply> + Send + Sync>;

/// An answer of the replica.
#[derive(Clone, Debug)]
pub enum Reply {
    /// 200 with these bytes, and the media type of the path.
    Page(Vec<u8>),
    /// This status, with a page about it.
    Status(u16),
    /// 302 to this URL.
    Redirect(String),
}

/// The bytes of a bundled file by its URL path. `/` means `/index.html`.
pub fn file(path: &str) -> Option<&'static [u8]> {
    let path = path.trim_start_matches('/');
    let path = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    };
    SITE.get_file(path).map(include_dir::File::contents)
}

/// Serves the replica on this listener without end. An answer of `changed` replaces the bundled
/// file, so that tests can edit pages and cause errors.
pub async fn serve(listener: TcpListener, changed: Option<Override>) -> std::io::Result<()> {
    let app = Router::new().fallback(answer).with_state(changed);
    axum::serve(listener, app).await
}

async fn answer(State(changed): State<Option<Override>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    let reply = changed.and_then(|changed| changed(path));
    let reply = reply.or_else(|| file(path).map(|bytes| Reply::Page(bytes.to_vec())));
    match reply {
        Some(Reply::Page(bytes)) => page(path, bytes, request.headers()),
        Some(Reply::Status(status)) => error(status),
        Some(Reply::Redirect(to)) => redirect(&to),
        None => error(404),
    }
}

fn page(path: &str, bytes: Vec<u8>, asked: &HeaderMap) -> Response<Body> {
    let etag = etag(&bytes);
    let known = asked.get(header::IF_NONE_MATCH);
    let mut response = if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        Response::new(Body::from(bytes))
    };
    let headers = response.headers_mut();
    // Like the real portal's, the header has no charset: the page's `<meta>` has it.
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(media_type(path)),
    );
    if let Ok(etag) = header::HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// A validator that changes with the bytes.
fn etag(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    format!(
        "\"{:02x}{:02x}{:02x}{:02x}\"",
        hash[0], hash[1], hash[2], hash[3]
    )
}

fn redirect(to: &str) -> Response<Body> {
    let mut response = error(302);
    if let Ok(to) = header::HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

fn error(status: u16) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = format!("<html><body><h1>{status}</h1></body></html>");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain",
        Some("docx" | "xlsx" | "wps") => "application/octet-stream",
        _ => "text/html",
    }
}
