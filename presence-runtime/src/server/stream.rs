//! Event streams: subscriptions whose bytes leave as the body of an answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep};

use super::access::{Caller, Permit};
use super::connections::Connected;
use super::hub::Hub;
use super::live::{Live, SubscriberKey};
use super::outlet::{Duty, Form, Outlet};
use super::subscriber::{Subscriber, Watching};
use crate::schema::TopicName;
use crate::topic::{Reader, SessionId};
use crate::wire::{Code, Fault, comment};

/// Topics watched by one answer. Its end is the end of the connection.
#[derive(Debug)]
pub(super) struct EventStream {
    hub: Hub,
    outlet: Arc<Outlet>,
    connected: Connected,
    /// Who opened it. The presence of their session in these topics is bound to the stream.
    caller: Caller,
    /// When what they showed expires.
    until: Option<Instant>,
    places: Vec<(Arc<Live>, SubscriberKey)>,
    silence: Duration,
    next_comment: Pin<Box<Sleep>>,
}

impl EventStream {
    /// A stream that watches nothing yet.
    ///
    /// # Errors
    /// `overloaded` when there are too many connections.
    pub(super) fn open(hub: &Hub, caller: &Caller) -> Result<Self, Fault> {
        let outlet = Arc::new(Outlet::deferred(Form::Events));
        let connected = hub.connections().add(&outlet).ok_or_else(|| {
            let message = "the server has as many connections as it may have";
            Fault::new(Code::Overloaded, message)
        })?;
        let silence = hub.config().comment;
        if let Some(user) = caller.known_user() {
            hub.connections().let_in(user, connected.id);
        }
        Ok(Self {
            hub: hub.clone(),
            outlet,
            connected,
            caller: caller.clone(),
            until: caller.expires_in().map(|left| Instant::now() + left),
            places: Vec::new(),
            silence,
            next_comment: Box::pin(sleep(silence)),
        })
    }

    /// Watches a topic too.
    ///
    /// # Errors
    /// `unknown_topic`, or `overloaded`.
    pub(super) fn watch(
        &mut self,
        permit: &Permit<'_>,
        watching: &Watching,
        reader: Reader,
    ) -> Result<(), Fault> {
        let topic = TopicName::parse(permit.topic())?;
        loop {
            let live = self.hub.live(&topic)?;
            let (outlet, watching) = (self.outlet.clone(), watching.clone());
            let subscriber = Subscriber::new(self.connected.id, outlet, watching, reader);
            if let Ok(key) = live.subscribe(self.hub.shared(), subscriber) {
                if let Some(session) = self.session() {
                    let _ = live.with(self.hub.shared(), |topic, now| {
                        topic.bind_stream(session, now)
                    });
                }
                self.places.push((live, key));
                return Ok(());
            }
        }
    }

    /// The next bytes of the body.
    pub(super) fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        // Looked at whenever something is written, and with every comment.
        if self.until.is_some_and(|until| until <= Instant::now()) {
            return Poll::Ready(None);
        }
        loop {
            match self.outlet.poll_duty(context, false) {
                Poll::Ready(Duty::Close(_) | Duty::Recheck) => return Poll::Ready(None),
                Poll::Ready(Duty::CatchUp) => {
                    for (live, key) in &self.places {
                        live.catch_up(self.hub.shared(), *key);
                    }
                }
                Poll::Ready(Duty::Drain) => {
                    if let Some(bytes) = self.outlet.take() {
                        self.put_off_comment();
                        return Poll::Ready(Some(bytes));
                    }
                }
                Poll::Pending => break,
            }
        }
        if self.next_comment.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.put_off_comment();
        Poll::Ready(Some(comment()))
    }

    fn session(&self) -> Option<SessionId> {
        self.caller.actor().map(|it| it.session.id)
    }

    fn put_off_comment(&mut self) {
        self.next_comment
            .as_mut()
            .reset(Instant::now() + self.silence);
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        if let Some(user) = self.caller.known_user() {
            self.hub.connections().let_out(user, self.connected.id);
        }
        let session = self.session();
        for (live, key) in self.places.drain(..) {
            if let Some(session) = session {
                let _ = live.with(self.hub.shared(), |topic, now| {
                    topic.unbind_stream(session, now)
                });
            }
            live.unsubscribe(self.hub.shared(), key);
        }
    }
}
