//! Where people meet, and what a server makes of it.

use std::time::Duration;

use presence_runtime::{Config, Presence, Topics};

pub(crate) const TTL: u64 = 1_000;

/// Where people meet; long values make messages of several parts.
pub(crate) const TOPICS: [&str; 2] = ["rooms:1", "notes:1"];

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "rooms:{room}", ttl = "1s", grace = "500ms", throttle = "50ms")]
struct Room {
    said: u32,
    #[serde(default)]
    #[presence(decay = "700ms")]
    typing: bool,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(
    topic = "notes:{room}",
    ttl = "1s",
    grace = "500ms",
    throttle = "50ms",
    max_bytes = 18_000
)]
struct Note {
    said: u32,
    #[serde(default)]
    typing: bool,
    #[presence(max_chars = 4_200)]
    text: String,
}

pub(crate) fn topics() -> Topics {
    Topics::new().register::<Room>().register::<Note>()
}

pub(crate) fn config() -> Config {
    let mut config = Config::default();
    // The longest note has 16,800 bytes of text.
    config.max_body = 32 * 1024;
    config.heartbeat = Duration::from_millis(300);
    config.ping = Duration::from_millis(500);
    config.pong_wait = Duration::from_millis(300);
    config.stall_timeout = Duration::from_millis(2_500);
    config.comment = Duration::from_millis(500);
    config.drain = Duration::from_millis(100);
    config.hosts = vec!["server".to_owned()];
    config
}
