//! The replica portal, misbehaving: every fault that portals have, on loopback, at will.
//!
//! Owns a table of faults, which a `Host` header chooses (`fault-03-410.test`), how each is
//! served, and an account of who asked for what and when. Any other host is the good replica.
//! Speaks raw bytes over TCP and TLS, since no HTTP library can misbehave enough. Knows nothing
//! of what reads it, and never listens anywhere but where it is told.

mod answer;
mod bodies;
mod bombs;
mod charsets;
mod connections;
mod identities;
mod layouts;
mod log;
mod markup;
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

/// The column that the replica serves on every host.
pub const COLUMN: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/";
/// The article that is spoilt where one is enough: the newest of the column.
pub const ARTICLE: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123304.html";
/// The article below it, for faults between two.
pub const NEIGHBOUR: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123190.html";

/// The hostile portal, which serves for as long as its runtime does. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// Where it speaks HTTP.
    pub http: SocketAddr,
    /// Where it speaks HTTPS, or what it takes for that.
    pub https: SocketAddr,
    shared: Arc<Shared>,
}

/// What all of the portal's connections share.
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

    /// From now on this host is as good as the replica.
    pub fn heal(&self, host: &str) {
        self.shared.healed().insert(host.to_owned());
    }

    /// From now on this host misbehaves again.
    pub fn break_again(&self, host: &str) {
        self.shared.healed().remove(host);
    }

    /// All visits so far, in the order in which they came.
    pub fn log(&self) -> Vec<Visit> {
        self.shared.log.all()
    }

    /// The visits to one host so far.
    pub fn visits(&self, host: &str) -> Vec<Visit> {
        self.shared.log.of(host)
    }

    /// The certificate of the authority that vouches for every host but those of the TLS faults.
    pub fn authority(&self) -> &str {
        self.shared.certificates.authority()
    }
}

impl Shared {
    fn healed(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.healed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that a host has now.
    fn variant(&self, host: &str) -> Option<&'static Variant> {
        let variant = table::variant(host)?;
        (!self.healed().contains(host)).then_some(variant)
    }
}
