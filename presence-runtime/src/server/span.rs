//! Spans: what is logged of a connection, once for all that is logged on it.
//!
//! Values, keys, tokens and messages are no part of it, on no level. Whoever logs no `debug` pays a look
//! at whether anybody does.

use tracing::field::{Empty, display};
use tracing::{Span, debug_span};

use super::address::Address;
use super::escaped::Escaped;
use crate::topic::{ConnectionId, User};

/// The span of a WebSocket or event stream.
pub(super) fn of_connection(
    connection: ConnectionId,
    transport: &'static str,
    from: Option<Address>,
) -> Span {
    let peer = from.map_or("local or unknown", Address::kind);
    debug_span!(
        "connection",
        connection = connection.0,
        transport,
        peer,
        user = Empty
    )
}

/// The connection is a user's.
pub(super) fn is_of(span: &Span, user: &User) {
    if !span.is_disabled() {
        span.record("user", display(Escaped(user.as_str())));
    }
}
