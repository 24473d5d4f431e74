//! Announcing: members join, say something and renew.

use super::entries::Slot;
use super::leaving::newer;
use super::{Ack, Actor, Change, Entry, Heartbeat, Lease, MIN_TTL, Refusal, Time, Topic, What};

impl Topic {
    /// Announces or renews a member.
    ///
    /// # Errors
    /// When the topic refuses; it has changed nothing then.
    pub fn heartbeat(&mut self, who: &Actor, beat: Heartbeat, now: Time) -> Result<Ack, Refusal> {
        self.check_ttl(beat.lease)?;
        self.check_kicked(who, now)?;
        match self.entries.slot(who.session.id) {
            Some(slot) => self.renew(slot, who, beat, now),
            None => self.join(who, beat, now),
        }
    }

    fn renew(
        &mut self,
        slot: Slot,
        who: &Actor,
        mut beat: Heartbeat,
        now: Time,
    ) -> Result<Ack, Refusal> {
        let sequence = self.position.sequence + 1;
        let (heard, values) = (self.is_heard(), self.values);
        let stood = self.standing(slot);
        let entry = self.entries.get_mut(slot);
        if !entry.is_of(who) {
            return Err(Refusal::SessionTaken);
        }
        if entry.is_doubted() && beat.value.is_none() && newer(entry.n, beat.n).is_some() {
            // What is known of it may be older than what another node had: it is said again.
            return Err(Refusal::NotPresent);
        }
        let moves = entry.is_elsewhere() && newer(entry.n, beat.n).is_some();
        let before = heard.then(|| entry.value().clone());
        // Nobody sees that it was said again, but wherever the member is next it decays as much later.
        let again = beat.value.as_ref().is_some_and(|it| it.decaying() != 0);
        let mut differs = false;
        let change = match newer(entry.n, beat.n) {
            None => Change::Stale,
            Some(n) => {
                entry.n = n;
                let held = entry.hold_back(&mut beat, n, values, now);
                entry.said.hear(&beat, n);
                differs = entry.hear(beat, sequence, now);
                if differs || held {
                    Change::Updated
                } else {
                    Change::Renewed
                }
            }
        };
        if again && change != Change::Stale {
            self.say_present(slot);
        }
        if moves {
            self.elsewhere -= 1;
            self.entries.get_mut(slot).come_here();
            self.say_present(slot);
        }
        if differs {
            self.position.sequence = sequence;
            self.entries.touch(slot);
            self.hear_update(slot, before);
        }
        self.note_turn(slot, stood, now);
        self.schedule(slot);
        Ok(self.ack(slot, change, now))
    }

    fn join(&mut self, who: &Actor, beat: Heartbeat, now: Time) -> Result<Ack, Refusal> {
        let member = who.member();
        let Some(n) = self.newer_absent(&member, beat.n) else {
            return Ok(Ack {
                change: Change::Stale,
                member,
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
        self.fences.remove(&member);
        let sequence = self.turn_over();
        let lease = beat.lease;
        let entry = Entry::new(who, value, beat, n, sequence, now);
        let slot = self.entries.insert(entry);
        self.note(slot, What::Joined { lease }, now);
        self.grow();
        self.schedule(slot);
        self.hear_join(slot);
        Ok(self.ack(slot, Change::Joined, now))
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
            Lease::Deadline { .. } | Lease::Connection(_) | Lease::Node => Ok(()),
        }
    }

    fn check_kicked(&self, who: &Actor, now: Time) -> Result<(), Refusal> {
        let session = self.kicks.get(&who.session.id);
        let user = self.user_kicks.get(&who.user);
        let until = session.max(user).map(|((), until)| until);
        match until {
            Some(until) if until > now => Err(Refusal::Kicked {
                retry_after: until.saturating_since(now),
            }),
            _ => Ok(()),
        }
    }
}
