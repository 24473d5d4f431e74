//! Events: every single change of a topic, for who must not miss what came and went.
//!
//! Readers are told net changes and need nothing of this. A topic writes events down only once
//! somebody listens, and whoever listens takes them after everything that touches the topic.

use std::sync::Arc;

use super::entries::Slot;
use super::{Activity, Entry, Member, Reason, Topic, User};
use crate::schema::Value;

/// One change of a topic.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Somebody joined.
    Joined {
        /// Who, as they came.
        entry: Seen,
        /// Whether the user is here with no other session.
        first: bool,
    },
    /// Somebody changed.
    Updated {
        /// Who, as they are since.
        entry: Seen,
        /// The value until then; nothing when something else changed.
        before: Option<Value>,
    },
    /// Somebody left.
    Left {
        /// Who, as they were.
        entry: Seen,
        /// Why.
        reason: Reason,
        /// Whether the user is here with no other session.
        last: bool,
    },
    /// The last member left.
    Emptied,
}

/// An entry as it was when somebody looked.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Who it is.
    pub member: Member,
    /// What it announced.
    pub value: Value,
    /// How busy it was.
    pub activity: Activity,
    /// The users it followed.
    pub following: Arc<[User]>,
    /// The sequence of its last change.
    pub version: u64,
}

impl From<&Entry> for Seen {
    fn from(entry: &Entry) -> Self {
        Self {
            member: entry.member().clone(),
            value: entry.value().clone(),
            activity: entry.activity(),
            following: entry.following().clone(),
            version: entry.version(),
        }
    }
}

impl Topic {
    /// Writes events down from now on. Whoever asks for this takes them, again and again.
    pub fn listen(&mut self) {
        self.events.get_or_insert_default();
    }

    /// What happened since this was last asked, in order; nothing where nobody listens.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.events.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// How many events nobody has taken yet.
    #[must_use]
    pub fn unheard(&self) -> usize {
        self.events.as_ref().map_or(0, Vec::len)
    }

    pub(super) const fn is_heard(&self) -> bool {
        self.events.is_some()
    }

    pub(super) fn hear_join(&mut self, slot: Slot) {
        self.say_present(slot);
        if let Some(events) = &mut self.events {
            let entry = self.entries.get(slot);
            let first = self.entries.sessions_of(&entry.member().user) == 1;
            let entry = entry.into();
            events.push(Event::Joined { entry, first });
        }
    }

    /// The entry changed; its value did when that is not what it was `before`.
    pub(super) fn hear_update(&mut self, slot: Slot, before: Option<Value>) {
        self.say_present(slot);
        if let Some(events) = &mut self.events {
            let entry = Seen::from(self.entries.get(slot));
            let before = before.filter(|it| *it != entry.value);
            events.push(Event::Updated { entry, before });
        }
    }

    /// The entry was taken out.
    pub(super) fn hear_leave(&mut self, entry: &Entry, reason: Reason) {
        self.say_gone(entry, reason);
        if entry.is_elsewhere() {
            // Its own node has the hooks for it.
            return;
        }
        if let Some(events) = &mut self.events {
            let last = self.entries.sessions_of(&entry.member().user) == 0;
            let entry = entry.into();
            events.push(Event::Left {
                entry,
                reason,
                last,
            });
            if self.entries.is_empty() {
                events.push(Event::Emptied);
            }
        }
    }
}
