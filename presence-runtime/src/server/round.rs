//! Rounds of a flush: what is encoded once for all who stand at the same position.

use std::collections::HashMap;
use std::sync::Arc;

use super::meter::OfType;
use super::outlet::Outlet;
use super::subscriber::Subscriber;
use crate::schema::TopicName;
use crate::topic::{ConnectionId, Reader, Time, Topic};
use crate::wire::{
    Digest, Encoded, Fragments, Frame, Scope, encode_counts, encode_nothing, encode_part,
};

/// What one round of a flush writes: at most one part for each subscriber.
#[derive(Debug, Default)]
pub(super) struct Round {
    writes: Vec<(Arc<Outlet>, Arc<Frame>)>,
    /// Somebody has got a part and more is to come.
    pub(super) more: bool,
    /// What was encoded of single members in this flush.
    fragments: Fragments,
    /// Messages that were encoded and have yet to be counted.
    encoded: u64,
}

/// The parts of one round, while the topic stands still.
#[derive(Debug)]
struct Parts<'a> {
    topic: &'a Topic,
    name: &'a TopicName,
    now: Time,
    fragments: &'a mut Fragments,
    encoded: &'a mut u64,
    /// By where a reader stands and whom it is told of.
    known: HashMap<(Reader, Scope), Part>,
    /// What was asked for last. Most ask for the same.
    last: Option<((Reader, Scope), Part)>,
    /// What there is to tell, for those who are told of some only.
    digests: HashMap<Reader, Option<Digest<'a>>>,
    /// That there is nothing to tell.
    nothing: Option<Arc<Frame>>,
}

/// A part as it is shared.
#[derive(Debug, Clone)]
struct Part {
    frame: Option<Arc<Frame>>,
    sole_author: Option<ConnectionId>,
    /// Where its readers stand afterwards.
    reader: Reader,
}

impl Round {
    /// Takes one part for each subscriber who lacks something and can be written to; `late`, for
    /// those only who were passed by.
    pub(super) fn gather<'a>(
        &mut self,
        topic: &Topic,
        name: &TopicName,
        subscribers: impl Iterator<Item = &'a mut Subscriber>,
        now: Time,
        late: bool,
    ) {
        self.more = false;
        let current = Some(topic.position());
        let mut parts = Parts::of(topic, name, now, &mut self.fragments, &mut self.encoded);
        for subscriber in subscribers {
            subscriber.see_to_scope(topic);
            if subscriber.reader.position() == current && !subscriber.unanswered {
                subscriber.owed = false;
                continue;
            }
            if late && !subscriber.owed {
                continue;
            }
            if !subscriber.outlet.reserve() {
                subscriber.owed = true;
                continue;
            }
            let part = parts.next(subscriber.reader, subscriber.scope());
            subscriber.reader = part.reader;
            // A run ends where the topic was when it began.
            subscriber.owed = part.reader.position() != current || subscriber.wants();
            self.more |= subscriber.owed;
            let frame = part.for_connection(subscriber.connection);
            match frame.or_else(|| subscriber.unanswered.then(|| parts.nothing())) {
                Some(frame) => {
                    subscriber.unanswered = false;
                    self.writes.push((subscriber.outlet.clone(), frame));
                }
                None => subscriber.outlet.release(),
            }
        }
    }

    /// Writes what was gathered.
    pub(super) fn write(&mut self, meter: &OfType) {
        let (mut parts, mut bytes) = (0, 0);
        for (outlet, frame) in self.writes.drain(..) {
            outlet.write_part(&frame);
            parts += 1;
            bytes += frame.json().len() as u64;
        }
        if parts > 0 {
            meter.parts.add(parts);
            meter.bytes.add(bytes);
            meter.encoded.add(std::mem::take(&mut self.encoded));
        }
    }
}

impl<'a> Parts<'a> {
    /// No part yet.
    fn of(
        topic: &'a Topic,
        name: &'a TopicName,
        now: Time,
        fragments: &'a mut Fragments,
        encoded: &'a mut u64,
    ) -> Self {
        Self {
            topic,
            name,
            now,
            fragments,
            encoded,
            known: HashMap::new(),
            last: None,
            digests: HashMap::new(),
            nothing: None,
        }
    }

    /// The next part for those who stand here and are told of these.
    fn next(&mut self, reader: Reader, scope: &Scope) -> Part {
        match &self.last {
            Some(((at, of), part)) if *at == reader && of == scope => part.clone(),
            _ => {
                let key = (reader, scope.clone());
                let part = self.find(&key);
                self.last = Some((key, part.clone()));
                part
            }
        }
    }

    fn find(&mut self, key: &(Reader, Scope)) -> Part {
        if let Some(part) = self.known.get(key) {
            return part.clone();
        }
        let (reader, scope) = key;
        let part = match self.encode(*reader, scope) {
            Some(encoded) => {
                *self.encoded += u64::from(encoded.frame.is_some());
                Part {
                    frame: encoded.frame.map(Arc::new),
                    sole_author: encoded.sole_author,
                    reader: encoded.reader,
                }
            }
            None => Part {
                frame: None,
                sole_author: None,
                reader: *reader,
            },
        };
        self.known.insert(key.clone(), part.clone());
        part
    }

    /// The message for those who are to hear something, and lack nothing.
    fn nothing(&mut self) -> Arc<Frame> {
        let encode = || Arc::new(encode_nothing(self.topic, self.name, self.now));
        self.nothing.get_or_insert_with(encode).clone()
    }

    fn encode(&mut self, reader: Reader, scope: &Scope) -> Option<Encoded> {
        match scope {
            Scope::Everybody => encode_part(self.topic, self.name, &reader, self.now),
            Scope::Count => encode_counts(self.topic, self.name, &reader, self.now),
            Scope::Users(users) => {
                let digest = self.digests.entry(reader);
                let digest = digest.or_insert_with(|| Digest::of(self.topic, &reader));
                let digest = digest.as_ref()?;
                Some(digest.encode(users, self.fragments, self.name, self.now))
            }
        }
    }
}

impl Part {
    /// The message for this connection; nothing where all of it is its own doing.
    fn for_connection(self, connection: ConnectionId) -> Option<Arc<Frame>> {
        self.frame.filter(|_| self.sole_author != Some(connection))
    }
}
