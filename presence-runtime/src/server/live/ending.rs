//! How presence in a live topic ends without the members' doing, and who is told of it.

use super::{Freed, Live, State, Tick};
use crate::server::shared::Shared;
use crate::topic::{Reason, SessionId, Time};

impl Live {
    /// Removes a session and refuses it for a while. Whether it was present.
    pub(crate) fn kick(&self, shared: &Shared, session: SessionId) -> Result<bool, Freed> {
        self.locked(shared, |state, now| state.kick(session, now))
    }

    /// The same where the session is present.
    pub(crate) fn kick_present(&self, shared: &Shared, session: SessionId) -> Result<bool, Freed> {
        self.locked(shared, |state, now| {
            state.topic.entry(session).is_some() && state.kick(session, now)
        })
    }

    /// Removes everybody for good, and tells everybody at once.
    pub(crate) fn close(&self, shared: &Shared) {
        let _ = self.locked(shared, |state, now| {
            let sessions = state.topic.entries().map(|it| it.member().session);
            state.gone.extend(sessions.map(|it| (it, Reason::Shutdown)));
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
    pub(super) fn tell_owners(&self, shared: &Shared, gone: &[(SessionId, Reason)]) {
        for (session, reason) in gone {
            shared.connections.tell_gone(*session, &self.name, *reason);
        }
    }
}

impl State {
    fn kick(&mut self, session: SessionId, now: Time) -> bool {
        let present = self.topic.kick(session, now);
        if present {
            self.gone.push((session, Reason::Kicked));
        }
        present
    }
}
