//! Event streams: subscriptions whose bytes leave as the body of an answer.
//!
//! A mounted service hands the body to whoever serves it. A server of its own takes the connection for
//! the stream instead, once the head of the answer has gone: see `handover` and `streaming`.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::Span;

use super::access::{Caller, Permit};
use super::config::Config;
use super::connections::Connected;
use super::hub::Hub;
use super::live::{Live, SubscriberKey};
use super::outlet::{Form, Outlet};
use super::span;
use super::subscriber::{Subscriber, Watching};
use crate::schema::TopicName;
use crate::topic::{Actor, Member, Reader};
use crate::wire::{Fault, ServerMessage};

/// Topics watched by one answer. Its end is the end of the connection.
#[derive(Debug)]
pub(super) struct EventStream {
    hub: Hub,
    outlet: Arc<Outlet>,
    connected: Connected,
    /// Who opened it. The presence of their session in these topics is bound to the stream.
    caller: Caller,
    places: Vec<(Arc<Live>, SubscriberKey)>,
    span: Span,
}

impl EventStream {
    /// A stream that watches nothing yet.
    ///
    /// # Errors
    /// `overloaded` or `too_many_connections` when there are too many; `unavailable` when the caller was
    /// recalled meanwhile.
    pub(super) fn open(hub: &Hub, caller: &Caller, form: Form) -> Result<Self, Fault> {
        let outlet = Arc::new(Outlet::deferred(form));
        let connected = hub.connections().add(&outlet, caller.from())?;
        if let Some(user) = caller.user() {
            hub.connections().let_in(user, None, connected.id)?;
        }
        let stream = Self {
            hub: hub.clone(),
            outlet,
            caller: caller.clone(),
            places: Vec::new(),
            span: span::of_connection(connected.id, "events", caller.from()),
            connected,
        };
        if let Some(user) = caller.user() {
            span::is_of(&stream.span, user);
        }
        stream.span.in_scope(|| tracing::debug!("opened"));
        hub.access().still(caller)?;
        if let Some(neighbours) = hub.shared().neighbours() {
            // Its client may have heard otherwise on the stream before this one.
            let status = ServerMessage::status(neighbours.is_stale());
            stream.outlet.tell(&status);
        }
        Ok(stream)
    }

    /// Watches a topic too.
    ///
    /// # Errors
    /// As [`Hub::live`].
    pub(super) fn watch(
        &mut self,
        permit: &Permit<'_>,
        watching: &Watching,
        reader: Reader,
    ) -> Result<(), Fault> {
        let topic = TopicName::parse(permit.topic())?;
        loop {
            let live = self.hub.live(&topic, self.caller.from())?;
            let (outlet, watching) = (self.outlet.clone(), watching.clone());
            let subscriber = Subscriber::new(self.connected.id, outlet, watching, reader);
            if let Ok(key) = live.subscribe(self.hub.shared(), subscriber) {
                if let Some(member) = &self.member() {
                    let _ = live.with(self.hub.shared(), |topic, now| {
                        topic.bind_stream(member, now)
                    });
                }
                // Most streams have one topic.
                self.places.reserve_exact(1);
                self.places.push((live, key));
                return Ok(());
            }
        }
    }

    /// Reads on in topics whose flush passed by because the connection was busy.
    pub(super) fn catch_up(&self) {
        for (live, key) in &self.places {
            live.catch_up(self.hub.shared(), *key);
        }
    }

    /// What is logged of it.
    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    /// When what its client showed expires.
    pub(super) const fn until(&self) -> Option<Instant> {
        self.caller.until()
    }

    /// Where the bytes of the stream are.
    pub(super) const fn outlet(&self) -> &Arc<Outlet> {
        &self.outlet
    }

    pub(super) fn config(&self) -> &Config {
        self.hub.config()
    }

    fn member(&self) -> Option<Member> {
        self.caller.actor().map(Actor::member)
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.span.in_scope(|| tracing::debug!("ended"));
        if let Some(user) = self.caller.user() {
            self.hub.connections().let_out(user, self.connected.id);
        }
        let member = self.member();
        for (live, key) in self.places.drain(..) {
            if let Some(member) = &member {
                let _ = live.with(self.hub.shared(), |topic, now| {
                    topic.unbind_stream(member, now)
                });
            }
            live.unsubscribe(self.hub.shared(), key);
        }
    }
}
