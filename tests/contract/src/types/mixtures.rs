//! What applications say of themselves, with a bit of everything.

use presence_runtime::{Presence, Topics};

/// How somebody listens to a song.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "parties:{party}:playback", throttle = "250ms")]
#[serde(rename_all = "camelCase")]
pub struct Playback {
    #[presence(min_chars = 22, max_chars = 22)]
    pub track_id: String,
    #[presence(min = 0.0, max = 86_400.0)]
    pub position_secs: f64,
    #[serde(default = "full")]
    #[presence(min = 0.0, max = 1.0)]
    pub volume: f32,
    #[serde(default)]
    pub state: PlaybackState,
}

const fn full() -> f32 {
    1.0
}

#[derive(Presence, Debug, Clone, PartialEq, Default)]
#[serde(tag = "kind", content = "since", rename_all = "camelCase")]
pub enum PlaybackState {
    #[default]
    Stopped,
    Playing(#[presence(max = 4_102_444_800_000)] u64),
    Paused {
        at: u32,
        reason: Option<Pause>,
    },
}

#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Pause {
    ByUser,
    Buffering,
}

/// A hand of a card game.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "tables:{table}:hands", max_bytes = 2048)]
pub struct Hand {
    #[presence(max_items = 5)]
    pub cards: Vec<Card>,
    #[presence(max_items = 2, min = -10, max = 10)]
    pub bids: Vec<Vec<i8>>,
    pub best: Option<Card>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Card {
    Joker,
    Numbered { suit: Suit, value: CardValue },
    Court(Suit),
}

#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suit {
    #[serde(rename = "♠")]
    Spades,
    #[serde(rename = "♥")]
    Hearts,
}

#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(default)]
pub struct CardValue {
    #[presence(min = 2, max = 10)]
    pub pips: u8,
}

impl Default for CardValue {
    fn default() -> Self {
        Self { pips: 2 }
    }
}

/// Where a player is.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "worlds:{world}:{zone}:players", ttl = "10s", grace = "2s")]
#[serde(rename_all = "PascalCase")]
pub struct Player {
    pub at: Position,
    #[serde(default)]
    pub facing: Option<Direction>,
    #[serde(default)]
    #[presence(decay = "500ms")]
    pub jumping: bool,
    #[serde(default)]
    #[presence(decay = "2s", max_chars = 12)]
    pub emote: String,
}

#[derive(Presence, Debug, Clone, Copy, PartialEq)]
pub struct Position {
    #[presence(min = -1e6, max = 1e6)]
    pub x: f32,
    #[presence(min = -1e6, max = 1e6)]
    pub y: f32,
    #[serde(default)]
    #[presence(min = 0.0)]
    pub z: f32,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(tag = "d")]
pub enum Direction {
    #[serde(rename = "n")]
    North,
    #[serde(rename = "at")]
    Towards { at: Position },
}

/// An answer to a poll.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "polls:{poll}")]
#[serde(tag = "answer", content = "value")]
pub enum Poll {
    #[serde(rename = "abstain")]
    Abstain,
    #[serde(rename = "number")]
    Number(#[presence(min = 0.5, max = 9.5)] f64),
    #[serde(rename = "text")]
    Text(#[presence(min_chars = 1, max_chars = 40)] String),
    #[serde(rename = "choices")]
    Choices(#[presence(max_items = 3)] Vec<Pause>),
}

/// Who is on a call.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "calls:{call}", max_bytes = 1500)]
#[serde(tag = "role")]
pub enum Call {
    Listener,
    Speaker {
        muted: bool,
        #[serde(default)]
        hand: Option<Raised>,
    },
    Host(Host),
}

#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised {
    #[presence(min = 1, max = 999)]
    pub place: u16,
}

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Host {
    #[presence(max_chars = 64)]
    pub title: String,
    #[presence(max_items = 4, max_chars = 16)]
    pub invited: Option<Vec<Option<String>>>,
}

/// A selection in a spreadsheet.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "sheets:{sheet}:cells")]
pub struct Cells {
    #[presence(max_items = 4)]
    pub rows: Option<Vec<u32>>,
    #[presence(min_chars = 1, max_chars = 3)]
    pub column: Option<String>,
    #[serde(default)]
    pub fill: Option<Option1>,
}

/// A name that ends in a digit.
#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Option1 {
    #[serde(rename = "Option")]
    Some,
    #[serde(rename = "")]
    Nothing,
}

pub(super) fn register(topics: Topics) -> Topics {
    topics
        .register::<Playback>()
        .register::<Hand>()
        .register::<Player>()
        .register::<Poll>()
        .register::<Call>()
        .register::<Cells>()
}
