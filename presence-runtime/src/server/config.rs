//! The figures of a process. Those of a topic type are [`crate::schema::Settings`].

use std::fmt;
use std::time::Duration;

use super::access::host::is_host;
use super::address::{Proxies, ProxyHeader};
use super::environment::VariableError;
use super::escaped::Escaped;
use super::limits::LIMITS;
use super::origin::Origins;
use crate::schema::{Registered, Topics, TopicsError};

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
    /// Host names beside localhost, 127.0.0.1 and `[::1]` that are answered to. Defaults to none: then
    /// open mode answers to these three, and with authentication every host name will do. Name them also
    /// where authentication lets guests in who show nothing: or a page anywhere could reach a server
    /// inside of its reader's network under a name of its own (DNS rebinding).
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

/// Why a hub cannot start. `Debug` is the same sentence as `Display`: it is what a `main` that returns
/// the error prints.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A variable of the environment is wrong, see [`Config::from_env`].
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The topic types do not go together.
    #[error(transparent)]
    Topics(#[from] TopicsError),
    /// A figure is out of range, or a list has an entry that it cannot have.
    #[error("{setting} must be {allowed}, found {found}")]
    Setting {
        /// The field of [`Config`].
        setting: &'static str,
        /// What it may be.
        allowed: String,
        /// What it is, or the entry.
        found: String,
    },
    /// A hook waits for topics that there never are.
    #[error("there is a hook for `{0}`, which is not registered")]
    Hook(&'static str),
    /// A rule decides about topics that there never are.
    #[error("there is a rule for `{0}`, which is not registered")]
    Rule(&'static str),
    /// There are rules, and nobody to apply them to.
    #[error("there are rules, but nobody is asked who they are: add `authenticate`")]
    Rules,
    /// The hub is open to everybody, which was not asked for.
    #[error(
        "this hub has no authentication: add `authenticate` to its builder, or say `Service::open`"
    )]
    Open,
    /// A topic's entries would expire between two heartbeats.
    #[error("`{name}`: ttl must be at least twice the heartbeat of {heartbeat:?}, found {ttl:?}")]
    Heartbeat {
        /// The topic type.
        name: &'static str,
        /// The process's heartbeat.
        heartbeat: Duration,
        /// The type's ttl.
        ttl: Duration,
    },
    /// A topic's longest values could never be sent.
    #[error(
        "`{name}`: max_body must be at least {needed} bytes, for values as long as its max_bytes of {max_bytes} \
         allows and what stands around them, found {max_body}"
    )]
    Body {
        /// The topic type.
        name: &'static str,
        /// The type's longest value.
        max_bytes: usize,
        /// What a message with one may take.
        needed: usize,
        /// The process's longest message.
        max_body: usize,
    },
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// What may stand around a value in a message beside the topic: its type, `id`, `n`, `activity`.
const AROUND_VALUE: usize = 128;

impl Config {
    /// Whether the figures make sense, by themselves and with these topics.
    ///
    /// # Errors
    /// At the first mistake, naming the setting and what it may be.
    pub fn check(&self, topics: &Topics) -> Result<(), ConfigError> {
        topics.check()?;
        for limit in LIMITS {
            limit.check(self)?;
        }
        self.check_lists()?;
        Origins::read(&self.origins)?;
        Proxies::read(&self.trusted_proxies, self.proxy_header)?;
        topics.iter().try_for_each(|it| self.check_type(it))
    }

    fn check_type(&self, it: &Registered) -> Result<(), ConfigError> {
        let name = it.schema.name();
        if it.settings.ttl < 2 * self.heartbeat {
            return Err(ConfigError::Heartbeat {
                name,
                heartbeat: self.heartbeat,
                ttl: it.settings.ttl,
            });
        }
        let longest = it.schema.max_json().unwrap_or(usize::MAX);
        let needed =
            longest.min(it.settings.max_bytes) + it.schema.pattern().longest() + AROUND_VALUE;
        if self.max_body < needed {
            return Err(ConfigError::Body {
                name,
                max_bytes: it.settings.max_bytes,
                needed,
                max_body: self.max_body,
            });
        }
        Ok(())
    }

    /// Whether lists name something, and nothing twice.
    fn check_lists(&self) -> Result<(), ConfigError> {
        let wrong = |setting, allowed: &str, found: String| ConfigError::Setting {
            setting,
            allowed: allowed.to_owned(),
            found,
        };
        for host in &self.hosts {
            if !is_host(host) {
                let allowed = "names of hosts such as `board.example`, or addresses as `Host` has them, without \
                               scheme, port or `*`";
                return Err(wrong("hosts", allowed, format!("`{}`", Escaped(host))));
            }
        }
        let lists = [
            ("hosts", &self.hosts),
            ("origins", &self.origins),
            ("trusted_proxies", &self.trusted_proxies),
        ];
        for (setting, list) in lists {
            let is_again = |i: usize, it: &String| {
                list[..i]
                    .iter()
                    .any(|earlier| earlier.eq_ignore_ascii_case(it))
            };
            let again = list.iter().enumerate().find(|(i, it)| is_again(*i, it));
            if let Some((_, again)) = again {
                let found = format!("`{}` twice", Escaped(again));
                return Err(wrong(setting, "different entries", found));
            }
        }
        if self.trusted_proxies.is_empty() && self.proxy_header != ProxyHeader::default() {
            let allowed =
                "left alone while `trusted_proxies` names nobody whose header it could be";
            let found = format!("{:?}", self.proxy_header);
            return Err(wrong("proxy_header", allowed, found));
        }
        Ok(())
    }

    /// Whether the figures make sense where the application is asked who somebody is.
    ///
    /// # Errors
    /// When a connection that waits for the answer would be taken for lost.
    pub(crate) fn check_access(&self) -> Result<(), ConfigError> {
        if self.access_timeout >= self.ping {
            return Err(ConfigError::Setting {
                setting: "access_timeout",
                allowed: "shorter than `ping`, or whoever waits for it is taken for lost"
                    .to_owned(),
                found: format!("{:?}", self.access_timeout),
            });
        }
        Ok(())
    }

    /// How long a WebSocket may be silent before it counts as lost.
    pub(crate) fn silence(&self) -> Duration {
        2 * self.ping + self.pong_wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        let checked = config.check(&Topics::new());
        checked.map_or_else(|error| error.to_string(), |()| "right".to_owned())
    }

    #[test]
    fn lists_name_something_and_nothing_twice() {
        for right in ["board.example", "localhost", "10.0.0.7", "[::1]", "a_b"] {
            assert_eq!(
                checked(|it| it.hosts = vec![right.to_owned()]),
                "right",
                "{right}"
            );
        }
        for wrong in [
            "",
            "*",
            "*.example",
            "board.example:7700",
            "https://board.example",
            "a b",
            "a/b",
            "::1",
        ] {
            let error = checked(|it| it.hosts = vec!["board.example".to_owned(), wrong.to_owned()]);
            let whole = error.starts_with("hosts must be names of hosts such as")
                && error.ends_with(&format!("found `{wrong}`"));
            assert!(whole, "{error}");
        }
        let twice = || vec!["Board.example".to_owned(), "board.example".to_owned()];
        assert_eq!(
            checked(|it| it.hosts = twice()),
            "hosts must be different entries, found `board.example` twice"
        );
        let twice = vec!["10.0.0.0/8".to_owned(); 2];
        let error = checked(|it| it.trusted_proxies = twice);
        assert_eq!(
            error,
            "trusted_proxies must be different entries, found `10.0.0.0/8` twice"
        );
        let twice = vec!["https://a.example".to_owned(); 2];
        let error = checked(|it| it.origins = twice);
        assert_eq!(
            error,
            "origins must be different entries, found `https://a.example` twice"
        );
        for (setting, wrong) in [
            ("origins", "https://*.example"),
            ("trusted_proxies", "10.0.0.0/33"),
            ("trusted_proxies", ""),
        ] {
            let error = checked(|it| match setting {
                "origins" => it.origins = vec![wrong.to_owned()],
                _ => it.trusted_proxies = vec![wrong.to_owned()],
            });
            assert!(
                error.starts_with(setting) && error.ends_with(&format!("found `{wrong}`")),
                "{error}"
            );
        }
    }

    #[derive(crate::Presence)]
    #[presence(topic = "notes:{note}", crate = "crate")]
    struct Note {
        #[presence(max_chars = 100)]
        text: String,
    }

    #[test]
    fn a_message_has_room_for_the_longest_value_of_every_type() {
        let check = |max_body, max_bytes| {
            let config = Config {
                max_body,
                ..Config::default()
            };
            let topics = Topics::new().register::<Note>();
            let checked = config.check(&topics.max_bytes(max_bytes));
            checked.map_err(|error| error.to_string())
        };
        // `notes:` and the longest parameter.
        let around = 6 + 128 + AROUND_VALUE;
        assert_eq!(check(300 + around, 300), Ok(()));
        assert_eq!(
            check(299 + around, 300),
            Err(
                "`Note`: max_body must be at least 562 bytes, for values as long as its max_bytes of 300 allows and \
                 what stands around them, found 561"
                    .to_owned()
            )
        );
        // No value is as long as that.
        assert_eq!(check(411 + around, 2_000), Ok(()));
        let error = check(256, 2_000).expect_err("too little");
        assert!(
            error.contains("max_body") && error.contains("max_bytes"),
            "{error}"
        );
        assert!(check(2_000, 32_768).is_ok() && check(1 << 20, 32_768).is_ok());
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let error = checked(|it| it.proxy_header = ProxyHeader::Forwarded);
        assert!(
            error.starts_with("proxy_header must be left alone"),
            "{error}"
        );
        let error = checked(|it| it.ping = Duration::ZERO);
        assert_eq!(error, "ping must be 100 ms to 1 h, found 0 ms");
        let error = checked(|it| it.ping = Duration::from_micros(99_999));
        assert_eq!(error, "ping must be 100 ms to 1 h, found 99 ms");
        let error = checked(|it| it.ping = Duration::MAX);
        assert!(error.starts_with("ping must be 100 ms to 1 h"), "{error}");
    }
}
