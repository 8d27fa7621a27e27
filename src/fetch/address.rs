//! The addresses to which dibao may connect.
//!
//! Owns the check of addresses, and the resolver that checks after DNS: the client connects only to
//! addresses that passed, so a name cannot lead to an internal host. Never resolves a host that is
//! an address itself; such hosts are checked before each request.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::{fmt, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::{Host, Url};

/// A host that has only internal addresses.
#[derive(Clone, Debug, Error)]
#[error("{host} means {address}, which is not a public address")]
pub(super) struct RefusedAddressError {
    pub(super) host: String,
    pub(super) address: IpAddr,
}

/// Whether an address is public: it is in no IANA special-purpose registry (RFC 6890), and neither
/// is the IPv4 address within an IPv6 address.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(address) => is_public_v4(address),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || matches!((a, b, c), (0, ..) | (240.., ..) | (100, 64..=127, _))
        || matches!((a, b, c), (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Only 2000::/3 is allocated, and within it 2001::/23 (with Teredo) and the documentation
    // prefixes are special.
    let [a, b, ..] = address.segments();
    let unicast = a & 0xe000 == 0x2000;
    let special = (a == 0x2001 && (b < 0x0200 || b == 0x0db8)) || (a == 0x3fff && b < 0x1000);
    unicast && !special
}

/// The IPv4 address within an IPv6 one: mapped, compatible, NAT64 (RFC 6052) or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(v4(high, low))
        }
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// Refuses a URL whose host is an address that is not public, or a name that always means this
/// machine (RFC 6761, section 6.3).
pub(super) fn check_literal(url: &Url) -> Result<(), RefusedAddressError> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            if name != "localhost" && !name.ends_with(".localhost") {
                return Ok(());
            }
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        }
        None => return Ok(()),
    };
    if is_public(address) {
        Ok(())
    } else {
        let host = url.host_str().unwrap_or_default().to_owned();
        Err(RefusedAddressError { host, address })
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
    fn public_addresses_pass_and_no_other() {
        for address in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fec0::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

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
