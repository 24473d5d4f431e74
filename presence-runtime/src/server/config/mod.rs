//! The figures of a process. Those of a topic type are [`crate::schema::Settings`].

mod check;
mod environment;
mod error;
mod words;

use std::time::Duration;

pub use self::environment::VariableError;
pub use self::error::ConfigError;
pub(super) use self::words::WORDS;
use super::address::ProxyHeader;

/// The figures of a process. What each may be and what happens beyond it is in
/// [`LIMITS`](super::LIMITS).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// How often a client over HTTP should renew. Defaults to 10 s.
    pub heartbeat: Duration,
    /// How long a WebSocket may be silent before it is pinged. Defaults to 10 s.
    pub ping: Duration,
    /// How long after the second unanswered ping a WebSocket is given up. Defaults to 4 s.
    pub pong_wait: Duration,
    /// How long a new WebSocket may take to say `hello`. Defaults to 5 s.
    pub hello_timeout: Duration,
    /// How long the head of a request may take: a connection's first one since it connected, another one
    /// since its first byte. Defaults to 5 s.
    pub header_timeout: Duration,
    /// How long a connection may wait for its next request. Longer than a heartbeat, so that
    /// clients over HTTP keep their connection. Defaults to 75 s.
    pub idle_timeout: Duration,
    /// How long the body of a request may take. Defaults to 10 s.
    pub body_timeout: Duration,
    /// How long nothing at all could be written before a WebSocket is cut off. Defaults to 30 s.
    pub stall_timeout: Duration,
    /// How often a silent event stream carries a comment. Defaults to 10 s.
    pub comment: Duration,
    /// How long authentication or a rule of the application may take before it counts as a refusal.
    /// Shorter than `ping` where there is any. Defaults to 5 s.
    pub access_timeout: Duration,
    /// How long before a token expires its WebSocket is told; half of the token's time when that is
    /// shorter. Defaults to 30 s.
    pub token_warning: Duration,
    /// Over how long everybody is sent off when the server goes: WebSockets and event streams end spread over
    /// this time, and whoever asks whether it is ready learns that it is not. Where nobody asks, over 20 ms for each
    /// of them when that is shorter. Defaults to 5 s.
    pub drain: Duration,
    /// Most bytes of a request body or message. Defaults to 16 KiB.
    pub max_body: usize,
    /// Most bytes of a request's line and headers together, to a server of its own. Defaults to 16 KiB.
    pub max_head: usize,
    /// Most topics of a connection. Defaults to 128.
    pub max_topics_per_connection: usize,
    /// Most topics in which a session is over HTTP, where no connection counts them. Defaults to 128.
    pub max_topics_per_session: usize,
    /// Most entries of all topics together. Defaults to 1,000,000.
    pub max_entries: usize,
    /// Most live topics. Defaults to 100,000.
    pub max_topics: usize,
    /// Most WebSockets and event streams. Defaults to 20,000.
    pub max_connections: usize,
    /// Most WebSockets and event streams of a user, who without authentication is a session. A
    /// session that comes back counts once. Defaults to 32.
    pub max_connections_per_user: usize,
    /// Most WebSockets and event streams from an address, see [`Config::trusted_proxies`]. Defaults
    /// to 1,024.
    pub max_connections_per_address: usize,
    /// Most connections of a server of its own that are no WebSocket or event stream, or not yet. Defaults
    /// to 20,000.
    pub max_http_connections: usize,
    /// The same from an address, whatever is said on them; those of trusted proxies are not counted.
    /// Defaults to 1,024.
    pub max_http_connections_per_address: usize,
    /// Most topics that become live in a minute for an address. Defaults to 256.
    pub max_new_topics_per_minute: usize,
    /// Most values of a member that are taken in a second, and as many at once after a pause; of what
    /// it says beyond, the newest is taken when its time has come. Defaults to 60.
    pub max_values_per_second: usize,
    /// Most messages of a WebSocket that are heard in a second, and as many at once after a pause. What
    /// is said beyond waits, and what waits longest is the client's own. Defaults to 1,000.
    pub max_messages_per_second: usize,
    /// Most changes of a topic that its hooks have yet to see; what members say beyond is answered
    /// `overloaded`. Defaults to 10,000.
    pub max_hook_backlog: usize,
    /// Most transitions that are remembered of a topic, for [`Hub::history`](super::Hub::history) and
    /// `GET /{topic}/history`: who came, who went and what led to it. 0 remembers nothing. Defaults to 64.
    pub history: usize,
    /// Most transitions that are remembered of all topics together; the oldest is forgotten first.
    /// One takes some 100 bytes, and the names in it. Defaults to 100,000.
    pub max_history: usize,
    /// How long a transition is remembered at most. Defaults to 1 h.
    pub history_time: Duration,
    /// Host names beside localhost that are answered to. IP addresses are always: no page can make one its
    /// own. Defaults to none: then open mode answers to no other name, and with authentication every host
    /// name will do. Name them also where authentication lets guests in who show nothing: or a page
    /// anywhere could reach a server inside of its reader's network under a name of its own (DNS rebinding).
    pub hosts: Vec<String>,
    /// Origins whose pages may use the server, beside its own: `https://app.example`, or
    /// `http://localhost:3000` for a development server on another port. Exact, without `*`. A page's
    /// own server is the one whose `Host` is the origin's host and port; the scheme is not compared,
    /// because behind a proxy that ends TLS it is another one. Defaults to none.
    pub origins: Vec<String>,
    /// Proxies whose word is taken for from where a request comes: addresses and networks, such as
    /// `10.0.0.0/8`. An IPv6 address is counted by its first 64 bits. Limits by address are not for
    /// this machine itself: whose proxy runs beside the server names `127.0.0.1` here. Defaults to none.
    pub trusted_proxies: Vec<String>,
    /// Where they say it. Defaults to `X-Forwarded-For`.
    pub proxy_header: ProxyHeader,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(10),
            ping: Duration::from_secs(10),
            pong_wait: Duration::from_secs(4),
            hello_timeout: Duration::from_secs(5),
            header_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(30),
            comment: Duration::from_secs(10),
            access_timeout: Duration::from_secs(5),
            token_warning: Duration::from_secs(30),
            drain: Duration::from_secs(5),
            max_body: 16 * 1024,
            max_head: 16 * 1024,
            max_topics_per_connection: 128,
            max_topics_per_session: 128,
            max_entries: 1_000_000,
            max_topics: 100_000,
            max_connections: 20_000,
            max_connections_per_user: 32,
            max_connections_per_address: 1024,
            max_http_connections: 20_000,
            max_http_connections_per_address: 1024,
            max_new_topics_per_minute: 256,
            max_values_per_second: 60,
            max_messages_per_second: 1_000,
            max_hook_backlog: 10_000,
            history: 64,
            max_history: 100_000,
            history_time: Duration::from_secs(3600),
            hosts: Vec::new(),
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            proxy_header: ProxyHeader::default(),
        }
    }
}

impl Config {
    /// How long a WebSocket may be silent before it counts as lost.
    pub(crate) fn silence(&self) -> Duration {
        2 * self.ping + self.pong_wait
    }
}
