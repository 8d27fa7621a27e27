//! Feeds in a browser: under their own media types it shows bare text, or none at all.
//!
//! Owns the media type that a browser gets instead, and what tells a browser from a feed reader. Never
//! makes a feed.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

/// The media type under which browsers show a feed with its style.
pub(super) const XML: &str = "text/xml; charset=utf-8";
/// What a browser wants an answer for (Fetch Metadata): a page of its own is a `document`.
const PURPOSE: &str = "sec-fetch-dest";
/// What an answer with a feed depends on.
const VARIES: &str = "accept-encoding, sec-fetch-dest";

/// Whether a media type is that of a feed, or of a list of feeds, in XML.
pub(super) fn is_xml_feed(media_type: &str) -> bool {
    let kinds = ["application/rss+xml", "application/atom+xml", "text/x-opml"];
    kinds.iter().any(|kind| media_type.starts_with(kind))
}

/// Whether a browser shows the answer to a person.
pub(super) fn is_shown(headers: &HeaderMap) -> bool {
    let purpose = headers.get(PURPOSE);
    purpose.is_some_and(|purpose| purpose.as_bytes() == b"document")
}

/// Says that a feed's media type differs by who asks.
pub(super) fn vary(headers: &mut HeaderMap, is_feed: bool) {
    if is_feed {
        // In one line: nginx keeps copies by the last one alone.
        headers.insert(header::VARY, HeaderValue::from_static(VARIES));
    }
}

/// Gives a browser a feed that was made to order as one that it shows.
pub(super) async fn show(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_shown = is_shown(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|media_type| media_type.to_str().ok());
    let is_feed = is_read && media_type.is_some_and(is_xml_feed);
    vary(headers, is_feed);
    if is_feed && is_shown {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(XML));
    }
    response
}
