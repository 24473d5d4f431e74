//! Origins: whose pages may use the server, and what their browsers are told (CORS).
//!
//! A browser sends what any page asks it to, from inside the user's network and with the user's
//! cookies; whose page asked, it says in `Origin`. Answered are pages of the server's own origin and
//! those that [`Config::origins`](super::Config::origins) names, by any method and on the WebSocket
//! handshake alike. What is no browser says no origin, and may.

use std::net::Ipv6Addr;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};

use super::body::Body;
use super::config::ConfigError;
use crate::wire::{Code, Fault};

/// What requests of other origins may carry.
const HEADERS: &str = "content-type, presence-session, authorization, last-event-id, if-none-match";
/// What pages of other origins may read of an answer's head.
const EXPOSED: &str = "etag, retry-after";
/// For how long a browser need not ask again, in seconds; none remembers it for longer.
const MAX_AGE: &str = "7200";

static FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
static FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The origins whose pages are answered beside the server's own.
#[derive(Debug)]
pub(super) struct Origins(Vec<String>);

/// Whose page a request that is answered comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// The server's own, or no page at all.
    Own,
    /// That of a listed origin, in the words of its browser.
    Listed(HeaderValue),
}

/// An origin, in parts.
#[derive(Debug, Clone, Copy)]
struct Origin<'a> {
    scheme: &'a str,
    host: &'a str,
    /// The one said, else that of the scheme.
    port: Option<u16>,
}

impl Origins {
    /// Reads a list of origins.
    ///
    /// # Errors
    /// At the first that is none, or no exact one.
    pub(super) fn read(list: &[String]) -> Result<Self, ConfigError> {
        let exact = |entry: &String| {
            let origin = Origin::parse(entry).ok_or_else(|| ConfigError::Setting {
                setting: "origins",
                allowed: "exact origins such as `https://app.example` or `http://localhost:3000`: a scheme, a host in \
                          ASCII (`xn--` for other letters) and a port where it is not the scheme's; no path, `*` or `null`".to_owned(),
                found: format!("`{entry}`"),
            })?;
            Ok(origin.to_string())
        };
        list.iter().map(exact).collect::<Result<_, _>>().map(Self)
    }

    /// Whose page a request for this host comes from.
    ///
    /// # Errors
    /// `forbidden_origin` where it is neither the server's own nor listed.
    pub(super) fn page(&self, head: &Parts, host: &str) -> Result<Page, Fault> {
        let mut origins = head.headers.get_all(header::ORIGIN).iter();
        let Some(found) = origins.next() else {
            return match is_foreign_without_origin(&head.method, &head.headers) {
                false => Ok(Page::Own),
                true => Err(forbidden(
                    "a page of another origin asks, and its browser does not say which",
                )),
            };
        };
        if origins.next().is_some() {
            return Err(forbidden("a request has one `Origin`"));
        }
        let text = found.to_str().unwrap_or_default();
        let Some(origin) = Origin::parse(text) else {
            let shown: String = text.chars().take(128).collect();
            return Err(forbidden(format!(
                "`{shown}` is no origin that could be named: pages of files, sandboxes and the like are not answered"
            )));
        };
        if origin.is_at(host) {
            return Ok(Page::Own);
        }
        let name = origin.to_string();
        if self.0.contains(&name) {
            return Ok(Page::Listed(found.clone()));
        }
        let host: String = host.chars().take(128).collect();
        Err(forbidden(format!(
            "pages of `{name}` may not use this server, `{host}`; where they may, name `{name}` in `Config::origins`"
        )))
    }
}

impl Page {
    /// Lets the page read an answer, also one that refuses; and lets caches know that other pages
    /// get other answers.
    pub(super) fn mark(self, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        vary(headers);
        if let Self::Listed(origin) = self {
            let exposed = HeaderValue::from_static(EXPOSED);
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
}

/// Says that an answer depends on the origin.
pub(super) fn vary(headers: &mut HeaderMap) {
    let vary = headers.entry(header::VARY);
    vary.or_insert(HeaderValue::from_static("origin"));
}

/// Answers `OPTIONS` of a route with these methods: what there is, and what browsers ask before
/// they send the request of another origin's page.
pub(super) fn options(
    methods: &'static str,
    allow: &'static str,
    asked: &HeaderMap,
) -> Response<Body> {
    let mut response = Response::new(Body::whole(""));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let mut say = |name, text| headers.insert(name, HeaderValue::from_static(text));
    say(header::ALLOW, allow);
    if asked.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        say(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        say(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        say(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        say(
            header::VARY,
            "origin, access-control-request-method, access-control-request-headers",
        );
    }
    response
}

/// Whether a request that says no origin is another page's nevertheless. Browsers leave it out where
/// a page only shows something, an image say, and may not read it: enough to change something, or to
/// keep streams open in the user's name. Following a link is no page's request.
fn is_foreign_without_origin(method: &Method, headers: &HeaderMap) -> bool {
    let said = |name: &HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    match said(&FETCH_SITE) {
        None | Some(b"same-origin" | b"none") => false,
        Some(_) => {
            let follows =
                said(&FETCH_MODE) == Some(b"navigate") && said(&FETCH_DEST) == Some(b"document");
            !(follows && method.is_safe())
        }
    }
}

fn forbidden(message: impl Into<String>) -> Fault {
    Fault::new(Code::ForbiddenOrigin, message)
}

impl<'a> Origin<'a> {
    /// Reads `scheme://host` or `scheme://host:port`, and nothing that is more or less.
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let (first, rest) = scheme.as_bytes().split_first()?;
        let in_scheme = |c: &u8| c.is_ascii_alphanumeric() || b"+-.".contains(c);
        if !first.is_ascii_alphabetic() || !rest.iter().all(in_scheme) {
            return None;
        }
        let (host, port) = split(authority)?;
        is_host(host).then_some(Self {
            scheme,
            host,
            port: port.or_else(|| default_port(scheme)),
        })
    }

    /// Whether this is the origin of a request's own host. Its scheme is not known: behind a proxy
    /// that ends TLS it is another one than the server's.
    fn is_at(&self, host: &str) -> bool {
        split(host).is_some_and(|(host, port)| {
            let port = port.or_else(|| default_port(self.scheme));
            host.eq_ignore_ascii_case(self.host) && port == self.port
        })
    }
}

/// Written in one way only: in lower case, without the port that goes without saying.
impl std::fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (scheme, host) = (self.scheme.to_ascii_lowercase(), self.host);
        match ipv6(host) {
            Some(address) => write!(f, "{scheme}://[{address}]")?,
            None => write!(f, "{scheme}://{}", host.to_ascii_lowercase())?,
        }
        match self.port {
            Some(port) if self.port != default_port(&scheme) => write!(f, ":{port}"),
            _ => Ok(()),
        }
    }
}

/// Host and port of an authority without user information.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let Some(port) = port else {
        return Some((host, None));
    };
    let digits = port.bytes().all(|it| it.is_ascii_digit());
    let port = port.parse().ok().filter(|port| digits && *port != 0)?;
    Some((host, Some(port)))
}

fn is_host(host: &str) -> bool {
    let in_label = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(in_label);
    ipv6(host).is_some() || (host.len() <= 253 && host.split('.').all(is_label))
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        it if it.eq_ignore_ascii_case("https") => Some(443),
        it if it.eq_ignore_ascii_case("http") => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(headers: &[(&'static str, &str)]) -> Parts {
        let mut request = Request::post("/");
        for (name, text) in headers {
            let value = HeaderValue::from_bytes(text.as_bytes()).expect("a header value");
            request = request.header(*name, value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn judged(listed: &[&str], host: &str, headers: &[(&'static str, &str)]) -> Result<Page, Code> {
        let listed: Vec<_> = listed.iter().map(ToString::to_string).collect();
        let origins = Origins::read(&listed).expect("exact origins");
        let page = origins.page(&head(headers), host);
        page.map_err(|fault| fault.code)
    }

    fn listed(origin: &str) -> Result<Page, Code> {
        Ok(Page::Listed(HeaderValue::try_from(origin).expect("ASCII")))
    }

    #[test]
    fn the_own_origin_is_the_one_whose_authority_is_the_host() {
        for (origin, host) in [
            ("http://localhost:7700", "localhost:7700"),
            ("http://localhost", "localhost"),
            ("http://localhost", "localhost:80"),
            ("http://localhost:80", "localhost"),
            // Behind a proxy that ends TLS.
            ("https://board.example", "board.example"),
            ("https://board.example", "board.example:443"),
            ("HTTPS://Board.Example", "board.example"),
            ("http://[::1]:7700", "[::1]:7700"),
        ] {
            let own = judged(&[], host, &[("origin", origin)]);
            assert_eq!(own, Ok(Page::Own), "{origin} at {host}");
        }
        for (origin, host) in [
            ("http://localhost:7700", "localhost"),
            ("http://localhost", "localhost:7700"),
            ("http://localhost:3000", "127.0.0.1:7700"),
            ("http://127.0.0.1:7700", "localhost:7700"),
            ("https://board.example", "board.example:80"),
            ("https://board.example.", "board.example"),
            ("https://board.example.evil.example", "board.example"),
            ("https://evil.example", ""),
            ("https://", ""),
        ] {
            let refused = judged(&[], host, &[("origin", origin)]);
            assert_eq!(refused, Err(Code::ForbiddenOrigin), "{origin} at {host}");
        }
    }

    #[test]
    fn other_origins_are_answered_exactly_as_listed() {
        let list = [
            "https://Good.example",
            "http://localhost:3000",
            "https://a.example:8443",
        ];
        let ask = |origin| judged(&list, "api.example", &[("origin", origin)]);
        for good in [
            "https://good.example",
            "https://good.example:443",
            "http://localhost:3000",
            "https://a.example:8443",
        ] {
            assert_eq!(ask(good), listed(good), "{good}");
        }
        for bad in [
            "http://good.example",
            "https://good.example:444",
            "https://good.example.evil.example",
            "https://evilgood.example",
            "https://sub.good.example",
            "https://good.example.",
            "https://good.example@evil.example",
            "https://evil.example/https://good.example",
            "https://good.example/",
            "https://good.example evil.example",
            "https://good.example,https://evil.example",
            "https://xn--god-1na.example",
            "https://g\u{f6}od.example",
            "http://localhost",
            "http://localhost:03000x",
            "http://localhost:+3000",
            "null",
            "*",
            "",
            "good.example",
        ] {
            assert_eq!(ask(bad), Err(Code::ForbiddenOrigin), "{bad}");
        }
        let twice = [
            ("origin", "https://good.example"),
            ("origin", "https://good.example"),
        ];
        let twice = judged(&list, "api.example", &twice);
        assert_eq!(twice, Err(Code::ForbiddenOrigin));
    }

    #[test]
    fn a_request_without_origin_is_somebody_elses_where_its_browser_says_so() {
        let ask = |site, mode, dest| {
            let fetch = [
                ("sec-fetch-site", site),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", dest),
            ];
            let mut head = head(&fetch);
            let mut ask = |method| {
                head.method = method;
                let origins = Origins(Vec::new());
                origins.page(&head, "localhost").is_ok()
            };
            (ask(Method::GET), ask(Method::POST))
        };
        assert_eq!(ask("same-origin", "cors", "empty"), (true, true));
        assert_eq!(ask("none", "navigate", "document"), (true, true));
        assert_eq!(ask("cross-site", "navigate", "document"), (true, false));
        assert_eq!(ask("cross-site", "navigate", "iframe"), (false, false));
        assert_eq!(ask("cross-site", "no-cors", "image"), (false, false));
        assert_eq!(ask("same-site", "no-cors", "script"), (false, false));
        assert_eq!(judged(&[], "localhost", &[]), Ok(Page::Own));
    }

    #[test]
    fn what_is_no_exact_origin_cannot_be_listed() {
        for bad in [
            "*",
            "null",
            "https://*.example",
            "https://good.example/",
            "https://good.example/path",
            "good.example",
            "//good.example",
            "https://b\u{fc}cher.example",
            "https://ann@good.example",
            "https://good.example:0",
            "https://good.example:99999",
            "https://good.example.",
            "https://[::1",
            "",
        ] {
            let refused = Origins::read(&[bad.to_owned()]).expect_err(bad);
            let message = refused.to_string();
            assert!(
                message.starts_with("origins must be exact origins such as"),
                "{message}"
            );
            assert!(message.ends_with(&format!("found `{bad}`")), "{message}");
        }
        let good = [
            "HTTPS://Good.Example:443",
            "http://[0:0::1]:3000",
            "capacitor://localhost",
        ];
        let good = good.map(ToOwned::to_owned);
        let origins = Origins::read(&good).expect("exact origins");
        assert_eq!(
            origins.0,
            [
                "https://good.example",
                "http://[::1]:3000",
                "capacitor://localhost"
            ]
        );
    }
}
