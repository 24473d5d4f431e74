//! The topic types that the tests announce.

use std::time::Duration;

use presence_runtime::{Presence, Topics};

/// Where somebody's pointer is.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "boards:{board}:cursors")]
pub(crate) struct Cursor {
    #[presence(min = 0.0, max = 100_000.0)]
    pub(crate) x: f64,
    #[serde(default)]
    #[presence(max_chars = 32)]
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) tool: Tool,
    /// Falls back to `false`.
    #[serde(default)]
    #[presence(decay = "3s")]
    pub(crate) typing: bool,
}

/// What somebody holds.
#[derive(Presence, Debug, Clone, Copy, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Tool {
    #[default]
    Hand,
    Pen,
}

/// Much text, so that few members fill a frame.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "notes:{room}", max_bytes = 16_100)]
pub(crate) struct Note {
    #[presence(max_chars = 4_000)]
    pub(crate) text: String,
}

/// A type whose figures are short enough for a test in real time.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "quick:{room}", ttl = "1s", grace = "200ms", throttle = "10ms")]
pub(crate) struct Quick {
    pub(crate) x: u32,
}

/// The types whose figures go with a server's defaults.
pub(crate) fn slow() -> Topics {
    Topics::new().register::<Cursor>().register::<Note>()
}

/// All types, for a server with quick heartbeats.
pub(crate) fn all() -> Topics {
    slow().register::<Quick>()
}

pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
