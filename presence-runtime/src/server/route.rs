//! Routes: what a path is of, and which methods it takes.

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;

use super::inspector;
use crate::wire::{Code, Fault};

/// What routes are called where their requests are counted.
pub(super) const ROUTES: [&str; 12] = [
    "heartbeat",
    "leave",
    "value",
    "changes",
    "changes_of_many",
    "users",
    "topics",
    "schemas",
    "openapi",
    "ws",
    "history",
    "inspector",
];

/// What a path below the prefix is of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Heartbeat(Cow<'a, str>),
    Leave(Cow<'a, str>),
    Value(Cow<'a, str>),
    Changes(Cow<'a, str>),
    History(Cow<'a, str>),
    ChangesOfMany,
    User(Cow<'a, str>),
    Topics,
    Schema(Cow<'a, str>),
    OpenApi,
    Socket,
    Inspector(&'static inspector::File),
    Totals,
}

impl<'a> Route<'a> {
    /// The route of a path without its prefix and leading slash, where the inspector may be one.
    pub(super) fn of(path: &'a str, inspector: bool) -> Result<Self, Fault> {
        let unknown = || Fault::new(Code::NotFound, "no such route");
        // Clients may encode the colons of a topic; a route's own words never need it.
        let text = |part: &'a str| match memchr::memchr(b'%', part.as_bytes()) {
            None => Ok(Cow::Borrowed(part)),
            Some(_) => percent_decode_str(part)
                .decode_utf8()
                .map_err(|_| unknown()),
        };
        if inspector && let Some(file) = inspector::File::at(path) {
            return Ok(Self::Inspector(file));
        }
        let slash = memchr::memchr(b'/', path.as_bytes());
        Ok(match slash.map(|at| (&path[..at], &path[at + 1..])) {
            Some(("inspector", "totals")) if inspector => Self::Totals,
            None if path == "ws" => Self::Socket,
            None if path == "changes" => Self::ChangesOfMany,
            None if path == "topics" => Self::Topics,
            None if path == "openapi.json" => Self::OpenApi,
            Some(("users", user)) => Self::User(text(user)?),
            Some(("schemas", name)) => Self::Schema(text(name)?),
            Some((topic, "heartbeat")) => Self::Heartbeat(text(topic)?),
            Some((topic, "leave")) => Self::Leave(text(topic)?),
            Some((topic, "value")) => Self::Value(text(topic)?),
            Some((topic, "changes")) => Self::Changes(text(topic)?),
            Some((topic, "history")) => Self::History(text(topic)?),
            _ => return Err(unknown()),
        })
    }

    /// Its place in [`ROUTES`].
    pub(super) const fn number(&self) -> usize {
        match self {
            Self::Heartbeat(_) => 0,
            Self::Leave(_) => 1,
            Self::Value(_) => 2,
            Self::Changes(_) => 3,
            Self::ChangesOfMany => 4,
            Self::User(_) => 5,
            Self::Topics => 6,
            Self::Schema(_) => 7,
            Self::OpenApi => 8,
            Self::Socket => 9,
            Self::History(_) => 10,
            Self::Inspector(_) | Self::Totals => 11,
        }
    }

    /// The methods that do something, and all there are.
    pub(super) const fn methods(&self) -> (&'static str, &'static str) {
        match self.is_posted() {
            true => ("POST", "POST, OPTIONS"),
            false => ("GET, HEAD", "GET, HEAD, OPTIONS"),
        }
    }

    /// Whether it does something with this method.
    pub(super) fn takes(&self, method: &Method) -> bool {
        match self.is_posted() {
            true => *method == Method::POST,
            false => *method == Method::GET || *method == Method::HEAD,
        }
    }

    const fn is_posted(&self) -> bool {
        match self {
            Self::Heartbeat(_) | Self::Leave(_) | Self::ChangesOfMany => true,
            Self::Value(_)
            | Self::Changes(_)
            | Self::History(_)
            | Self::User(_)
            | Self::Topics
            | Self::Schema(_)
            | Self::OpenApi
            | Self::Socket
            | Self::Inspector(_)
            | Self::Totals => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_route_or_none() {
        let topic = || Cow::Borrowed("boards:42:cursors");
        assert_eq!(
            Route::of("boards:42:cursors/heartbeat", false),
            Ok(Route::Heartbeat(topic()))
        );
        assert_eq!(
            Route::of("boards%3A42%3Acursors/value", false),
            Ok(Route::Value(topic()))
        );
        assert_eq!(Route::of("ws", false), Ok(Route::Socket));
        assert_eq!(Route::of("changes", false), Ok(Route::ChangesOfMany));
        assert_eq!(Route::of("topics", false), Ok(Route::Topics));
        assert_eq!(Route::of("openapi.json", false), Ok(Route::OpenApi));
        assert_eq!(
            Route::of("users/ann%40example.org", false),
            Ok(Route::User("ann@example.org".into()))
        );
        assert_eq!(
            Route::of("schemas/Cursor", false),
            Ok(Route::Schema("Cursor".into()))
        );
        for none in [
            "",
            "/",
            "x",
            "x/",
            "x/y",
            "x/value/",
            "ws/",
            "%ff/value",
            "x/%76alue",
        ] {
            assert!(Route::of(none, false).is_err(), "{none}");
        }
    }
}
