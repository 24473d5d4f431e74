//! Conversations: what the messages of one WebSocket mean.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::access::announcer;
use super::hub::Hub;
use super::live::{Live, SubscriberKey};
use super::outlet::Outlet;
use super::subscriber::{Subscriber, Watching};
use super::users::users;
use crate::mistake::{Mistake, is_made};
use crate::schema::{Known, Mismatch, TopicName};
use crate::topic::{self, Actor, ConnectionId, Lease, Left, Reader};
use crate::wire::websocket::CloseCode;
use crate::wire::{
    Acked, Active, ClientMessage, Code, Fault, Follow, Heartbeat, Hello, Leave, Limits, OnTopic,
    Schemas, ServerMessage, Subscribe, known_by_name, parse_position,
};

/// The one protocol version there is.
const PROTOCOL: u64 = 1;

/// One WebSocket's side of the protocol. Its end is the end of the connection.
#[derive(Debug)]
pub(super) struct Conversation {
    hub: Hub,
    connection: ConnectionId,
    outlet: Arc<Outlet>,
    greeted: bool,
    identity: Option<Actor>,
    places: Vec<Place>,
}

/// A topic in which the connection watches or announces.
#[derive(Debug)]
struct Place {
    live: Arc<Live>,
    subscription: Option<SubscriberKey>,
    announced: bool,
}

/// What an answered message says beside its `id`.
#[derive(Debug, Default)]
struct Answer {
    ack: Option<Acked>,
    left: Option<bool>,
}

impl Conversation {
    pub(super) const fn new(hub: Hub, connection: ConnectionId, outlet: Arc<Outlet>) -> Self {
        Self {
            hub,
            connection,
            outlet,
            greeted: false,
            identity: None,
            places: Vec::new(),
        }
    }

    /// Whether `hello` was said.
    pub(super) const fn is_greeted(&self) -> bool {
        self.greeted
    }

    /// Reads on in topics whose flush passed by because the connection was busy.
    pub(super) fn catch_up(&self) {
        for place in &self.places {
            if let Some(key) = place.subscription {
                place.live.catch_up(self.hub.shared(), key);
            }
        }
    }

    /// Does what a message asks for and answers it.
    ///
    /// # Errors
    /// The code to close with when the client does not keep the protocol.
    pub(super) fn hear(&mut self, text: &str) -> Result<(), CloseCode> {
        let message = match ClientMessage::parse(text) {
            Ok(message) => message,
            Err((id, fault)) => {
                self.refuse(id, &fault);
                return if self.greeted {
                    Ok(())
                } else {
                    Err(CloseCode::WRONG_PROTOCOL)
                };
            }
        };
        match message {
            ClientMessage::Hello(hello) => return self.hello(&hello),
            _ if !self.greeted => {
                self.refuse(
                    None,
                    &Fault::new(Code::InvalidRequest, "`hello` comes first"),
                );
                return Err(CloseCode::WRONG_PROTOCOL);
            }
            ClientMessage::Schemas(it) => self.schemas(&it),
            ClientMessage::Subscribe(it) => self.subscribe(&it),
            ClientMessage::Unsubscribe(it) => self.unsubscribe(&it),
            ClientMessage::Heartbeat(it) => self.heartbeat(&it),
            ClientMessage::Leave(it) => self.leave(&it),
            ClientMessage::Follow(it) => self.follow(&it),
            ClientMessage::Activity(it) => self.activity(&it),
            // Open mode has no use for a token, as for one in `hello`.
            ClientMessage::Token(it) => self.answer(it.id, Ok(Answer::default())),
        }
        Ok(())
    }

    fn hello(&mut self, hello: &Hello<'_>) -> Result<(), CloseCode> {
        let identity = if self.greeted {
            Err(Fault::new(Code::InvalidRequest, "`hello` was said already"))
        } else if hello.protocol != PROTOCOL {
            let message = format!(
                "protocol {PROTOCOL} is spoken here, found {}",
                hello.protocol
            );
            Err(Fault::new(Code::UnsupportedProtocol, message))
        } else {
            self.hub.access().identify(hello.session.as_deref())
        };
        let schemas = hello.schemas.map_or(Ok(BTreeMap::new()), known_by_name);
        let schemas = match identity.and_then(|identity| Ok((identity, schemas?))) {
            Ok((identity, schemas)) => {
                self.identity = identity;
                schemas
            }
            Err(fault) => {
                self.refuse(hello.id, &fault);
                return Err(CloseCode::WRONG_PROTOCOL);
            }
        };
        self.greeted = true;
        let who = self.identity.as_ref();
        if let Some(who) = who {
            self.hub
                .connections()
                .take_over(who.session.id, self.connection);
        }
        let config = self.hub.config();
        self.say(&ServerMessage::Welcome {
            session: who.map(|it| it.session.id.as_str()),
            user: who.map(|it| it.user.as_str()),
            heartbeat_ms: u64::try_from(config.heartbeat.as_millis()).unwrap_or(u64::MAX),
            limits: Limits {
                max_message_bytes: config.max_body,
                max_topics: config.max_topics_per_connection,
            },
        });
        self.compare(&schemas);
        Ok(())
    }

    fn schemas(&mut self, message: &Schemas<'_>) {
        match known_by_name(message.schemas) {
            Ok(schemas) => {
                self.answer(message.id, Ok(Answer::default()));
                self.compare(&schemas);
            }
            Err(fault) => self.refuse(message.id, &fault),
        }
    }

    /// Tells what differs in the contracts the client was generated from.
    fn compare(&mut self, schemas: &BTreeMap<String, Known>) {
        for (name, known) in schemas {
            let found = self.hub.topics().iter().find(|it| it.schema.name() == name);
            let mismatch = match found {
                Some(found) => found.schema.mismatch(known),
                None => Some(Mismatch::unknown(name.clone())),
            };
            if let Some(mismatch) = mismatch {
                self.say(&ServerMessage::Mismatch(&mismatch));
            }
        }
    }

    fn subscribe(&mut self, message: &Subscribe<'_>) {
        let done = self.try_subscribe(message);
        if let Err(fault) = done {
            self.refuse(message.id, &fault);
        }
    }

    fn try_subscribe(&mut self, message: &Subscribe<'_>) -> Result<(), Fault> {
        let reader = match &message.since {
            None => Reader::NOTHING,
            // A position nobody gave out is as good as none: a snapshot comes.
            Some(text) => parse_position(text).map_or(Reader::NOTHING, Reader::at),
        };
        let watching = Watching::of(&message.filter, self.identity.as_ref())?;
        let at = self.place(&message.topic)?;
        // The answer goes first: what follows may write the snapshot at once.
        self.answer(message.id, Ok(Answer::default()));
        let place = &mut self.places[at];
        loop {
            let (outlet, watching) = (self.outlet.clone(), watching.clone());
            let done = match place.subscription {
                Some(key) => place
                    .live
                    .resubscribe(self.hub.shared(), key, watching, reader),
                None => {
                    let subscriber = Subscriber::new(self.connection, outlet, watching, reader);
                    place
                        .live
                        .subscribe(self.hub.shared(), subscriber)
                        .map(|key| place.subscription = Some(key))
                }
            };
            if done.is_ok() {
                return Ok(());
            }
            place.live = self.hub.live(place.live.name())?;
        }
    }

    fn unsubscribe(&mut self, message: &OnTopic<'_>) {
        if let Some(at) = self.find(&message.topic) {
            let place = &mut self.places[at];
            if let Some(key) = place.subscription.take() {
                place.live.unsubscribe(self.hub.shared(), key);
            }
            self.forget_if_unused(at);
        }
        self.answer(message.id, Ok(Answer::default()));
    }

    fn heartbeat(&mut self, message: &Heartbeat<'_>) {
        let following = message.following.as_deref();
        let done = self.try_heartbeat(
            &message.topic,
            message.value.map(|it| it.get()),
            following,
            |beat| {
                beat.n = message.n;
                beat.activity = message.activity.map(Into::into);
                beat.hidden = message.hidden;
            },
        );
        self.answer(message.id, done);
    }

    fn follow(&mut self, message: &Follow<'_>) {
        let done = self.try_heartbeat(&message.topic, None, Some(&message.users), |beat| {
            beat.n = message.n
        });
        self.answer(message.id, done);
    }

    fn activity(&mut self, message: &Active) {
        let announced: Vec<_> = self
            .places
            .iter()
            .filter(|it| it.announced)
            .map(|it| it.live.name().clone())
            .collect();
        for name in announced {
            // Where the entry went meanwhile, its owner was told `gone`.
            let _ = self.try_heartbeat(name.as_str(), None, None, |beat| {
                beat.n = message.n;
                beat.activity = message.activity.map(Into::into);
                beat.hidden = message.hidden;
            });
        }
        self.answer(message.id, Ok(Answer::default()));
    }

    fn try_heartbeat(
        &mut self,
        topic: &str,
        value: Option<&str>,
        following: Option<&[String]>,
        more: impl FnOnce(&mut topic::Heartbeat),
    ) -> Result<Answer, Fault> {
        let who = announcer(self.identity.as_ref())?.clone();
        let mut beat = topic::Heartbeat::renew(Lease::Connection(self.connection));
        beat.by = Some(self.connection);
        beat.following = following.map(users).transpose()?;
        more(&mut beat);

        let known = self.find(topic);
        let registered = match known {
            Some(at) => *self.places[at].live.registered(),
            None => *self.hub.registered(&TopicName::parse(topic)?)?,
        };
        if let Some(json) = value {
            beat.value = Some(Hub::value(&registered, json)?);
        }
        let at = match known {
            Some(at) => at,
            None => self.place(topic)?,
        };
        let ack = self.hub.heartbeat(&mut self.places[at].live, &who, beat);
        self.places[at].announced |= ack.is_ok();
        self.forget_if_unused(at);
        let figures = self.hub.figures(&registered, None);
        ack.map(|ack| Answer {
            ack: Some(Acked {
                ack,
                figures,
                mismatch: None,
            }),
            left: None,
        })
    }

    fn leave(&mut self, message: &Leave<'_>) {
        let done = self.try_leave(message);
        self.answer(message.id, done);
    }

    fn try_leave(&mut self, message: &Leave<'_>) -> Result<Answer, Fault> {
        let who = announcer(self.identity.as_ref())?;
        let name = TopicName::parse(&message.topic)?;
        let leave = topic::Leave {
            n: message.n,
            after: message.after_ms.map(Duration::from_millis),
            by: Some(self.connection),
        };
        let left = self.hub.leave(&name, who, leave)?;
        if left == Left::Now
            && let Some(at) = self.find(&message.topic)
        {
            self.places[at].announced = false;
            self.forget_if_unused(at);
        }
        Ok(Answer {
            ack: None,
            left: Some(matches!(left, Left::Now | Left::Later)),
        })
    }

    fn find(&self, topic: &str) -> Option<usize> {
        self.places
            .iter()
            .position(|it| it.live.name().as_str() == topic)
    }

    /// The connection's place in a topic, taken now if it has none.
    fn place(&mut self, topic: &str) -> Result<usize, Fault> {
        if let Some(at) = self.find(topic) {
            return Ok(at);
        }
        let name = TopicName::parse(topic)?;
        self.hub.registered(&name)?;
        let most = self.hub.config().max_topics_per_connection;
        if self.places.len() >= most {
            let message = format!("a connection has at most {most} topics");
            return Err(Fault::new(Code::TooManyTopics, message));
        }
        let live = self.hub.live(&name)?;
        // Most connections have one topic.
        self.places.reserve_exact(1);
        self.places.push(Place {
            live,
            subscription: None,
            announced: false,
        });
        Ok(self.places.len() - 1)
    }

    fn forget_if_unused(&mut self, at: usize) {
        let place = &self.places[at];
        if place.subscription.is_none() && !place.announced {
            let place = self.places.swap_remove(at);
            self.hub.free_if_idle(&place.live);
        }
    }

    fn answer(&self, id: Option<u64>, done: Result<Answer, Fault>) {
        match (id, done) {
            (Some(id), Ok(Answer { ack, left })) => self.say(&ServerMessage::Ok { id, ack, left }),
            (None, Ok(_)) => {}
            (id, Err(fault)) => self.refuse(id, &fault),
        }
    }

    fn refuse(&self, id: Option<u64>, fault: &Fault) {
        self.say(&ServerMessage::Error { id, error: fault });
    }

    fn say(&self, message: &ServerMessage<'_>) {
        self.outlet.say(message);
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let session = self.identity.as_ref().map(|it| it.session.id);
        if let Some(session) = session {
            self.hub.connections().hand_back(session, self.connection);
        }
        for place in std::mem::take(&mut self.places) {
            if let (Some(session), true) = (session, place.announced)
                && !is_made(Mistake::G2)
            {
                let _ = place.live.with(self.hub.shared(), |topic, now| {
                    topic.disconnect(session, self.connection, now)
                });
            }
            if let Some(key) = place.subscription {
                place.live.unsubscribe(self.hub.shared(), key);
            }
        }
    }
}
