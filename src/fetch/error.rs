//! The errors of requests, each with a stable code.
//!
//! Owns their messages: each names the URL, the step and the cause, and the remedy if a person can
//! act. Never tries again.

use std::io;
use std::time::Duration;

use hyper_util::client::legacy;
use thiserror::Error;
use tower::timeout::error::Elapsed;
use url::Url;

use super::address::RefusedAddressError;
use super::exchange::{LARGEST_HEAD, MOST_HEADERS};
use super::host_book::HostBookError;
use crate::model::Verdict;

/// The timeout of one connection, DNS and TLS included.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// The error of an HTTP client.
pub type ClientError = Box<dyn std::error::Error + Send + Sync>;

/// A page that was not fetched.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum FetchError {
    /// The HTTP client could not be made, or a header is invalid.
    #[error("{url}: the request cannot be made: {cause}")]
    Setup { url: String, cause: String },
    /// No DNS answer, no route, connection refused.
    #[error("{url}: no connection: {cause}")]
    Unreachable { url: String, cause: String },
    /// The deadline of the whole request, or of the connection, passed.
    #[error("{url}: no whole answer within {after:?}; fetch.timeout sets how long to wait")]
    Timeout { url: String, after: Duration },
    /// The connection was cut before the answer was whole.
    #[error("{url}: the answer broke off: {cause}")]
    Truncated { url: String, cause: String },
    /// The decompressed body is larger than the limit.
    #[error("{url}: the answer is larger than {limit} bytes, which is the most that is read")]
    TooLarge { url: String, limit: usize },
    /// The head of the answer has too many bytes or fields.
    #[error(
        "{url}: the head of the answer has more than {LARGEST_HEAD} bytes or {MOST_HEADERS} header \
         fields, which is the most that is read; see with a browser whether the server is in order"
    )]
    HeadTooLarge { url: String },
    /// Too many redirects, or the same one again and again.
    #[error("{url}: redirects lead on and on, at last to {last}; name the right address")]
    RedirectLoop { url: String, last: String },
    /// 404
    #[error("{url}: the server answered 404, not found")]
    NotFound { url: String },
    /// 410
    #[error("{url}: the server answered 410, gone for good")]
    Gone { url: String },
    /// Any other status without success.
    #[error("{url}: the server answered {status}{}", in_words(*retry_after))]
    HttpStatus {
        url: String,
        status: u16,
        /// The rest that the server asks for.
        retry_after: Option<Duration>,
    },
    /// The certificate, or another part of the TLS handshake.
    #[error(
        "{url}: no secure connection: {cause}; if the portal serves http://, name that, and else \
         see tls under [fetch]"
    )]
    Tls { url: String, cause: String },
    /// The host is not public: loopback, private, link-local and the like; or the port is not the web's.
    #[error(
        "{url}: refused to connect: {cause}; for a portal on a network of your own, write allow_private = true under \
         [fetch] of its feed file; --connect-to gives leave for one command"
    )]
    RefusedAddress { url: String, cause: String },
    /// The site's robots.txt forbids it.
    #[error(
        "{url}: {site}/robots.txt asks dibao not to fetch it; ask the portal for leave, and then \
         write robots = false under [fetch]"
    )]
    Robots { url: String, site: String },
    /// The site's robots.txt answers with an error, which means that nothing may be fetched.
    #[error(
        "{url}: the server answered {status}{}; nothing is fetched until it sends its rules",
        in_words(*retry_after)
    )]
    RobotsUnavailable {
        url: String,
        status: u16,
        /// The rest that the server asks for.
        retry_after: Option<Duration>,
    },
    /// Neither `http` nor `https`.
    #[error("{url}: refused, since its scheme is neither http nor https")]
    RefusedScheme { url: String },
    /// A firewall's script instead of the page.
    #[error(
        "{url}: a firewall answered {status} with a script instead of the page; \
         a person must look, and ask less often or ask the portal for access"
    )]
    BlockedByWaf { url: String, status: u16 },
    /// Success without a body.
    #[error("{url}: the server answered {status} with an empty body")]
    Empty { url: String, status: u16 },
    /// The host asked for a rest a while ago, so no request was sent.
    #[error("{url}: not asked: the host answered {status}, and to try again in {} s from now", left.as_secs())]
    Resting {
        url: String,
        /// The status of that answer.
        status: u16,
        /// The rest that is left.
        left: Duration,
    },
    /// Another process fetches from this host.
    #[error(
        "{url}: another dibao process is fetching from this host (until {until} unless it goes on)"
    )]
    HostLeased { url: String, until: String },
    /// The host book or the archive cannot be written, so nothing is fetched.
    #[error("{url}: {cause}")]
    HostBook {
        url: String,
        reason: &'static str,
        cause: String,
    },
    /// The answer is not HTTP, or its coding is broken.
    #[error("{url}: the answer cannot be read: {cause}")]
    Garbage { url: String, cause: String },
}

fn in_words(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |length| {
        format!(", and to try again in {} s", length.as_secs())
    })
}

impl FetchError {
    /// The URL of the failed request: a page, a redirect's target, a robots.txt.
    pub fn url(&self) -> &str {
        match self {
            Self::Setup { url, .. }
            | Self::Unreachable { url, .. }
            | Self::Timeout { url, .. }
            | Self::Truncated { url, .. }
            | Self::TooLarge { url, .. }
            | Self::HeadTooLarge { url }
            | Self::RedirectLoop { url, .. }
            | Self::NotFound { url }
            | Self::Gone { url }
            | Self::HttpStatus { url, .. }
            | Self::Tls { url, .. }
            | Self::RefusedAddress { url, .. }
            | Self::RefusedScheme { url }
            | Self::Robots { url, .. }
            | Self::RobotsUnavailable { url, .. }
            | Self::BlockedByWaf { url, .. }
            | Self::Empty { url, .. }
            | Self::Garbage { url, .. }
            | Self::Resting { url, .. }
            | Self::HostLeased { url, .. }
            | Self::HostBook { url, .. } => url,
        }
    }

    /// The verdict on the fetch; `None` if the error does not concern a portal.
    pub fn verdict(&self) -> Option<Verdict> {
        Some(match self {
            Self::Setup { .. } => Verdict::Setup,
            Self::Unreachable { .. } => Verdict::Unreachable,
            Self::Timeout { .. } => Verdict::Timeout,
            Self::Truncated { .. } => Verdict::Truncated,
            Self::TooLarge { .. } | Self::HeadTooLarge { .. } => Verdict::TooLarge,
            Self::RedirectLoop { .. } => Verdict::RedirectLoop,
            Self::NotFound { .. } | Self::Gone { .. } => Verdict::NotFound,
            Self::HttpStatus { .. } | Self::Resting { .. } => Verdict::HttpStatus,
            Self::Tls { .. } => Verdict::Tls,
            Self::RefusedAddress { .. } => Verdict::RefusedAddress,
            Self::RefusedScheme { .. } => Verdict::RefusedScheme,
            Self::Robots { .. } | Self::RobotsUnavailable { .. } => Verdict::Robots,
            Self::BlockedByWaf { .. } => Verdict::BlockedByWaf,
            Self::Empty { .. } => Verdict::Empty,
            Self::Garbage { .. } => Verdict::Garbage,
            Self::HostLeased { .. } => Verdict::HostLeased,
            Self::HostBook { .. } => return None,
        })
    }

    /// The stable code for logs, `status` and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::HostBook { reason, .. } => reason,
            _ => self.verdict().map_or("unknown", Verdict::code),
        }
    }

    /// Whether the same request may succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Truncated { .. }
            | Self::Resting { .. }
            | Self::HostLeased { .. }
            | Self::RobotsUnavailable { .. } => true,
            Self::HttpStatus { status, .. } => {
                matches!(status, 408 | 429 | 500 | 502 | 503 | 504 | 520..=524)
            }
            _ => false,
        }
    }

    /// Whether the portal says that the page does not exist (404, 410).
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Gone { .. })
    }

    /// The rest that the server asks for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::HttpStatus { retry_after, .. } | Self::RobotsUnavailable { retry_after, .. } => {
                *retry_after
            }
            Self::Resting { left, .. } => Some(*left),
            _ => None,
        }
    }

    /// Whether the error is dibao's own, and says nothing about the portal.
    pub fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::Setup { .. } | Self::HostLeased { .. } | Self::HostBook { .. }
        )
    }

    /// Whether the error concerns the whole host, and not just one page.
    pub fn is_of_host(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Tls { .. }
            | Self::BlockedByWaf { .. }
            | Self::Resting { .. }
            | Self::RobotsUnavailable { .. } => true,
            Self::HttpStatus { status, .. } => matches!(status, 429 | 502..=504 | 520..=524),
            _ => false,
        }
    }

    pub(super) fn from_host_book(url: &Url, error: HostBookError) -> Self {
        Self::HostBook {
            url: url.to_string(),
            reason: error.reason,
            cause: error.cause,
        }
    }

    /// Sorts the error of an HTTP client. `deadline` is that of the whole request.
    pub(super) fn from_client(url: &Url, error: Cause<'_>, deadline: Duration) -> Self {
        let scheme = url.scheme();
        let url = url.to_string();
        let cause = innermost(error);
        if let Some(refused) = find::<RefusedAddressError>(error) {
            let cause = refused.to_string();
            return Self::RefusedAddress { url, cause };
        }
        let is_connect = find::<legacy::Error>(error).is_some_and(legacy::Error::is_connect);
        if is_timeout(error) {
            let after = if is_connect { CONNECT } else { deadline };
            return Self::Timeout { url, after };
        }
        if is_builder(error) {
            return Self::Setup { url, cause };
        }
        if is_connect {
            return if scheme == "https" && is_tls(error) {
                Self::Tls { url, cause }
            } else {
                Self::Unreachable { url, cause }
            };
        }
        if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse_too_large) {
            return Self::HeadTooLarge { url };
        }
        let unparsed = find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse);
        if unparsed {
            Self::Garbage { url, cause }
        } else {
            Self::Truncated { url, cause }
        }
    }
}

/// An error, at the head of its chain of causes.
type Cause<'a> = &'a (dyn std::error::Error + 'static);

fn is_timeout(error: Cause<'_>) -> bool {
    match find::<reqwest::Error>(error) {
        Some(error) => error.is_timeout(),
        None => {
            find::<Elapsed>(error).is_some()
                || find::<io::Error>(error).is_some_and(|io| io.kind() == io::ErrorKind::TimedOut)
        }
    }
}

/// Whether the request could not even be made.
fn is_builder(error: Cause<'_>) -> bool {
    find::<http::uri::InvalidUri>(error).is_some()
        || find::<reqwest::Error>(error).is_some_and(reqwest::Error::is_builder)
}

/// Whether TLS kept a connection from being made.
fn is_tls(error: Cause<'_>) -> bool {
    let Some(reqwest) = find::<reqwest::Error>(error) else {
        return is_openssl(error);
    };
    // rustls wraps its own errors into an I/O error; the system's I/O errors have no inner error.
    let within = find::<io::Error>(error)
        .is_some_and(|io| io.get_ref().is_some() && io.kind() != io::ErrorKind::ConnectionReset);
    within && !reqwest.is_dns()
}

/// Whether OpenSSL kept a connection from being made. It passes I/O errors of the system on; all
/// others are its own.
#[cfg(feature = "legacy-tls")]
fn is_openssl(error: Cause<'_>) -> bool {
    find::<openssl::ssl::Error>(error).is_some_and(|tls| tls.io_error().is_none())
}

#[cfg(not(feature = "legacy-tls"))]
fn is_openssl(_: Cause<'_>) -> bool {
    false
}

/// The first cause of type `T`. It may be the inner error of an I/O error, which `source` skips.
fn find<T: std::error::Error + 'static>(error: Cause<'_>) -> Option<&T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        let within = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match within {
            Some(within) => Some(within),
            None => cause.source(),
        };
    }
    None
}

/// The last error in the chain of causes, which says most.
fn innermost(error: Cause<'_>) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
