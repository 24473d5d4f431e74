//! What a client does in topics: watching, announcing, leaving.

use std::time::Duration;

use super::{Conversation, Done};
use crate::schema::TopicName;
use crate::server::access::Action;
use crate::server::hub::Hub;
use crate::server::subscriber::{Subscriber, Watching};
use crate::server::users::users;
use crate::topic::{self, Lease, Left, Reader};
use crate::wire::{
    Acked, Active, Fault, Follow, Heartbeat, Leave, OnTopic, Subscribe, parse_position,
};

impl Conversation {
    pub(super) fn subscribe(&mut self, message: &Subscribe<'_>, text: &str) {
        let done = self.try_subscribe(message, text);
        if let Err(fault) = done {
            self.refuse(message.id, &fault);
        }
    }

    fn try_subscribe(&mut self, message: &Subscribe<'_>, text: &str) -> Result<(), Fault> {
        let reader = match &message.since {
            None => Reader::NOTHING,
            // A position nobody gave out is as good as none: a snapshot comes.
            Some(text) => parse_position(text).map_or(Reader::NOTHING, Reader::at),
        };
        let Some(permit) = self.permit(&message.topic, Action::Read, text)? else {
            return Ok(());
        };
        let watching = Watching::of(&message.filter, self.actor())?;
        let at = self.place(&permit)?;
        // The answer goes first: what follows may write the snapshot at once.
        self.answer(message.id, Ok(Done::default()));
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
            place.live = self.hub.live(place.live.name(), self.from)?;
        }
    }

    pub(super) fn unsubscribe(&mut self, message: &OnTopic<'_>) {
        if let Some(at) = self.find(&message.topic) {
            let place = &mut self.places[at];
            if let Some(key) = place.subscription.take() {
                place.live.unsubscribe(self.hub.shared(), key);
            }
            self.forget_if_unused(at);
        }
        self.answer(message.id, Ok(Done::default()));
    }

    pub(super) fn heartbeat(&mut self, message: &Heartbeat<'_>, text: &str) {
        let following = message.following.as_deref();
        let done = self.try_heartbeat(
            text,
            &message.topic,
            message.value.map(|it| it.get()),
            following,
            |beat| {
                beat.n = message.n;
                beat.activity = message.activity.map(Into::into);
                beat.hidden = message.hidden;
            },
        );
        self.answer_done(message.id, done);
    }

    pub(super) fn follow(&mut self, message: &Follow<'_>, text: &str) {
        let users = Some(&*message.users);
        let done = self.try_heartbeat(text, &message.topic, None, users, |beat| beat.n = message.n);
        self.answer_done(message.id, done);
    }

    pub(super) fn activity(&mut self, message: &Active) {
        let announced: Vec<_> = self
            .places
            .iter()
            .filter(|it| it.announced)
            .map(|it| it.live.name().clone())
            .collect();
        for name in announced {
            // Where the entry went meanwhile, its owner was told `gone`.
            let _ = self.try_heartbeat("", name.as_str(), None, None, |beat| {
                beat.n = message.n;
                beat.activity = message.activity.map(Into::into);
                beat.hidden = message.hidden;
            });
        }
        self.answer(message.id, Ok(Done::default()));
    }

    /// Announces or renews; nothing while the application is asked whether that is right.
    fn try_heartbeat(
        &mut self,
        text: &str,
        topic: &str,
        value: Option<&str>,
        following: Option<&[String]>,
        more: impl FnOnce(&mut topic::Heartbeat),
    ) -> Result<Option<Done>, Fault> {
        let Some(permit) = self.permit(topic, Action::Announce, text)? else {
            return Ok(None);
        };
        let caller = self
            .caller
            .as_ref()
            .expect("nothing else is heard before `hello`");
        let who = caller.announcer()?.clone();
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
            beat.value = Some(Hub::value(&registered, json, caller.claims())?);
        }
        let at = match known {
            Some(at) => at,
            None => self.place(&permit)?,
        };
        self.places[at].grant(permit.seal());
        let ack = self.hub.heartbeat(&mut self.places[at].live, &who, beat);
        self.places[at].announced |= ack.is_ok();
        self.forget_if_unused(at);
        let figures = self.hub.figures(&registered, None);
        ack.map(|ack| {
            Some(Done {
                ack: Some(Acked {
                    ack,
                    figures,
                    mismatch: None,
                }),
                left: None,
            })
        })
    }

    pub(super) fn leave(&mut self, message: &Leave<'_>, text: &str) {
        let done = self.try_leave(message, text);
        self.answer_done(message.id, done);
    }

    fn try_leave(&mut self, message: &Leave<'_>, text: &str) -> Result<Option<Done>, Fault> {
        if self
            .permit(&message.topic, Action::Announce, text)?
            .is_none()
        {
            return Ok(None);
        }
        let caller = self
            .caller
            .as_ref()
            .expect("nothing else is heard before `hello`");
        let who = caller.announcer()?;
        let name = TopicName::parse(&message.topic)?;
        let leave = topic::Leave {
            n: message.n,
            after: message.after_ms.map(Duration::from_millis),
            by: Some(self.connection),
        };
        let left = self.hub.leave(&name, who, leave, self.from)?;
        if left == Left::Now
            && let Some(at) = self.find(&message.topic)
        {
            self.places[at].announced = false;
            self.forget_if_unused(at);
        }
        Ok(Some(Done {
            ack: None,
            left: Some(matches!(left, Left::Now | Left::Later)),
        }))
    }
}
