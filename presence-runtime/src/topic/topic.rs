//! A topic: who is present, in one order of changes.

use std::collections::HashMap;
use std::time::Duration;

use super::departure::Departures;
use super::entries::{Entries, Slot};
use super::news::Unsaid;
use super::remembered::{Fence, Remembered};
use super::{
    Deadlines, Departure, Entry, Event, Member, Position, Rate, Reason, SessionId, Time,
    Transition, User,
};
use crate::schema::{Decay, Settings, Value};

/// How much longer than grace the last `n` of a session is remembered after its entry left.
const FENCE: Duration = Duration::from_secs(30);
/// How many departures and how many last `n` a topic remembers at least. It remembers twice as
/// many as it had members at once, when that is more.
pub(super) const REMEMBERED: usize = 256;

/// Who is present, in one order of changes.
///
/// Nothing here reads a clock. Whoever holds a topic calls [`Topic::advance`] before anything
/// else, so that nobody meets an entry whose time is over.
#[derive(Debug)]
pub struct Topic {
    pub(super) settings: Settings,
    pub(super) decays: &'static [Decay],
    pub(super) position: Position,
    pub(super) entries: Entries,
    pub(super) departures: Departures,
    /// Entries by the sequence at which they joined, which never stands for another entry.
    pub(super) deadlines: Deadlines<u64>,
    /// The last `n` of sessions that are not present.
    pub(super) fences: Remembered<Member, Fence>,
    /// The sessions that are refused.
    pub(super) kicks: Remembered<SessionId, ()>,
    /// The same of users, whatever session they come with.
    pub(super) user_kicks: Remembered<User, ()>,
    /// How fast a member's values are taken, where that is bounded.
    pub(super) values: Option<Rate>,
    /// What happened since it was last asked, once somebody listens.
    pub(super) events: Option<Vec<Event>>,
    /// What other nodes have yet to be told, once there are some.
    pub(super) unsaid: Option<Unsaid>,
    /// How many members are at other nodes.
    pub(super) elsewhere: usize,
    /// What became of whom since it was last asked, once somebody remembers.
    pub(super) transitions: Option<Vec<Transition>>,
    /// How many streams each session of a user has bound.
    pub(super) streams: HashMap<Member, u32>,
    /// The sequence at which somebody last joined or left.
    turnover: u64,
    most_members: usize,
    /// [`REMEMBERED`]; tests forget sooner.
    pub(super) least_remembered: usize,
}

/// How many are present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Sessions.
    pub members: usize,
    /// Different users among them.
    pub users: usize,
}

impl Counts {
    /// Nobody is present.
    pub const NOBODY: Self = Self {
        members: 0,
        users: 0,
    };
}

impl Topic {
    /// An empty topic. The epoch tells its order of changes from that of every other incarnation.
    #[must_use]
    pub fn new(settings: Settings, decays: &'static [Decay], epoch: u64) -> Self {
        Self {
            settings,
            decays,
            position: Position { epoch, sequence: 0 },
            entries: Entries::default(),
            departures: Departures::default(),
            deadlines: Deadlines::new(),
            fences: Remembered::default(),
            kicks: Remembered::default(),
            user_kicks: Remembered::default(),
            values: None,
            events: None,
            transitions: None,
            unsaid: None,
            elsewhere: 0,
            streams: HashMap::new(),
            turnover: 0,
            most_members: 0,
            least_remembered: REMEMBERED,
        }
    }

    /// Takes values of a member no faster than this from now on. Of those that come faster the newest
    /// is held back, and is taken when its time has come.
    pub const fn pace(&mut self, values: Rate) {
        self.values = Some(values);
    }

    /// The figures in force.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The place after the last change.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// How many are present.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            members: self.entries.len(),
            users: self.entries.users(),
        }
    }

    /// The entry of a session.
    #[must_use]
    pub fn entry(&self, session: SessionId) -> Option<&Entry> {
        self.entries
            .slot(session)
            .map(|slot| self.entries.get(slot))
    }

    /// Everybody, in the order of joining.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries_after(0)
    }

    /// Everybody who joined after the sequence, in the order of joining.
    pub fn entries_after(&self, joined: u64) -> impl Iterator<Item = &Entry> {
        let slots = self.entries.joined_after(joined);
        slots.map(|(_, slot)| self.entries.get(*slot))
    }

    /// The entries of a user, in the order of joining.
    pub fn entries_of(&self, user: &User) -> impl Iterator<Item = &Entry> {
        self.entries.of(user)
    }

    /// The sequence at which somebody last joined or left.
    #[must_use]
    pub const fn turnover(&self) -> u64 {
        self.turnover
    }

    /// Who left after the sequence, in the order of leaving; the latest of them, when they are more
    /// than the topic had members.
    pub fn departures_after(&self, sequence: u64) -> impl Iterator<Item = &Departure> {
        self.departures.after(sequence)
    }

    /// Whether there is nothing worth keeping: nobody present at this node, nothing remembered, nothing
    /// bound.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.len() == self.elsewhere
            && self.fences.is_empty()
            && self.kicks.is_empty()
            && self.user_kicks.is_empty()
            && self.streams.is_empty()
    }

    /// Replaces the value of a session without its doing: what the server knows of it has changed.
    /// Its lease and its order of messages stay as they are. Whether others see a difference.
    pub fn restamp(&mut self, session: SessionId, value: Value, now: Time) -> bool {
        let Some(slot) = self.entries.slot(session) else {
            return false;
        };
        let before = self.entries.get(slot).value().clone();
        if before == value {
            return false;
        }
        let sequence = self.next_sequence();
        self.entries.get_mut(slot).replace(value, sequence, now);
        self.entries.touch(slot);
        let before = self.is_heard().then_some(before);
        self.hear_update(slot, before);
        self.schedule(slot);
        true
    }

    /// Takes the value of a session that is held back, if one is, before its time: whoever changes it
    /// now would lose it.
    pub fn settle(&mut self, session: SessionId, now: Time) {
        if let Some(slot) = self.entries.slot(session) {
            self.take_held(slot, now);
            self.schedule(slot);
        }
    }

    pub(super) fn take_held(&mut self, slot: Slot, now: Time) {
        let sequence = self.position.sequence + 1;
        let (heard, values) = (self.is_heard(), self.values);
        let entry = self.entries.get_mut(slot);
        let before = heard.then(|| entry.value().clone());
        if entry.take_held(values, sequence, now) {
            self.position.sequence = sequence;
            self.entries.touch(slot);
            self.hear_update(slot, before);
        }
    }

    pub(super) fn fence(&mut self, member: Member, n: u64, reason: Reason, now: Time) {
        if self.fences.get(&member).is_some_and(|it| it.0.n > n) {
            return;
        }
        let said = reason == Reason::Left;
        let until = now + self.settings.grace + FENCE;
        self.fences
            .insert(member, Fence { n, said }, until, self.remembered());
    }

    /// The sequence of a joining or leaving.
    pub(super) fn turn_over(&mut self) -> u64 {
        self.turnover = self.next_sequence();
        self.turnover
    }

    /// There may be more members than ever.
    pub(super) fn grow(&mut self) {
        self.most_members = self.most_members.max(self.entries.len());
    }

    /// Nothing came of the sequence that was taken last.
    pub(super) const fn take_back_sequence(&mut self) {
        self.position.sequence -= 1;
    }

    pub(super) fn next_sequence(&mut self) -> u64 {
        self.position.sequence += 1;
        self.position.sequence
    }

    pub(super) fn remembered(&self) -> usize {
        self.least_remembered.max(2 * self.most_members)
    }
}
