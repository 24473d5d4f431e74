//! Announcing: heartbeats and leaves, from wherever they come.

use std::sync::Arc;
use std::time::Duration;

use super::address::Address;
use super::hub::Hub;
use super::live::{Freed, Live};
use crate::schema::{Claims, Registered, StampError, TopicName, Value};
use crate::topic::{Ack, Actor, Heartbeat, Leave, Left, Time, Topic};
use crate::wire::{Code, Fault, HeartbeatFigures, millis};

impl Hub {
    /// Announces or renews in `live`, or in the topic of that name that came after it.
    ///
    /// # Errors
    /// Whatever keeps the heartbeat from being done; nothing has changed then.
    pub(super) fn heartbeat(
        &self,
        live: &mut Arc<Live>,
        who: &Actor,
        beat: Heartbeat,
    ) -> Result<Ack, Fault> {
        let mut beat = Some(beat);
        loop {
            let done = live.with(self.shared(), |topic, now| {
                let beat = beat.take().expect("a topic that was freed takes no beat");
                let done = self.heartbeat_in(topic, who, beat, now);
                done.inspect(|ack| live.meter().beat(ack.change))
            });
            match done {
                Ok(done) => return done,
                // It was there a moment ago.
                Err(Freed) => *live = self.live(live.name(), None)?,
            }
        }
    }

    /// Announces or renews in a topic that is at hand.
    ///
    /// # Errors
    /// As [`Hub::heartbeat`].
    pub(super) fn heartbeat_in(
        &self,
        topic: &mut Topic,
        who: &Actor,
        beat: Heartbeat,
        now: Time,
    ) -> Result<Ack, Fault> {
        self.shared().check_open()?;
        let max_bytes = topic.settings().max_bytes;
        if let Some(found) = beat.value.as_ref().map(|it| it.json().len())
            && found > max_bytes
        {
            return Err(Fault::value_too_large(max_bytes, found));
        }
        if beat.says_anything() && topic.unheard() >= self.config().max_hook_backlog {
            let message = "the application is busy with earlier changes of this topic";
            return Err(Fault::new(Code::Overloaded, message));
        }
        let whereabouts = &self.shared().whereabouts;
        if beat.value.is_some() && whereabouts.is_tight() && topic.entry(who.session.id).is_none() {
            whereabouts.check_room(&who.member(), beat.lease)?;
        }
        Ok(topic.heartbeat(who, beat, now)?)
    }

    /// Checks a value for a topic, and sets what the server sets.
    ///
    /// # Errors
    /// `invalid_value` with everything that is wrong; `forbidden` when the type asks for a claim.
    pub(super) fn value(
        registered: &Registered,
        json: &str,
        claims: &Claims,
    ) -> Result<Value, Fault> {
        let stamped = Value::stamped(registered.schema, json.as_bytes(), claims);
        stamped.map_err(report)
    }

    /// The pace that entries of a topic are asked to keep, for a ttl other than the topic's too.
    pub(super) fn figures(
        &self,
        registered: &Registered,
        ttl: Option<Duration>,
    ) -> HeartbeatFigures {
        let ttl = ttl.unwrap_or(registered.settings.ttl);
        HeartbeatFigures {
            heartbeat_ms: millis(self.config().heartbeat.min(ttl / 3)),
            throttle_ms: millis(registered.settings.throttle),
        }
    }

    /// Stops being present.
    ///
    /// # Errors
    /// When the entry is somebody else's.
    pub(super) fn leave(
        &self,
        name: &TopicName,
        who: &Actor,
        leave: Leave,
        from: Option<Address>,
    ) -> Result<Left, Fault> {
        self.registered(name)?;
        // A leave with an `n` is remembered even where nobody is present, so it needs the topic.
        let needed = leave.n.is_some();
        loop {
            let live = match (self.existing(name.as_str()), needed) {
                (Some(live), _) => live,
                (None, true) => self.live(name, from)?,
                (None, false) => return Ok(Left::Absent),
            };
            if let Ok(left) = live.with(self.shared(), |topic, now| topic.leave(who, leave, now)) {
                self.free_if_idle(&live);
                return left.map_err(Fault::from);
            }
        }
    }
}

/// The fault that an error is. What the application did wrong is logged too.
pub(super) fn report(error: StampError) -> Fault {
    if let StampError::Panicked(name) = error {
        // The panic was reported where it happened; what it says may be a user's.
        tracing::error!(name, "the code of a type panicked");
    }
    error.into()
}
