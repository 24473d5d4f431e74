//! Entries: a member with its value, its metadata, and when in the order of changes they came.

mod elsewhere;
mod held;

use std::sync::Arc;
use std::time::Duration;

use self::held::Held;
use super::lease::{Removal, Tenure};
use super::{Actor, ConnectionId, Heartbeat, Lease, Member, Pace, Said, Time, User};
use crate::schema::{Decay, Value};

/// How busy somebody is with the topic; never derived from the lease.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Activity {
    /// Input within the last minute.
    #[default]
    Active,
    /// No input for a minute.
    Idle,
    /// No input for five minutes, or a hidden tab.
    Away,
}

/// A member that is present.
#[derive(Debug)]
pub struct Entry {
    member: Member,
    digest: [u8; 32],
    value: Value,
    activity: Activity,
    following: Arc<[User]>,
    joined: u64,
    changed: Changed,
    joined_at: Time,
    updated_at: Time,
    pub(super) n: u64,
    pub(super) said: Said,
    pub(super) tenure: Tenure,
    decaying: Decaying,
    /// How fast its values came.
    pace: Pace,
    /// The newest of those that came too fast.
    held: Option<Box<Held>>,
    /// Where the entry stands in the topic's queue of deadlines: never after it is due.
    pub(super) queued: Option<Time>,
}

/// When the parts of an entry last changed.
#[derive(Debug, Clone, Copy)]
struct Changed {
    value: Mark,
    activity: Mark,
    following: Mark,
}

/// A change: its sequence, and whose message made it; nobody's when it was the server's doing.
#[derive(Debug, Clone, Copy)]
struct Mark {
    sequence: u64,
    by: Option<ConnectionId>,
}

impl Changed {
    const fn parts(&self) -> [Mark; 3] {
        [self.value, self.activity, self.following]
    }
}

/// The fields that will fall back to their defaults. A value comes whole, so all of them run from
/// the same moment.
#[derive(Debug, Clone, Copy)]
struct Decaying {
    fields: u32,
    since: Time,
}

/// What happens to an entry next if nobody says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Removal(Removal),
    Decay {
        at: Time,
        fields: u32,
    },
    /// The value that was held.
    Value {
        at: Time,
    },
}

impl Due {
    pub(super) const fn at(&self) -> Time {
        match self {
            Self::Removal(removal) => removal.at,
            Self::Decay { at, .. } | Self::Value { at } => *at,
        }
    }
}

impl Entry {
    /// An entry that joins. The heartbeat's value stands beside it, because joining needs one.
    pub(super) fn new(
        who: &Actor,
        value: Value,
        beat: Heartbeat,
        n: u64,
        sequence: u64,
        now: Time,
    ) -> Self {
        let mark = Mark {
            sequence,
            by: beat.by,
        };
        Self {
            member: who.member(),
            digest: who.session.digest,
            decaying: Decaying {
                fields: value.decaying(),
                since: now,
            },
            value,
            activity: beat.activity.unwrap_or_default(),
            following: beat.following.unwrap_or_default(),
            joined: sequence,
            changed: Changed {
                value: mark,
                activity: mark,
                following: mark,
            },
            joined_at: now,
            updated_at: now,
            n,
            said: Said::all(n),
            tenure: Tenure::new(beat.lease, beat.hidden.unwrap_or_default(), now),
            pace: Pace::default(),
            held: None,
            queued: None,
        }
    }

    /// Who it is.
    #[must_use]
    pub const fn member(&self) -> &Member {
        &self.member
    }

    /// What it announced.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// How busy it is.
    #[must_use]
    pub const fn activity(&self) -> Activity {
        self.activity
    }

    /// The users it follows.
    #[must_use]
    pub const fn following(&self) -> &Arc<[User]> {
        &self.following
    }

    /// The sequence at which it joined; no other entry of the topic ever has the same.
    #[must_use]
    pub const fn joined(&self) -> u64 {
        self.joined
    }

    /// The sequence at which it last changed.
    #[must_use]
    pub fn version(&self) -> u64 {
        let [value, activity, following] = self.changed.parts().map(|it| it.sequence);
        value.max(activity).max(following)
    }

    /// The sequence at which its value last changed.
    #[must_use]
    pub const fn value_changed(&self) -> u64 {
        self.changed.value.sequence
    }

    /// The sequence at which its activity last changed.
    #[must_use]
    pub const fn activity_changed(&self) -> u64 {
        self.changed.activity.sequence
    }

    /// The sequence at which the list of whom it follows last changed.
    #[must_use]
    pub const fn following_changed(&self) -> u64 {
        self.changed.following.sequence
    }

    /// When it joined.
    #[must_use]
    pub const fn joined_at(&self) -> Time {
        self.joined_at
    }

    /// When it last changed.
    #[must_use]
    pub const fn updated_at(&self) -> Time {
        self.updated_at
    }

    /// Whose message made all that changed after the sequence; nothing when some of it was another's
    /// or the server's doing.
    #[must_use]
    pub fn changed_by(&self, since: u64) -> Option<ConnectionId> {
        let parts = self.changed.parts();
        let mut later = parts.iter().filter(|it| it.sequence > since);
        let by = later.next()?.by;
        by.filter(|_| later.all(|it| it.by == by))
    }

    /// The lease of the transport of its last heartbeat.
    #[must_use]
    pub const fn lease(&self) -> Lease {
        self.tenure.lease
    }

    /// The last `n` heard of its session.
    #[must_use]
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// Which messages its parts are from.
    #[must_use]
    pub const fn said(&self) -> Said {
        self.said
    }

    /// Whether its tab is hidden.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.tenure.hidden
    }

    /// How long its lease lasts without a heartbeat; nothing when it lives with a connection.
    #[must_use]
    pub fn expires_in(&self, now: Time) -> Option<Duration> {
        let deadline = self.tenure.deadline()?;
        Some(deadline.saturating_since(now))
    }

    /// Whether it is this actor's: same key and same user, not just the same name.
    pub(super) fn is_of(&self, who: &Actor) -> bool {
        self.digest == who.session.digest && self.member.user == who.user
    }

    /// Whether a part of it last changed after `since` and not after `until`.
    pub(super) fn changed_within(&self, since: u64, until: u64) -> bool {
        let mut parts = self.changed.parts().into_iter();
        parts.any(|it| (since + 1..=until).contains(&it.sequence))
    }

    /// Takes over what a heartbeat says, as the change `sequence` if there is one. Whether there
    /// is: whether others can see a difference.
    pub(super) fn hear(&mut self, beat: Heartbeat, sequence: u64, now: Time) -> bool {
        self.tenure.renew(beat.lease, beat.hidden, now);
        let mark = Mark {
            sequence,
            by: beat.by,
        };
        if let Some(value) = beat.value {
            self.decaying = Decaying {
                fields: value.decaying(),
                since: now,
            };
            if self.value != value {
                self.value = value;
                self.changed.value = mark;
            }
        }
        if let Some(activity) = beat.activity
            && self.activity != activity
        {
            self.activity = activity;
            self.changed.activity = mark;
        }
        if let Some(following) = beat.following
            && self.following != following
        {
            self.following = following;
            self.changed.following = mark;
        }
        let changed = self.version() == sequence;
        if changed {
            self.updated_at = now;
        }
        changed
    }

    /// Replaces the value without its owner's doing, as the change `sequence`. Leases and what decays
    /// run on.
    pub(super) fn replace(&mut self, value: Value, sequence: u64, now: Time) {
        self.decaying.fields &= value.decaying();
        self.value = value;
        self.changed.value = Mark { sequence, by: None };
        self.updated_at = now;
    }

    /// Puts fields back to their defaults, as the change `sequence`.
    pub(super) fn decay(&mut self, fields: u32, sequence: u64, at: Time) {
        self.value = self.value.decayed(fields);
        self.decaying.fields &= !fields;
        self.changed.value = Mark { sequence, by: None };
        self.updated_at = at;
    }

    /// What happens to it next. At the same moment, going makes everything else needless, and another
    /// value the decay of the one before.
    pub(super) fn due(&self, decays: &[Decay]) -> Option<Due> {
        let removal = self.tenure.removal().map(Due::Removal);
        let value = self.held.as_ref().map(|it| Due::Value { at: it.at });
        let decay = self.next_decay(decays);
        let decay = decay.map(|(at, fields)| Due::Decay { at, fields });
        // Of several that are the least, the first is meant.
        let all = [removal, value, decay].into_iter().flatten();
        all.min_by_key(Due::at)
    }

    /// The fields that decay first, and when.
    fn next_decay(&self, decays: &[Decay]) -> Option<(Time, u32)> {
        let mut next: Option<(Time, u32)> = None;
        for (i, decay) in decays.iter().enumerate() {
            let field = 1 << i;
            if self.decaying.fields & field == 0 {
                continue;
            }
            let at = self.decaying.since + decay.after;
            next = Some(match next {
                Some((first, fields)) if first < at => (first, fields),
                Some((first, fields)) if first == at => (first, fields | field),
                _ => (at, field),
            });
        }
        next
    }
}
