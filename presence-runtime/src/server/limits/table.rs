//! The table: every figure that bounds something, in the order of the documents.

use std::time::Duration;

use super::{Beyond, Bound, Limit, Unit};
use crate::schema::{MAX_DEPTH, Settings, TopicName};
use crate::server::service::MAX_TARGET;
use crate::server::site::MAX_HEADERS;
use crate::wire::websocket::CloseCode;
use crate::wire::{Code, MAX_FRAME_BYTES, MAX_USERS};

const NOTHING: Beyond = Beyond {
    code: None,
    close: None,
    otherwise: "",
};

const fn refused(code: Code) -> Beyond {
    Beyond {
        code: Some(code),
        ..NOTHING
    }
}

const fn closed(close: CloseCode) -> Beyond {
    Beyond {
        close: Some(close),
        ..NOTHING
    }
}

const fn refused_or_closed(code: Code, close: CloseCode) -> Beyond {
    Beyond {
        close: Some(close),
        ..refused(code)
    }
}

const fn otherwise(otherwise: &'static str) -> Beyond {
    Beyond {
        otherwise,
        ..NOTHING
    }
}

/// A row for a field that is a number.
macro_rules! count {
    ($field:ident, $bounds:literal, $range:expr, $beyond:expr) => {
        count!($field, $bounds, Count, $range, $beyond)
    };
    ($field:ident, $bounds:literal, $unit:ident, $range:expr, $beyond:expr) => {
        Limit {
            setting: stringify!($field),
            bounds: $bounds,
            unit: Unit::$unit,
            range: $range,
            beyond: $beyond,
            get: |config| config.$field as u64,
            set: |config, figure| config.$field = usize::try_from(figure).unwrap_or(usize::MAX),
        }
    };
}

/// A row for a field that is a time.
macro_rules! time {
    ($field:ident, $bounds:literal, $beyond:expr) => {
        time!($field, $bounds, 100..=3_600_000, $beyond)
    };
    ($field:ident, $bounds:literal, $range:expr, $beyond:expr) => {
        Limit {
            setting: stringify!($field),
            bounds: $bounds,
            unit: Unit::Millis,
            range: $range,
            beyond: $beyond,
            get: |config| u64::try_from(config.$field.as_millis()).unwrap_or(u64::MAX),
            set: |config, figure| config.$field = Duration::from_millis(figure),
        }
    };
}

/// Every figure of a process with its range, in the order of the documents.
pub const LIMITS: &[Limit] = &[
    count!(
        max_connections,
        "WebSockets and event streams",
        1..=1_000_000,
        refused_or_closed(Code::Overloaded, CloseCode::TOO_MANY)
    ),
    count!(
        max_connections_per_user,
        "WebSockets and event streams of a user",
        1..=10_000,
        refused_or_closed(Code::TooManyConnections, CloseCode::TOO_MANY)
    ),
    count!(
        max_connections_per_address,
        "WebSockets and event streams from an address",
        1..=1_000_000,
        refused_or_closed(Code::TooManyConnections, CloseCode::TOO_MANY)
    ),
    count!(
        max_http_connections,
        "connections of a server of its own that are neither, or not yet",
        1..=1_000_000,
        refused(Code::Overloaded)
    ),
    count!(
        max_http_connections_per_address,
        "the same from an address that is no trusted proxy's",
        1..=1_000_000,
        refused(Code::TooManyConnections)
    ),
    count!(
        max_topics,
        "live topics",
        1..=10_000_000,
        refused(Code::Overloaded)
    ),
    count!(
        max_new_topics_per_minute,
        "topics that become live in a minute for an address; as many at once after a pause",
        1..=1_000_000,
        Beyond {
            otherwise: "`retryAfterMs`",
            ..refused(Code::TooManyTopics)
        }
    ),
    count!(
        max_topics_per_connection,
        "topics that a connection watches or announces in",
        1..=1_024,
        refused(Code::TooManyTopics)
    ),
    count!(
        max_topics_per_session,
        "topics in which a session is, for another one over HTTP",
        1..=1_024,
        refused(Code::TooManyTopics)
    ),
    count!(
        max_entries,
        "entries of all topics together",
        1..=100_000_000,
        refused(Code::Overloaded)
    ),
    count!(
        max_values_per_second,
        "values of a member in a second; as many at once after a pause",
        1..=1_000,
        otherwise("the newest is taken at its time")
    ),
    count!(
        max_messages_per_second,
        "messages of a WebSocket in a second; as many at once after a pause",
        10..=1_000_000,
        otherwise("not read for a while")
    ),
    count!(
        max_hook_backlog,
        "changes of a topic that its hooks have yet to see",
        1..=1_000_000,
        refused(Code::Overloaded)
    ),
    count!(
        history,
        "transitions of a topic that are remembered",
        0..=10_000,
        otherwise("the oldest is forgotten, of who made most of the latest 64")
    ),
    count!(
        max_history,
        "transitions of all topics together that are remembered",
        1..=10_000_000,
        otherwise("the oldest is forgotten")
    ),
    time!(
        history_time,
        "during which a transition is remembered",
        1_000..=604_800_000,
        otherwise("it is forgotten")
    ),
    count!(
        max_body,
        "a request body or a message",
        Bytes,
        256..=1 << 20,
        refused_or_closed(Code::TooLarge, CloseCode::TOO_BIG)
    ),
    count!(
        max_head,
        "a request's line and headers",
        Bytes,
        1024..=64 * 1024,
        otherwise("431, and the connection ends")
    ),
    time!(
        hello_timeout,
        "until a WebSocket says `hello`",
        closed(CloseCode::NO_HELLO)
    ),
    time!(
        header_timeout,
        "until the head of a request has come: the first since it connected, another since its first byte",
        otherwise("the connection ends")
    ),
    time!(
        idle_timeout,
        "between two requests of a connection",
        otherwise("the connection ends")
    ),
    time!(
        body_timeout,
        "until a request's body has come",
        refused(Code::Timeout)
    ),
    time!(
        stall_timeout,
        "during which nothing at all can be written to a connection",
        closed(CloseCode::STALLED)
    ),
    time!(
        ping,
        "of silence before a WebSocket is pinged, and again",
        otherwise("a ping")
    ),
    time!(
        pong_wait,
        "of silence after the second ping",
        otherwise("the connection counts as lost")
    ),
    time!(
        access_timeout,
        "until authentication or a rule of the application has answered",
        refused(Code::Unavailable)
    ),
    time!(
        token_warning,
        "before a token expires that its WebSocket is told",
        otherwise("`expiring`")
    ),
    time!(
        comment,
        "of silence on an event stream",
        otherwise("a comment")
    ),
    time!(
        drain,
        "over which everybody is sent off when the server goes",
        Beyond {
            otherwise: "`draining`",
            ..closed(CloseCode::RESTART)
        }
    ),
    time!(
        heartbeat,
        "between two heartbeats over HTTP, as clients are told; at most half of each type's `ttl`",
        otherwise("no start")
    ),
];

/// A row for a figure of the type's, or of the code's.
macro_rules! bound {
    ($name:literal, $bounds:literal, $unit:ident, $figure:expr, $set:literal, $beyond:expr) => {
        Bound {
            name: $name,
            bounds: $bounds,
            unit: Unit::$unit,
            figure: $figure as u64,
            set: $set,
            beyond: $beyond,
        }
    };
}

/// Every other figure that bounds what clients send, in the order of the documents.
pub const BOUNDS: &[Bound] = &[
    bound!(
        "max_bytes",
        "the canonical JSON of a value",
        Bytes,
        Settings::DEFAULT.max_bytes,
        "type",
        refused(Code::TooLarge)
    ),
    bound!(
        "max_members",
        "members of a topic",
        Count,
        Settings::DEFAULT.max_members,
        "type",
        refused(Code::TopicFull)
    ),
    bound!(
        "max_ttl",
        "the `ttlMs` that a heartbeat may ask for",
        Millis,
        Settings::DEFAULT.max_ttl.as_millis(),
        "type",
        refused(Code::InvalidTtl)
    ),
    bound!(
        "topic",
        "the name of a topic",
        Bytes,
        TopicName::MAX_BYTES,
        "fixed",
        refused(Code::InvalidTopic)
    ),
    bound!(
        "parameter",
        "a parameter of a topic",
        Bytes,
        TopicName::MAX_PARAMETER_BYTES,
        "fixed",
        refused(Code::UnknownTopic)
    ),
    bound!(
        "user",
        "the name of a user",
        Bytes,
        TopicName::MAX_PARAMETER_BYTES,
        "fixed",
        refused(Code::InvalidRequest)
    ),
    bound!(
        "users",
        "users in a list",
        Count,
        MAX_USERS,
        "fixed",
        refused(Code::InvalidRequest)
    ),
    bound!(
        "max_message",
        "a message to a client",
        Bytes,
        MAX_FRAME_BYTES,
        "fixed",
        otherwise("the rest comes in the next one")
    ),
    bound!(
        "depth",
        "objects and arrays of a value inside each other",
        Count,
        MAX_DEPTH,
        "fixed",
        refused(Code::InvalidValue)
    ),
    bound!(
        "max_target",
        "the path and query of a request",
        Bytes,
        MAX_TARGET,
        "fixed",
        refused(Code::UriTooLong)
    ),
    bound!(
        "max_headers",
        "headers of a request to a server of its own",
        Count,
        MAX_HEADERS,
        "fixed",
        otherwise("431, and the connection ends")
    ),
];
