//! Whether a proxy stands in front of the service that the settings do not name.
//!
//! Owns the signs of one, and tells once. Never decides who a client is.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::config::Proxies;

/// So many requests from one private address, and from no other, are told.
const TOLD_AFTER: u32 = 100;

/// Looks at the addresses from which requests come, until it has told something or has seen a
/// public one.
#[derive(Debug)]
pub(super) struct ProxyWatch(Mutex<Seen>);

#[derive(Clone, Copy, Debug)]
enum Seen {
    Nothing,
    /// All requests so far came from this private address.
    One {
        address: IpAddr,
        requests: u32,
    },
    /// There is nothing to tell.
    Enough,
}

impl ProxyWatch {
    pub(super) fn new(proxies: &Proxies) -> Self {
        Self(Mutex::new(match proxies {
            Proxies::None => Seen::Nothing,
            _ => Seen::Enough,
        }))
    }

    /// Notes a request from this address; `is_forwarded` says whether it names another client.
    pub(super) fn saw(&self, address: IpAddr, is_forwarded: bool) {
        if let Some(message) = self.look(address, is_forwarded) {
            tracing::warn!(%address, "{message}");
        }
    }

    fn look(&self, address: IpAddr, is_forwarded: bool) -> Option<&'static str> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = match *seen {
            Seen::Enough => return None,
            _ if !is_private(address) => {
                *seen = Seen::Enough;
                return None;
            }
            Seen::Nothing => 1,
            Seen::One {
                address: known,
                requests,
            } if known == address => requests + 1,
            Seen::One { .. } => {
                *seen = Seen::Enough;
                return None;
            }
        };
        if requests < TOLD_AFTER && !is_forwarded {
            *seen = Seen::One { address, requests };
            return None;
        }
        *seen = Seen::Enough;
        Some(match is_forwarded {
            true => {
                "a proxy at this address names other clients, and is not believed: all its readers \
                 share one rate limit and one address's connections. Set forwarded under [api] in \
                 dibao.toml"
            }
            false => {
                "all requests come from this private address. If it is a proxy, all its readers \
                 share one rate limit and one address's connections: let it send X-Forwarded-For, \
                 and set forwarded under [api] in dibao.toml"
            }
        })
    }
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(watch: &ProxyWatch, address: &str, times: usize) -> usize {
        let address = address.parse().unwrap();
        let told = (0..times).filter(|_| watch.look(address, false).is_some());
        told.count()
    }

    #[test]
    fn one_private_address_is_told_once_and_others_are_not() {
        let new = || ProxyWatch::new(&Proxies::None);
        for private in ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::1"] {
            let watch = new();
            assert_eq!(looks(&watch, private, 99), 0, "{private}");
            assert_eq!(looks(&watch, private, 500), 1, "{private}");
        }
        assert_eq!(looks(&new(), "203.0.113.9", 500), 0);
        let watch = new();
        assert_eq!(looks(&watch, "127.0.0.1", 50), 0);
        assert_eq!(looks(&watch, "10.0.0.1", 1), 0);
        assert_eq!(looks(&watch, "127.0.0.1", 500), 0);
        let named = ProxyWatch::new(&Proxies::Any);
        assert_eq!(looks(&named, "127.0.0.1", 500), 0);
        // A header says it at once.
        let address = "127.0.0.1".parse().unwrap();
        assert!(new().look(address, true).is_some());
    }
}
