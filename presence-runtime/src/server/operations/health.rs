//! Health: whether the process lives, and whether it should be sent more.

use std::fmt;

use http::{Response, StatusCode};

use crate::server::body::Body;
use crate::server::hub::Hub;
use crate::server::routes::json;

/// Whether a hub should be sent more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Readiness {
    /// It takes whoever comes.
    Ready,
    /// It goes, and tells everybody to come back elsewhere, or later.
    Draining,
    /// It is closed: nobody joins any more.
    Closed,
    /// It has as many connections, topics or entries as it may have.
    Overloaded,
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "ready",
            Self::Draining => "draining",
            Self::Closed => "closed",
            Self::Overloaded => "overloaded",
        })
    }
}

impl Hub {
    /// Whether more should be sent here; what `/readyz` says.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let shared = self.shared();
        if shared.connections.drain.has_begun() {
            Readiness::Draining
        } else if shared.check_open().is_err() {
            Readiness::Closed
        } else if shared.connections.is_full() || shared.whereabouts.is_full() || self.is_full() {
            Readiness::Overloaded
        } else {
            Readiness::Ready
        }
    }
}

/// `GET /healthz`: whoever answers lives.
pub(super) fn healthz() -> Response<Body> {
    json("{\"status\":\"alive\"}")
}

/// `GET /readyz`: 200 while more may come, else 503 with the reason. Where there are other nodes it says
/// how fresh their members are as well, which is no reason to send anybody elsewhere.
pub(super) fn readyz(hub: &Hub) -> Response<Body> {
    hub.connections().drain.watched();
    let readiness = hub.readiness();
    let remote = match hub.shared().neighbours() {
        Some(neighbours) if neighbours.is_stale() => ",\"remote\":\"stale\"",
        Some(_) => ",\"remote\":\"live\"",
        None => "",
    };
    let mut response = json(format!("{{\"status\":\"{readiness}\"{remote}}}"));
    if readiness != Readiness::Ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}
