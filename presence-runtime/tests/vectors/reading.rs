//! `reading.json`: what readers of a topic are told, and what a client's view is afterwards.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use presence_runtime::schema::{Settings, Value};
use presence_runtime::topic::{
    Activity, Actor, Change, ConnectionId, Heartbeat, Lease, Leave, Left, Loss, Reader, Session,
    SessionKey, Time, Topic, User,
};
use presence_runtime::wire::{
    Digest, Encoded, Fault, Fragments, Scope, encode_counts, encode_nothing, encode_part,
    parse_position,
};
use presence_runtime::{Presence, TopicName};
use serde_json::{Value as Json, json};

use crate::file;
use crate::view::View;

/// What the scripts announce.
#[derive(Presence, Debug)]
#[presence(topic = "boards:{board}:cursors")]
struct Cursor {
    x: u32,
    #[serde(default)]
    #[presence(decay = "3s")]
    typing: bool,
}

/// One script under way.
struct Stage {
    name: TopicName,
    topic: Topic,
    clients: BTreeMap<String, Client>,
}

struct Client {
    reader: Reader,
    scope: Scope,
    view: View,
}

#[test]
fn readers_are_told_exactly_this() {
    let mut vectors = file::read("reading");
    for script in vectors["scripts"].as_array_mut().expect("scripts") {
        let mut stage = Stage::new(0xfeed);
        for step in script["steps"].as_array_mut().expect("steps") {
            stage.play(step);
        }
    }
    file::compare("reading", &vectors);
}

/// Ann has the key 000…, bob 111…, and so on.
fn person(name: &str) -> Actor {
    let digit = name.as_bytes()[0] - b'a';
    let key = SessionKey::parse(&format!("{digit:x}").repeat(32)).expect("a key");
    Actor {
        session: Session::of(&key),
        user: User::parse(name).expect("a user"),
    }
}

fn connection(step: &Json, who: &Actor) -> ConnectionId {
    let place = u64::from(who.user.as_str().as_bytes()[0] - b'a') + 1;
    let number = step["socket"].as_u64().unwrap_or(place);
    ConnectionId(NonZeroU64::new(number).expect("not zero"))
}

impl Stage {
    fn new(epoch: u64) -> Self {
        Self {
            name: TopicName::parse("boards:42:cursors").expect("a topic"),
            topic: Topic::new(Settings::DEFAULT, Cursor::SCHEMA.decays(), epoch),
            clients: BTreeMap::new(),
        }
    }

    fn play(&mut self, step: &mut Json) {
        let now = Time::from_millis(step["at"].as_u64().expect("a time"));
        self.topic.advance(now);
        if step.get("read").is_some() {
            return self.read(step, now);
        }
        if step.get("hear").is_some() {
            return self.hear(step);
        }
        let act = step["do"].as_str().expect("something to do").to_owned();
        let person = person(step["who"].as_str().unwrap_or("ann"));
        match act.as_str() {
            "heartbeat" => self.heartbeat(step, &person, now),
            "leave" => {
                let leave = Leave {
                    n: step["n"].as_u64(),
                    after: step["afterMs"].as_u64().map(Duration::from_millis),
                    by: Some(connection(step, &person)),
                };
                let left = self.topic.leave(&person, leave, now).expect("one's own");
                step["left"] = matches!(left, Left::Now | Left::Later).into();
            }
            "disconnect" => {
                let connection = connection(step, &person);
                self.topic
                    .disconnect(person.session.id, connection, Loss::Broken, now);
            }
            "kick" => assert!(self.topic.kick(person.session.id, now)),
            "close" => self.topic.close(now),
            "restart" => {
                self.topic = Topic::new(Settings::DEFAULT, Cursor::SCHEMA.decays(), 0xbeef);
            }
            other => panic!("nobody can do {other}"),
        }
    }

    fn heartbeat(&mut self, step: &mut Json, who: &Actor, now: Time) {
        let by = connection(step, who);
        let http = step["via"] == "http";
        let mut beat = Heartbeat::renew(if http {
            Lease::Deadline {
                ttl: Settings::DEFAULT.ttl,
            }
        } else {
            Lease::Connection(by)
        });
        beat.by = (!http).then_some(by);
        beat.n = step["n"].as_u64();
        beat.value = step.get("value").map(|value| {
            let json = value.to_string();
            Value::parse(Cursor::SCHEMA, json.as_bytes()).expect("a valid value")
        });
        beat.activity = step["activity"].as_str().map(|it| match it {
            "active" => Activity::Active,
            "idle" => Activity::Idle,
            "away" => Activity::Away,
            other => panic!("nobody is {other}"),
        });
        beat.following = step["following"].as_array().map(|users| {
            let users = users.iter().map(|it| it.as_str().expect("a user"));
            users.map(|it| User::parse(it).expect("a user")).collect()
        });
        step["answer"] = match self.topic.heartbeat(who, beat, now) {
            Ok(ack) => match ack.change {
                Change::Joined => "joined".into(),
                Change::Updated => "updated".into(),
                Change::Renewed => "renewed".into(),
                Change::Stale => "stale".into(),
            },
            Err(refusal) => json!(Fault::from(refusal).code),
        };
    }

    /// A client is told what it does not know yet, until there is nothing more.
    fn read(&mut self, step: &mut Json, now: Time) {
        let client = self.client(step, "read");
        if let Some(since) = step.get("since") {
            let position = since
                .as_str()
                .map(|it| parse_position(it).expect("a position"));
            client.reader = position.map_or(Reader::NOTHING, Reader::at);
        }
        if let Some(filter) = step.get("filter") {
            client.scope = scope(filter);
            client.reader = Reader::NOTHING;
        }
        let own = step["own"].as_str().map(|it| connection(step, &person(it)));
        let (mut reader, scope) = (client.reader, client.scope.clone());
        let mut messages = Vec::new();
        while let Some(part) = self.part(&scope, &reader, now) {
            reader = part.reader;
            let silent = own.is_some() && part.sole_author == own;
            if let Some(frame) = part.frame.filter(|_| !silent) {
                messages.push(String::from_utf8_lossy(frame.json()).into_owned());
            }
        }
        // Whoever subscribes hears something.
        if messages.is_empty() && (step.get("since").is_some() || step.get("filter").is_some()) {
            let frame = encode_nothing(&self.topic, &self.name, now);
            messages.push(String::from_utf8_lossy(frame.json()).into_owned());
        }
        self.client(step, "read").reader = reader;
        step["messages"] = json!(messages);
        // Of its own entry a client knows before the server tells.
        if own.is_none() {
            self.apply(step, "read");
        }
    }

    fn part(&self, scope: &Scope, reader: &Reader, now: Time) -> Option<Encoded> {
        let (topic, name) = (&self.topic, &self.name);
        match scope {
            Scope::Everybody => encode_part(topic, name, reader, now),
            Scope::Count => encode_counts(topic, name, reader, now),
            Scope::Users(users) => {
                let digest = Digest::of(topic, reader)?;
                Some(digest.encode(users, &mut Fragments::default(), name, now))
            }
        }
    }

    /// A client hears messages of the file's own.
    fn hear(&mut self, step: &mut Json) {
        self.apply(step, "hear");
    }

    fn apply(&mut self, step: &mut Json, key: &str) {
        let messages = step["messages"].clone();
        let view = &mut self.client(step, key).view;
        let mut events = Vec::new();
        for message in messages.as_array().expect("messages") {
            let message = message.as_str().expect("a text");
            let message = serde_json::from_str(message).expect("JSON");
            events.extend(view.apply(&message).iter().map(crate::view::Event::to_json));
        }
        let members = view.members.iter().map(|(member, entry)| {
            let known = json!({"value": entry["value"], "activity": entry["activity"], "following": entry["following"]});
            (member.clone(), known)
        });
        let view = json!({
            "at": view.at,
            "counts": view.counts,
            "members": members.collect::<serde_json::Map<_, _>>(),
        });
        step["events"] = events.into();
        step["view"] = view;
    }

    fn client(&mut self, step: &Json, key: &str) -> &mut Client {
        let name = step[key].as_str().expect("a name").to_owned();
        self.clients.entry(name).or_insert_with(|| Client {
            reader: Reader::NOTHING,
            scope: Scope::Everybody,
            view: View::default(),
        })
    }
}

/// Whom a filter of the file stands for.
fn scope(filter: &Json) -> Scope {
    match (filter.as_str(), filter["users"].as_array()) {
        (Some("everybody"), _) => Scope::Everybody,
        (Some("count"), _) => Scope::Count,
        (None, Some(users)) => {
            let users = users.iter().map(|it| it.as_str().expect("a user"));
            let users: Vec<_> = users.map(|it| User::parse(it).expect("a user")).collect();
            Scope::users(&users)
        }
        _ => panic!("no filter of a script: {filter}"),
    }
}
