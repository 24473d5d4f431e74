//! The entries of a topic: by session, in the order of joining, and in the order of changing.
//!
//! The order of changing is a doubly linked list through the slots, so that a change costs the
//! same in a topic of any size, and what changed since some sequence costs no more than it is.

use std::collections::{BTreeMap, HashMap, btree_map};
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
            self.nodes.push(None);
            let last = self.nodes.len() - 1;
            Slot(u32::try_from(last).expect("a topic has at most a million members"))
        });
        let member = entry.member();
        self.sessions.insert(member.session, slot);
        *self.users.entry(member.user.clone()).or_default() += 1;
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
