//! Conversations: what the messages of one WebSocket mean.

mod admission;
mod asking;
mod dialogue;
mod doing;
mod permits;
mod validity;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::asking::{Answer, Asking};
use self::validity::Validity;
use super::access::{Action, Caller, Credentials, Permit, Seal};
use super::address::Address;
use super::hub::Hub;
use super::live::{Live, SubscriberKey};
use super::outlet::Outlet;
use crate::mistake::{Mistake, is_made};
use crate::schema::{Known, Mismatch, TopicName};
use crate::topic::{Actor, ConnectionId, Loss};
use crate::wire::websocket::CloseCode;
use crate::wire::{Acked, ClientMessage, Code, Fault, Schemas, ServerMessage, known_by_name};

/// The one protocol version there is.
const PROTOCOL: u64 = 1;

/// One WebSocket's side of the protocol. Its end is the end of the connection.
#[derive(Debug)]
pub(super) struct Conversation {
    hub: Hub,
    connection: ConnectionId,
    from: Option<Address>,
    outlet: Arc<Outlet>,
    /// What the handshake shows, until `hello` is answered.
    shown: Option<Box<Credentials>>,
    /// `hello` came.
    greeted: bool,
    /// Who asks, once that is known.
    caller: Option<Caller>,
    places: Vec<Place>,
    validity: Option<Box<Validity>>,
    /// What the application is being asked. Nothing is heard meanwhile.
    asking: Option<Box<Asking>>,
    /// What the application says to the message that is heard. In a box, because there rarely is any.
    answer: Option<Box<Answer>>,
    /// What the client may do has to be decided anew.
    recheck: bool,
    /// How the connection ended.
    loss: Loss,
}

/// A topic in which the connection watches or announces.
#[derive(Debug)]
struct Place {
    live: Arc<Live>,
    subscription: Option<SubscriberKey>,
    announced: bool,
    /// What was decided: that it may read, and that it may announce.
    read: Option<Seal>,
    announce: Option<Seal>,
}

impl Place {
    const fn seal(&self, action: Action) -> Option<Seal> {
        match action {
            Action::Read => self.read,
            Action::Announce => self.announce,
            // No message asks for it.
            Action::Inspect => None,
        }
    }

    const fn grant(&mut self, seal: Seal) {
        match seal.action() {
            Action::Read => self.read = Some(seal),
            Action::Announce => self.announce = Some(seal),
            Action::Inspect => {}
        }
    }
}

/// What is said of a message that was done, beside its `id`.
#[derive(Debug, Default)]
struct Done {
    ack: Option<Acked>,
    left: Option<bool>,
}

impl Conversation {
    pub(super) const fn new(
        hub: Hub,
        connection: ConnectionId,
        from: Option<Address>,
        outlet: Arc<Outlet>,
        shown: Box<Credentials>,
    ) -> Self {
        Self {
            hub,
            connection,
            from,
            outlet,
            shown: Some(shown),
            greeted: false,
            caller: None,
            places: Vec::new(),
            validity: None,
            asking: None,
            answer: None,
            recheck: false,
            loss: Loss::Broken,
        }
    }

    /// Reads on in topics whose flush passed by because the connection was busy.
    fn catch_up(&self) {
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
    fn hear(&mut self, text: &str) -> Result<(), CloseCode> {
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
        if self.waits_for_neighbours(&message, text) {
            return Ok(());
        }
        match message {
            ClientMessage::Hello(hello) => return self.hello(&hello, text),
            _ if !self.greeted => {
                self.refuse(
                    None,
                    &Fault::new(Code::InvalidRequest, "`hello` comes first"),
                );
                return Err(CloseCode::WRONG_PROTOCOL);
            }
            ClientMessage::Schemas(it) => self.schemas(&it),
            ClientMessage::Subscribe(it) => self.subscribe(&it, text),
            ClientMessage::Unsubscribe(it) => self.unsubscribe(&it),
            ClientMessage::Heartbeat(it) => self.heartbeat(&it, text),
            ClientMessage::Leave(it) => self.leave(&it, text),
            ClientMessage::Follow(it) => self.follow(&it, text),
            ClientMessage::Activity(it) => self.activity(&it),
            ClientMessage::Token(it) => self.token(&it, text),
        }
        Ok(())
    }

    fn schemas(&mut self, message: &Schemas<'_>) {
        match known_by_name(message.schemas) {
            Ok(schemas) => {
                self.answer(message.id, Ok(Done::default()));
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

    fn actor(&self) -> Option<&Actor> {
        self.caller.as_ref().and_then(Caller::actor)
    }

    fn find(&self, topic: &str) -> Option<usize> {
        self.places
            .iter()
            .position(|it| it.live.name().as_str() == topic)
    }

    /// The connection's place in a topic, taken now if it has none.
    fn place(&mut self, permit: &Permit<'_>) -> Result<usize, Fault> {
        let at = match self.find(permit.topic()) {
            Some(at) => at,
            None => self.take_place(permit)?,
        };
        self.places[at].grant(permit.seal());
        Ok(at)
    }

    fn take_place(&mut self, permit: &Permit<'_>) -> Result<usize, Fault> {
        let name = TopicName::parse(permit.topic())?;
        self.hub.registered(&name)?;
        let most = self.hub.config().max_topics_per_connection;
        if self.places.len() >= most {
            let message = format!("a connection has at most {most} topics");
            return Err(Fault::new(Code::TooManyTopics, message));
        }
        let live = self.hub.live(&name, self.from)?;
        // Most connections have one topic.
        self.places.reserve_exact(1);
        self.places.push(Place {
            live,
            subscription: None,
            announced: false,
            read: None,
            announce: None,
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

    fn answer(&self, id: Option<u64>, done: Result<Done, Fault>) {
        match (id, done) {
            (Some(id), Ok(Done { ack, left })) => self.say(&ServerMessage::Ok { id, ack, left }),
            (None, Ok(_)) => {}
            (id, Err(fault)) => self.refuse(id, &fault),
        }
    }

    /// Answers unless the message waits for the application.
    fn answer_done(&self, id: Option<u64>, done: Result<Option<Done>, Fault>) {
        if let Some(done) = done.transpose() {
            self.answer(id, done);
        }
    }

    fn refuse(&self, id: Option<u64>, fault: &Fault) {
        self.hub.shared().meter.refused(fault.code);
        self.say(&ServerMessage::Error { id, error: fault });
    }

    fn say(&self, message: &ServerMessage<'_>) {
        self.outlet.say(message);
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let member = self.actor().map(Actor::member);
        if let Some(member) = &member {
            self.hub.connections().hand_back(member, self.connection);
        }
        // What was said behind a revocation, before anybody noticed, is not to last.
        let revoked = self.outlet.ends_with(CloseCode::UNAUTHENTICATED);
        if let Some(user) = self.caller.as_ref().and_then(Caller::user) {
            self.hub.connections().let_out(user, self.connection);
        }
        for place in std::mem::take(&mut self.places) {
            if let (Some(member), true) = (&member, place.announced)
                && !is_made(Mistake::G2)
            {
                let _ = if revoked {
                    place.live.dismiss(self.hub.shared(), member).map(drop)
                } else {
                    place.live.with(self.hub.shared(), |topic, now| {
                        topic.disconnect(member.session, self.connection, self.loss, now)
                    })
                };
            }
            if let Some(key) = place.subscription {
                place.live.unsubscribe(self.hub.shared(), key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Topics;
    use crate::server::config::Config;
    use crate::server::outlet::Form;

    #[derive(crate::Presence, Debug)]
    #[presence(topic = "dots", crate = "crate")]
    struct Dot {
        x: u32,
    }

    #[tokio::test]
    async fn what_a_revoked_connection_says_before_it_notices_does_not_outlast_it() {
        let topics = Topics::new().register::<Dot>();
        let hub = Hub::new(topics, Config::default()).expect("sensible figures");
        for (code, left) in [(CloseCode::UNAUTHENTICATED, 0), (CloseCode::RESTART, 1)] {
            let outlet = Arc::new(Outlet::deferred(Form::WebSocket));
            let id = hub.connections().next_id();
            let shown = Box::new(Credentials::default());
            let mut said = Conversation::new(hub.clone(), id, None, outlet.clone(), shown);
            let hello =
                r#"{"type":"hello","protocol":1,"session":"00112233445566778899aabbccddeeff"}"#;
            said.hear(hello).expect("a hello");
            outlet.close(code);
            said.hear(r#"{"type":"heartbeat","topic":"dots","value":{"x":1}}"#)
                .expect("a heartbeat");
            let topic = Dot::topic().expect("a topic");
            assert_eq!(hub.members(&topic).len(), 1);
            drop(said);
            assert_eq!(hub.members(&topic).len(), left, "{code}");
        }
    }
}
