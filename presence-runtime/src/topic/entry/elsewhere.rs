//! Entries of members that are at other nodes. Nothing decays in them and no lease of theirs runs here: that
//! is their node's doing, which tells what comes of it.

use super::{Changed, Decaying, Entry, Mark, Pace, Tenure};
use crate::topic::{Elsewhere, Lease, Said, Time};

impl Entry {
    /// An entry that joins at another node.
    pub(in crate::topic) fn new_elsewhere(said: Elsewhere, sequence: u64, now: Time) -> Self {
        let mark = Mark { sequence, by: None };
        Self {
            member: said.member,
            digest: said.digest,
            value: said.value,
            activity: said.activity,
            following: said.following,
            joined: sequence,
            changed: Changed {
                value: mark,
                activity: mark,
                following: mark,
            },
            joined_at: said.joined_at,
            updated_at: now,
            n: said.n,
            said: said.said,
            tenure: Tenure::new(Lease::Node, said.hidden, now),
            decaying: Decaying {
                fields: 0,
                since: said.set_at,
            },
            pace: Pace::default(),
            held: None,
            queued: None,
        }
    }

    /// Whether it is at another node.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.tenure.lease == Lease::Node
    }

    /// Whether it is at another node as far as is known, which may be out of date.
    pub(in crate::topic) fn is_doubted(&self) -> bool {
        self.is_elsewhere() && self.tenure.lost.is_some()
    }

    /// What ownership compares: the digest of its session's key.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Its node says that it is there.
    pub(in crate::topic) fn stay_elsewhere(&mut self, said: &Elsewhere, now: Time) {
        self.tenure = Tenure::new(Lease::Node, said.hidden, now);
        self.n = self.n.max(said.n);
    }

    /// Takes over what is newer of what a node says of it, as the change `sequence` if there is one; what is as
    /// new as well, where that is the node that has it. Whether there is a change.
    pub(in crate::topic) fn hear_elsewhere(
        &mut self,
        said: &Elsewhere,
        is_there: bool,
        sequence: u64,
        now: Time,
    ) -> bool {
        let mark = Mark { sequence, by: None };
        let counts = |theirs, ours| theirs > ours || is_there && theirs == ours;
        if counts(said.said.value, self.said.value) {
            self.said.value = said.said.value;
            self.decaying = Decaying {
                fields: 0,
                since: said.set_at,
            };
            if self.value != said.value {
                self.value = said.value.clone();
                self.changed.value = mark;
            }
        }
        if counts(said.said.activity, self.said.activity) {
            self.said.activity = said.said.activity;
            if self.activity != said.activity {
                self.activity = said.activity;
                self.changed.activity = mark;
            }
        }
        if counts(said.said.following, self.said.following) {
            self.said.following = said.said.following;
            if self.following != said.following {
                self.following = said.following.clone();
                self.changed.following = mark;
            }
        }
        let changed = self.version() == sequence;
        if changed {
            self.updated_at = now;
        }
        changed
    }

    /// Whether something newer of it is known here than what a node says, and another than that.
    pub(in crate::topic) fn is_newer_than(&self, said: &Elsewhere) -> bool {
        let Said {
            value,
            activity,
            following,
        } = self.said;
        // What decays and is said again decays later, though nobody sees a difference.
        let other = self.value != said.value || self.value.decaying() != 0;
        value > said.said.value && other
            || activity > said.said.activity && self.activity != said.activity
            || following > said.said.following && self.following != said.following
    }

    /// It is this node's from now on, and what decays does so here, as long after it was said as it would have
    /// where it was.
    pub(in crate::topic) fn come_here(&mut self) {
        if self.decaying.fields == 0 {
            self.decaying.fields = self.value.decaying();
        }
    }

    /// When the value was announced that it has.
    #[must_use]
    pub const fn set_at(&self) -> Time {
        self.decaying.since
    }

    /// It is another node's from now on.
    pub(in crate::topic) fn let_go(&mut self, now: Time) {
        self.tenure = Tenure::new(Lease::Node, self.tenure.hidden, now);
        self.decaying.fields = 0;
    }
}
