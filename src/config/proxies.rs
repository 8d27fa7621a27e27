//! The proxies in front of the service, from `[api] forwarded` in `dibao.toml`.
//!
//! Owns which addresses are proxies. Never reads a request.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::error::ConfigError;

/// The proxies in front of the service. They name the client (`X-Forwarded-For`); without a proxy,
/// clients could write anything there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxies {
    /// There is none.
    #[default]
    None,
    /// Whoever connects is one.
    Any,
    /// These networks.
    Named(Arc<[Network]>),
}

/// A network of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// As the file has it: `true`, or a list of addresses and networks; anything else is refused.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ProxiesSpec {
    Any(bool),
    Named(Vec<String>),
    Other(toml::Value),
}

impl Default for ProxiesSpec {
    fn default() -> Self {
        Self::Any(false)
    }
}

impl Proxies {
    /// The proxies with these addresses, or in these networks. An error names what is neither.
    pub fn named(names: &[String]) -> Result<Self, &str> {
        let networks = names
            .iter()
            .map(|name| Network::read(name).ok_or(name.as_str()));
        Ok(Self::Named(networks.collect::<Result<_, _>>()?))
    }

    /// Whether this address is a proxy's.
    pub fn has(&self, address: IpAddr) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::Named(networks) => networks.iter().any(|network| network.has(address)),
        }
    }
}

impl ProxiesSpec {
    /// Compiles the proxies; `file` is only for errors.
    pub(super) fn compile(&self, file: &Path) -> Result<Proxies, ConfigError> {
        let refused = |problem: &str| {
            let remedy = "write true, or addresses and networks of your proxies, such as \
                          [\"127.0.0.1\", \"10.0.0.0/8\"]";
            ConfigError::at(file, "api.forwarded", problem, remedy)
        };
        match self {
            Self::Any(false) => Ok(Proxies::None),
            Self::Any(true) => Ok(Proxies::Any),
            Self::Named(names) => Proxies::named(names)
                .map_err(|name| refused(&format!("{name:?} is neither an address nor a network"))),
            Self::Other(value) => Err(refused(&format!("{value} is not a list of addresses"))),
        }
    }
}

impl Network {
    fn read(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits: u32 = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    fn has(self, other: IpAddr) -> bool {
        let width = |bits: u32, most: u32| most - bits.min(most);
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = u64::from(own.to_bits() ^ other.to_bits());
                differ >> width(self.bits, 32) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.checked_shr(width(self.bits, 128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("127.0.0.1", "::ffff:127.0.0.1", "::1"),
            ("10.0.0.0/8", "10.255.3.4", "11.0.0.1"),
            ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("::1", "::1", "::2"),
        ] {
            let read = Network::read(network).unwrap();
            assert!(read.has(inside.parse().unwrap()), "{network}: {inside}");
            assert!(!read.has(outside.parse().unwrap()), "{network}: {outside}");
        }
        let all = Network::read("0.0.0.0/0").unwrap();
        assert!(all.has("203.0.113.9".parse().unwrap()));
        for odd in [
            "",
            "proxy.example",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/-1",
            "10.0.0/8",
        ] {
            assert_eq!(Network::read(odd), None, "{odd}");
        }
    }
}
