//! What a fetcher is told when it is made.

use std::time::Duration;

use super::address::Resolver;
use crate::config::ConnectTo;

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
