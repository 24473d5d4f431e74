//! Addresses: from where somebody comes, as limits count it.
//!
//! It is the other end of the connection, unless that is a proxy that
//! [`Config::trusted_proxies`](super::Config::trusted_proxies) names: then it is what the proxy says,
//! read from the end, because what stands before the words of the last trusted proxy is anybody's.
//! Whoever comes from this machine itself is not counted.

mod network;

use std::net::{IpAddr, Ipv6Addr};

use http::HeaderMap;

use self::network::Network;
use super::config::ConfigError;

/// The other end of the connection that a request came on, as an extension of the request: so a
/// mounted [`Service`](super::Service) learns of it. Without one, nobody is counted by address.
///
/// In an axum application, served with `into_make_service_with_connect_info::<SocketAddr>()`:
///
/// ```
/// use std::net::SocketAddr;
///
/// use axum::Router;
/// use axum::extract::{ConnectInfo, Request};
/// use axum::middleware::map_request;
/// use presence_runtime::Service;
/// use presence_runtime::server::Peer;
///
/// async fn with_peer(ConnectInfo(addr): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
///     request.extensions_mut().insert(Peer(addr.ip()));
///     request
/// }
///
/// fn app(presence: Service) -> Router {
///     Router::new().nest_service("/presence", presence).layer(map_request(with_peer))
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// In which header trusted proxies say from where a request came. Only the one that they do write is
/// read: the other one would be the client's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// `X-Forwarded-For: 203.0.113.9, 10.0.0.2`
    #[default]
    XForwardedFor,
    /// `Forwarded: for=203.0.113.9, for=10.0.0.2` (RFC 7239)
    Forwarded,
}

impl ProxyHeader {
    /// What it is called in settings.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// From where somebody comes: an IPv4 address, or the first 64 bits of an IPv6 one, all of which
/// behind them are usually one customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Address(IpAddr);

/// The proxies whose word is taken.
#[derive(Debug)]
pub(super) struct Proxies {
    networks: Vec<Network>,
    header: ProxyHeader,
}

impl Address {
    /// What sort of an address it is, for logs, which are not to say whose.
    pub(super) fn kind(self) -> &'static str {
        let is_private = match self.0 {
            IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback(),
            IpAddr::V6(ip) => {
                ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback()
            }
        };
        if is_private { "private" } else { "public" }
    }

    fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V6(ip) => {
                let network = ip.to_bits() >> 64 << 64;
                Self(Ipv6Addr::from_bits(network).into())
            }
            ip @ IpAddr::V4(_) => Self(ip),
        }
    }

    #[cfg(feature = "internals")]
    pub(super) const fn ip(self) -> IpAddr {
        self.0
    }
}

impl Proxies {
    /// Reads a list of addresses and networks.
    ///
    /// # Errors
    /// At the first that is none.
    pub(super) fn read(list: &[String], header: ProxyHeader) -> Result<Self, ConfigError> {
        let network = |entry: &String| {
            Network::parse(entry).ok_or_else(|| ConfigError::Setting {
                setting: "trusted_proxies",
                allowed: "addresses such as `127.0.0.1` or `::1`, and networks such as `10.0.0.0/8` or `fd00::/8` without \
                          bits behind their prefix; not everybody (`/0`)".to_owned(),
                found: format!("`{entry}`"),
            })
        };
        let networks = list.iter().map(network).collect::<Result<_, _>>()?;
        Ok(Self { networks, header })
    }

    /// From where a request comes whose connection has this other end; nothing where that is not
    /// known or need not be counted.
    pub(super) fn address(&self, peer: Option<Peer>, headers: &HeaderMap) -> Option<Address> {
        let peer = peer?.0.to_canonical();
        let mut from = peer;
        let mut told = false;
        if self.trust(peer) {
            for ip in self.forwarded(headers) {
                told = true;
                // A mistake ends the chain: the last who is known has said it.
                let Some(ip) = ip else { break };
                from = ip;
                if !self.trust(ip) {
                    break;
                }
            }
        }
        // A proxy on this machine that says from where a request comes speaks for somebody else.
        (told || !peer.is_loopback()).then(|| Address::of(from))
    }

    /// From where a connection comes, whatever is said on it; nothing where that need not be counted,
    /// because it is known to be a proxy's or this machine's.
    pub(super) fn address_of_connection(&self, peer: Option<Peer>) -> Option<Address> {
        let peer = peer?.0.to_canonical();
        (!peer.is_loopback() && !self.trust(peer)).then(|| Address::of(peer))
    }

    /// What proxies say, the last one first.
    fn forwarded(&self, headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
        let (name, read): (_, fn(&str) -> Option<IpAddr>) = match self.header {
            ProxyHeader::XForwardedFor => ("x-forwarded-for", node),
            ProxyHeader::Forwarded => ("forwarded", element),
        };
        let texts = headers.get_all(name).iter().rev();
        let texts = texts.flat_map(|it| it.to_str().unwrap_or_default().rsplit(','));
        texts.map(move |text| read(text.trim()))
    }

    fn trust(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|it| it.contains(ip))
    }
}

/// The address in an element of `Forwarded`. With quotes that hold what looks like another one it is
/// none: a client may have chosen them.
fn element(text: &str) -> Option<IpAddr> {
    let mut found = text.split(';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    });
    let (value, None) = (found.next()?.trim(), found.next()) else {
        return None;
    };
    let quoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    node(quoted.unwrap_or(value))
}

/// An address, with or without a port.
fn node(text: &str) -> Option<IpAddr> {
    let ip = match text.strip_prefix('[') {
        Some(rest) => {
            let (ip, port) = rest.split_once(']')?;
            let is_port = port.is_empty() || port.starts_with(':');
            IpAddr::V6(ip.parse().ok().filter(|_| is_port)?)
        }
        None => match text.split_once(':') {
            Some((ip, port)) if !port.contains(':') => IpAddr::V4(ip.parse().ok()?),
            _ => text.parse().ok()?,
        },
    };
    Some(ip.to_canonical())
}

#[cfg(test)]
pub(super) mod tests;
