use http::HeaderValue;

use super::*;

/// Some address for each number.
pub(crate) fn numbered(number: u32) -> Address {
    Address(std::net::Ipv4Addr::from_bits(0xcb00_0000 + number).into())
}

fn headers(name: &'static str, texts: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for text in texts {
        let value = HeaderValue::from_bytes(text.as_bytes()).expect("a header value");
        headers.append(name, value);
    }
    headers
}

fn proxies(list: &[&str], header: ProxyHeader) -> Proxies {
    let list: Vec<_> = list.iter().map(ToString::to_string).collect();
    Proxies::read(&list, header).expect("networks")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect(text)
}

fn address(text: &str) -> Option<Address> {
    Some(Address(ip(text)))
}

/// From where a request comes that says so by `X-Forwarded-For`.
fn forwarded(peer: &str, trusted: &[&str], texts: &[&str]) -> Option<Address> {
    let proxies = proxies(trusted, ProxyHeader::XForwardedFor);
    proxies.address(Some(Peer(ip(peer))), &headers("x-forwarded-for", texts))
}

#[test]
fn an_address_is_the_other_end_of_the_connection() {
    assert_eq!(forwarded("203.0.113.9", &[], &[]), address("203.0.113.9"));
    // Nobody trusts whoever says something else.
    let said = ["198.51.100.1"];
    assert_eq!(forwarded("203.0.113.9", &[], &said), address("203.0.113.9"));
    let elsewhere = ["10.0.0.0/8"];
    assert_eq!(
        forwarded("203.0.113.9", &elsewhere, &said),
        address("203.0.113.9")
    );
    let nobody = proxies(&[], ProxyHeader::default());
    assert_eq!(nobody.address(None, &HeaderMap::new()), None);
}

#[test]
fn this_machine_is_not_counted_unless_it_speaks_for_others() {
    for local in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
        assert_eq!(forwarded(local, &[], &[]), None, "{local}");
        assert_eq!(forwarded(local, &[], &["203.0.113.9"]), None, "{local}");
        let trusted = ["127.0.0.0/8", "::1"];
        assert_eq!(forwarded(local, &trusted, &[]), None, "{local}");
        let said = forwarded(local, &trusted, &["203.0.113.9"]);
        assert_eq!(said, address("203.0.113.9"), "{local}");
        // Who claims to come from here, through a proxy, is counted.
        let said = forwarded(local, &trusted, &["127.0.0.1"]);
        assert_eq!(said, address("127.0.0.1"), "{local}");
    }
}

#[test]
fn an_ipv4_address_in_an_ipv6_one_is_itself_and_ipv6_is_counted_by_network() {
    let mapped = forwarded("::ffff:203.0.113.9", &[], &[]);
    assert_eq!(mapped, address("203.0.113.9"));
    let one = forwarded("2001:db8:1:2:3:4:5:6", &[], &[]);
    assert_eq!(one, address("2001:db8:1:2::"));
    assert_eq!(one, forwarded("2001:db8:1:2:ffff::1", &[], &[]));
    assert_ne!(one, forwarded("2001:db8:1:3::1", &[], &[]));
}

#[test]
fn of_what_proxies_say_the_last_that_is_none_of_them_counts() {
    let trusted = ["10.0.0.0/8", "2001:db8::/32"];
    let client = address("203.0.113.9");
    for texts in [
        &["203.0.113.9"][..],
        &["198.51.100.1, 203.0.113.9"],
        &["198.51.100.1,203.0.113.9 ,10.0.0.2"],
        &["198.51.100.1", "203.0.113.9", "10.0.0.2, 10.9.9.9"],
        &["10.0.0.3, 203.0.113.9, 2001:db8::7"],
        &["127.0.0.1, 203.0.113.9"],
        &["nonsense, 203.0.113.9"],
        &["\u{fc}", "203.0.113.9"],
        &["203.0.113.9:4711"],
        &["::ffff:203.0.113.9, [2001:db8::7]:4711"],
    ] {
        assert_eq!(forwarded("10.0.0.1", &trusted, texts), client, "{texts:?}");
    }
    // Where all are proxies, it is the first one, which asks for itself.
    let inner = forwarded("10.0.0.1", &trusted, &["10.0.0.3, 10.0.0.2"]);
    assert_eq!(inner, address("10.0.0.3"));
}

#[test]
fn a_mistake_hides_a_client_behind_the_proxy_that_made_it() {
    let trusted = ["10.0.0.0/8"];
    for bad in [
        "unknown",
        "",
        "_hidden",
        "203.0.113.9.1",
        "203.0.113.9, ",
        "[203.0.113.9]",
        "[::1",
        "[::1]x",
        "\u{fc}",
    ] {
        let found = forwarded("10.0.0.1", &trusted, &[bad]);
        assert_eq!(found, address("10.0.0.1"), "{bad:?}");
        let texts = [&format!("203.0.113.9, {bad}, 10.0.0.2")];
        let texts = texts.map(String::as_str);
        if bad != "203.0.113.9, " && bad != "\u{fc}" {
            let found = forwarded("10.0.0.1", &trusted, &texts);
            assert_eq!(found, address("10.0.0.2"), "{bad:?}");
        }
    }
}

#[test]
fn the_standard_header_is_read_where_the_proxies_write_it() {
    let proxies = proxies(&["10.0.0.0/8"], ProxyHeader::Forwarded);
    let from = |texts: &[&str]| {
        let mut headers = headers("forwarded", texts);
        // The client's own words.
        headers.insert("x-forwarded-for", HeaderValue::from_static("198.51.100.1"));
        proxies.address(Some(Peer(ip("10.0.0.1"))), &headers)
    };
    for texts in [
        &["for=203.0.113.9"][..],
        &["For=\"203.0.113.9:4711\";proto=https;by=10.0.0.1"],
        &["for=198.51.100.1, by=10.0.0.2; for=203.0.113.9"],
        &["for=198.51.100.1", "for=203.0.113.9", "for=10.0.0.2"],
        // An open quote of the client swallows nothing of what the proxy says.
        &["for=\"198.51.100.1, for=203.0.113.9"],
    ] {
        assert_eq!(from(texts), address("203.0.113.9"), "{texts:?}");
    }
    let v6 = from(&["for=\"[2001:db8:1:2::9]:4711\""]);
    assert_eq!(v6, address("2001:db8:1:2::"));
    for texts in [
        &["for=unknown"][..],
        &["proto=https"],
        &["for=203.0.113.9;for=198.51.100.1"],
        // A host that the client chose and the proxy quotes.
        &["for=203.0.113.9;host=\"x;for=198.51.100.1\""],
        &["for=203.0.113.9;host=\"x,for=198.51.100.1\""],
    ] {
        assert_eq!(from(texts), address("10.0.0.1"), "{texts:?}");
    }
    assert_eq!(from(&[]), address("10.0.0.1"));
}

#[test]
fn what_is_no_network_is_refused_by_name() {
    let bad = ["10.0.0.0/8".to_owned(), "10.0.0.1/8".to_owned()];
    let error = Proxies::read(&bad, ProxyHeader::default()).expect_err("bits behind its prefix");
    let message = error.to_string();
    assert!(
        message.starts_with("trusted_proxies must be addresses such as"),
        "{message}"
    );
    assert!(message.ends_with("found `10.0.0.1/8`"), "{message}");
}
