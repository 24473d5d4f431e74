//! Members at other nodes: their nodes say when they come, change and go, and nothing here ends them.
//!
//! They stand in the same map and the same order of changes as everybody else. A session is at one node at a
//! time; what it says here makes it this node's, and what another node says that is not older makes it that
//! node's. Neither is a join or a leave.

use std::sync::Arc;

use super::entries::Slot;
use super::{
    Activity, Cause, Entry, Lease, Loss, Member, Reason, Said, SessionId, Time, Topic, User, What,
};
use crate::mistake::{Mistake, is_made};
use crate::schema::Value;

/// A member at another node, as that node says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Who it is.
    pub member: Member,
    /// What ownership compares: the digest of its session's key.
    pub digest: [u8; 32],
    /// The last `n` heard of its session.
    pub n: u64,
    /// Which messages its parts are from.
    pub said: Said,
    /// What it announced.
    pub value: Value,
    /// When it announced that, on this topic's clock: what decays runs from then, wherever it does.
    pub set_at: Time,
    /// How busy it is.
    pub activity: Activity,
    /// The users it follows.
    pub following: Arc<[User]>,
    /// Whether its tab is hidden.
    pub hidden: bool,
    /// When it joined, on this topic's clock.
    pub joined_at: Time,
}

/// As another node would say of an entry that is here.
impl From<&Entry> for Elsewhere {
    fn from(entry: &Entry) -> Self {
        Self {
            member: entry.member().clone(),
            digest: *entry.digest(),
            n: entry.n(),
            said: entry.said(),
            value: entry.value().clone(),
            set_at: entry.set_at(),
            activity: entry.activity(),
            following: entry.following().clone(),
            hidden: entry.is_hidden(),
            joined_at: entry.joined_at(),
        }
    }
}

/// What became of what another node said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is in the topic.
    Here,
    /// The member was here until now, with this lease.
    Over(Lease),
    /// Nothing: what is known here is newer, or the member is refused.
    Older,
}

impl Topic {
    /// Another node has this member.
    pub fn hear_elsewhere(&mut self, said: Elsewhere, now: Time) -> Taken {
        let session = said.member.session;
        let kicked = self.kicks.get(&session);
        let kicked = kicked.max(self.user_kicks.get(&said.member.user));
        if kicked.is_some_and(|((), until)| until > now) {
            return Taken::Older;
        }
        let Some(slot) = self.entries.slot(session) else {
            return self.add_elsewhere(said, now);
        };
        let entry = self.entries.get(slot);
        if *entry.member() != said.member {
            // The same session of another user, which only one of the nodes can have admitted.
            if !entry.is_elsewhere() && entry.n >= said.n {
                return Taken::Older;
            }
            let by = entry.lease();
            let cause = Cause::Lost {
                how: Loss::Node,
                since: now,
            };
            self.let_go(slot, now);
            self.remove(slot, cause, None, now);
            return match (self.add_elsewhere(said, now), by) {
                (Taken::Here, Lease::Connection(_) | Lease::Deadline { .. }) => Taken::Over(by),
                (taken, _) => taken,
            };
        }
        let until_now = entry.lease();
        if !entry.is_elsewhere() && is_made(Mistake::Fence) {
            return Taken::Over(until_now);
        }
        if entry.n > said.n {
            if entry.is_elsewhere() {
                self.hear_said(slot, &said, false, now);
                return Taken::Here;
            }
            // It spoke here since, which the other node has yet to hear of.
            self.adopt(&said, now);
            self.say_present(slot);
            return Taken::Older;
        }
        self.let_go(slot, now);
        self.entries.get_mut(slot).stay_elsewhere(&said, now);
        self.hear_said(slot, &said, true, now);
        if self.entries.get(slot).is_newer_than(&said) {
            self.say_newer(session);
        }
        match until_now {
            Lease::Node => Taken::Here,
            lease => Taken::Over(lease),
        }
    }

    /// Another node has heard something of a member that is here: takes over what is newer.
    pub fn adopt(&mut self, said: &Elsewhere, now: Time) {
        let slot = self.slot_of(&said.member);
        let Some(slot) = slot.filter(|slot| !self.entries.get(*slot).is_elsewhere()) else {
            return;
        };
        if said.said.value > self.entries.get(slot).said.value {
            self.take_held(slot, now);
        }
        self.hear_said(slot, said, false, now);
        self.entries.get_mut(slot).come_here();
        self.schedule(slot);
        if self.entries.get(slot).is_newer_than(said) {
            // Nobody was told, because it was what had been said before.
            self.say_present(slot);
        }
    }

    fn hear_said(&mut self, slot: Slot, said: &Elsewhere, is_there: bool, now: Time) {
        let sequence = self.next_sequence();
        let entry = self.entries.get_mut(slot);
        if entry.hear_elsewhere(said, is_there, sequence, now) {
            self.entries.touch(slot);
        } else {
            self.take_back_sequence();
        }
    }

    /// It is said elsewhere that this member is gone, by the node that had it last or by itself. One that is here
    /// is gone as well if that is newer than what is known here, which nobody would hear of any more. Whether it
    /// was present until now.
    pub fn lose_elsewhere(&mut self, member: &Member, n: u64, reason: Reason, now: Time) -> bool {
        let Some(slot) = self.slot_of(member) else {
            self.fence(member.clone(), n, reason, now);
            return false;
        };
        let entry = self.entries.get_mut(slot);
        if !entry.is_elsewhere() && entry.n >= n {
            return false;
        }
        entry.n = entry.n.max(n);
        self.let_go(slot, now);
        self.remove(slot, Cause::of(reason, now), None, now);
        true
    }

    /// What is said of this member here does not count because it is gone, for what happened elsewhere: unless
    /// what is here is newer by now. Whether it was present.
    pub fn concede(&mut self, member: &Member, n: u64, reason: Reason, now: Time) -> bool {
        let Some(slot) = self.slot_of(member) else {
            return false;
        };
        if self.entries.get(slot).n > n {
            self.say_present(slot);
            return false;
        }
        self.let_go(slot, now);
        self.lose_elsewhere(member, n, reason, now)
    }

    /// Everybody here of whom the engine does not know, or knows something else, is news.
    pub fn say_unknown(&mut self, known: impl Fn(&Entry) -> bool) {
        let here = self.entries.joined_after(0).map(|(_, slot)| *slot);
        let unknown = here.filter(|slot| {
            let entry = self.entries.get(*slot);
            !entry.is_elsewhere() && !known(entry)
        });
        for slot in unknown.collect::<Vec<_>>() {
            self.say_present(slot);
        }
    }

    /// What other nodes said may be out of date: whoever is not heard of until then is gone.
    pub fn doubt_elsewhere(&mut self, confirmed: impl Fn(SessionId) -> bool, until: Time) {
        for slot in self.slots_elsewhere() {
            let entry = self.entries.get_mut(slot);
            if !confirmed(entry.member().session) {
                entry.tenure.lost.get_or_insert((until, Loss::Node));
                self.schedule(slot);
            }
        }
    }

    /// Nobody else is at another node than those who are named: all others are gone. How many were.
    pub fn retain_elsewhere(&mut self, named: impl Fn(SessionId) -> bool, now: Time) -> usize {
        let mut gone = 0;
        for slot in self.slots_elsewhere() {
            if !named(self.entries.get(slot).member().session) {
                self.remove(slot, Cause::of(Reason::Disconnected, now), None, now);
                gone += 1;
            }
        }
        gone
    }

    /// How many members are at other nodes.
    #[must_use]
    pub const fn elsewhere(&self) -> usize {
        self.elsewhere
    }

    fn add_elsewhere(&mut self, said: Elsewhere, now: Time) -> Taken {
        // Late news of somebody who has left since.
        if let Some((last, _)) = self.fences.get(&said.member)
            && last.n > said.n
        {
            if last.said {
                // Its node has not heard that it left, which whoever was to tell may have forgotten.
                self.say_left(&said.member, last.n);
            }
            return Taken::Older;
        }
        self.fences.remove(&said.member);
        let sequence = self.turn_over();
        let slot = self
            .entries
            .insert(Entry::new_elsewhere(said, sequence, now));
        self.elsewhere += 1;
        self.note(slot, What::Joined { lease: Lease::Node }, now);
        self.grow();
        Taken::Here
    }

    /// The entry is another node's from now on.
    fn let_go(&mut self, slot: Slot, now: Time) {
        if self.entries.get(slot).is_elsewhere() {
            return;
        }
        self.take_held(slot, now);
        let stood = self.standing(slot);
        let entry = self.entries.get_mut(slot);
        entry.let_go(now);
        let session = entry.member().session;
        self.elsewhere += 1;
        self.unsay(session);
        self.note_turn(slot, stood, now);
    }

    fn slots_elsewhere(&self) -> Vec<Slot> {
        let slots = self.entries.joined_after(0).map(|(_, slot)| *slot);
        let elsewhere = slots.filter(|slot| self.entries.get(*slot).is_elsewhere());
        elsewhere.collect()
    }
}
