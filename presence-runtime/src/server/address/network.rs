//! Networks: addresses that begin with the same bits.

use std::net::IpAddr;

/// All addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    first: IpAddr,
    /// How many of their last bits differ; never all.
    free: u32,
}

impl Network {
    /// Reads `10.0.0.0/8`, or an address for itself alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some((ip, shared)) = text.split_once('/') else {
            let ip: IpAddr = text.parse().ok()?;
            return Some(Self {
                first: ip.to_canonical(),
                free: 0,
            });
        };
        let first: IpAddr = ip.parse().ok()?;
        let shared = Some(shared).filter(|it| it.bytes().all(|c| c.is_ascii_digit()));
        let shared = shared?.parse().ok().filter(|shared| *shared > 0)?;
        let free = u32::checked_sub(if first.is_ipv4() { 32 } else { 128 }, shared)?;
        // An address with its network's prefix: which of the two is meant?
        let is_first = bits(first) >> free << free == bits(first);
        // An IPv4 address in an IPv6 one is looked for as what it is.
        (is_first && first == first.to_canonical()).then_some(Self { first, free })
    }

    /// Whether an address, in its canonical form, is one of them.
    pub(super) fn contains(&self, ip: IpAddr) -> bool {
        ip.is_ipv4() == self.first.is_ipv4()
            && bits(ip) >> self.free == bits(self.first) >> self.free
    }
}

fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_bits().into(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, ip: &str) -> bool {
        let network = Network::parse(network).expect(network);
        network.contains(ip.parse().expect(ip))
    }

    #[test]
    fn a_network_has_the_addresses_with_its_prefix() {
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.0"));
        assert!(contains("203.0.113.128/25", "203.0.113.128"));
        assert!(!contains("203.0.113.128/25", "203.0.113.127"));
        assert!(contains("203.0.113.9", "203.0.113.9"));
        assert!(!contains("203.0.113.9/32", "203.0.113.8"));
        assert!(contains("128.0.0.0/1", "255.255.255.255"));
        assert!(contains("fd00::/8", "fd12:3456::1"));
        assert!(!contains("fd00::/8", "fe80::1"));
        assert!(contains("::1", "::1"));
        assert!(contains("::ffff:10.0.0.1", "10.0.0.1"));
        assert!(!contains("::/1", "10.0.0.1"));
        assert!(!contains("0.0.0.0/1", "::1"));
    }

    #[test]
    fn what_is_no_network_is_none() {
        for bad in [
            "",
            "/",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "10.0.0.1/8",
            "10.0.0",
            "0.0.0.0/0",
            "::/0",
            "::/129",
            "fd00::1/8",
            "::ffff:10.0.0.0/104",
            "*",
            "proxy.example",
            "[::1]",
            "10.0.0.1:80",
            " 10.0.0.1",
        ] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
