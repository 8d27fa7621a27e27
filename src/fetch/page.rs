//! The page that a request gives.

use serde::{Deserialize, Serialize};
use url::Url;

/// What a request gave.
#[allow(clippy::large_enum_variant, reason = "one a request")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The page is what it was when its validators were given.
    NotModified,
    /// The page.
    Page(Page),
}

/// A page as the portal sent it, compression aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it was found, after redirects.
    pub url: Url,
    /// The same, where every redirect on the way was permanent (301, 308).
    pub moved_to: Option<Url>,
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The body, decompressed; never empty.
    pub body: Vec<u8>,
    /// What to ask with next time.
    pub validators: Validators,
    /// The number under which the books keep what was sent.
    pub capture: Option<i64>,
}

/// What a conditional request is made with (RFC 9110, section 13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag`, for `If-None-Match`.
    pub etag: Option<String>,
    /// The `Last-Modified`, for `If-Modified-Since`.
    pub last_modified: Option<String>,
}
