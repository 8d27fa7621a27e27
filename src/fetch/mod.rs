//! HTTP and manners.
//!
//! Owns every connection to a portal: what its robots.txt allows, one request to a host at a time
//! and a pause after it, deadlines, the cap on bodies, redirects, retries, validators, and which addresses may be
//! connected to. Never knows what an article is, and never keeps books itself: who may ask a host
//! across processes, and what portals sent, is told to those that are handed in.

mod address;
mod answer;
mod books;
mod challenge;
mod clients;
mod coding;
mod error;
mod exchange;
mod legacy;
mod locks;
mod meter;
mod pace;
mod permission;
mod purpose;
mod replay;
mod robots;
mod session;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::{ConnectTo, FetchRules};
pub use address::Resolver;
pub use books::{Entry, HostBook, HostBookError, NoHostBook, Rest, RobotsCopy};
use clients::Clients;
pub use error::FetchError;
pub use exchange::{Cut, Exchange, LARGEST};
pub(crate) use meter::register;
use pace::Pace;
pub use pace::host_of;
use permission::Permissions;
pub use purpose::LARGEST_PICTURE;
pub use replay::{Replayed, replay};
pub use robots::Robots;
pub use session::Session;

/// For one connection, DNS and TLS included.
const CONNECT: Duration = Duration::from_secs(10);

/// How a fetcher is made.
#[derive(Clone, Debug)]
pub struct FetcherOptions {
    /// What dibao calls itself, with an address to complain to.
    pub user_agent: String,
    /// Hosts whose connections go elsewhere; the first that fits a URL counts.
    pub connect_to: Vec<ConnectTo>,
    /// Leave to connect to loopback, private and other addresses that are not public.
    pub allow_private: bool,
    /// How names become addresses; `None` for the system's way.
    pub resolver: Option<Resolver>,
    /// The longest wait before the second try; it doubles with each further one.
    pub retry_delay: Duration,
}

impl Default for FetcherOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("dibao/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_to: Vec::new(),
            allow_private: false,
            resolver: None,
            retry_delay: Duration::from_secs(2),
        }
    }
}

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

/// Fetches pages. Clones share connections, the pace and what robots.txt said.
#[derive(Clone)]
pub struct Fetcher(Arc<Shared>);

struct Shared {
    options: FetcherOptions,
    clients: Clients,
    pace: Pace,
    permissions: Permissions,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fetcher").field(&self.0.options).finish()
    }
}

impl Fetcher {
    /// Makes a fetcher; fails when the system has no usable TLS.
    pub fn new(options: FetcherOptions) -> Result<Self, FetchError> {
        Ok(Self(Arc::new(Shared {
            clients: Clients::new(&options)?,
            pace: Pace::default(),
            permissions: Permissions::default(),
            options,
        })))
    }

    /// Begins the requests of a run, whose hosts and answers these books keep.
    pub fn session(&self, books: Arc<dyn HostBook>) -> Session {
        Session::new(self.clone(), books)
    }

    /// A single request that belongs to no run: as [`Session::get`], and nothing is kept of it.
    pub async fn get(
        &self,
        url: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
    ) -> Result<Fetched, FetchError> {
        let session = self.session(Arc::new(books::NoHostBook));
        let got = session.get(url, rules, validators).await;
        session.close().await?;
        got
    }
}
