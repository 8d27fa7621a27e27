//! The addresses to which dibao may connect.
//!
//! Owns the check of addresses, and the resolver that checks after DNS: the client connects only to
//! addresses that passed, so a name cannot lead to an internal host. Never resolves a host that is
//! an address itself; such hosts are checked before each request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::{fmt, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::Url;

use crate::model::{is_public, special_host};

/// A host that has only internal addresses.
#[derive(Clone, Debug, Error)]
#[error("{host} means {address}, which is not a public address")]
pub(super) struct RefusedAddressError {
    pub(super) host: String,
    pub(super) address: IpAddr,
}

/// Refuses a URL whose host is an address that is not public, or a name that always means this
/// machine (RFC 6761, section 6.3).
pub(super) fn check_literal(url: &Url) -> Result<(), RefusedAddressError> {
    match special_host(url) {
        None => Ok(()),
        Some(address) => {
            let host = url.host_str().unwrap_or_default().to_owned();
            Err(RefusedAddressError { host, address })
        }
    }
}

/// A resolver of names in place of the system's.
#[derive(Clone)]
pub struct Resolver(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

impl Resolver {
    /// A resolver from a function, which is called for every new connection and must not block for
    /// long.
    pub fn from_fn(
        look_up: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(look_up))
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

/// A resolver that leaves out addresses that are not public.
pub(super) struct GuardedResolver {
    pub(super) allow_private: bool,
    /// `None` for the system's resolver.
    pub(super) resolver: Option<Resolver>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        let resolver = self.resolver.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = match resolver {
                Some(Resolver(look_up)) => look_up(&host)?,
                None => look_up(&host).await?,
            };
            let inside = found.first().copied();
            let passed: Vec<IpAddr> = found
                .into_iter()
                .filter(|address| allow_private || is_public(*address))
                .collect();
            match inside {
                Some(address) if passed.is_empty() => {
                    Err(RefusedAddressError { host, address }.into())
                }
                _ => Ok(addresses(passed)),
            }
        })
    }
}

/// Resolves every name to the host of `--connect-to`.
pub(super) struct ConnectToResolver {
    pub(super) host: String,
}

impl Resolve for ConnectToResolver {
    fn resolve(&self, _: Name) -> Resolving {
        let host = self.host.trim_matches(['[', ']']).to_owned();
        Box::pin(async move { Ok(addresses(look_up(&host).await?)) })
    }
}

/// The system's resolver without a check, for the proxies that a column names.
pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move { Ok(addresses(look_up(&host).await?)) })
    }
}

async fn look_up(host: &str) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((host, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

/// Addresses for the client, which replaces the port 0.
fn addresses(found: Vec<IpAddr>) -> Addrs {
    Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_an_address_is_seen_through() {
        for url in [
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]:80/",
            "http://LOCALHOST./",
            "http://a.localhost/",
        ] {
            assert!(check_literal(&url.parse().unwrap()).is_err(), "{url}");
        }
        assert!(check_literal(&"http://lc.gov.cn/".parse().unwrap()).is_ok());
    }

    #[tokio::test]
    async fn what_dns_says_is_filtered() {
        for (allow_private, passes) in [(false, false), (true, true)] {
            let name = "localhost".parse().unwrap();
            let guarded = GuardedResolver {
                allow_private,
                resolver: None,
            };
            let found = guarded.resolve(name).await;
            assert_eq!(found.is_ok(), passes);
            if let Err(error) = found {
                assert!(
                    error.downcast_ref::<RefusedAddressError>().is_some(),
                    "{error}"
                );
            }
        }
    }
}
