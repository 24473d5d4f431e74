//! Parts for readers who are told of some users only.
//!
//! What there is to tell at a place is walked through once, into a [`Digest`] that finds things by
//! user; each set of users then costs no more than it is and what is told of it. What is told is
//! encoded once, into [`Fragments`] that all messages of a flush copy from.

use std::collections::HashMap;
use std::ops::Range;

use super::frame::Draft;
use super::message::{Encoded, Message};
use super::scope::Users;
use super::told::put_told;
use crate::schema::TopicName;
use crate::topic::{Reader, Time, Told, Topic, User};

/// Everything that a reader does not know yet, by user.
#[derive(Debug)]
pub struct Digest<'a> {
    topic: &'a Topic,
    reader: Reader,
    snapshot: bool,
    things: Vec<Thing<'a>>,
    users: HashMap<&'a User, Chain>,
    /// Where the reader stands when it has been told everything.
    end: Reader,
}

/// A thing told, and where the next one about the same user stands.
#[derive(Debug)]
struct Thing<'a> {
    told: Told<'a>,
    next: Option<usize>,
}

/// Where the first and the last thing about a user stand.
#[derive(Debug, Clone, Copy)]
struct Chain {
    first: usize,
    last: usize,
}

impl<'a> Digest<'a> {
    /// What the reader does not know yet; nothing when it is up to date.
    #[must_use]
    pub fn of(topic: &'a Topic, reader: &Reader) -> Option<Self> {
        let mut part = topic.part(reader)?;
        let snapshot = part.is_snapshot();
        let mut things: Vec<Thing<'a>> = Vec::new();
        let mut users: HashMap<&User, Chain> = HashMap::new();
        while let Some(told) = part.take() {
            let at = things.len();
            let alone = Chain {
                first: at,
                last: at,
            };
            let chain = users.entry(&told.member().user).or_insert(alone);
            if chain.last < at {
                things[chain.last].next = Some(at);
                chain.last = at;
            }
            things.push(Thing { told, next: None });
        }
        Some(Self {
            topic,
            reader: *reader,
            snapshot,
            things,
            users,
            end: part.stop(),
        })
    }

    /// Encodes the next part for those who are told of these users.
    #[must_use]
    pub fn encode(
        &self,
        users: &Users,
        fragments: &mut Fragments,
        name: &TopicName,
        now: Time,
    ) -> Encoded {
        let mut message = Message::begin(self.topic, name, self.snapshot, now);
        for at in self.about(users) {
            let told = &self.things[at].told;
            let fragment = fragments.of(told);
            if !message.tell(told, |draft| draft.put_json(fragment)) {
                return message.finish(&self.reader, self.before(at));
            }
        }
        message.finish(&self.reader, self.end)
    }

    /// Where the things about these users stand, in the order of telling.
    fn about(&self, users: &Users) -> Vec<usize> {
        let mut places = Vec::new();
        for user in users.iter() {
            let mut next = self.users.get(user).map(|chain| chain.first);
            while let Some(at) = next {
                places.push(at);
                next = self.things[at].next;
            }
        }
        places.sort_unstable();
        places
    }

    /// Where the reader stands when it has been told everything before this. Walked again, because
    /// few messages are so long that they end on the way.
    fn before(&self, at: usize) -> Reader {
        let mut part = self.topic.part(&self.reader).expect("there was one");
        for _ in 0..at {
            part.take();
        }
        part.stop()
    }
}

/// What was encoded of single members during a flush, so that nothing is encoded twice.
#[derive(Debug, Default)]
pub struct Fragments {
    text: Option<Draft>,
    places: HashMap<Key, Range<usize>>,
}

/// What a fragment says: things with the same key look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// Who left at this sequence.
    Left(u64),
    /// Who joined at this sequence, as of a version.
    Joined(u64, u64),
    /// What of them changed: value, activity, following.
    Updated(u64, u64, [bool; 3]),
}

impl Key {
    fn of(told: &Told<'_>) -> Self {
        match told {
            Told::Left(departure) => Self::Left(departure.left),
            Told::Joined(entry) => Self::Joined(entry.joined(), entry.version()),
            Told::Updated { entry, since } => {
                let changed = [
                    entry.value_changed(),
                    entry.activity_changed(),
                    entry.following_changed(),
                ];
                let changed = changed.map(|sequence| sequence > *since);
                Self::Updated(entry.joined(), entry.version(), changed)
            }
        }
    }
}

impl Fragments {
    fn of(&mut self, told: &Told<'_>) -> &[u8] {
        let text = self.text.get_or_insert_with(Draft::new);
        let place = self.places.entry(Key::of(told)).or_insert_with(|| {
            let start = text.len();
            put_told(text, told);
            start..text.len()
        });
        text.json(place.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;
    use crate::schema::{Presence, TopicName, Value};
    use crate::topic::{
        Actor, ConnectionId, Heartbeat, Lease, Leave, Position, Session, SessionKey,
    };
    use crate::wire::{Scope, encode_part};

    /// As much text as a test likes.
    #[derive(crate::Presence, Debug, Clone, PartialEq)]
    #[presence(topic = "texts", max_bytes = 32_020)]
    struct Text {
        #[presence(max_chars = 8_000)]
        text: String,
    }

    fn person(user: &str, number: u128) -> Actor {
        let key = SessionKey::parse(&format!("{number:032x}")).expect("32 hex digits");
        Actor {
            session: Session::of(&key),
            user: User::parse(user).expect("a user"),
        }
    }

    fn topic() -> Topic {
        Topic::new(*Text::SCHEMA.settings(), &[], 7)
    }

    fn name() -> TopicName {
        TopicName::parse("texts").expect("a name")
    }

    fn connection(number: u64) -> ConnectionId {
        ConnectionId(NonZeroU64::new(number).expect("not zero"))
    }

    fn say(topic: &mut Topic, who: &Actor, text: &str, by: u64) {
        let by = connection(by);
        let value = Text { text: text.into() };
        let beat = Heartbeat {
            value: Some(Value::new(&value).expect("valid")),
            by: Some(by),
            ..Heartbeat::renew(Lease::Connection(by))
        };
        let done = topic.heartbeat(who, beat, Time::from_millis(1));
        done.expect("nothing is wrong with it");
    }

    fn users(names: &[&str]) -> std::sync::Arc<Users> {
        let users: Vec<_> = names
            .iter()
            .map(|it| User::parse(it).expect("a user"))
            .collect();
        let Scope::Users(users) = Scope::users(&users) else {
            unreachable!("made of users");
        };
        users
    }

    fn read(topic: &Topic, reader: Reader, names: &[&str]) -> Encoded {
        let digest = Digest::of(topic, &reader).expect("there is something to tell");
        let mut fragments = Fragments::default();
        digest.encode(&users(names), &mut fragments, &name(), Time::from_millis(1))
    }

    fn json(encoded: &Encoded) -> serde_json::Value {
        let frame = encoded.frame.as_ref().expect("a message");
        serde_json::from_slice(frame.json()).expect("JSON")
    }

    fn told(message: &serde_json::Value, list: &str) -> Vec<String> {
        let list = message[list].as_array();
        let members = list.into_iter().flatten();
        members
            .map(|it| it["member"].as_str().expect("a member"))
            .map(|it| it.split('.').next().expect("a user").to_owned())
            .collect()
    }

    #[test]
    fn of_everybody_in_question_it_says_what_the_whole_message_says() {
        let mut topic = topic();
        let (ann, bob, cem) = (person("ann", 1), person("bob", 2), person("cem", 3));
        say(&mut topic, &ann, "a", 1);
        say(&mut topic, &bob, "b", 2);
        let start = Reader::at(topic.position());
        say(&mut topic, &ann, "aa", 1);
        say(&mut topic, &cem, "c", 3);
        let left = topic.leave(&bob, Leave::default(), Time::from_millis(1));
        left.expect("nothing is wrong with it");
        say(&mut topic, &bob, "bb", 2);
        for reader in [Reader::NOTHING, start] {
            let some = read(&topic, reader, &["cem", "bob", "ann"]);
            let all = encode_part(&topic, &name(), &reader, Time::from_millis(1));
            let all = all.expect("a part");
            assert_eq!(json(&some), json(&all));
            assert_eq!(
                (some.reader, some.sole_author),
                (all.reader, all.sole_author)
            );
        }
        let some = json(&read(&topic, start, &["bob", "dan"]));
        assert_eq!(told(&some, "left"), ["bob"]);
        assert_eq!(told(&some, "joined"), ["bob"]);
        assert_eq!(some.get("updated"), None);
        assert_eq!(some["counts"]["members"], 3);
    }

    #[test]
    fn who_is_told_of_nobody_moves_on_silently_but_a_snapshot_always_comes() {
        let mut topic = topic();
        say(&mut topic, &person("ann", 1), "a", 1);
        let start = Reader::at(topic.position());
        say(&mut topic, &person("ann", 1), "b", 1);
        let silent = read(&topic, start, &["bob"]);
        assert!(silent.frame.is_none());
        assert_eq!(silent.reader.position(), Some(topic.position()));
        let snapshot = json(&read(&topic, Reader::NOTHING, &["bob"]));
        assert_eq!(snapshot["entries"], serde_json::json!([]));
        assert_eq!(snapshot["at"], "7.2");
    }

    #[test]
    fn own_doing_beside_what_others_do_out_of_sight_is_own_doing() {
        let mut topic = topic();
        say(&mut topic, &person("ann", 1), "a", 1);
        let start = Reader::at(topic.position());
        say(&mut topic, &person("ann", 1), "aa", 1);
        say(&mut topic, &person("bob", 2), "b", 2);
        let encoded = read(&topic, start, &["ann"]);
        assert_eq!(encoded.sole_author, Some(connection(1)));
        let encoded = read(&topic, start, &["ann", "bob"]);
        assert_eq!(encoded.sole_author, None);
    }

    #[test]
    fn a_long_message_comes_in_parts_that_leave_nothing_out() {
        let mut topic = topic();
        for number in 0..60 {
            let user = if number % 2 == 0 { "even" } else { "odd" };
            say(&mut topic, &person(user, number), &"x".repeat(4_000), 1);
        }
        let (mut reader, mut members, mut parts) = (Reader::NOTHING, Vec::new(), 0);
        loop {
            let encoded = read(&topic, reader, &["odd"]);
            let message = json(&encoded);
            members.extend(told(&message, "entries"));
            parts += 1;
            reader = encoded.reader;
            if message.get("more").is_none() {
                break;
            }
        }
        assert_eq!(members, vec!["odd"; 30]);
        assert_eq!(parts, 2);
        assert_eq!(reader.position(), Some(topic.position()));
        assert!(Digest::of(&topic, &reader).is_none());
    }

    #[test]
    fn nothing_is_encoded_twice_for_however_many_readers() {
        let mut topic = topic();
        for number in 0..10 {
            say(&mut topic, &person(&format!("u{number}"), number), "a", 1);
        }
        let before = topic.position();
        let late = Position {
            sequence: before.sequence - 5,
            ..before
        };
        for number in 0..10 {
            say(&mut topic, &person(&format!("u{number}"), number), "b", 1);
        }
        let mut fragments = Fragments::default();
        for reader in [Reader::at(before), Reader::at(late)] {
            let digest = Digest::of(&topic, &reader).expect("changes");
            for first in 0..10 {
                let names = [format!("u{first}"), format!("u{}", (first + 1) % 10)];
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                let now = Time::from_millis(1);
                let encoded = digest.encode(&users(&names), &mut fragments, &name(), now);
                assert!(encoded.frame.is_some());
            }
        }
        // Ten updated; five of them are new to the reader that is late.
        assert_eq!(fragments.places.len(), 15);
    }
}
