//! WebSockets: bytes in, bytes out, and a watch on the time.
//!
//! One task serves a connection. It owns no read buffer while it is idle: bytes are read into one
//! of the thread and decoded there; only an unfinished frame is kept, and what has to wait.

mod end;
mod input;
mod output;
mod plain;
mod task;

use std::sync::Arc;

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tracing::Instrument;

pub(super) use self::end::FAREWELL;
use self::end::farewell;
use self::input::Input;
use self::output::Output;
pub(super) use self::plain::bound_buffers;
use super::access::Credentials;
use super::address::Address;
use super::conversation::Conversation;
use super::dialogue::Dialogue;
use super::ears::Ears;
use super::hub::Hub;
use super::outlet::{Form, Outlet};
use super::span;
use crate::topic::ConnectionId;
use crate::wire::websocket::CloseCode;

/// Serves an upgraded connection of a client until it ends, in a task of its own.
pub(super) fn serve(hub: Hub, from: Option<Address>, shown: Credentials, upgraded: Upgraded) {
    let shown = Box::new(shown);
    carry(hub, from, upgraded, move |hub, connection, outlet| {
        Conversation::new(hub.clone(), connection, from, outlet, shown)
    });
}

/// Carries a dialogue over an upgraded connection until it ends, in a task of its own: that of the
/// handshake has room for what came before.
pub(super) fn carry<D: Dialogue + Send + 'static>(
    hub: Hub,
    from: Option<Address>,
    upgraded: Upgraded,
    begin: impl FnOnce(&Hub, ConnectionId, Arc<Outlet>) -> D + Send + 'static,
) {
    let (outlet, input, output, early) = match plain::of(upgraded) {
        Ok((stream, read_buf)) => {
            let (input, output) = stream.into_split();
            let outlet = Arc::new(Outlet::direct(output));
            (outlet, Input::Direct(input), Output::Direct, read_buf)
        }
        Err(upgraded) => {
            let (input, output) = tokio::io::split(TokioIo::new(upgraded));
            let outlet = Arc::new(Outlet::deferred(Form::WebSocket));
            let (input, output) = (Input::Deferred(input), Output::Deferred(output));
            (outlet, input, output, Bytes::new())
        }
    };
    let Ok(connected) = hub.connections().add(&outlet, from) else {
        let code = match hub.connections().drain.has_begun() {
            true => CloseCode::RESTART,
            false => CloseCode::TOO_MANY,
        };
        hub.shared().meter.closed(Some(code));
        tokio::spawn(async move { farewell(input, output, &outlet, code).await });
        return;
    };
    let span = span::of_connection(connected.id, "websocket", from);
    let dialogue = begin(&hub, connected.id, outlet.clone());
    let ears = Ears::new(dialogue, outlet.clone(), hub.config(), early);
    let talk = task::talk(hub, connected, outlet, input, output, ears);
    tokio::spawn(talk.instrument(span));
}
