//! The topic types of the examples.

use presence_runtime::{Presence, Topics};

/// Where somebody's pointer is on a board.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(
    topic = "boards:{board}:cursors",
    ttl = "30s",
    throttle = "50ms",
    max_bytes = 512
)]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    /// CSS pixels from the left edge.
    #[presence(min = 0.0, max = 100_000.0)]
    pub x: f64,
    /// CSS pixels from the top edge.
    #[presence(min = 0.0, max = 100_000.0)]
    pub y: f64,
    /// What others read beside the pointer.
    #[presence(max_chars = 32)]
    pub label: String,
    /// What is in the hand.
    #[serde(default)]
    pub tool: Tool,
    /// Whether a text is being written.
    #[presence(decay = "3s")]
    #[serde(default)]
    pub typing: bool,
}

/// What a member draws with.
#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub enum Tool {
    /// Points at things.
    #[default]
    Pointer,
    /// Draws freely.
    Pen,
    /// Removes what was drawn.
    Eraser,
    /// Writes.
    Text,
}

/// What part of a board somebody looks at, for those who follow. While one follows somebody, it is the
/// part that they look at.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(
    topic = "boards:{board}:viewports",
    ttl = "30s",
    throttle = "50ms",
    max_bytes = 192
)]
pub struct Viewport {
    /// CSS pixels from the left edge to the middle of what is seen.
    #[presence(min = 0.0, max = 100_000.0)]
    pub x: f64,
    /// CSS pixels from the top edge to the middle of what is seen.
    #[presence(min = 0.0, max = 100_000.0)]
    pub y: f64,
    /// How much of the board is seen from left to right.
    #[presence(min = 1.0, max = 100_000.0)]
    pub width: f64,
    /// How much of the board is seen from top to bottom.
    #[presence(min = 1.0, max = 100_000.0)]
    pub height: f64,
}

/// The notes somebody has put on a board. Presence is no document: they go when their owner does.
#[derive(Presence, Debug, Clone, PartialEq, Default)]
#[presence(topic = "boards:{board}:notes", throttle = "100ms", max_bytes = 2_048)]
#[serde(default)]
pub struct Notes {
    /// In the order in which they were put down.
    #[presence(max_items = 4)]
    pub notes: Vec<Note>,
}

/// A sticky note.
#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Note {
    /// What tells it from its owner's other notes.
    pub id: u32,
    /// CSS pixels from the left edge of the board to its own.
    #[presence(min = 0.0, max = 100_000.0)]
    pub x: f64,
    /// CSS pixels from the top edge of the board to its own.
    #[presence(min = 0.0, max = 100_000.0)]
    pub y: f64,
    /// What is written on it.
    #[presence(max_chars = 100)]
    pub text: String,
}

/// What somebody in a room is up to.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "rooms:{room}:status", ttl = "1min")]
pub struct Status {
    /// Whether to disturb.
    pub availability: Availability,
    /// A line of the member's own.
    #[presence(max_chars = 140)]
    #[serde(default)]
    pub message: String,
    /// One emoji; a family of four is seven code points.
    #[presence(min_chars = 1, max_chars = 16)]
    pub emoji: Option<String>,
}

/// Whether to disturb somebody.
#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Availability {
    /// Free to talk.
    Available,
    /// In the middle of something.
    Busy {
        /// Minutes until the member is likely to be free.
        #[presence(max = 1_440)]
        minutes: Option<u16>,
    },
    /// Not to be disturbed.
    DoNotDisturb,
}

/// Who is writing in a chat.
#[derive(Presence, Debug, Clone, PartialEq, Default)]
#[presence(
    topic = "chats:{chat}:typing",
    grace = "3s",
    throttle = "100ms",
    max_bytes = 64
)]
#[serde(default)]
pub struct Typing {
    /// Whether the member is writing.
    #[presence(decay = "5s")]
    pub typing: bool,
    /// The message that is answered.
    #[presence(min = 1, max = 9_007_199_254_740_991)]
    pub reply_to: Option<u64>,
}

/// What somebody has selected in a document.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "documents:{document}:selection", max_members = 200)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// The selected ranges; several with a multi-cursor editor.
    #[presence(max_items = 16)]
    pub ranges: Vec<Range>,
    /// Which of the ranges is being changed.
    #[presence(max = 15)]
    pub active_range: Option<u8>,
}

/// A range of characters, which may run backwards.
#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Where the selection began.
    pub anchor: u32,
    /// Where it is now.
    pub head: u32,
}

/// Somebody who reads a document.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(
    topic = "documents:{document}:readers",
    ttl = "1min",
    throttle = "100ms",
    max_bytes = 1200
)]
pub struct Reader {
    /// What others call them: the name of their login.
    #[presence(server = "name", max_chars = 32)]
    #[serde(default)]
    pub name: String,
    /// Whether to disturb.
    pub availability: Availability,
    /// A line of their own.
    #[presence(max_chars = 80)]
    #[serde(default)]
    pub message: String,
    /// What they say to whoever is here.
    #[presence(max_chars = 140, decay = "20s")]
    #[serde(default)]
    pub remark: String,
}

/// All of them.
#[must_use]
pub fn topics() -> Topics {
    Topics::new()
        .register::<Cursor>()
        .register::<Status>()
        .register::<Typing>()
        .register::<Selection>()
        .register::<Viewport>()
        .register::<Notes>()
        .register::<Reader>()
}
