//! Limits: every figure of a process that bounds something, and what happens at it.
//!
//! What is not allowed at the start, what the documents list and what tests try at the edge are all
//! read from [`LIMITS`].

use std::ops::RangeInclusive;
use std::time::Duration;

use super::config::{Config, ConfigError};
use super::listen::MAX_HEADERS;
use super::service::MAX_TARGET;
use crate::schema::{MAX_DEPTH, Settings, TopicName};
use crate::wire::websocket::CloseCode;
use crate::wire::{Code, MAX_FRAME_BYTES, MAX_USERS};

/// A figure of [`Config`] and what it bounds.
#[derive(Debug)]
pub struct Limit {
    /// The field of [`Config`].
    pub setting: &'static str,
    /// What it is the most of.
    pub bounds: &'static str,
    /// What one of it is.
    pub unit: Unit,
    /// What it may be.
    pub range: RangeInclusive<u64>,
    /// What happens to what is beyond.
    pub beyond: Beyond,
    get: fn(&Config) -> u64,
    set: fn(&mut Config, u64),
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Millis,
}

/// What happens to what is beyond a limit. All that is named may: a request is answered with the
/// code, a WebSocket is closed with the other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// How it is answered.
    pub code: Option<Code>,
    /// How a WebSocket ends.
    pub close: Option<CloseCode>,
    /// What else, for people.
    pub otherwise: &'static str,
}

impl Limit {
    /// What it is in a configuration, in its unit.
    #[must_use]
    pub fn get(&self, config: &Config) -> u64 {
        (self.get)(config)
    }

    /// Makes it another one.
    pub fn set(&self, config: &mut Config, figure: u64) {
        (self.set)(config, figure);
    }

    /// What it is unless it is set.
    #[must_use]
    pub fn default(&self) -> u64 {
        self.get(&Config::default())
    }

    /// Its row in the documents.
    #[must_use]
    pub fn row(&self) -> String {
        let Self {
            setting, bounds, ..
        } = self;
        let default = self.unit.show(self.default());
        let range = self.allowed();
        let beyond = self.beyond.show();
        format!("| `{setting}` | {bounds} | {default} | {range} | {beyond} |")
    }

    /// What it may be, for people.
    pub(super) fn allowed(&self) -> String {
        let (first, last) = (self.range.start(), self.range.end());
        format!("{} to {}", self.unit.show(*first), self.unit.show(*last))
    }

    /// Whether it is what it may be.
    ///
    /// # Errors
    /// When it is out of range.
    pub(super) fn check(&self, config: &Config) -> Result<(), ConfigError> {
        let found = self.get(config);
        if self.range.contains(&found) {
            return Ok(());
        }
        Err(ConfigError::Setting {
            setting: self.setting,
            allowed: self.allowed(),
            found: self.unit.show(found),
        })
    }
}

impl Unit {
    /// How somebody may write it.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Count => "20000",
            Self::Bytes => "16384`, `16KiB` or `1MiB",
            Self::Millis => "500ms`, `10s`, `5min` or `1h",
        }
    }

    /// A figure as people write it, or as it is shown.
    pub(super) fn read(self, text: &str) -> Option<u64> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != ',' && c != '_')
            .unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let of_one = match (self, unit.trim_start()) {
            (Self::Count, "") | (Self::Bytes, "" | "bytes") | (Self::Millis, "ms") => 1,
            (Self::Bytes, "KiB") => 1 << 10,
            (Self::Bytes, "MiB") => 1 << 20,
            (Self::Millis, "s") => 1_000,
            (Self::Millis, "min") => 60_000,
            (Self::Millis, "h") => 3_600_000,
            _ => return None,
        };
        digits.parse::<u64>().ok()?.checked_mul(of_one)
    }

    pub(super) fn show(self, figure: u64) -> String {
        match self {
            Self::Millis if figure == 0 => "0 ms".to_owned(),
            Self::Bytes if figure == 0 => "0 bytes".to_owned(),
            Self::Millis if figure.is_multiple_of(3_600_000) => format!("{} h", figure / 3_600_000),
            Self::Millis if figure.is_multiple_of(60_000) => format!("{} min", figure / 60_000),
            Self::Millis if figure.is_multiple_of(1000) => format!("{} s", figure / 1000),
            Self::Millis => format!("{figure} ms"),
            Self::Bytes if figure.is_multiple_of(1 << 20) => format!("{} MiB", figure >> 20),
            Self::Bytes if figure.is_multiple_of(1024) => format!("{} KiB", figure / 1024),
            Self::Bytes => format!("{figure} bytes"),
            Self::Count => {
                let digits = figure.to_string();
                let groups = digits.as_bytes().rchunks(3).rev();
                let groups = groups.map(|it| String::from_utf8_lossy(it));
                groups.collect::<Vec<_>>().join(",")
            }
        }
    }
}

/// A figure that is a topic type's, or nobody's to set, and what it bounds.
#[derive(Debug)]
pub struct Bound {
    /// What it is called.
    pub name: &'static str,
    /// What it is the most of.
    pub bounds: &'static str,
    /// What one of it is.
    pub unit: Unit,
    /// What it is; of a type, unless that says otherwise.
    pub figure: u64,
    /// Where it is set, for people.
    pub set: &'static str,
    /// What happens to what is beyond.
    pub beyond: Beyond,
}

impl Bound {
    /// Its row in the documents.
    #[must_use]
    pub fn row(&self) -> String {
        let Self {
            name, bounds, set, ..
        } = self;
        let (figure, beyond) = (self.unit.show(self.figure), self.beyond.show());
        format!("| {name} | {bounds} | {figure} | {set} | {beyond} |")
    }
}

impl Beyond {
    fn show(&self) -> String {
        let code = self.code.map(|code| {
            let name = serde_json::to_string(&code).expect("a code is a string");
            format!("`{}` ({})", name.trim_matches('"'), code.status())
        });
        let close = self.close.map(|it| format!("close {it}"));
        let otherwise = Some(self.otherwise.to_owned()).filter(|it| !it.is_empty());
        let beyond: Vec<_> = [code, close, otherwise].into_iter().flatten().collect();
        beyond.join(", ")
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Topics;

    #[test]
    fn every_figure_is_checked_at_the_start_at_both_ends() {
        // Its own heartbeat would be too long for no topic type here.
        let topics = Topics::new();
        for limit in LIMITS {
            let with = |figure| {
                let mut config = Config::default();
                limit.set(&mut config, figure);
                assert_eq!(limit.get(&config), figure, "{}", limit.setting);
                config.check(&topics)
            };
            let (first, last) = (*limit.range.start(), *limit.range.end());
            for good in [first, limit.default(), last] {
                assert_eq!(with(good), Ok(()), "{} {good}", limit.setting);
            }
            for bad in first.checked_sub(1).into_iter().chain([last + 1]) {
                let error = with(bad).expect_err(limit.setting).to_string();
                assert!(error.starts_with(limit.setting), "{error}");
            }
        }
    }

    #[test]
    fn the_documents_list_every_limit_as_it_is() {
        let document = include_str!("../../../ARCHITECTURE.md");
        let missing = LIMITS.iter().map(Limit::row);
        let missing: Vec<_> = missing.filter(|row| !document.contains(row)).collect();
        assert!(
            missing.is_empty(),
            "ARCHITECTURE.md lacks\n{}",
            missing.join("\n")
        );
        let rows = document.lines().filter(|it| {
            let setting = it.strip_prefix("| `").and_then(|it| it.split('`').next());
            LIMITS.iter().any(|limit| Some(limit.setting) == setting)
        });
        assert_eq!(rows.count(), LIMITS.len());
    }

    #[test]
    fn the_documents_list_every_other_bound_as_it_is() {
        let document = include_str!("../../../ARCHITECTURE.md");
        let missing = BOUNDS.iter().map(Bound::row);
        let missing: Vec<_> = missing.filter(|row| !document.contains(row)).collect();
        assert!(
            missing.is_empty(),
            "ARCHITECTURE.md lacks\n{}",
            missing.join("\n")
        );
    }

    #[test]
    fn figures_are_shown_as_people_write_them() {
        assert_eq!(Unit::Count.show(1_000_000), "1,000,000");
        assert_eq!(Unit::Count.show(999), "999");
        assert_eq!(Unit::Millis.show(0), "0 ms");
        assert_eq!(Unit::Bytes.show(0), "0 bytes");
        assert_eq!(Unit::Millis.show(100), "100 ms");
        assert_eq!(Unit::Millis.show(75_000), "75 s");
        assert_eq!(Unit::Bytes.show(256), "256 bytes");
        assert_eq!(Unit::Millis.show(3_600_000), "1 h");
        assert_eq!(Unit::Bytes.show(16_384), "16 KiB");
        assert_eq!(Unit::Bytes.show(1 << 20), "1 MiB");
    }
}
