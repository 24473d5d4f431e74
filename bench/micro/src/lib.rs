//! What the benches share: people, and rooms full of them.

use std::num::NonZeroU64;

use presence_runtime::schema::{Presence, TopicName, Value};
use presence_runtime::topic::{
    Actor, ConnectionId, Heartbeat, Lease, Session, SessionKey, Time, Topic, User,
};
use topics::{Cursor, Tool};

/// Before anything happens.
pub const START: Time = Time::from_millis(1_000);

/// A room of cursors.
#[derive(Debug)]
pub struct Room {
    /// Who is there.
    pub topic: Topic,
    /// What the room is called.
    pub name: TopicName,
    /// Everybody, in the order of joining.
    pub people: Vec<Actor>,
    moves: u32,
}

impl Room {
    /// A room with so many members.
    #[must_use]
    pub fn of(members: usize) -> Self {
        let name = TopicName::parse("boards:42:cursors").expect("a topic");
        let topic = Topic::new(*Cursor::SCHEMA.settings(), Cursor::SCHEMA.decays(), 1);
        let people = (0..members).map(person).collect();
        let mut room = Self {
            topic,
            name,
            people,
            moves: 0,
        };
        for at in 0..members {
            room.step(at);
        }
        room
    }

    /// Has a member move.
    pub fn step(&mut self, at: usize) {
        self.moves += 1;
        let beat = heartbeat(at, cursor(self.moves));
        let ack = self.topic.heartbeat(&self.people[at], beat, START);
        ack.expect("a member may move");
    }

    /// Has everybody move.
    pub fn step_all(&mut self) {
        for at in 0..self.people.len() {
            self.step(at);
        }
    }
}

/// The person of this number.
#[must_use]
pub fn person(at: usize) -> Actor {
    let key = SessionKey::parse(&format!("{at:032x}")).expect("a key");
    let session = Session::of(&key);
    Actor {
        session,
        user: User::from(session.id),
    }
}

/// What the person of this number says over its own connection.
#[must_use]
pub fn heartbeat(at: usize, value: Value) -> Heartbeat {
    let connection = ConnectionId(NonZeroU64::MIN.saturating_add(at as u64));
    Heartbeat {
        value: Some(value),
        by: Some(connection),
        ..Heartbeat::renew(Lease::Connection(connection))
    }
}

/// A cursor somewhere else at every step.
#[must_use]
pub fn cursor(step: u32) -> Value {
    let cursor = Cursor {
        x: f64::from(1000 + step * 7 % 9000),
        y: f64::from(1000 + step * 3 % 9000),
        label: "Ann".to_owned(),
        tool: Tool::Pen,
        typing: false,
    };
    Value::new(&cursor).expect("a valid cursor")
}
