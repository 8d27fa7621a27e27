//! Which addresses are public, and which ports belong to the web.
//!
//! Owns the ranges of special addresses and the ports that browsers refuse. Never resolves a name,
//! and never connects.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Whether an address is public: it is in no IANA special-purpose registry (RFC 6890), and neither
/// is the IPv4 address within an IPv6 address.
pub fn is_public(address: IpAddr) -> bool {
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

/// The address of a URL's host if that is not public: an address in itself, or a name that always
/// means this machine (RFC 6761, section 6.3).
pub fn special_host(url: &Url) -> Option<IpAddr> {
    let address = match url.host()? {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            let is_own = name == "localhost" || name.ends_with(".localhost");
            return is_own.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
    };
    (!is_public(address)).then_some(address)
}

/// Ports of other services than the web, which browsers refuse as well
/// (<https://fetch.spec.whatwg.org/#port-blocking>).
const OTHER_SERVICES: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

/// Whether a port belongs to another service than the web, such as mail.
pub fn is_of_other_service(port: u16) -> bool {
    OTHER_SERVICES.binary_search(&port).is_ok()
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
    fn browsers_know_ports_that_are_not_the_webs() {
        assert!(OTHER_SERVICES.is_sorted());
        for port in [22, 25, 110, 6000, 10080] {
            assert!(is_of_other_service(port), "{port}");
        }
        for port in [80, 81, 443, 800, 3306, 8080, 8443, 9001, 65535] {
            assert!(!is_of_other_service(port), "{port}");
        }
    }
}
