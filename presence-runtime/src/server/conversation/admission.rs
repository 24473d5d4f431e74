//! Admission: who speaks, what the application says of them, and how long that holds.
//!
//! The application may have to find out. Meanwhile the connection hears nothing: the message that asked
//! is held, and heard again with the answer.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;
use tracing::Span;

use super::{Conversation, Done, PROTOCOL};
use crate::schema::Known;
use crate::server::access::{Action, Caller, Permit, Seal, Speaker};
use crate::server::config::Config;
use crate::server::span;
use crate::topic::User;
use crate::wire::websocket::CloseCode;
use crate::wire::{
    ClientMessage, Code, Fault, Hello, Limits, Secret, ServerMessage, Token, known_by_name, millis,
};

/// What the application says.
pub(super) enum Answer {
    /// Who somebody is.
    Caller(Result<Caller, Fault>),
    /// Whether they may do something.
    Permit(Result<Seal, Fault>),
    /// What other nodes know is known here.
    Acquainted,
    /// What they may do by now of what they did before.
    Permits(Vec<(String, Action, Result<Seal, Fault>)>),
}

/// Who says `hello`, and from what contracts they were generated.
type Greeting = (Caller, BTreeMap<String, Known>);

/// A question to the application, and the message that has to wait for it.
pub(super) struct Asking {
    question: Pin<Box<dyn Future<Output = Answer> + Send>>,
    held: Option<String>,
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asking(..)")
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(..)")
    }
}

/// How long what a client showed is good.
#[derive(Debug)]
pub(super) struct Validity {
    until: Instant,
    /// When to tell it, unless it was told.
    warn_at: Option<Instant>,
}

impl Validity {
    pub(super) fn of(caller: &Caller, config: &Config) -> Option<Box<Self>> {
        let left = caller.expires_in()?;
        let until = caller.until()?;
        let warning = config.token_warning.min(left / 2);
        Some(Box::new(Self {
            until,
            warn_at: Some(until - warning),
        }))
    }

    pub(super) const fn next_due(&self) -> Instant {
        match self.warn_at {
            Some(warn_at) => warn_at,
            None => self.until,
        }
    }
}

impl Conversation {
    /// Ready once the application has answered.
    pub(super) fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(asking) = &mut self.asking else {
            return Poll::Ready(());
        };
        let Poll::Ready(answer) = asking.question.as_mut().poll(context) else {
            return Poll::Pending;
        };
        self.answer = Some(Box::new(answer));
        Poll::Ready(())
    }

    /// Hears the message that waited for the answer.
    ///
    /// # Errors
    /// As [`Conversation::hear`].
    pub(super) fn hear_held(&mut self) -> Result<(), CloseCode> {
        let held = self.asking.take().and_then(|it| it.held);
        match (held, self.answer.take()) {
            (Some(text), answer) => {
                self.answer = answer;
                self.hear(&text)?;
                self.answer = None;
            }
            (None, Some(answer)) => {
                if let Answer::Permits(permits) = *answer {
                    self.keep_to(permits);
                }
            }
            (None, None) => {}
        }
        if self.asking.is_none() && std::mem::take(&mut self.recheck) {
            self.recheck();
        }
        Ok(())
    }

    /// Has it decided anew what the client may do.
    pub(super) fn recheck(&mut self) {
        if self.asking.is_some() {
            self.recheck = true;
            return;
        }
        let Some(caller) = self.caller.clone() else {
            return;
        };
        if self.hub.access().is_open() {
            return;
        }
        let (mut read, mut announced) = (Vec::new(), Vec::new());
        for place in &mut self.places {
            (place.read, place.announce) = (None, None);
            if place.subscription.is_some() {
                read.push(place.live.name().to_string());
            }
            if place.announced {
                announced.push(place.live.name().to_string());
            }
        }
        let hub = self.hub.clone();
        let question = async move {
            let mut permits = Vec::new();
            for (topics, action) in [(read, Action::Read), (announced, Action::Announce)] {
                let names = topics.iter().map(String::as_str);
                let found = hub.permits(&caller, names, action).await;
                let found = found.into_iter().map(|it| it.map(|it| it.seal()));
                let found: Vec<_> = found.collect();
                let all = topics.into_iter().zip(found);
                permits.extend(all.map(|(topic, permit)| (topic, action, permit)));
            }
            Answer::Permits(permits)
        };
        if let Some(Answer::Permits(permits)) = self.begin(None, Box::pin(question)) {
            self.keep_to(permits);
        }
    }

    /// Tells the client that its token is about to expire.
    ///
    /// # Errors
    /// The code to close with once it has.
    pub(super) fn see_to_validity(&mut self) -> Result<(), CloseCode> {
        let Some(validity) = &mut self.validity else {
            return Ok(());
        };
        let now = Instant::now();
        if validity.until <= now {
            return Err(CloseCode::TOKEN_EXPIRED);
        }
        if validity.warn_at.take_if(|at| *at <= now).is_some() {
            let expires_in_ms = millis(validity.until - now);
            self.say(&ServerMessage::Expiring { expires_in_ms });
        }
        Ok(())
    }

    pub(super) fn hello(&mut self, hello: &Hello<'_>, text: &str) -> Result<(), CloseCode> {
        let done = match self.try_hello(hello, text) {
            Ok(Some((caller, schemas))) => self.let_in(caller).map(|()| self.compare(&schemas)),
            Ok(None) => Ok(()),
            Err(fault) => Err(fault),
        };
        match done {
            Ok(()) => Ok(()),
            Err(fault) => {
                self.refuse(hello.id, &fault);
                Err(match fault.code {
                    Code::Unauthenticated => CloseCode::UNAUTHENTICATED,
                    Code::TokenExpired => CloseCode::TOKEN_EXPIRED,
                    Code::Unavailable => CloseCode::TRY_AGAIN,
                    Code::TooManyConnections => CloseCode::TOO_MANY,
                    _ => CloseCode::WRONG_PROTOCOL,
                })
            }
        }
    }

    /// Who says `hello` and from what contracts they were generated; nothing while that is being found
    /// out.
    fn try_hello(&mut self, hello: &Hello<'_>, text: &str) -> Result<Option<Greeting>, Fault> {
        let caller = match self.answer.take().map(|it| *it) {
            Some(Answer::Caller(caller)) => caller?,
            _ => {
                if self.greeted {
                    let message = "`hello` was said already";
                    return Err(Fault::new(Code::InvalidRequest, message));
                }
                if hello.protocol != PROTOCOL {
                    let found = hello.protocol;
                    let message = format!("protocol {PROTOCOL} is spoken here, found {found}");
                    return Err(Fault::new(Code::UnsupportedProtocol, message));
                }
                self.greeted = true;
                let shown = self.shown.take().unwrap_or_default();
                let shown = shown.with_token(hello.token.as_ref().map(Secret::as_str));
                let (hub, key) = (self.hub.clone(), hello.session.clone());
                let question = async move {
                    let key = key.as_ref().map(Secret::as_str);
                    let speaker = Speaker::default();
                    Answer::Caller(hub.access().admit(&speaker, || shown, key).await)
                };
                // In open mode the answer is there at once.
                match self.ask(text, question) {
                    Some(Answer::Caller(caller)) => caller?,
                    _ => return Ok(None),
                }
            }
        };
        let schemas = hello.schemas.map_or(Ok(BTreeMap::new()), known_by_name)?;
        Ok(Some((caller, schemas)))
    }

    /// Takes in who said `hello`.
    fn let_in(&mut self, caller: Caller) -> Result<(), Fault> {
        if let Some(user) = caller.user() {
            let session = caller.actor().map(|it| it.session.id);
            let connections = self.hub.connections();
            connections.let_in(user, session, self.connection)?;
            if let Err(fault) = self.hub.access().still(&caller) {
                // The end of the connection gives back what it was given.
                self.caller = Some(caller);
                return Err(fault);
            }
        }
        if let Some(user) = caller.user() {
            span::is_of(&Span::current(), user);
        }
        tracing::debug!("hello");
        self.validity = Validity::of(&caller, self.hub.config());
        let config = self.hub.config();
        self.say(&ServerMessage::Welcome {
            session: caller.actor().map(|it| it.session.id.as_str()),
            user: caller.user().map(User::as_str),
            heartbeat_ms: millis(config.heartbeat),
            limits: Limits {
                max_message_bytes: config.max_body,
                max_topics: config.max_topics_per_connection,
            },
            expires_in_ms: caller.expires_in().map(millis),
        });
        self.caller = Some(caller);
        if self.hub.is_stale() {
            self.outlet.tell(&ServerMessage::status(true));
        }
        Ok(())
    }

    /// Takes another token. A wrong one changes nothing.
    pub(super) fn token(&mut self, message: &Token, text: &str) {
        let Some(caller) = &self.caller else { return };
        let renewed = match self.answer.take().map(|it| *it) {
            Some(Answer::Caller(renewed)) => renewed,
            _ => {
                let (hub, caller) = (self.hub.clone(), caller.clone());
                let token = message.token.clone();
                let question = async move {
                    Answer::Caller(hub.access().renew(&caller, token.as_str()).await)
                };
                match self.ask(text, question) {
                    Some(Answer::Caller(renewed)) => renewed,
                    _ => return,
                }
            }
        };
        match renewed {
            Ok(renewed) => {
                self.validity = Validity::of(&renewed, self.hub.config());
                for place in self.places.iter().filter(|it| it.announced) {
                    // Who has not the claims any longer goes, and is told `gone`.
                    let _ = self.hub.restamp(&place.live, &renewed);
                }
                self.caller = Some(renewed);
                self.answer(message.id, Ok(Done::default()));
                self.recheck();
            }
            Err(fault) => self.refuse(message.id, &fault),
        }
    }

    /// Whether other nodes are asked for what they know of the session before it announces or leaves.
    pub(super) fn waits_for_neighbours(&mut self, message: &ClientMessage<'_>, text: &str) -> bool {
        if self.answer.is_some() {
            // They were asked before anything else was.
            self.answer.take_if(|it| matches!(**it, Answer::Acquainted));
            return false;
        }
        let topic = match message {
            ClientMessage::Heartbeat(it) => &it.topic,
            ClientMessage::Leave(it) => &it.topic,
            ClientMessage::Follow(it) => &it.topic,
            _ => return false,
        };
        let Some(session) = self.actor().map(|it| it.session.id) else {
            return false;
        };
        let Some(acquaintance) = self
            .hub
            .acquaint(topic, Some(session), Some(self.connection))
        else {
            return false;
        };
        let question = async move {
            acquaintance.await;
            Answer::Acquainted
        };
        self.ask(text, question).is_none()
    }

    /// Whether the client may do something in a topic; nothing while the application is asked.
    pub(super) fn permit<'a>(
        &mut self,
        topic: &'a str,
        action: Action,
        text: &str,
    ) -> Result<Option<Permit<'a>>, Fault> {
        if let Some(permit) = self.hub.access().permit_at_once(topic, action) {
            return Ok(Some(permit));
        }
        if let Some(Answer::Permit(permit)) = self.answer.take().map(|it| *it) {
            return permit.map(|seal| Some(seal.on(topic)));
        }
        if let Some(at) = self.find(topic)
            && let Some(seal) = self.places[at].seal(action)
        {
            return Ok(Some(seal.on(topic)));
        }
        let (hub, caller, name) = (self.hub.clone(), self.caller.clone(), topic.to_owned());
        let caller = caller.expect("nothing else is heard before `hello`");
        let question = async move {
            let permit = hub.permit(&caller, &name, action).await;
            Answer::Permit(permit.map(|it| it.seal()))
        };
        match self.ask(text, question) {
            Some(Answer::Permit(permit)) => permit.map(|seal| Some(seal.on(topic))),
            _ => Ok(None),
        }
    }

    /// Ends what is allowed no longer.
    fn keep_to(&mut self, permits: Vec<(String, Action, Result<Seal, Fault>)>) {
        for (topic, action, permit) in permits {
            let Some(at) = self.find(&topic) else {
                continue;
            };
            let shared = self.hub.shared();
            let place = &mut self.places[at];
            match (permit, action) {
                (Ok(seal), _) => place.grant(seal),
                // No connection does that.
                (Err(_), Action::Inspect) => {}
                (Err(fault), Action::Read) => {
                    if let Some(key) = place.subscription.take() {
                        place.live.unsubscribe(shared, key);
                    }
                    let ended = ServerMessage::Ended {
                        topic: &topic,
                        error: &fault,
                    };
                    self.say(&ended);
                }
                (Err(_), Action::Announce) => {
                    place.announced = false;
                    let live = place.live.clone();
                    if let Some(actor) = self.actor() {
                        // The client is told `gone`.
                        let _ = live.dismiss(shared, &actor.member());
                    }
                }
            }
            self.forget_if_unused(at);
        }
    }

    /// Asks the application; nothing when it has to find out, and the message is held until then.
    fn ask(
        &mut self,
        text: &str,
        question: impl Future<Output = Answer> + Send + 'static,
    ) -> Option<Answer> {
        self.begin(Some(text), Box::pin(question))
    }

    fn begin(
        &mut self,
        text: Option<&str>,
        mut question: Pin<Box<dyn Future<Output = Answer> + Send>>,
    ) -> Option<Answer> {
        let mut nobody = Context::from_waker(Waker::noop());
        if let Poll::Ready(answer) = question.as_mut().poll(&mut nobody) {
            return Some(answer);
        }
        let held = text.map(str::to_owned);
        self.asking = Some(Box::new(Asking { question, held }));
        None
    }
}
