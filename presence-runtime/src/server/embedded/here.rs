//! Being here: presence that lives as long as a guard.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::live_of;
use crate::schema::{Claims, Presence, TopicOf, Value};
use crate::server::hub::Hub;
use crate::server::live::Live;
use crate::server::users::users;
use crate::topic::{
    Activity, Actor, ConnectionId, Entry, Heartbeat, Lease, Leave, Left, Member, Topic,
};
use crate::wire::{Code, Fault};

/// Presence in a topic that ends with this guard, see [`LocalSession::join`](super::LocalSession::join).
///
/// Everything here answers `not_present` once the entry is gone: kicked, or taken over by another
/// guard of the same session.
#[must_use = "dropping the guard leaves the topic"]
pub struct Here<T: Presence> {
    hub: Hub,
    live: Arc<Live>,
    topic: TopicOf<T>,
    who: Actor,
    member: Member,
    /// What tells the entry of this guard from that of another one of the session.
    connection: ConnectionId,
    /// From what the server's fields are set; held while a value is replaced, so that nobody's update
    /// is lost.
    writing: Mutex<Option<Claims>>,
}

impl<T: Presence> Here<T> {
    pub(super) fn join(
        hub: &Hub,
        who: Actor,
        claims: Option<Claims>,
        topic: &TopicOf<T>,
        value: &T,
    ) -> Result<Self, Fault> {
        let connection = hub.connections().next_id();
        let mut beat = beat(connection);
        beat.value = Some(stamped(value, claims.as_ref())?);
        let mut live = live_of(hub, topic)?;
        if let Err(fault) = hub.heartbeat(&mut live, &who, beat) {
            hub.free_if_idle(&live);
            return Err(fault);
        }
        Ok(Self {
            hub: hub.clone(),
            live,
            topic: topic.clone(),
            member: who.member(),
            who,
            connection,
            writing: Mutex::new(claims),
        })
    }

    /// Who this is to everybody else.
    #[must_use]
    pub const fn member(&self) -> &Member {
        &self.member
    }

    /// Where this is.
    #[must_use]
    pub const fn topic(&self) -> &TopicOf<T> {
        &self.topic
    }

    /// The value that everybody sees, with decayed fields at their defaults; nothing once the entry
    /// is gone.
    #[must_use]
    pub fn value(&self) -> Option<T> {
        let value = self.read(|entry| entry.value().clone());
        value.and_then(|it| it.read())
    }

    /// Whether the entry is still there.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.read(|_| ()).is_some()
    }

    /// Replaces the value.
    ///
    /// # Errors
    /// `invalid_value` with everything that is wrong, `too_large`, `overloaded`, `not_present`.
    #[expect(clippy::needless_pass_by_value, reason = "the value is given away")]
    pub fn set(&self, value: T) -> Result<(), Fault> {
        let claims = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.replace(&value, claims.as_ref())
    }

    /// Changes the value. Nobody else changes it meanwhile, so `change` must not use this guard.
    ///
    /// # Errors
    /// As [`Here::set`]; the value stays as it was then.
    pub fn update(&self, change: impl FnOnce(&mut T)) -> Result<(), Fault> {
        // A change that panicked has replaced nothing.
        let claims = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut value = self.value().ok_or_else(gone)?;
        change(&mut value);
        self.replace(&value, claims.as_ref())
    }

    /// Sets the fields that the server sets from these claims from now on, and at once.
    ///
    /// # Errors
    /// `forbidden` when a claim is missing or does not fit, and everything stays as it was then;
    /// `overloaded`, `not_present`.
    pub fn restamp(&self, claims: Claims) -> Result<(), Fault> {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let value = self.value().ok_or_else(gone)?;
        self.replace(&value, Some(&claims))?;
        *writing = Some(claims);
        Ok(())
    }

    /// Says how busy this is.
    ///
    /// # Errors
    /// `overloaded`, `not_present`.
    pub fn activity(&self, activity: Activity) -> Result<(), Fault> {
        self.say(|beat| beat.activity = Some(activity))
    }

    /// Says which users this follows, instead of those before.
    ///
    /// # Errors
    /// `invalid_request` when one is no user or there are more than 128; `overloaded`, `not_present`.
    pub fn follow(&self, following: &[impl AsRef<str>]) -> Result<(), Fault> {
        let following = users(following)?;
        self.say(|beat| beat.following = Some(following))
    }

    /// Leaves, as dropping does. Returns whether the entry was still there.
    pub fn leave(self) -> bool {
        self.end()
    }

    fn replace(&self, value: &T, claims: Option<&Claims>) -> Result<(), Fault> {
        let value = stamped(value, claims)?;
        self.say(|beat| beat.value = Some(value))
    }

    fn say(&self, what: impl FnOnce(&mut Heartbeat)) -> Result<(), Fault> {
        let mut beat = beat(self.connection);
        what(&mut beat);
        let done = self.live.with(self.hub.shared(), |topic, now| {
            self.own(topic).ok_or_else(gone)?;
            self.hub.heartbeat_in(topic, &self.who, beat, now)
        });
        // A topic is not freed while the entry is there.
        done.unwrap_or_else(|_| Err(gone())).map(|_| ())
    }

    fn read<R>(&self, read: impl FnOnce(&Entry) -> R) -> Option<R> {
        let shared = self.hub.shared();
        let done = self.live.with(shared, |topic, _| self.own(topic).map(read));
        done.ok().flatten()
    }

    fn own<'a>(&self, topic: &'a Topic) -> Option<&'a Entry> {
        let entry = topic.entry(self.who.session.id)?;
        (entry.lease() == Lease::Connection(self.connection)).then_some(entry)
    }

    fn end(&self) -> bool {
        let leave = Leave {
            by: Some(self.connection),
            ..Leave::default()
        };
        let left = self.live.with(self.hub.shared(), |topic, now| {
            self.own(topic).is_some() && topic.leave(&self.who, leave, now) == Ok(Left::Now)
        });
        self.hub.free_if_idle(&self.live);
        matches!(left, Ok(true))
    }
}

impl<T: Presence> Drop for Here<T> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<T: Presence> fmt::Debug for Here<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Here")
            .field("topic", &self.topic)
            .field("member", &self.member)
            .finish_non_exhaustive()
    }
}

fn stamped<T: Presence>(value: &T, claims: Option<&Claims>) -> Result<Value, Fault> {
    let value = Value::new(value)?;
    Ok(match claims {
        Some(claims) => value.restamped(claims)?,
        None => value,
    })
}

/// A heartbeat whose lease lives with the guard: its connection is never lost.
fn beat(connection: ConnectionId) -> Heartbeat {
    let mut beat = Heartbeat::renew(Lease::Connection(connection));
    beat.by = Some(connection);
    // The application knows what it does, and changes what it has said.
    beat.paced = false;
    beat
}

fn gone() -> Fault {
    Fault::new(Code::NotPresent, "no longer present; join again")
}
