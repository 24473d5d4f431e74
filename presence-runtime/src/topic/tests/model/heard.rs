//! What somebody who listens makes of a topic: every single change, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use super::naive::{id, number};
use super::*;
use crate::topic::{Event, Seen};

/// Those who are there by what was heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    members: BTreeMap<usize, Seen>,
    /// The sequence of the newest change heard of.
    latest: u64,
    /// The last member left, and that was not said yet.
    emptied: bool,
}

impl Heard {
    pub(super) fn hear(&mut self, event: Event) {
        let silent = std::mem::take(&mut self.emptied);
        assert_eq!(silent, event == Event::Emptied);
        match event {
            Event::Joined { entry, first } => {
                assert_eq!(first, !self.is_here(&entry));
                self.newer(&entry);
                let before = self.members.insert(who(&entry), entry);
                assert_eq!(before, None, "whoever joins was not there");
            }
            Event::Updated { entry, before } => {
                self.newer(&entry);
                let known = self.members.insert(who(&entry), entry.clone());
                let known = known.expect("whoever changes is known");
                assert_ne!(known, entry);
                let changed = (known.value != entry.value).then_some(known.value);
                assert_eq!(before, changed);
            }
            Event::Left { entry, last, .. } => {
                let known = self.members.remove(&who(&entry));
                assert_eq!(known.as_ref(), Some(&entry), "they leave as they were");
                assert_eq!(last, !self.is_here(&entry));
                self.emptied = self.members.is_empty();
            }
            Event::Emptied => assert!(self.members.is_empty()),
        }
    }

    /// What was heard is what there is.
    pub(super) fn check(&self, topic: &Topic) {
        assert!(!self.emptied);
        assert_eq!(topic.counts().members, self.members.len());
        for (number, seen) in &self.members {
            let entry = topic.entry(id(*number)).expect("nobody said it left");
            assert_eq!(*seen, Seen::from(entry));
        }
        let users: BTreeSet<_> = self.members.values().map(|it| &it.member.user).collect();
        assert_eq!(topic.counts().users, users.len());
    }

    fn is_here(&self, entry: &Seen) -> bool {
        let user = &entry.member.user;
        self.members.values().any(|it| it.member.user == *user)
    }

    fn newer(&mut self, entry: &Seen) {
        assert!(entry.version > self.latest);
        self.latest = entry.version;
    }
}

fn who(entry: &Seen) -> usize {
    number(entry.member.session)
}
