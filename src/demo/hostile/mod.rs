//! The hostile portal: the replica with every fault that portals have, on loopback.
//!
//! Owns a table of faults, how each is served, and a log of visits. The `Host` header chooses a
//! fault (`fault-03-410.test`); any other host is the good replica. It sends raw bytes over TCP and
//! TLS, because HTTP libraries cannot misbehave enough. Never knows its readers.

mod answer;
mod bodies;
mod bombs;
mod charsets;
mod connections;
mod contents;
mod floods;
mod identities;
mod layouts;
mod lists;
mod log;
mod markup;
mod misnamed;
mod onward;
mod redirects;
mod robots;
mod server;
mod statuses;
mod stubs;
mod table;
mod tls;
mod variants;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;

use log::Log;
pub use log::Visit;
pub use table::{Fault, faults};
pub use tls::Handshake;
pub use variants::{Spoils, Variant};

/// The column page that the replica serves on every host.
pub const COLUMN: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/";
/// The newest article of the column. Most faults of articles spoil only this one.
pub const ARTICLE: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123304.html";
/// The second newest article, for faults that need two.
pub const NEIGHBOUR: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123190.html";

/// The hostile portal. It serves until its runtime ends. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// The address for HTTP.
    pub http: SocketAddr,
    /// The address for HTTPS, good or bad.
    pub https: SocketAddr,
    shared: Arc<Shared>,
}

/// The state that all connections share.
#[derive(Debug)]
struct Shared {
    log: Log,
    healed: Mutex<HashSet<String>>,
    certificates: tls::Certificates,
}

impl Hostile {
    /// Serves on free ports of loopback.
    pub async fn serve() -> std::io::Result<Self> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::serve_at(any).await
    }

    /// Serves HTTP at this address and HTTPS on a free port beside it.
    pub async fn serve_at(http: SocketAddr) -> std::io::Result<Self> {
        let plain = TcpListener::bind(http).await?;
        let secure = TcpListener::bind((http.ip(), 0)).await?;
        let hostile = Self {
            http: plain.local_addr()?,
            https: secure.local_addr()?,
            shared: Arc::new(Shared {
                log: Log::default(),
                healed: Mutex::default(),
                certificates: tls::Certificates::new().map_err(std::io::Error::other)?,
            }),
        };
        tokio::spawn(server::serve(plain, Arc::clone(&hostile.shared)));
        tokio::spawn(tls::serve(secure, Arc::clone(&hostile.shared)));
        Ok(hostile)
    }

    /// Makes this host as good as the replica.
    pub fn heal(&self, host: &str) {
        self.shared.healed().insert(host.to_owned());
    }

    /// Makes this host misbehave again.
    pub fn break_again(&self, host: &str) {
        self.shared.healed().remove(host);
    }

    /// All visits so far, in their order.
    pub fn log(&self) -> Vec<Visit> {
        self.shared.log.all()
    }

    /// The visits to one host so far.
    pub fn visits(&self, host: &str) -> Vec<Visit> {
        self.shared.log.of(host)
    }

    /// The certificate of the authority that signs for all hosts except those of the TLS faults.
    pub fn authority(&self) -> &str {
        self.shared.certificates.authority()
    }
}

impl Shared {
    fn healed(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.healed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The variant that a host serves now.
    fn variant(&self, host: &str) -> Option<&'static Variant> {
        let variant = table::variant(host)?;
        (!self.healed().contains(host)).then_some(variant)
    }
}
