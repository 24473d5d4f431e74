//! What the tests of this room share: a topic type, people, and the shortest way to say things.

mod elsewhere;
mod events;
mod leases;
pub(crate) mod model;
mod nodes;
mod order;
mod reading;
mod standing;
mod values;

use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Ack, Actor, ConnectionId, Heartbeat, Lease, Leave, Left, Loss, Refusal, Session, SessionKey,
    Time, Topic, User,
};
use crate::schema::{
    Decay, Declaration, Field, Presence, Rules, Schema, Segment, Settings, Shape, Struct, Value,
    Wire,
};

/// A value with two fields that decay, one later than the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "codegen", derive(schemars::JsonSchema, ts_rs::TS))]
pub(crate) struct Dot {
    pub(crate) x: u32,
    pub(crate) typing: bool,
    pub(crate) waving: bool,
}

/// What the figures of [`Dot`] are; the grace and ttl of the defaults.
pub(super) const SETTINGS: Settings = Settings::DEFAULT;
pub(super) const TYPING: Duration = Duration::from_secs(3);
pub(super) const WAVING: Duration = Duration::from_secs(5);
pub(super) const DECAYS: &[Decay] = &[
    Decay {
        key: "typing",
        after: TYPING,
    },
    Decay {
        key: "waving",
        after: WAVING,
    },
];

impl Wire for Dot {
    const SHAPE: &'static Shape = &Shape::Struct(&Struct {
        name: "Dot",
        docs: "",
        fields: &[
            field("x", u32::SHAPE),
            field("typing", bool::SHAPE),
            field("waving", bool::SHAPE),
        ],
    });

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn decode<'de, D: Deserializer<'de>>(
        deserializer: D,
        _rules: &Rules,
    ) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn keeps(&self, _rules: &Rules) -> bool {
        true
    }
}

impl Presence for Dot {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Declaration {
        name: "Dot",
        version: None,
        segments: &[Segment::Literal("dots")],
        settings: SETTINGS,
        decays: DECAYS,
    });

    type Parameters = [String; 0];

    fn decaying(&self) -> u32 {
        u32::from(self.typing) | u32::from(self.waving) << 1
    }

    fn decay(&mut self, fields: u32) {
        self.typing &= fields & 1 == 0;
        self.waving &= fields & 2 == 0;
    }
}

const fn field(key: &'static str, shape: &'static Shape) -> Field {
    Field::new(key, shape)
}

pub(super) fn value(dot: Dot) -> Value {
    Value::new(&dot).expect("every dot is valid")
}

/// A dot that does not decay.
pub(super) fn at(x: u32) -> Value {
    value(Dot {
        x,
        ..Dot::default()
    })
}

pub(super) fn session(number: u128) -> Session {
    let key = SessionKey::parse(&format!("{number:032x}")).expect("32 hex digits");
    Session::of(&key)
}

/// The user with the session of this number.
pub(super) fn person(user: &str, number: u128) -> Actor {
    Actor {
        session: session(number),
        user: User::parse(user).expect("a user"),
    }
}

pub(super) fn connection(number: u64) -> ConnectionId {
    ConnectionId(NonZeroU64::new(number).expect("not zero"))
}

pub(super) const fn secs(secs: u64) -> Time {
    Time::from_millis(secs * 1000)
}

pub(super) const fn millis(millis: u64) -> Time {
    Time::from_millis(millis)
}

/// The lease of a WebSocket.
pub(super) fn socket(number: u64) -> Lease {
    Lease::Connection(connection(number))
}

/// The lease of plain HTTP.
pub(super) const HTTP: Lease = Lease::Deadline {
    ttl: Duration::from_secs(30),
};

pub(super) fn topic() -> Topic {
    Topic::new(SETTINGS, DECAYS, 7)
}

/// A heartbeat with a value, from the connection whose lease it takes.
pub(super) fn say(value: Value, lease: Lease) -> Heartbeat {
    Heartbeat {
        value: Some(value),
        by: match lease {
            Lease::Connection(connection) => Some(connection),
            Lease::Deadline { .. } | Lease::Node => None,
        },
        ..Heartbeat::renew(lease)
    }
}

/// A heartbeat with a place in the order of its session.
pub(super) fn nth(n: u64, beat: Heartbeat) -> Heartbeat {
    Heartbeat { n: Some(n), ..beat }
}

/// A leave with a place in the order of its session.
pub(super) fn leave(n: u64) -> Leave {
    Leave {
        n: Some(n),
        ..Leave::default()
    }
}

pub(super) fn leave_after(n: u64, secs: u64) -> Leave {
    Leave {
        after: Some(Duration::from_secs(secs)),
        ..leave(n)
    }
}
