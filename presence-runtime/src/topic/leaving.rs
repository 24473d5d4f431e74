//! Leaving: members end their presence, and what is late does not bring them back.

use super::{Actor, Cause, Lease, Leave, Left, Member, Reason, Refusal, Time, Topic, What};
use crate::mistake::{Mistake, is_made};

impl Topic {
    /// Ends a member's presence, now or a little later.
    ///
    /// # Errors
    /// When the session is somebody else's; nothing has changed then.
    pub fn leave(&mut self, who: &Actor, leave: Leave, now: Time) -> Result<Left, Refusal> {
        let session = who.session.id;
        let Some(slot) = self.entries.slot(session) else {
            return Ok(self.leave_absent(who.member(), leave, now));
        };
        let entry = self.entries.get_mut(slot);
        if !entry.is_of(who) {
            return Err(Refusal::SessionTaken);
        }
        let Some(n) = newer(entry.n, leave.n) else {
            return Ok(Left::Stale);
        };
        entry.n = n;
        if entry.is_elsewhere() {
            // Whoever hears that it leaves has it until then, and tells others.
            let ttl = self.settings.ttl;
            entry.tenure.renew(Lease::Deadline { ttl }, None, now);
            self.elsewhere -= 1;
            self.say_present(slot);
        }
        let entry = self.entries.get_mut(slot);
        let after = leave.after.unwrap_or_default();
        if after.is_zero() {
            self.remove(slot, Cause::Said, leave.by, now);
            return Ok(Left::Now);
        }
        entry.tenure.leave_after(after, leave.by, now);
        self.note(slot, What::Leaving { after }, now);
        self.schedule(slot);
        Ok(Left::Later)
    }

    fn leave_absent(&mut self, member: Member, leave: Leave, now: Time) -> Left {
        match (self.newer_absent(&member, leave.n), leave.n) {
            (None, _) => Left::Stale,
            // A late heartbeat with a smaller `n` must not bring the member back.
            (Some(n), Some(_)) => {
                self.say_left(&member, n);
                self.fence(member, n, Reason::Left, now);
                Left::Absent
            }
            (Some(_), None) => Left::Absent,
        }
    }

    pub(super) fn newer_absent(&self, member: &Member, n: Option<u64>) -> Option<u64> {
        match self.fences.get(member) {
            Some((last, _)) => newer(last.n, n),
            None => Some(n.unwrap_or(1)),
        }
    }
}

/// The `n` of a message whose session was last heard of at `last`; nothing when it is stale.
pub(super) fn newer(last: u64, n: Option<u64>) -> Option<u64> {
    match n {
        Some(n) => (n > last || is_made(Mistake::G5)).then_some(n),
        None => Some(last.saturating_add(1)),
    }
}
