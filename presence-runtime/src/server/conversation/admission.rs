//! Admission: who speaks, and by which token.

use std::collections::BTreeMap;

use tracing::Span;

use super::asking::Answer;
use super::validity::Validity;
use super::{Conversation, Done, PROTOCOL};
use crate::schema::Known;
use crate::server::access::{Caller, Speaker};
use crate::server::span;
use crate::topic::User;
use crate::wire::websocket::CloseCode;
use crate::wire::{
    Code, Fault, Hello, Limits, Secret, ServerMessage, Token, known_by_name, millis,
};

/// Who says `hello`, and from what contracts they were generated.
type Greeting = (Caller, BTreeMap<String, Known>);

impl Conversation {
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
}
