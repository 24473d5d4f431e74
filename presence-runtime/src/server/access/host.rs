//! Hosts: the names under which this server answers.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::request::Parts;
use http::{Version, header};

use crate::wire::{Code, Fault};

/// The host that a request is for: it names one, once, in `Host`. A target that names it as well names
/// the same one. HTTP/2 names it there only.
///
/// # Errors
/// `invalid_request`.
pub(in crate::server) fn named(head: &Parts) -> Result<&str, Fault> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let target = head.uri.authority().map(|it| it.as_str());
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, _) if head.version >= Version::HTTP_2 => target,
        _ => None,
    };
    let scheme = head.uri.scheme_str().unwrap_or("http");
    match (host.and_then(read), target.map(read)) {
        (Some(_), None) => {}
        (Some(host), Some(Some(target))) if is_same(host, target, scheme) => {}
        _ => {
            let message = "a request names one host, once, as `Host: board.example:7700` does";
            return Err(Fault::new(Code::InvalidRequest, message));
        }
    }
    Ok(host.unwrap_or_default())
}

/// Whether this host can be no foreign page's own: `localhost`, one of these, or an address. An attacker makes
/// a name point here (DNS rebinding), and nobody makes an address.
///
/// # Errors
/// `invalid_host`.
pub(in crate::server) fn check(host: &str, hosts: &[String]) -> Result<(), Fault> {
    let (name, _) = split(host).unwrap_or_default();
    let is_address = name.parse::<Ipv4Addr>().is_ok() || ipv6(name).is_some();
    let mut known = hosts.iter().map(String::as_str).chain(["localhost"]);
    if is_address || known.any(|it| it.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let message = "this server answers to localhost, IP addresses and the names in `Config::hosts`";
    Err(Fault::new(Code::InvalidHost, message))
}

/// A host and its port, where it is one.
fn read(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = split(authority)?;
    // The name of a host may say that it is whole.
    is_host(host.strip_suffix('.').unwrap_or(host)).then_some((host, port))
}

fn is_same(one: (&str, Option<u16>), other: (&str, Option<u16>), scheme: &str) -> bool {
    let port = |it: Option<u16>| it.or_else(|| default_port(scheme));
    one.0.eq_ignore_ascii_case(other.0) && port(one.1) == port(other.1)
}

/// Host and port of an authority without user information.
pub(in crate::server) fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let colon = authority.bytes().rposition(|it| it == b':');
    let Some(colon) = colon.filter(|_| !authority.ends_with(']')) else {
        return Some((authority, None));
    };
    let (host, port) = (&authority[..colon], &authority.as_bytes()[colon + 1..]);
    let port = port.iter().try_fold(0_u16, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        sum.checked_mul(10)?.checked_add(digit.into())
    });
    Some((host, Some(port.filter(|it| *it != 0)?)))
}

/// Whether it is a name of labels, or an address.
pub(in crate::server) fn is_host(host: &str) -> bool {
    let mut before = b'.';
    let is_name = host.bytes().all(|it| {
        let is_good = match it {
            b'.' => before != b'.',
            _ => it.is_ascii_alphanumeric() || it == b'-' || it == b'_',
        };
        before = it;
        is_good
    });
    (is_name && before != b'.' && host.len() <= 253) || ipv6(host).is_some()
}

pub(in crate::server) fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// The port that goes without saying.
pub(in crate::server) fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        it if it.eq_ignore_ascii_case("https") => Some(443),
        it if it.eq_ignore_ascii_case("http") => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_mode_answers_to_hosts_that_no_page_can_own() {
        let hosts = ["Board.example".to_owned()];
        for good in [
            "localhost",
            "LOCALHOST:7700",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:80",
            "board.example:443",
            "10.0.0.7:9100",
            "[2001:db8::1]:7700",
            "0.0.0.0",
        ] {
            assert_eq!(check(good, &hosts), Ok(()), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "::1",
            "[127.0.0.1]",
            "127.1",
        ] {
            let fault = check(bad, &hosts).expect_err(bad);
            assert_eq!(fault.code, Code::InvalidHost, "{bad}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_maybe_a_port() {
        for good in [
            "board.example:443",
            "board.example.",
            "[::1]:80",
            "a_b-c",
            "127.0.0.1",
        ] {
            assert!(read(good).is_some(), "{good}");
        }
        for bad in [
            "",
            ".",
            "a b",
            "ann:pass@board.example",
            "a:",
            "a:0",
            "a:65536",
            "a..",
            "[::1",
            "ä",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
