//! How presence in a live topic ends without the members' doing, and who is told of it.

use std::time::Duration;

use super::{Freed, Live, State, Tick};
use crate::schema::{Claims, StampError};
use crate::server::shared::Shared;
use crate::topic::{Member, Reason, SessionId, Time, User};

impl Live {
    /// Removes a session and refuses it for a while, as it was ordered so long ago. Whether it was present.
    pub(crate) fn kick(
        &self,
        shared: &Shared,
        session: SessionId,
        age: Duration,
    ) -> Result<bool, Freed> {
        self.locked(shared, |state, now| state.kick(session, age, now))
    }

    /// Removes all sessions of a user and refuses the user for a while, as it was ordered so long ago. How
    /// many there were.
    pub(crate) fn kick_user(
        &self,
        shared: &Shared,
        user: &User,
        age: Duration,
    ) -> Result<usize, Freed> {
        self.locked(shared, |state, now| {
            let sessions = state.topic.kick_user_as_of(user, now.before(age), now);
            let gone = sessions.iter().map(|session| Member {
                user: user.clone(),
                session: *session,
            });
            state.gone.extend(gone.map(|it| (it, Reason::Kicked)));
            sessions.len()
        })
    }

    /// The same where the session is present, and has been for longer than this was ordered ago.
    pub(crate) fn kick_present(
        &self,
        shared: &Shared,
        session: SessionId,
        age: Duration,
    ) -> Result<bool, Freed> {
        self.locked(shared, |state, now| {
            let was_there = age.is_zero() && state.topic.entry(session).is_some()
                || state.topic.joined_before(session, now.before(age));
            was_there && state.kick(session, age, now)
        })
    }

    /// Removes a member who may not be here any longer. Whether it was present.
    pub(crate) fn dismiss(&self, shared: &Shared, member: &Member) -> Result<bool, Freed> {
        self.locked(shared, |state, now| state.dismiss(member, now))
    }

    /// Sets anew what the server sets of a member's value, where the member is present. It goes when
    /// that cannot be set any longer.
    ///
    /// # Errors
    /// The claim that is missing or does not fit; nothing is left of the member then.
    pub(crate) fn restamp(
        &self,
        shared: &Shared,
        member: &Member,
        claims: &Claims,
    ) -> Result<(), StampError> {
        let done = self.locked(shared, |state, now| {
            if !state.has(member) {
                return Ok(());
            }
            state.topic.settle(member.session, now);
            let entry = state.topic.entry(member.session);
            let restamped = entry.map(|it| it.value().restamped(claims)).transpose();
            match restamped {
                Ok(value) => {
                    if let Some(value) = value {
                        state.topic.restamp(member.session, value, now);
                    }
                    Ok(())
                }
                Err(error) => {
                    state.dismiss(member, now);
                    Err(error)
                }
            }
        });
        // Nobody is present in a topic that was freed.
        done.unwrap_or(Ok(()))
    }

    /// Removes everybody for good, and tells everybody at once.
    pub(crate) fn close(&self, shared: &Shared) {
        let _ = self.locked(shared, |state, now| {
            let members = state.topic.entries().map(|it| it.member().clone());
            state.gone.extend(members.map(|it| (it, Reason::Shutdown)));
            state.topic.close(now);
            state.closed = true;
            state.dirty = true;
            state.next_flush = now;
            if state.tick == Tick::Scheduled {
                state.tick = Tick::Quiet;
            }
        });
    }

    /// Whether everybody was removed for good.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Tells owners whose entry went without their doing.
    pub(super) fn tell_owners(&self, shared: &Shared, gone: &[(Member, Reason)]) {
        for (member, reason) in gone {
            shared.connections.tell_gone(member, &self.name, *reason);
        }
    }
}

impl State {
    /// Whether it is this member that is present, rather than somebody else with the same session.
    fn has(&self, member: &Member) -> bool {
        let entry = self.topic.entry(member.session);
        entry.is_some_and(|it| it.member() == member)
    }

    fn dismiss(&mut self, member: &Member, now: Time) -> bool {
        let present = self.has(member) && self.topic.dismiss(member.session, now);
        if present {
            self.gone.push((member.clone(), Reason::Kicked));
        }
        present
    }

    fn kick(&mut self, session: SessionId, age: Duration, now: Time) -> bool {
        let entry = self.topic.entry(session);
        let member = entry.map(|it| (it.member().clone(), Reason::Kicked));
        let gone = self.topic.kick_as_of(session, now.before(age), now);
        self.gone.extend(member.filter(|_| gone));
        gone
    }
}
