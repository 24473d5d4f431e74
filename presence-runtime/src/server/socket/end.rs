//! The end of a connection: why it comes, and what is still said then.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::input::Input;
use super::output::Output;
use crate::server::outlet::Outlet;
use crate::topic::Loss;
use crate::wire::websocket::{self, CloseCode};

/// How long a client may take to read the end of a connection.
pub(in crate::server) const FAREWELL: Duration = Duration::from_secs(1);

/// How a connection ends.
pub(super) enum End {
    /// Nobody is there to hear a goodbye.
    Lost,
    /// Nothing came, not even answers to pings.
    Silent,
    Closed(CloseCode),
}

impl End {
    pub(super) const fn loss(&self) -> Loss {
        match self {
            Self::Lost => Loss::Broken,
            Self::Silent => Loss::Silent,
            Self::Closed(CloseCode::STALLED) => Loss::Stalled,
            Self::Closed(CloseCode::TOKEN_EXPIRED) => Loss::Expired,
            Self::Closed(CloseCode::TAKEN_OVER) => Loss::TakenOver,
            Self::Closed(CloseCode::RESTART) => Loss::Draining,
            Self::Closed(_) => Loss::Refused,
        }
    }
}

/// Writes what is left and a close frame, and gives the client a moment to read them: a socket
/// that is closed with unread bytes would take them back.
pub(super) async fn farewell(
    mut input: Input,
    mut output: Output,
    outlet: &Outlet,
    code: CloseCode,
) {
    outlet.say_goodbye(Bytes::from(websocket::close(code)));
    let goodbye = async {
        while let Ok(false) = output.drain(outlet).await {}
        output.end(outlet).await;
        input.discard().await;
    };
    let _ = timeout(FAREWELL, goodbye).await;
}
