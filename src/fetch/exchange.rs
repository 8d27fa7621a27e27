//! A request and its answer, as they went over the wire.

use std::net::IpAddr;
use std::time::Duration;

use url::Url;

/// The largest body, in bytes: as sent, and decompressed.
pub const LARGEST: usize = 15 * 1024 * 1024;

/// The largest head, in bytes: what the HTTP library reads of one.
pub(super) const LARGEST_HEAD: usize = 400 * 1024;

/// A request and its answer. What was sent is kept as it was, but for the transfer coding, of
/// which the body is freed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked for.
    pub url: Url,
    /// The server's address, where it is known.
    pub address: Option<IpAddr>,
    /// Request line and headers, with the blank line.
    pub request_head: Vec<u8>,
    /// The status of the answer.
    pub status: u16,
    /// Status line and headers, with the blank line.
    pub response_head: Vec<u8>,
    /// The body, its content coding kept; as far as it was read.
    pub body: Vec<u8>,
    /// Why the body is not whole, if it is not.
    pub cut: Option<Cut>,
    /// From the request to the end of the answer, or of what was read of it.
    pub took: Duration,
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It is larger than what is read.
    Length,
    /// Its time was up.
    Time,
    /// The connection broke.
    Disconnect,
}
