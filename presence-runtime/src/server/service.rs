//! The presence routes as a `tower` service, on its own or inside another application.

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use percent_encoding::percent_decode_str;

use super::access::{Action, Caller, Credentials};
use super::body::{Body, Unread, collect};
use super::config::ConfigError;
use super::hub::Hub;
use super::line::Line;
use super::origin::{self, Page};
use super::refused::Refused;
use super::route::Route;
use super::{history, inspector, listing, routes, upgrade};
use crate::wire::{Code, Fault};

/// The header that carries a session key.
static SESSION_KEY: HeaderName = HeaderName::from_static("presence-session");
/// The most bytes of a request's path and query; RFC 9110 asks for 8,000 at least.
pub(super) const MAX_TARGET: usize = 8 * 1024;

/// The presence routes of a hub. Generic over the body of requests, so that it serves hyper, axum
/// and anything else that speaks `http`.
///
/// Without authentication it has to be asked for by name: [`Service::open`].
#[derive(Debug, Clone)]
pub struct Service {
    hub: Hub,
    prefix: &'static str,
    inspector: bool,
}

impl Service {
    /// The routes below `/`, for mounting, as `Router::nest_service("/presence", Service::new(hub)?)`
    /// does.
    ///
    /// # Errors
    /// When the hub has no authentication.
    pub fn new(hub: Hub) -> Result<Self, ConfigError> {
        if hub.access().is_open() {
            return Err(ConfigError::Open);
        }
        Ok(Self::open(hub))
    }

    /// The same where the hub may have no authentication: it is open to everybody who reaches it under
    /// a known host name then, see [`Config::hosts`](super::Config::hosts).
    #[must_use]
    pub const fn open(hub: Hub) -> Self {
        Self {
            hub,
            prefix: "",
            inspector: false,
        }
    }

    /// The same routes below a prefix such as `/presence`, where the application does not strip it.
    #[must_use]
    pub const fn below(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self
    }

    /// Answers `GET /inspector` as well, with a page that shows topics, members and what became of them
    /// to people. It asks for what it shows as any client does, so its reader sees what they may; the
    /// past of a topic takes [`Action::Inspect`]. Defaults to no such page.
    #[must_use]
    pub const fn with_inspector(mut self) -> Self {
        self.inspector = true;
        self
    }

    pub(super) const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Answers a request.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body + Send,
        B::Data: Buf + Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let line = Line {
            peer: request.extensions().get().copied(),
            ..Line::default()
        };
        self.answer_on(&line, request).await
    }

    /// Answers a request on a connection where somebody may have spoken before.
    pub(super) async fn answer_on<B>(&self, line: &Line, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body + Send,
        B::Data: Buf + Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let meter = &self.hub.shared().meter;
        if line.is_doubtful() || !is_plain(&head.headers) {
            return Refused::Doubtful.counted(meter);
        }
        let page = match self.page(&head) {
            Ok(page) => page,
            Err(fault) => {
                let mut response = Refused::from(fault).counted(meter);
                origin::vary(response.headers_mut());
                return response;
            }
        };
        let done = self.route(line, head, body).await;
        let mut response = done.unwrap_or_else(|refused| refused.counted(meter));
        page.mark(&mut response);
        response
    }

    async fn route<B>(&self, line: &Line, head: Parts, body: B) -> Result<Response<Body>, Refused>
    where
        B: http_body::Body + Send,
        B::Data: Buf + Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let path = head.uri.path().strip_prefix(self.prefix);
        let path = path.and_then(|it| it.strip_prefix('/'));
        let route = Route::of(path.unwrap_or_default(), self.inspector)?;
        self.hub.shared().meter.requests[route.number()].add(1);
        let (methods, allow) = route.methods();
        if head.method == Method::OPTIONS {
            return Ok(origin::options(methods, allow, &head.headers));
        }
        if !route.takes(&head.method) {
            return Err(Refused::Method(allow));
        }
        let query = head.uri.query().unwrap_or_default();
        refuse_token(query)?;
        let from = self.hub.proxies().address(line.peer, &head.headers);
        if matches!(route, Route::Socket) {
            self.hub.connections().drain.check()?;
            // Who it is will be said in `hello`.
            return Ok(upgrade::upgrade(&self.hub, from, head)?);
        }
        if let Route::Inspector(file) = route {
            // It says nothing of anybody.
            return Ok(file.answer());
        }
        let who = self.caller(line, &head.headers).await?.coming_from(from);
        let form = line.form_of_streams(head.version);
        let hub = &self.hub;
        let done = match route {
            Route::Heartbeat(topic) => {
                let permit = hub.permit(&who, &topic, Action::Announce).await?;
                let body = self.read(line, &head.headers, body).await?;
                let session = who.actor().map(|it| it.session.id);
                if let Some(wait) = session.and_then(|it| hub.acquaint(&topic, Some(it), None)) {
                    wait.await;
                }
                routes::heartbeat(hub, line, &permit, &who, &body)
            }
            Route::Leave(topic) => {
                let permit = hub.permit(&who, &topic, Action::Announce).await?;
                let body = self.read(line, &head.headers, body).await?;
                routes::leave(hub, &permit, &who, &body).await
            }
            Route::ChangesOfMany => {
                let body = self.read(line, &head.headers, body).await?;
                routes::changes_of_many(hub, &who, &body, form).await
            }
            Route::Value(topic) => {
                let permit = hub.permit(&who, &topic, Action::Read).await?;
                if let Some(wait) = hub.acquaint(&topic, None, None) {
                    wait.await;
                }
                routes::value(hub, &permit, head.uri.query(), &head.headers)
            }
            Route::Changes(topic) => {
                let permit = hub.permit(&who, &topic, Action::Read).await?;
                routes::changes(hub, &permit, &who, &head, form)
            }
            Route::History(topic) => {
                let permit = hub.permit(&who, &topic, Action::Inspect).await?;
                history::history(hub, &permit, query, &head.headers)
            }
            Route::User(user) => listing::user(hub, &user, &who, query).await,
            Route::Topics => listing::topics(hub, &who, query).await,
            Route::Schema(name) => routes::schema(hub, &who, &name),
            Route::OpenApi => Ok(routes::openapi(hub, &who)),
            Route::Totals => Ok(inspector::totals(hub, &who)),
            Route::Socket | Route::Inspector(_) => unreachable!("answered above"),
        };
        Ok(done?)
    }

    /// Whose page a request comes from that is answered at all, whoever speaks: it is for this host,
    /// and from no page that may not use it.
    fn page(&self, head: &Parts) -> Result<Page, Fault> {
        let host = self.hub.access().host(head)?;
        let page = self.hub.origins().page(head, host)?;
        if head
            .uri
            .path_and_query()
            .is_some_and(|it| it.as_str().len() > MAX_TARGET)
        {
            let message = format!("a request's target has at most {MAX_TARGET} bytes");
            return Err(Fault::new(Code::UriTooLong, message));
        }
        Ok(page)
    }

    async fn caller(&self, line: &Line, headers: &HeaderMap) -> Result<Caller, Fault> {
        let key = headers.get(&SESSION_KEY);
        // A key that is not text is as malformed as any other.
        let key = key.map(|it| it.to_str().unwrap_or_default());
        let credentials = || Credentials::of(headers.clone());
        let access = self.hub.access();
        access.admit(&line.speaker, credentials, key).await
    }

    /// Reads a body of JSON, within size and time.
    async fn read<B: http_body::Body>(
        &self,
        line: &Line,
        headers: &HeaderMap,
        body: B,
    ) -> Result<Bytes, Refused> {
        let config = self.hub.config();
        let mut is_typed = false;
        for kind in headers.get_all(header::CONTENT_TYPE) {
            is_typed = true;
            if is_json(kind) {
                continue;
            }
            let found = String::from_utf8_lossy(kind.as_bytes());
            let found: String = found.chars().take(64).collect();
            let message = format!("the body has to be application/json, found {found:?}");
            return Err(Fault::new(Code::UnsupportedMediaType, message).into());
        }
        let encodings = headers.get_all(header::CONTENT_ENCODING);
        if !encodings
            .iter()
            .all(|it| it.as_bytes().eq_ignore_ascii_case(b"identity"))
        {
            return Err(Refused::Encoding);
        }
        let read = collect(body, config.max_body, config.body_timeout, || {
            line.is_over()
        })
        .await;
        let body = read.map_err(|unread| match unread {
            Unread::Late => Fault::new(
                Code::Timeout,
                format!("the body took longer than {:?}", config.body_timeout),
            ),
            Unread::TooLong => Fault::new(
                Code::TooLarge,
                format!("a body has at most {} bytes", config.max_body),
            ),
            Unread::Broken => Fault::new(Code::InvalidRequest, "the body did not arrive whole"),
        })?;
        if !body.is_empty() && !is_typed {
            let message = "a body needs `Content-Type: application/json`";
            return Err(Fault::new(Code::UnsupportedMediaType, message).into());
        }
        Ok(body)
    }
}

impl<B> tower_service::Service<Request<B>> for Service
where
    B: http_body::Body + Send + 'static,
    B::Data: Buf + Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.answer(request).await) })
    }
}

/// What is in a URL is in logs, histories and `Referer` headers as well.
fn refuse_token(query: &str) -> Result<(), Fault> {
    const NAMES: [&str; 6] = [
        "token",
        "access_token",
        "id_token",
        "jwt",
        "auth",
        "authorization",
    ];
    if query.is_empty() {
        return Ok(());
    }
    let mut keys = query
        .split(['&', ';', '?'])
        .map(|pair| pair.split('=').next().unwrap_or_default());
    let named = |key: &str| {
        let key = percent_decode_str(key).decode_utf8_lossy();
        NAMES.into_iter().any(|it| it.eq_ignore_ascii_case(&key))
    };
    if keys.any(named) {
        let message = "a token does not belong into a URL: send it in `Authorization: Bearer`, or in `hello`, and get another one";
        return Err(Fault::new(Code::InvalidRequest, message));
    }
    Ok(())
}

/// Whether a body is sent as it is or in chunks, but in no further coding that would be left in it.
pub(super) fn is_plain(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked = |it: &HeaderValue| it.as_bytes().eq_ignore_ascii_case(b"chunked");
    codings.next().is_none_or(is_chunked) && codings.next().is_none()
}

fn is_json(kind: &HeaderValue) -> bool {
    if kind == "application/json" {
        return true;
    }
    let text = kind.to_str().unwrap_or_default();
    let kind = text.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
