//! A topic: who is present, in one order of changes.

use std::collections::HashMap;
use std::time::Duration;

use super::departure::Departures;
use super::entries::{Entries, Slot};
use super::entry::Due;
use super::lease::Removal;
use super::remembered::Remembered;
use super::{
    Ack, Change, ConnectionId, Deadlines, Departure, Entry, Heartbeat, Identity, Lease, Leave,
    Left, MIN_TTL, Position, Reason, Refusal, SessionId, Time,
};
use crate::schema::{Decay, Settings};

/// How much longer than grace the last `n` of a session is remembered after its entry left.
const FENCE: Duration = Duration::from_secs(30);
/// How long a kicked session is refused. A topic remembers the last `max_members` of them, or
/// [`REMEMBERED`] when that is more.
const KICK: Duration = Duration::from_secs(60);
/// How many departures and how many last `n` a topic remembers at least. It remembers twice as
/// many as it had members at once, when that is more.
const REMEMBERED: usize = 256;

/// Who is present, in one order of changes.
///
/// Nothing here reads a clock. Whoever holds a topic calls [`Topic::advance`] before anything
/// else, so that nobody meets an entry whose time is over.
#[derive(Debug)]
pub struct Topic {
    settings: Settings,
    decays: &'static [Decay],
    position: Position,
    pub(super) entries: Entries,
    pub(super) departures: Departures,
    /// Entries by the sequence at which they joined, which never stands for another entry.
    pub(super) deadlines: Deadlines<u64>,
    /// The last `n` of sessions that are not present.
    pub(super) fences: Remembered<u64>,
    /// The sessions that are refused.
    kicks: Remembered<()>,
    /// How many streams each session has bound.
    streams: HashMap<SessionId, u32>,
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
            streams: HashMap::new(),
            most_members: 0,
            least_remembered: REMEMBERED,
        }
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

    /// Whether there is nothing worth keeping: nobody present, nothing remembered, nothing bound.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.fences.is_empty()
            && self.kicks.is_empty()
            && self.streams.is_empty()
    }

    /// Announces or renews a member.
    ///
    /// # Errors
    /// When the topic refuses; it has changed nothing then.
    pub fn heartbeat(
        &mut self,
        who: &Identity,
        beat: Heartbeat,
        now: Time,
    ) -> Result<Ack, Refusal> {
        self.check_ttl(beat.lease)?;
        self.check_kicked(who.session.id, now)?;
        match self.entries.slot(who.session.id) {
            Some(slot) => self.renew(slot, who, beat, now),
            None => self.join(who, beat, now),
        }
    }

    /// Ends a member's presence, now or a little later.
    ///
    /// # Errors
    /// When the session is somebody else's; nothing has changed then.
    pub fn leave(&mut self, who: &Identity, leave: Leave, now: Time) -> Result<Left, Refusal> {
        let session = who.session.id;
        let Some(slot) = self.entries.slot(session) else {
            return Ok(self.leave_absent(session, leave, now));
        };
        let entry = self.entries.get_mut(slot);
        if !entry.is_of(who) {
            return Err(Refusal::SessionTaken);
        }
        let Some(n) = newer(entry.n, leave.n) else {
            return Ok(Left::Stale);
        };
        entry.n = n;
        let after = leave.after.unwrap_or_default();
        if after.is_zero() {
            self.remove(slot, Reason::Left, leave.by, now);
            return Ok(Left::Now);
        }
        entry.tenure.leave_at(now + after, leave.by);
        self.schedule(slot);
        Ok(Left::Later)
    }

    /// A connection ended. Grace starts when the session's entry lives with this connection;
    /// otherwise another one has taken over, and nothing changes.
    pub fn disconnect(&mut self, session: SessionId, connection: ConnectionId, now: Time) {
        let end = now + self.settings.grace;
        if let Some(slot) = self.entries.slot(session) {
            let entry = self.entries.get_mut(slot);
            entry.tenure.lose_connection(connection, end);
            self.schedule(slot);
        }
    }

    /// A stream opened with the key of the session. It renews nothing, but its end will tell.
    pub fn bind_stream(&mut self, session: SessionId, now: Time) {
        *self.streams.entry(session).or_default() += 1;
        if let Some(slot) = self.entries.slot(session) {
            self.entries.get_mut(slot).tenure.find_stream(now);
        }
    }

    /// A bound stream ended. Grace starts with the last one of the session when its entry lives
    /// by a deadline; a connection's entry stays with its connection.
    pub fn unbind_stream(&mut self, session: SessionId, now: Time) {
        let Some(streams) = self.streams.get_mut(&session) else {
            return;
        };
        *streams -= 1;
        if *streams > 0 {
            return;
        }
        self.streams.remove(&session);
        let end = now + self.settings.grace;
        if let Some(slot) = self.entries.slot(session) {
            self.entries.get_mut(slot).tenure.lose_stream(end);
            self.schedule(slot);
        }
    }

    /// Removes a session and refuses it for 60 s. Whether it was present.
    pub fn kick(&mut self, session: SessionId, now: Time) -> bool {
        let most = self.settings.max_members.max(REMEMBERED);
        self.kicks.insert(session, (), now + KICK, most);
        let slot = self.entries.slot(session);
        if let Some(slot) = slot {
            self.remove(slot, Reason::Kicked, None, now);
        }
        slot.is_some()
    }

    /// Removes everybody, because the topic shuts down.
    pub fn close(&mut self, now: Time) {
        while let Some((_, slot)) = self.entries.joined_after(0).next() {
            let slot = *slot;
            self.remove(slot, Reason::Shutdown, None, now);
        }
    }

    /// Does everything that is due, in the order of time, and tells who left by that.
    pub fn advance(&mut self, now: Time) -> Vec<Departure> {
        let mut left = Vec::new();
        while let Some((time, joined)) = self.deadlines.pop_due(now) {
            let Some(slot) = self.entries.slot_joined(joined) else {
                continue;
            };
            let entry = self.entries.get_mut(slot);
            if entry.queued != Some(time) {
                // An old place: the entry was pushed again for an earlier time.
                continue;
            }
            entry.queued = None;
            match entry.due(self.decays) {
                Some(due) if due.at() > time => self.schedule(slot),
                Some(Due::Removal(Removal { reason, by, .. })) => {
                    left.push(self.remove(slot, reason, by, now));
                }
                Some(Due::Decay { at, fields }) => {
                    let sequence = self.next_sequence();
                    self.entries.get_mut(slot).decay(fields, sequence, at);
                    self.entries.touch(slot);
                    self.schedule(slot);
                }
                None => {}
            }
        }
        self.fences.advance(now);
        self.kicks.advance(now);
        left
    }

    /// When to call [`Topic::advance`] again: at or before the next thing that time brings.
    #[must_use]
    pub fn next_due(&self) -> Option<Time> {
        let times = [self.deadlines.next(), self.fences.next(), self.kicks.next()];
        times.into_iter().flatten().min()
    }

    fn renew(
        &mut self,
        slot: Slot,
        who: &Identity,
        beat: Heartbeat,
        now: Time,
    ) -> Result<Ack, Refusal> {
        let sequence = self.position.sequence + 1;
        let entry = self.entries.get_mut(slot);
        if !entry.is_of(who) {
            return Err(Refusal::SessionTaken);
        }
        let change = match newer(entry.n, beat.n) {
            None => Change::Stale,
            Some(n) => {
                entry.n = n;
                if entry.hear(beat, sequence, now) {
                    Change::Updated
                } else {
                    Change::Renewed
                }
            }
        };
        if change == Change::Updated {
            self.position.sequence = sequence;
            self.entries.touch(slot);
        }
        self.schedule(slot);
        Ok(self.ack(slot, change, now))
    }

    fn join(&mut self, who: &Identity, beat: Heartbeat, now: Time) -> Result<Ack, Refusal> {
        let session = who.session.id;
        let Some(n) = self.newer_absent(session, beat.n) else {
            return Ok(Ack {
                change: Change::Stale,
                member: who.member(),
                version: 0,
                expires_in: None,
            });
        };
        let Some(value) = beat.value.clone() else {
            return Err(Refusal::NotPresent);
        };
        let max = self.settings.max_members;
        if self.entries.len() >= max {
            return Err(Refusal::Full { max });
        }
        self.fences.remove(session);
        let sequence = self.next_sequence();
        let entry = Entry::new(who, value, beat, n, sequence, now);
        let slot = self.entries.insert(entry);
        self.most_members = self.most_members.max(self.entries.len());
        self.schedule(slot);
        Ok(self.ack(slot, Change::Joined, now))
    }

    fn leave_absent(&mut self, session: SessionId, leave: Leave, now: Time) -> Left {
        match (self.newer_absent(session, leave.n), leave.n) {
            (None, _) => Left::Stale,
            // A late heartbeat with a smaller `n` must not bring the member back.
            (Some(n), Some(_)) => {
                self.fence(session, n, now);
                Left::Absent
            }
            (Some(_), None) => Left::Absent,
        }
    }

    /// The only way out: every entry that leaves leaves here.
    fn remove(
        &mut self,
        slot: Slot,
        reason: Reason,
        by: Option<ConnectionId>,
        now: Time,
    ) -> Departure {
        let left = self.next_sequence();
        let entry = self.entries.remove(slot);
        if self.entries.is_empty() {
            self.deadlines = Deadlines::new();
        }
        self.fence(entry.member().session, entry.n, now);
        let departure = Departure {
            member: entry.member().clone(),
            reason,
            joined: entry.joined(),
            left,
            by,
        };
        self.departures.push(departure.clone(), self.remembered());
        departure
    }

    fn fence(&mut self, session: SessionId, n: u64, now: Time) {
        let until = now + self.settings.grace + FENCE;
        self.fences.insert(session, n, until, self.remembered());
    }

    /// Lets the entry come up when it is due. One that became due later keeps its place, and is
    /// put back when that comes up.
    fn schedule(&mut self, slot: Slot) {
        let entry = self.entries.get_mut(slot);
        let Some(due) = entry.due(self.decays) else {
            return;
        };
        let at = due.at();
        if entry.queued.is_some_and(|queued| queued <= at) {
            return;
        }
        entry.queued = Some(at);
        let joined = entry.joined();
        self.deadlines.push(at, joined);
        if self.deadlines.len() > 2 * self.entries.len() + 16 {
            self.tidy();
        }
    }

    /// Drops the places that nobody stands in any more, so that the queue stays within a multiple
    /// of the entries however often they come, go and change their lease.
    fn tidy(&mut self) {
        let mut places = Deadlines::new();
        for entry in self.entries() {
            if let Some(at) = entry.queued {
                places.push(at, entry.joined());
            }
        }
        self.deadlines = places;
    }

    fn next_sequence(&mut self) -> u64 {
        self.position.sequence += 1;
        self.position.sequence
    }

    fn remembered(&self) -> usize {
        self.least_remembered.max(2 * self.most_members)
    }

    fn newer_absent(&self, session: SessionId, n: Option<u64>) -> Option<u64> {
        match self.fences.get(session) {
            Some((last, _)) => newer(last, n),
            None => Some(n.unwrap_or(1)),
        }
    }

    fn ack(&self, slot: Slot, change: Change, now: Time) -> Ack {
        let entry = self.entries.get(slot);
        Ack {
            change,
            member: entry.member().clone(),
            version: entry.version(),
            expires_in: entry.expires_in(now),
        }
    }

    fn check_ttl(&self, lease: Lease) -> Result<(), Refusal> {
        let (min, max) = (MIN_TTL, self.settings.max_ttl);
        match lease {
            Lease::Deadline { ttl: found } if !(min..=max).contains(&found) => {
                Err(Refusal::InvalidTtl { found, min, max })
            }
            Lease::Deadline { .. } | Lease::Connection(_) => Ok(()),
        }
    }

    fn check_kicked(&self, session: SessionId, now: Time) -> Result<(), Refusal> {
        match self.kicks.get(session) {
            Some(((), until)) if until > now => Err(Refusal::Kicked {
                retry_after: until.saturating_since(now),
            }),
            _ => Ok(()),
        }
    }
}

/// The `n` of a message whose session was last heard of at `last`; nothing when it is stale.
fn newer(last: u64, n: Option<u64>) -> Option<u64> {
    match n {
        Some(n) => (n > last).then_some(n),
        None => Some(last.saturating_add(1)),
    }
}
