//! Origins: whose pages may use the server, and what their browsers are told (CORS).
//!
//! A browser sends what any page asks it to, from inside the user's network and with the user's
//! cookies; whose page asked, it says in `Origin`. Answered are pages of the server's own origin and
//! those that [`Config::origins`](super::Config::origins) names, by any method and on the WebSocket
//! handshake alike. What is no browser says no origin, and may.

#[cfg(test)]
mod tests;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};

use super::access::host::{default_port, ipv6, is_host, split};
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
        if origin.is_at(host) || says_own(&head.headers) {
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
    // There are few, and it is the first of most answers.
    if !headers.keys().any(|it| *it == header::VARY) {
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
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

/// Whether a browser vouches that page and server are of one origin. It compares what it asked for,
/// no page can set or unset it, and it is right where a proxy in between sends another `Host`, as
/// nginx does unless it is told otherwise. Said over TLS and to localhost only (Fetch Metadata,
/// section 2).
fn says_own(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(&FETCH_SITE).iter();
    sites.next().is_some_and(|it| it == "same-origin") && sites.next().is_none()
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
