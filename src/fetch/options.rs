//! The options of a fetcher.
//!
//! Owns their defaults. Never reads a configuration file.

use std::time::Duration;

use super::address::Resolver;
use crate::config::ConnectTo;

/// The options of a fetcher.
#[derive(Clone, Debug)]
pub struct FetcherOptions {
    /// The user agent, with an address for complaints.
    pub user_agent: String,
    /// Hosts whose connections go elsewhere; the first rule that matches a URL counts.
    pub connect_to: Vec<ConnectTo>,
    /// Whether connections to loopback, private and other addresses that are not public are
    /// allowed.
    pub allow_private: bool,
    /// The resolver of names; `None` for the system's.
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
