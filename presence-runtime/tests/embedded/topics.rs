//! What the tests announce.

use std::time::Duration;

use presence_runtime::wire::Code;
use presence_runtime::{Config, Fault, Here, Hub, Presence, TopicOf, Topics};

/// Where somebody's pointer is.
#[derive(Presence, Debug, Clone, Default, PartialEq)]
#[presence(topic = "boards:{board}:cursors")]
pub(crate) struct Cursor {
    #[presence(max = 1_000_000)]
    pub(crate) x: u32,
    #[serde(default)]
    #[presence(max_chars = 8)]
    pub(crate) label: String,
    #[serde(default)]
    #[presence(decay = "3s")]
    pub(crate) typing: bool,
}

/// Whether somebody can be disturbed.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "rooms:{room}")]
pub(crate) struct Status {
    pub(crate) free: bool,
}

pub(crate) fn topics() -> Topics {
    Topics::new().register::<Cursor>().register::<Status>()
}

pub(crate) fn hub() -> Hub {
    Hub::new(topics(), Config::default()).expect("sensible figures")
}

/// A cursor that is at `x`.
pub(crate) fn at(x: u32) -> Cursor {
    Cursor {
        x,
        ..Cursor::default()
    }
}

pub(crate) fn board() -> TopicOf<Cursor> {
    Cursor::topic(42).expect("a topic")
}

/// A user on the board.
pub(crate) fn join(hub: &Hub, user: &str, x: u32) -> Here<Cursor> {
    hub.member(user).join(board(), at(x)).expect("room")
}

pub(crate) fn refused<T>(done: Result<T, Fault>) -> Code {
    match done {
        Ok(_) => panic!("it should be refused"),
        Err(fault) => fault.code,
    }
}

pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
