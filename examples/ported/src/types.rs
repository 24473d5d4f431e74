//! What the ported examples say of somebody: freeform objects there, types here.

use presence_runtime::{Presence, Topics};

/// Somebody at a document.
#[derive(Presence, Debug, Clone, PartialEq, Default)]
#[presence(topic = "documents:{document}", ttl = "30s")]
#[serde(rename_all = "camelCase")]
pub struct Editor {
    /// How others call them.
    #[presence(max_chars = 32)]
    pub name: String,
    /// The colour they are painted in, such as `#3b82f6`.
    #[presence(pattern = "^#[0-9a-f]{6}$", max_chars = 7)]
    pub color: Option<String>,
    /// Where their pointer is; nothing while it is elsewhere.
    pub cursor: Option<Point>,
    /// Whether they are writing.
    #[presence(decay = "3s")]
    #[serde(default)]
    pub is_typing: bool,
}

/// A place in a page, in CSS pixels.
#[derive(Presence, Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// From the left edge.
    #[presence(min = 0.0, max = 100_000.0)]
    pub x: f64,
    /// From the top edge.
    #[presence(min = 0.0, max = 100_000.0)]
    pub y: f64,
}

/// Somebody's pointer in a room, and the screen that it is on.
#[derive(Presence, Debug, Clone, PartialEq, Default)]
#[presence(topic = "rooms:{room}", throttle = "50ms")]
pub struct Pointer {
    /// Where it is; nothing before it moved.
    pub cursor: Option<Point>,
    /// How large the screen is.
    pub screen: Option<Size>,
    /// Whether something is being written.
    #[presence(decay = "3s")]
    #[serde(default)]
    pub typing: bool,
}

/// A size in CSS pixels.
#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub width: u16,
    /// From top to bottom.
    pub height: u16,
}

/// Somebody in a chat.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "chat:{room}")]
pub struct Chatter {
    /// How others call them.
    #[presence(max_chars = 32)]
    pub name: String,
    /// Where their picture is.
    #[presence(max_chars = 100)]
    pub avatar: Option<String>,
    /// Whether they are writing.
    #[presence(decay = "3s")]
    #[serde(default)]
    pub typing: bool,
}

/// Somebody in a room who says no more than how they are.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "pr:{room}")]
pub struct Occupant {
    /// How they are.
    pub status: Status,
}

/// A pointer and nothing else.
#[derive(Presence, Debug, Clone, Copy, PartialEq)]
#[presence(topic = "cursors:{page}")]
pub struct Cursor {
    /// CSS pixels from the left edge.
    #[presence(min = 0.0, max = 100_000.0)]
    pub x: f64,
    /// CSS pixels from the top edge.
    #[presence(min = 0.0, max = 100_000.0)]
    pub y: f64,
}

/// Somebody in a channel, in at most a kilobyte.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "presence:{channel}", ttl = "60s", max_bytes = 1024)]
pub struct Player {
    /// How others call them.
    #[presence(max_chars = 32)]
    pub username: String,
    /// How they are.
    pub status: Status,
    /// Where their pointer is.
    pub cursor: Option<Point>,
}

/// How somebody is.
#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// There.
    Online,
    /// There, and not looking.
    Away,
}

/// All of them.
#[must_use]
pub fn topics() -> Topics {
    Topics::new()
        .register::<Editor>()
        .register::<Pointer>()
        .register::<Chatter>()
        .register::<Occupant>()
        .register::<Cursor>()
        .register::<Player>()
}
