//! HTTP and manners.
//!
//! Owns every connection to a portal: what its robots.txt allows, one request to a host at a time
//! and a pause after it, deadlines, the cap on bodies, redirects, retries, validators, and which
//! addresses may be connected to. Never knows what an article is, and never stores anything itself:
//! leases of hosts and archived answers go to the host book that is passed in.

mod address;
mod answer;
mod challenge;
mod clients;
mod coding;
mod error;
mod exchange;
mod hops;
mod host_book;
#[cfg(feature = "legacy-tls")]
mod legacy;
mod locks;
mod meter;
mod options;
mod pace;
mod page;
mod permission;
mod purpose;
mod replay;
mod request;
mod robots;
mod robots_copies;
mod session;
mod shared;
mod tls;

use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::config::FetchRules;
pub use address::Resolver;
use clients::Clients;
pub use error::{ClientError, FetchError};
pub use exchange::{Cut, Exchange, LARGEST};
pub use hops::Hops;
pub use host_book::{HostAccess, HostBook, HostBookError, NoHostBook, Rest, RobotsCopy};
pub(crate) use meter::register;
pub use options::FetcherOptions;
use pace::Pace;
pub use pace::host_of;
pub use page::{Fetched, Page, Validators};
pub use replay::{ReplayError, Replayed, replay};
pub use robots::Robots;
use robots_copies::RobotsCopies;
pub use session::Session;
use shared::Shared;
pub use tls::{http_client, plain_http_client};

/// Fetches pages. Clones share connections, the pace and the copies of robots.txt.
#[derive(Clone)]
pub struct Fetcher(Arc<Shared>);

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fetcher").field(&self.0.options).finish()
    }
}

impl Fetcher {
    /// Makes a fetcher. It reads the system's certificates when it is first asked for an `https:` URL.
    pub fn new(options: FetcherOptions) -> Self {
        Self(Arc::new(Shared {
            clients: Clients::default(),
            pace: Pace::default(),
            robots: RobotsCopies::default(),
            options,
        }))
    }

    /// Begins the requests of a run, with this host book.
    pub fn session(&self, host_book: Arc<dyn HostBook>) -> Session {
        Session::new(Arc::clone(&self.0), host_book)
    }

    /// A single request outside a run, like [`Session::get`]. Nothing of it is archived.
    pub async fn get(
        &self,
        url: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
    ) -> Result<Fetched, FetchError> {
        let session = self.session(Arc::new(NoHostBook));
        let got = session.get(url, rules, validators).await;
        session.close().await?;
        got
    }

    /// A single request outside a run, like [`Session::get_linked`]. Nothing of it is archived.
    pub async fn get_linked(
        &self,
        url: &Url,
        listed: &Url,
        rules: &FetchRules,
    ) -> Result<Fetched, FetchError> {
        let session = self.session(Arc::new(NoHostBook));
        let got = session.get_linked(url, listed, rules, None).await;
        session.close().await?;
        got
    }
}
