//! Operations: what whoever runs a hub asks it, rather than who is present.
//!
//! `/healthz` and `/readyz` say nothing about anybody and are answered to everybody. Whatever tells
//! figures or names is behind a [`Gate`].

mod gate;
mod health;
mod metrics;
mod neighbours;
mod process;
mod text;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Method, Request, Response};

use self::gate::Gate;
pub use self::health::Readiness;
use super::access::host;
use super::body::Body;
use super::config::ConfigError;
use super::hub::Hub;
use super::meter::Meter;
use super::refused::Refused;
use crate::wire::{Code, Fault};

/// The routes for those who run a hub: `GET /healthz`, `/readyz` and `/metrics`.
///
/// A [`Server`](super::Server) answers the first two by itself, and all of them once it is asked to:
/// [`Server::with_operations`](super::Server::with_operations) where everything else is,
/// [`Server::with_admin`](super::Server::with_admin) on an address of their own. An application
/// mounts this service, as `Router::nest_service("/operations", Operations::guarded(hub, password)?)` does.
#[derive(Debug, Clone)]
pub struct Operations {
    hub: Hub,
    gate: Gate,
}

impl Operations {
    /// For everybody who reaches them under a host name that no foreign page can make its own: a local
    /// one, an IP address, or one of [`Config::hosts`](super::Config::hosts).
    #[must_use]
    pub const fn open(hub: Hub) -> Self {
        Self {
            hub,
            gate: Gate::Open,
        }
    }

    /// For those who show this password, as `Authorization: Bearer` or, with any user name, `Basic`.
    /// `/healthz` and `/readyz` need none.
    ///
    /// # Errors
    /// When the password has less than 16 characters, or characters that no header can have.
    pub fn guarded(hub: Hub, password: &str) -> Result<Self, ConfigError> {
        let gate = Gate::guarded(password)?;
        Ok(Self { hub, gate })
    }

    /// Answers a request. Bodies are not read.
    pub fn answer<B>(&self, request: Request<B>) -> Response<Body> {
        let (head, _) = request.into_parts();
        let done = self.done(&head);
        done.unwrap_or_else(|refused| refused.counted(self.meter()))
    }

    pub(super) fn done(&self, head: &Parts) -> Result<Response<Body>, Refused> {
        let Some(route) = Route::of(head.uri.path()) else {
            return Err(Fault::new(Code::NotFound, "no such route").into());
        };
        check(head)?;
        if !route.is_for_everybody() {
            self.gate.check(&self.hub, head)?;
        }
        Ok(match route {
            Route::Health => health::healthz(),
            Route::Ready => health::readyz(&self.hub),
            Route::Metrics => metrics::metrics(&self.hub),
        })
    }

    /// Whether there is something at this path.
    pub(super) fn serves(path: &str) -> bool {
        Route::of(path).is_some()
    }

    /// What there is to tell of the hub.
    pub(super) fn meter(&self) -> &Meter {
        &self.hub.shared().meter
    }

    /// Whether nobody is asked for a password.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.gate, Gate::Open)
    }
}

impl<B> tower_service::Service<Request<B>> for Operations
where
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let operations = self.clone();
        Box::pin(async move { Ok(operations.answer(request)) })
    }
}

/// Answers `/healthz` and `/readyz` of a server that was asked for nothing else; nothing for other
/// paths.
pub(super) fn basics(hub: &Hub, head: &Parts) -> Option<Result<Response<Body>, Refused>> {
    let route = Route::of(head.uri.path()).filter(Route::is_for_everybody)?;
    Some(check(head).map(|()| match route {
        Route::Ready => health::readyz(hub),
        Route::Health | Route::Metrics => health::healthz(),
    }))
}

/// Whether it is a request that is answered at all. Whoever asks for health may know this machine by
/// any name, as load balancers do.
fn check(head: &Parts) -> Result<(), Refused> {
    host::named(head)?;
    if head.method != Method::GET && head.method != Method::HEAD {
        return Err(Refused::Method("GET, HEAD"));
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Health,
    Ready,
    Metrics,
}

impl Route {
    fn of(path: &str) -> Option<Self> {
        match path {
            "/healthz" => Some(Self::Health),
            "/readyz" => Some(Self::Ready),
            "/metrics" => Some(Self::Metrics),
            _ => None,
        }
    }

    /// Whether it tells nothing that not everybody may know.
    const fn is_for_everybody(&self) -> bool {
        matches!(self, Self::Health | Self::Ready)
    }
}
