//! The entries of a topic: by session, in the order of joining, and in the order of changing.
//!
//! The order of changing is a doubly linked list through the slots, so that a change costs the
//! same in a topic of any size, and what changed since some sequence costs no more than it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map};
use std::ops::Bound;

use super::{Entry, SessionId, User};

/// Where an entry stands until it is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(u32);

#[derive(Debug, Default)]
pub(super) struct Entries {
    nodes: Vec<Option<Node>>,
    vacant: Vec<Slot>,
    sessions: HashMap<SessionId, Slot>,
    joined: BTreeMap<u64, Slot>,
    users: HashMap<User, u32>,
    /// By user, and by the sequence of joining.
    of_users: BTreeSet<(User, u64)>,
    newest: Option<Slot>,
}

#[derive(Debug)]
struct Node {
    entry: Entry,
    older: Option<Slot>,
    newer: Option<Slot>,
}

impl Entries {
    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// How many users the members are.
    pub(super) fn users(&self) -> usize {
        self.users.len()
    }

    /// With how many sessions a user is present.
    pub(super) fn sessions_of(&self, user: &User) -> u32 {
        self.users.get(user).copied().unwrap_or_default()
    }

    /// The slot of a session.
    pub(super) fn slot(&self, session: SessionId) -> Option<Slot> {
        self.sessions.get(&session).copied()
    }

    /// The slot of the entry that joined at exactly this sequence.
    pub(super) fn slot_joined(&self, joined: u64) -> Option<Slot> {
        self.joined.get(&joined).copied()
    }

    pub(super) fn get(&self, slot: Slot) -> &Entry {
        &self.node(slot).entry
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> &mut Entry {
        &mut self.node_mut(slot).entry
    }

    /// Adds an entry that joined, and so changed, after all others.
    pub(super) fn insert(&mut self, entry: Entry) -> Slot {
        let slot = self.vacant.pop().unwrap_or_else(|| {
            if self.nodes.len() == self.nodes.capacity() {
                // By a quarter rather than twofold: nodes are most of what a member costs.
                self.nodes.reserve_exact(1 + self.nodes.len() / 4);
            }
            self.nodes.push(None);
            let last = self.nodes.len() - 1;
            Slot(u32::try_from(last).expect("a topic has at most a million members"))
        });
        let member = entry.member();
        self.sessions.insert(member.session, slot);
        *self.users.entry(member.user.clone()).or_default() += 1;
        self.of_users.insert((member.user.clone(), entry.joined()));
        self.joined.insert(entry.joined(), slot);
        self.nodes[slot.0 as usize] = Some(Node {
            entry,
            older: None,
            newer: None,
        });
        self.link(slot);
        slot
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, slot: Slot) -> Entry {
        self.unlink(slot);
        let node = self.nodes[slot.0 as usize].take();
        let entry = node.expect("a slot stands for an entry").entry;
        self.vacant.push(slot);
        self.sessions.remove(&entry.member().session);
        self.joined.remove(&entry.joined());
        self.of_users
            .remove(&(entry.member().user.clone(), entry.joined()));
        self.forget_user(&entry.member().user);
        if self.sessions.is_empty() {
            // A topic that was full once does not keep the space for it.
            *self = Self::default();
        }
        entry
    }

    /// Makes the entry the newest in the order of changing.
    pub(super) fn touch(&mut self, slot: Slot) {
        if self.newest != Some(slot) {
            self.unlink(slot);
            self.link(slot);
        }
    }

    /// Who joined after the sequence, in the order of joining.
    pub(super) fn joined_after(&self, sequence: u64) -> btree_map::Range<'_, u64, Slot> {
        self.joined
            .range((Bound::Excluded(sequence), Bound::Unbounded))
    }

    /// The entries of a user, in the order of joining.
    pub(super) fn of(&self, user: &User) -> impl Iterator<Item = &Entry> {
        let all = (user.clone(), 0)..=(user.clone(), u64::MAX);
        let joined = self.of_users.range(all);
        let slots = joined.filter_map(|(_, joined)| self.joined.get(joined));
        slots.map(|slot| self.get(*slot))
    }

    /// The oldest entry in the order of changing that changed after the sequence.
    pub(super) fn changed_after(&self, sequence: u64) -> Option<Slot> {
        let mut first = None;
        let mut next = self.newest;
        while let Some(slot) = next
            && self.get(slot).version() > sequence
        {
            first = Some(slot);
            next = self.node(slot).older;
        }
        first
    }

    /// The next entry in the order of changing.
    pub(super) fn newer(&self, slot: Slot) -> Option<Slot> {
        self.node(slot).newer
    }

    fn node(&self, slot: Slot) -> &Node {
        let node = self.nodes[slot.0 as usize].as_ref();
        node.expect("a slot stands for an entry")
    }

    fn node_mut(&mut self, slot: Slot) -> &mut Node {
        let node = self.nodes[slot.0 as usize].as_mut();
        node.expect("a slot stands for an entry")
    }

    fn link(&mut self, slot: Slot) {
        let older = self.newest.replace(slot);
        if let Some(older) = older {
            self.node_mut(older).newer = Some(slot);
        }
        let node = self.node_mut(slot);
        node.older = older;
        node.newer = None;
    }

    fn unlink(&mut self, slot: Slot) {
        let Node { older, newer, .. } = *self.node(slot);
        if let Some(older) = older {
            self.node_mut(older).newer = newer;
        }
        match newer {
            Some(newer) => self.node_mut(newer).older = older,
            None => self.newest = older,
        }
    }

    fn forget_user(&mut self, user: &User) {
        let members = self.users.get_mut(user);
        let members = members.expect("the user of every entry is counted");
        *members -= 1;
        if *members == 0 {
            self.users.remove(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::tests::{HTTP, at, person, say, secs};

    fn entry(user: &str, number: u128, sequence: u64) -> Entry {
        let who = person(user, number);
        Entry::new(&who, at(0), say(at(0), HTTP), 1, sequence, secs(0))
    }

    fn change(entries: &mut Entries, slot: Slot, sequence: u64) {
        let x = u32::try_from(sequence).expect("small");
        let entry = entries.get_mut(slot);
        assert!(entry.hear(say(at(x), HTTP), sequence, secs(0)));
        entries.touch(slot);
    }

    fn versions_after(entries: &Entries, sequence: u64) -> Vec<u64> {
        std::iter::successors(entries.changed_after(sequence), |slot| entries.newer(*slot))
            .map(|slot| entries.get(slot).version())
            .collect()
    }

    #[test]
    fn entries_are_found_by_what_changed_since() {
        let mut entries = Entries::default();
        let slots: Vec<Slot> = (1..=4)
            .map(|sequence| entries.insert(entry("ann", sequence.into(), sequence)))
            .collect();
        assert_eq!(versions_after(&entries, 0), [1, 2, 3, 4]);
        change(&mut entries, slots[1], 5);
        change(&mut entries, slots[3], 6);
        change(&mut entries, slots[0], 7);
        change(&mut entries, slots[0], 8);
        assert_eq!(versions_after(&entries, 0), [3, 5, 6, 8]);
        assert_eq!(versions_after(&entries, 5), [6, 8]);
        assert_eq!(versions_after(&entries, 8), [0; 0]);
    }

    #[test]
    fn the_order_of_changing_survives_removals_anywhere() {
        for gone in 0..3 {
            let mut entries = Entries::default();
            let slots: Vec<Slot> = (1..=3)
                .map(|sequence| entries.insert(entry("ann", sequence.into(), sequence)))
                .collect();
            entries.remove(slots[gone]);
            let mut expected = vec![1, 2, 3];
            expected.remove(gone);
            assert_eq!(versions_after(&entries, 0), expected);
            let slot = entries.insert(entry("bob", 4, 4));
            change(&mut entries, slot, 5);
            expected.push(5);
            assert_eq!(versions_after(&entries, 0), expected);
        }
    }

    #[test]
    fn a_slot_is_used_again_and_its_old_entry_is_not_found() {
        let mut entries = Entries::default();
        let first = entries.insert(entry("ann", 1, 1));
        entries.insert(entry("ann", 2, 2));
        entries.remove(first);
        let again = entries.insert(entry("bob", 3, 3));
        assert_eq!(first, again);
        assert_eq!(entries.slot_joined(1), None);
        assert_eq!(entries.slot_joined(3), Some(again));
        assert_eq!(entries.nodes.len(), 2);
    }

    #[test]
    fn users_are_counted_once_however_many_sessions_they_have() {
        let mut entries = Entries::default();
        let first = entries.insert(entry("ann", 1, 1));
        let second = entries.insert(entry("ann", 2, 2));
        entries.insert(entry("bob", 3, 3));
        assert_eq!((entries.len(), entries.users()), (3, 2));
        let of = |entries: &Entries, user: &str| -> Vec<u64> {
            let user = User::parse(user).expect("a user");
            entries.of(&user).map(Entry::joined).collect()
        };
        assert_eq!(of(&entries, "ann"), [1, 2]);
        assert_eq!(of(&entries, "an"), [0; 0]);
        entries.remove(first);
        assert_eq!((entries.len(), entries.users()), (2, 2));
        assert_eq!(of(&entries, "ann"), [2]);
        assert_eq!(entries.of_users.len(), 2, "nothing is left of who went");
        entries.remove(second);
        assert_eq!(of(&entries, "ann"), [0; 0]);
        assert_eq!(of(&entries, "bob"), [3]);
        assert_eq!((entries.len(), entries.users()), (1, 1));
    }

    #[test]
    fn an_emptied_topic_keeps_no_space() {
        let mut entries = Entries::default();
        let slots: Vec<Slot> = (1..=100)
            .map(|sequence| entries.insert(entry("ann", sequence.into(), sequence)))
            .collect();
        for slot in slots {
            entries.remove(slot);
        }
        assert!(entries.is_empty());
        assert_eq!(entries.nodes.capacity(), 0);
        assert_eq!(versions_after(&entries, 0), [0; 0]);
    }
}
