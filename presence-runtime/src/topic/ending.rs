//! How presence ends: transports that go, time that passes, the application that says so.

use std::time::Duration;

use super::entries::Slot;
use super::entry::Due;
use super::lease::{Removal, Tenure};
use super::topic::REMEMBERED;
use super::{
    Cause, ConnectionId, Deadlines, Departure, Loss, Member, SessionId, Time, Topic, User, What,
};

/// How long a kicked session is refused. A topic remembers the last `max_members` of them, or
/// [`REMEMBERED`] when that is more.
pub(crate) const KICK: Duration = Duration::from_secs(60);

impl Topic {
    /// A connection ended, in this way. Grace starts when the session's entry lives with this connection;
    /// otherwise another one has taken over, and nothing changes.
    pub fn disconnect(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        how: Loss,
        now: Time,
    ) {
        if let Some(slot) = self.entries.slot(session) {
            self.lose(slot, how, now, |tenure, end| {
                tenure.lose_connection(connection, how, end);
            });
        }
    }

    /// A stream opened by this member. It renews nothing, but its end will tell.
    pub fn bind_stream(&mut self, member: &Member, now: Time) {
        *self.streams.entry(member.clone()).or_default() += 1;
        if let Some(slot) = self.slot_of(member) {
            let stood = self.standing(slot);
            self.entries.get_mut(slot).tenure.find_stream(now);
            self.note_turn(slot, stood, now);
        }
    }

    /// A bound stream ended. Grace starts with the last one of the member when its entry lives
    /// by a deadline; a connection's entry stays with its connection.
    pub fn unbind_stream(&mut self, member: &Member, now: Time) {
        let Some(streams) = self.streams.get_mut(member) else {
            return;
        };
        *streams -= 1;
        if *streams > 0 {
            return;
        }
        self.streams.remove(member);
        if let Some(slot) = self.slot_of(member) {
            self.lose(slot, Loss::Stream, now, Tenure::lose_stream);
        }
    }

    /// Starts grace where that is how what an entry lives by is lost.
    fn lose(&mut self, slot: Slot, how: Loss, now: Time, lose: impl FnOnce(&mut Tenure, Time)) {
        let grace = self.settings.grace;
        let tenure = &mut self.entries.get_mut(slot).tenure;
        let lost_before = tenure.lost.is_some();
        lose(tenure, now + grace);
        if tenure.lost.is_some() && !lost_before {
            self.note(slot, What::Lost { how, grace }, now);
        }
        self.schedule(slot);
    }

    /// Where this member stands, rather than another user with the same session.
    pub(super) fn slot_of(&self, member: &Member) -> Option<Slot> {
        let slot = self.entries.slot(member.session)?;
        (self.entries.get(slot).member() == member).then_some(slot)
    }

    /// Removes a session and refuses it for 60 s. Whether it was present.
    pub fn kick(&mut self, session: SessionId, now: Time) -> bool {
        self.kick_as_of(session, now, now)
    }

    /// The same where it was ordered earlier. As long as it is refused nobody has the session, whenever they
    /// joined; afterwards those are removed who joined before the order. Whether it was present.
    pub fn kick_as_of(&mut self, session: SessionId, ordered: Time, now: Time) -> bool {
        let until = ordered + KICK;
        let refused = until.saturating_since(now);
        if !refused.is_zero() {
            let most = self.settings.max_members.max(REMEMBERED);
            if self.kicks.get(&session).is_none_or(|it| it.1 < until) {
                self.kicks.insert(session, (), until, most);
            }
        } else if !self.joined_before(session, ordered) {
            return false;
        }
        self.send_away(session, Cause::Kicked { refused }, now)
    }

    /// Removes all sessions of a user and refuses the user for 60 s, whatever session they come with.
    /// Returns the sessions that were present.
    pub fn kick_user(&mut self, user: &User, now: Time) -> Vec<SessionId> {
        self.kick_user_as_of(user, now, now)
    }

    /// The same where it was ordered earlier, as [`Topic::kick_as_of`].
    pub fn kick_user_as_of(&mut self, user: &User, ordered: Time, now: Time) -> Vec<SessionId> {
        let until = ordered + KICK;
        let refused = until.saturating_since(now);
        if !refused.is_zero() && self.user_kicks.get(user).is_none_or(|it| it.1 < until) {
            let most = self.settings.max_members.max(REMEMBERED);
            self.user_kicks.insert(user.clone(), (), until, most);
        }
        let theirs = self.entries_of(user).map(|it| it.member().session);
        let mut sessions: Vec<_> = theirs.collect();
        if refused.is_zero() {
            sessions.retain(|session| self.joined_before(*session, ordered));
        }
        for session in &sessions {
            self.send_away(*session, Cause::Kicked { refused }, now);
        }
        sessions
    }

    /// Whether a session is present that joined before this.
    #[must_use]
    pub fn joined_before(&self, session: SessionId, ordered: Time) -> bool {
        let entry = self.entry(session);
        entry.is_some_and(|it| it.joined_at() < ordered)
    }

    /// Removes a session, with the reason `kicked`, and lets it come back whenever it may. Whether it
    /// was present.
    pub fn dismiss(&mut self, session: SessionId, now: Time) -> bool {
        self.send_away(session, Cause::Dismissed, now)
    }

    fn send_away(&mut self, session: SessionId, cause: Cause, now: Time) -> bool {
        let slot = self.entries.slot(session);
        if let Some(slot) = slot {
            self.remove(slot, cause, None, now);
        }
        slot.is_some()
    }

    /// Removes everybody, because the topic shuts down.
    pub fn close(&mut self, now: Time) {
        while let Some((_, slot)) = self.entries.joined_after(0).next() {
            let slot = *slot;
            self.remove(slot, Cause::Closed, None, now);
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
                    let cause = entry.tenure.cause(reason, self.settings.grace);
                    left.push(self.remove(slot, cause, by, now));
                }
                Some(Due::Decay { at, fields }) => {
                    let sequence = self.next_sequence();
                    let before = self
                        .is_heard()
                        .then(|| self.entries.get(slot).value().clone());
                    self.entries.get_mut(slot).decay(fields, sequence, at);
                    self.entries.touch(slot);
                    self.hear_update(slot, before);
                    self.schedule(slot);
                }
                Some(Due::Value { at }) => {
                    self.take_held(slot, at);
                    self.schedule(slot);
                }
                None => {}
            }
        }
        self.fences.advance(now);
        self.kicks.advance(now);
        self.user_kicks.advance(now);
        left
    }

    /// When to call [`Topic::advance`] again: at or before the next thing that time brings.
    #[must_use]
    pub fn next_due(&self) -> Option<Time> {
        let times = [
            self.deadlines.next(),
            self.fences.next(),
            self.kicks.next(),
            self.user_kicks.next(),
        ];
        times.into_iter().flatten().min()
    }

    /// The only way out: every entry that leaves leaves here.
    pub(super) fn remove(
        &mut self,
        slot: Slot,
        cause: Cause,
        by: Option<ConnectionId>,
        now: Time,
    ) -> Departure {
        // Nobody is told of the member any more, but the application of what it said last.
        self.take_held(slot, now);
        let left = self.turn_over();
        let entry = self.entries.remove(slot);
        self.elsewhere -= usize::from(entry.is_elsewhere());
        if self.entries.is_empty() {
            self.deadlines = Deadlines::new();
        }
        let reason = cause.reason();
        self.fence(entry.member().clone(), entry.n, reason, now);
        self.hear_leave(&entry, reason);
        self.note_leave(&entry, cause, now);
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

    /// Lets the entry come up when it is due. One that became due later keeps its place, and is
    /// put back when that comes up.
    pub(super) fn schedule(&mut self, slot: Slot) {
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
}
