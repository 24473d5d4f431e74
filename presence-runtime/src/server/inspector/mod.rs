//! The inspector: a page that shows whoever runs a hub what is going on in it.
//!
//! It asks for nothing that clients could not ask for, with whatever token its reader shows it, so it can
//! see no more than they may. The page itself says nothing and is given to everybody; it is there only
//! where the application asked for it.

use http::header::{self, HeaderName};
use http::{HeaderValue, Response};

use super::access::Caller;
use super::body::Body;
use super::hub::Hub;
use super::routes::json;

/// Nothing but this page's own files, and nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// A file of the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
}

/// A script, by its name.
macro_rules! script {
    ($name:literal) => {
        File {
            path: concat!("inspector/", $name),
            kind: "text/javascript; charset=utf-8",
            text: include_str!($name),
        }
    };
}

static FILES: [File; 9] = [
    File {
        path: "inspector",
        kind: "text/html; charset=utf-8",
        text: include_str!("page.html"),
    },
    File {
        path: "inspector/style.css",
        kind: "text/css; charset=utf-8",
        text: include_str!("style.css"),
    },
    script!("script.js"),
    script!("ask.js"),
    script!("detail.js"),
    script!("history.js"),
    script!("list.js"),
    script!("members.js"),
    script!("shown.js"),
];

impl File {
    /// The file at a path of the routes.
    pub(super) fn at(path: &str) -> Option<&'static Self> {
        FILES.iter().find(|it| it.path == path)
    }

    pub(super) fn answer(&self) -> Response<Body> {
        let mut response = Response::new(Body::whole(self.text));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// `GET /inspector/totals`: how many connections there are, which only open mode tells everybody.
pub(super) fn totals(hub: &Hub, _: &Caller) -> Response<Body> {
    let connections = hub.access().is_open().then(|| hub.connections().count());
    json(serde_json::json!({ "connections": connections }).to_string())
}
