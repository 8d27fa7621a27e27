//! The page that a request gives.
//!
//! Owns the types of a page and of validators. Never interprets the body.

use serde::{Deserialize, Serialize};
use url::Url;

/// The result of a request.
#[allow(clippy::large_enum_variant, reason = "one a request")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The page has not changed since the validators were given.
    NotModified,
    /// The page.
    Page(Page),
}

/// A page as the portal sent it, compression aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its URL after redirects.
    pub url: Url,
    /// The same URL, if every redirect was permanent (301, 308).
    pub moved_to: Option<Url>,
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Refresh` header, which sends a browser on to another page.
    pub refresh: Option<String>,
    /// The body, decompressed; never empty.
    pub body: Vec<u8>,
    /// The validators for the next request.
    pub validators: Validators,
    /// The number of its capture in the host book.
    pub capture: Option<i64>,
}

/// The validators of a conditional request (RFC 9110, section 13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag`, for `If-None-Match`.
    pub etag: Option<String>,
    /// The `Last-Modified`, for `If-Modified-Since`.
    pub last_modified: Option<String>,
}
