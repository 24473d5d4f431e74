//! Authentication: from what a request or `hello` shows to an identity.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderMap, header};

use super::Identity;
use super::asked::{Asker, Question};
use crate::wire::{Code, Fault};

/// Finds out who asks. Implemented by `Jwt` (feature `jwt`), and by every function from
/// [`Credentials`] to a future.
///
/// It is asked once for each request over HTTP, once for a WebSocket when `hello` comes, and again
/// whenever a WebSocket sends another token. It runs as a task of its own and has
/// `Config::access_timeout`; one that panics or takes longer is as good as [`Unauthenticated::Unavailable`].
///
/// ```
/// use presence_runtime::access::{Credentials, Identity, Unauthenticated};
/// use presence_runtime::{Hub, Topics};
///
/// async fn by_cookie(shown: Credentials) -> Result<Identity, Unauthenticated> {
///     let login = shown.cookie("login").ok_or(Unauthenticated::Missing)?;
///     // Look it up where the application keeps its logins.
///     let user = if login == "c0ffee" { "ann" } else { return Err(Unauthenticated::invalid("no such login")) };
///     Identity::of(user).map_err(|_| Unauthenticated::invalid("not a name for a user"))
/// }
///
/// let hub = Hub::builder(Topics::new()).authenticate(by_cookie).build();
/// ```
pub trait Authenticate: Send + Sync + 'static {
    /// Who shows these credentials.
    fn authenticate(
        &self,
        credentials: Credentials,
    ) -> impl Future<Output = Result<Identity, Unauthenticated>> + Send;
}

impl<F, Found> Authenticate for F
where
    F: Fn(Credentials) -> Found + Send + Sync + 'static,
    Found: Future<Output = Result<Identity, Unauthenticated>> + Send,
{
    fn authenticate(
        &self,
        credentials: Credentials,
    ) -> impl Future<Output = Result<Identity, Unauthenticated>> + Send {
        self(credentials)
    }
}

/// What somebody shows to prove who they are.
#[derive(Clone, Default)]
pub struct Credentials {
    pub(super) token: Option<String>,
    pub(super) headers: HeaderMap,
}

impl Credentials {
    /// What a request with these headers shows.
    #[must_use]
    pub fn of(headers: HeaderMap) -> Self {
        Self {
            token: bearer(&headers).map(str::to_owned),
            headers,
        }
    }

    /// The same with a token of `hello` or `token` instead of the header's.
    #[must_use]
    pub(crate) fn with_token(mut self, token: Option<&str>) -> Self {
        if let Some(token) = token {
            self.token = Some(token.to_owned());
        }
        self
    }

    /// The token of `hello` or `token`, or of the header `Authorization: Bearer`.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The request's headers; a WebSocket's are those of its handshake, and there are none when a
    /// WebSocket that is open already sends another token.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The value of a cookie; nothing where two have the name.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all(header::COOKIE).iter();
        let texts = lines.filter_map(|line| line.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';'));
        let mut found = pairs.filter_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

/// Nothing of it shows.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// Why it is not known who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unauthenticated {
    /// Nothing was shown.
    #[error("this server asks who you are: send a token in `Authorization: Bearer`, or in `hello`")]
    Missing,
    /// What was shown proves nothing. The text tells the client why; it must not repeat what was shown.
    #[error("the credentials are refused: {0}")]
    Invalid(&'static str),
    /// What was shown proved something once.
    #[error("the token has expired; get another one")]
    Expired,
    /// It cannot be found out for now.
    #[error("who you are cannot be found out for now; try again")]
    Unavailable,
}

impl Unauthenticated {
    /// Refused for this reason, which the client is told.
    #[must_use]
    pub const fn invalid(why: &'static str) -> Self {
        Self::Invalid(why)
    }
}

impl From<Unauthenticated> for Fault {
    fn from(why: Unauthenticated) -> Self {
        let code = match why {
            Unauthenticated::Missing | Unauthenticated::Invalid(_) => Code::Unauthenticated,
            Unauthenticated::Expired => Code::TokenExpired,
            Unauthenticated::Unavailable => Code::Unavailable,
        };
        Self::new(code, why.to_string())
    }
}

type Finding = Pin<Box<dyn Future<Output = Result<Identity, Unauthenticated>> + Send>>;

/// An [`Authenticate`] past its type.
#[derive(Clone)]
pub(crate) struct Authenticator(Arc<dyn Fn(Credentials) -> Finding + Send + Sync>);

impl Authenticator {
    pub(crate) fn new(authenticate: impl Authenticate) -> Self {
        let authenticate = Arc::new(authenticate);
        Self(Arc::new(move |credentials| {
            let authenticate = authenticate.clone();
            Box::pin(async move { authenticate.authenticate(credentials).await })
        }))
    }

    /// Who shows this.
    pub(super) async fn ask(
        &self,
        credentials: Credentials,
        asker: &Asker,
    ) -> Result<Identity, Unauthenticated> {
        let Self(ask) = self.clone();
        let asked = async move { ask(credentials).await };
        let found = asker.answer(Question::Authentication, asked).await;
        found.unwrap_or(Err(Unauthenticated::Unavailable))
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticator(..)")
    }
}

/// The token of `Authorization: Bearer`; nothing where the header is there twice.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else {
        return None;
    };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn shown(lines: &[(&'static str, &'static str)]) -> Credentials {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        Credentials::of(headers)
    }

    #[test]
    fn a_token_is_what_stands_behind_bearer_in_the_one_header() {
        for (line, token) in [
            ("Bearer a.b.c", Some("a.b.c")),
            ("bearer  a.b.c ", Some("a.b.c")),
            ("Basic YTpi", None),
            ("a.b.c", None),
        ] {
            assert_eq!(shown(&[("authorization", line)]).token(), token, "{line}");
        }
        let twice = [("authorization", "Bearer a"), ("authorization", "Bearer b")];
        assert_eq!(shown(&twice).token(), None);
        let said = shown(&[("authorization", "Bearer a")]).with_token(Some("b"));
        assert_eq!(said.token(), Some("b"));
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_once() {
        let it = shown(&[
            ("cookie", "xlogin=1; login=a=b;other=2"),
            ("cookie", "more=3"),
        ]);
        assert_eq!(it.cookie("login"), Some("a=b"));
        assert_eq!(it.cookie("more"), Some("3"));
        assert_eq!(it.cookie("log"), None);
        assert_eq!(shown(&[("cookie", "a=1; a=2")]).cookie("a"), None);
    }

    #[test]
    fn what_is_shown_does_not_show() {
        let it = shown(&[("authorization", "Bearer secret")]);
        assert_eq!(format!("{it:?}"), "Credentials(..)");
    }
}
