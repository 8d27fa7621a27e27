//! A request and its answer, as they went over the wire.
//!
//! Owns the type and its limits. Never interprets an answer.

use std::net::IpAddr;
use std::time::Duration;

use url::Url;

/// The largest body, in bytes: as sent, and decompressed.
pub const LARGEST: usize = 15 * 1024 * 1024;

/// The largest head in bytes, a limit of the HTTP library.
pub(super) const LARGEST_HEAD: usize = 400 * 1024;

/// The most header fields of an answer.
pub(super) const MOST_HEADERS: usize = 1024;

/// A request and its answer, as sent. Only the transfer coding is removed from the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The requested URL.
    pub url: Url,
    /// The server's address, if known.
    pub address: Option<IpAddr>,
    /// Request line and headers, with the blank line.
    pub request_head: Vec<u8>,
    /// The status of the answer.
    pub status: u16,
    /// Status line and headers, with the blank line.
    pub response_head: Vec<u8>,
    /// The body in its content coding, as far as it was read.
    pub body: Vec<u8>,
    /// Why the body is incomplete, if it is.
    pub cut: Option<Cut>,
    /// The time from the request to the end of the answer, or of the part that was read.
    pub took: Duration,
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It is larger than the limit.
    Length,
    /// Its time was up.
    Time,
    /// The connection broke.
    Disconnect,
}
