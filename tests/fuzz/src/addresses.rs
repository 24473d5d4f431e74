//! From where a request comes, by what proxies say of it: nobody but a trusted proxy can say it.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};
use presence_runtime::internals::address;
use presence_runtime::server::ProxyHeader;

const TRUSTED: [&str; 4] = ["127.0.0.1", "10.0.0.0/8", "fd00::/8", "::1"];

/// The first byte says who is at the other end and which header counts; the lines behind it are
/// headers of that name.
pub fn addresses(data: &[u8]) {
    let Some((knob, text)) = data.split_first() else {
        return;
    };
    let peer = [
        "127.0.0.1",
        "10.1.2.3",
        "203.0.113.9",
        "::ffff:10.0.0.1",
        "fd00::1",
        "2001:db8::1:2",
    ];
    let peer = peer[usize::from(knob >> 1) % peer.len()]
        .parse()
        .expect("an address");
    let header = [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded][usize::from(knob & 1)];
    let lines: Vec<_> = text.split(|byte| *byte == b'\n').collect();
    let (Some(found), Some(chain)) = (ask(peer, header, &lines), chain(header, &lines)) else {
        return;
    };
    let (from, is_anybodys) = reference(peer, &chain);
    assert_eq!(found, Some(network(from)), "{peer} {header:?}");
    if !is_anybodys {
        // What a client writes before the words of the last trusted proxy changes nothing.
        for line in [
            &b"198.51.100.7"[..],
            b"for=198.51.100.7",
            b"10.0.0.9",
            b"for=10.0.0.9",
            b"for=\"",
            b"x",
        ] {
            let said = ask(peer, header, &[&[line], &lines[..]].concat());
            assert_eq!(said, Some(found), "{}", String::from_utf8_lossy(line));
        }
    }
}

/// By which address the request counts, if those lines can be headers.
#[expect(
    clippy::option_option,
    reason = "no headers is not the same as no address"
)]
fn ask(peer: IpAddr, header: ProxyHeader, lines: &[&[u8]]) -> Option<Option<IpAddr>> {
    let name = match header {
        ProxyHeader::Forwarded => "forwarded",
        _ => "x-forwarded-for",
    };
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name, HeaderValue::from_bytes(line).ok()?);
    }
    let trusted = TRUSTED.map(str::to_owned);
    Some(address(&trusted, header, peer, &headers))
}

/// What all lines say, the last first; nothing where one is no text.
fn chain(header: ProxyHeader, lines: &[&[u8]]) -> Option<Vec<Option<IpAddr>>> {
    let texts = lines.iter().map(|it| {
        let text = std::str::from_utf8(it).ok()?;
        text.bytes()
            .all(|c| c == b'\t' || (b' '..=b'~').contains(&c))
            .then_some(text)
    });
    let whole = texts.collect::<Option<Vec<_>>>()?.join(",");
    let said: Vec<_> = whole.split(',').map(|it| one(header, it.trim())).collect();
    Some(said.into_iter().rev().collect())
}

/// From where the request comes, and whether whoever says more before all that could change it.
fn reference(peer: IpAddr, chain: &[Option<IpAddr>]) -> (IpAddr, bool) {
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return (peer, false);
    }
    let trusted = chain
        .iter()
        .take_while(|it| it.is_some_and(is_trusted))
        .count();
    match chain.get(trusted) {
        // Behind the first who is not trusted nothing counts.
        Some(Some(last)) => (*last, false),
        // A mistake was said by whoever was named last.
        Some(None) => (
            chain[..trusted].last().copied().flatten().unwrap_or(peer),
            false,
        ),
        None => (chain.last().copied().flatten().unwrap_or(peer), true),
    }
}

fn one(header: ProxyHeader, element: &str) -> Option<IpAddr> {
    if matches!(header, ProxyHeader::XForwardedFor) {
        return node(element);
    }
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let named: Vec<_> = pairs
        .filter(|(name, _)| name.trim().to_lowercase() == "for")
        .collect();
    let [(_, value)] = named[..] else { return None };
    let value = value.trim();
    match value.len() >= 2 && value.starts_with('"') && value.ends_with('"') {
        true => node(&value[1..value.len() - 1]),
        false => node(value),
    }
}

/// `1.2.3.4`, `1.2.3.4:5`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:5`; whatever stands for the
/// port.
fn node(text: &str) -> Option<IpAddr> {
    let colons = text.matches(':').count();
    let ip = if let Some(rest) = text.strip_prefix('[') {
        let (inner, port) = rest.split_at(rest.find(']')?);
        let port = &port[1..];
        if !port.is_empty() && !port.starts_with(':') {
            return None;
        }
        IpAddr::V6(inner.parse().ok()?)
    } else if colons == 1 {
        IpAddr::V4(text[..text.find(':')?].parse().ok()?)
    } else {
        text.parse().ok()?
    };
    Some(ip.to_canonical())
}

fn is_trusted(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets()[0] == 10 || ip.octets() == [127, 0, 0, 1],
        IpAddr::V6(ip) => ip.octets()[0] == 0xfd || ip.segments() == [0, 0, 0, 0, 0, 0, 0, 1],
    }
}

fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}
