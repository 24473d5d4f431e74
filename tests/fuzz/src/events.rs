//! What subscribers are told: any history of a topic, written as events and as frames, read back by
//! other readers, adds up to what the topic holds.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use presence_runtime::schema::{Claims, Presence, Schema, TopicName, Value};
use presence_runtime::topic::{
    Activity, Actor, ConnectionId, Heartbeat, Lease, Leave, Reader, Session, SessionKey, Time,
    Topic, User,
};
use presence_runtime::wire::{
    Encoded, Frame, MAX_FRAME_BYTES, comment, comment_chunk, encode_counts, encode_nothing,
    encode_part,
};
use serde_json::{Value as Json, json};

use crate::sse;

const SCHEMA: &Schema = topics::Status::SCHEMA;

/// Somebody who watches a topic by its event stream.
#[derive(Default)]
struct Watcher {
    reader: Reader,
    members: BTreeMap<String, Json>,
    counts: Json,
    /// A run of parts under way, to be applied at its end.
    parts: Vec<Json>,
}

/// Bytes that commands are taken from.
struct Commands<'a>(&'a [u8]);

impl<'a> Commands<'a> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn text(&mut self) -> String {
        let length = usize::from(self.byte()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}

/// The bytes are commands: who says what, who leaves, who reads.
pub fn events(data: &[u8]) {
    let mut commands = Commands(data);
    let mut topic = Topic::new(*SCHEMA.settings(), SCHEMA.decays(), 0xfeed);
    let name = TopicName::parse("rooms:1:status").expect("a topic");
    let mut watchers = [Watcher::default(), Watcher::default(), Watcher::default()];
    let mut now = Time::from_millis(0);
    while !commands.0.is_empty() {
        let knob = commands.byte();
        topic.advance(now);
        match knob % 8 {
            0..=3 => beat(&mut topic, knob, &mut commands, now),
            4 => {
                let leave = Leave {
                    by: connection(knob),
                    ..Leave::default()
                };
                let _ = topic.leave(&actor(knob >> 3), leave, now);
            }
            5 => now = now + Duration::from_millis(u64::from(knob >> 3) * 500),
            6 => {
                let watcher = &mut watchers[usize::from(knob >> 3) % 2];
                watcher.read(&topic, &name, now, encode_part);
            }
            _ => watchers[2].read(&topic, &name, now, encode_counts),
        }
    }
    topic.advance(now);
    for (at, watcher) in watchers.iter_mut().enumerate() {
        let encode = if at == 2 { encode_counts } else { encode_part };
        while watcher.reader.position() != Some(topic.position()) {
            watcher.read(&topic, &name, now, encode);
        }
        if at < 2 {
            watcher.check(&topic);
        }
    }
    let nothing = encode_nothing(&topic, &name, now);
    assert_eq!(read(&nothing)["counts"]["members"], topic.counts().members);
    assert_eq!(sse::parse(&comment()), []);
    assert_eq!(sse::unchunked(&comment_chunk()), comment());
}

fn beat(topic: &mut Topic, knob: u8, commands: &mut Commands<'_>, now: Time) {
    let connection = connection(knob).expect("one of eight");
    let mut beat = Heartbeat::renew(Lease::Connection(connection));
    beat.by = Some(connection);
    let more = commands.byte();
    if more & 1 == 0 {
        let text = commands.text();
        let said =
            json!({ "availability": { "state": "available" }, "message": text, "emoji": null });
        let value = Value::stamped(SCHEMA, said.to_string().as_bytes(), &Claims::none());
        // Too long, or with control characters.
        let Ok(value) = value else { return };
        beat.value = Some(value);
    }
    beat.activity = [None, Some(Activity::Idle), Some(Activity::Away)]
        .get(usize::from(more >> 1) % 4)
        .copied()
        .flatten();
    if more & 8 != 0 {
        let users = commands.text();
        let users = users.split(',').filter_map(|it| User::parse(it).ok());
        beat.following = Some(users.collect());
    }
    let _ = topic.heartbeat(&actor(knob >> 3), beat, now);
}

fn connection(knob: u8) -> Option<ConnectionId> {
    NonZeroU64::new(1 + u64::from(knob >> 5)).map(ConnectionId)
}

/// One of eight members: sessions of two users, and some who are no more than their sessions.
fn actor(knob: u8) -> Actor {
    let number = knob % 8;
    let key = SessionKey::parse(&format!("{number:032x}")).expect("a key");
    let session = Session::of(&key);
    let user = match number {
        0 | 1 => User::parse("ann@example.org").expect("a user"),
        2 | 3 => User::parse("..").expect("a user"),
        _ => session.id.into(),
    };
    Actor { session, user }
}

/// The message of a frame, once all its forms were found to hold the same.
fn read(frame: &Frame) -> Json {
    let event = frame.event();
    assert_eq!(
        sse::unchunked(&frame.chunk()),
        event,
        "a chunk of the event"
    );
    let events = sse::parse(&event);
    let [parsed] = &events[..] else {
        panic!("{} events in a frame", events.len());
    };
    assert_eq!(
        parsed.data.as_bytes(),
        frame.json(),
        "nothing breaks an event"
    );
    let json: Json = serde_json::from_str(&parsed.data).expect("JSON");
    assert_eq!(json["type"], *parsed.event);
    assert_eq!(
        json.get("at").and_then(Json::as_str).unwrap_or_default(),
        parsed.id
    );
    let websocket = frame.websocket();
    assert!(
        websocket.len() <= MAX_FRAME_BYTES,
        "{} bytes",
        websocket.len()
    );
    assert!(websocket.ends_with(frame.json()) && websocket[0] == 0x81);
    json
}

impl Watcher {
    fn read(
        &mut self,
        topic: &Topic,
        name: &TopicName,
        now: Time,
        encode: fn(&Topic, &TopicName, &Reader, Time) -> Option<Encoded>,
    ) {
        let Some(encoded) = encode(topic, name, &self.reader, now) else {
            assert_eq!(
                self.reader.position(),
                Some(topic.position()),
                "nothing new"
            );
            return;
        };
        assert_ne!(self.reader, encoded.reader, "a part is progress");
        self.reader = encoded.reader;
        let Some(frame) = &encoded.frame else { return };
        let json = read(frame);
        assert_eq!(json["topic"], name.as_str());
        assert_eq!(json["nowMs"], now.as_millis());
        let is_last = json.get("more").is_none();
        assert_eq!(is_last, json.get("at").is_some());
        self.parts.push(json);
        if is_last {
            for part in std::mem::take(&mut self.parts) {
                self.apply(part);
            }
        }
    }

    fn apply(&mut self, mut part: Json) {
        if part["type"] == "snapshot" {
            // In several parts only the first one replaces, but those here are short.
            self.members.clear();
        }
        let name = |json: &Json| json["member"].as_str().expect("a member").to_owned();
        for left in list(&mut part, "left") {
            self.members.remove(&name(&left));
        }
        for key in ["entries", "joined"] {
            for entry in list(&mut part, key) {
                self.members.insert(name(&entry), entry);
            }
        }
        for updated in list(&mut part, "updated") {
            let known = self
                .members
                .get_mut(&name(&updated))
                .expect("who is updated is known");
            for key in ["value", "activity", "following"] {
                if let Some(new) = updated.get(key) {
                    known[key] = new.clone();
                }
            }
        }
        self.counts = part["counts"].take();
    }

    fn check(&self, topic: &Topic) {
        assert_eq!(self.members.len(), topic.counts().members);
        for entry in topic.entries() {
            let known = &self.members[&entry.member().to_string()];
            let value: Json = serde_json::from_slice(entry.value().json()).expect("JSON");
            assert_eq!(known["value"], value);
            assert_eq!(known["user"], entry.member().user.as_str());
            let following: Vec<_> = entry.following().iter().map(User::as_str).collect();
            assert_eq!(known["following"], json!(following));
            let activity = format!("{:?}", entry.activity()).to_lowercase();
            assert_eq!(known["activity"], activity);
        }
    }
}

fn list(part: &mut Json, key: &str) -> Vec<Json> {
    match part.get_mut(key).map(Json::take) {
        Some(Json::Array(list)) => list,
        _ => Vec::new(),
    }
}
