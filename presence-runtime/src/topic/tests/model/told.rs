//! What somebody who remembers transitions makes of a topic: who is there and how they stand.

use std::collections::BTreeMap;

use super::naive::{id, number};
use super::*;
use crate::topic::{Cause, Transition, What};

/// Those who are there by what was written down.
#[derive(Debug, Default)]
pub(super) struct Told {
    members: BTreeMap<usize, Known>,
    at: Time,
}

#[derive(Debug, PartialEq)]
struct Known {
    joined: Time,
    by_connection: bool,
    /// When it was lost.
    lost: Option<Time>,
    leaving: bool,
    activity: Activity,
    hidden: bool,
}

impl Told {
    /// `as_joined` is what nobody writes down of whoever joins: they are told as they came.
    pub(super) fn tell(&mut self, told: &Transition, as_joined: (Activity, bool)) {
        assert!(told.at >= self.at, "in the order of time");
        self.at = told.at;
        let number = number(told.member.session);
        if let What::Joined { lease } = told.what {
            let (activity, hidden) = as_joined;
            let known = Known {
                joined: told.at,
                by_connection: by_connection(lease),
                lost: None,
                leaving: false,
                activity,
                hidden,
            };
            let before = self.members.insert(number, known);
            assert_eq!(before, None, "whoever joins was not there");
            return;
        }
        let known = self.members.get_mut(&number).expect("whoever is told of");
        match told.what {
            What::Joined { .. } => unreachable!("seen above"),
            What::Left { cause, joined } => {
                assert_eq!(joined, known.joined);
                match cause {
                    Cause::Lost { since, .. } => assert_eq!(known.lost, Some(since)),
                    Cause::Announced { .. } => assert!(known.leaving),
                    Cause::Silent { hidden, heard, ttl } => {
                        assert!(!known.by_connection);
                        assert_eq!(hidden, known.hidden);
                        assert!(heard + ttl <= told.at, "never early");
                    }
                    Cause::Said | Cause::Kicked { .. } | Cause::Dismissed | Cause::Closed => {}
                    Cause::Told(_) => unreachable!("there are no other nodes here"),
                }
                self.members.remove(&number);
            }
            What::Lost { .. } => {
                let before = known.lost.replace(told.at);
                assert_eq!(before, None, "lost once");
            }
            What::Returned { lost, lease } => {
                assert_eq!(known.lost.take(), Some(lost));
                known.by_connection = by_connection(lease);
            }
            What::Leaving { .. } => known.leaving = true,
            What::Stayed => assert!(std::mem::take(&mut known.leaving)),
            What::TakenOver => assert!(known.by_connection && known.lost.is_none()),
            What::Switched { lease } => {
                assert_ne!(known.by_connection, by_connection(lease));
                known.by_connection = by_connection(lease);
            }
            What::Moved { .. } => unreachable!("there are no other nodes here"),
            What::Activity(activity) => {
                assert_ne!(std::mem::replace(&mut known.activity, activity), activity);
            }
            What::Hidden(hidden) => {
                assert_ne!(std::mem::replace(&mut known.hidden, hidden), hidden);
            }
        }
    }

    /// What was written down is what there is.
    pub(super) fn check(&self, topic: &Topic) {
        assert_eq!(topic.counts().members, self.members.len());
        for (number, known) in &self.members {
            let entry = topic.entry(id(*number)).expect("nobody said it left");
            let lost = entry.tenure.lost.map(|(end, _)| end);
            let found = Known {
                joined: entry.joined_at(),
                by_connection: by_connection(entry.lease()),
                lost: known.lost.filter(|it| Some(*it + SETTINGS.grace) == lost),
                leaving: entry.tenure.leaving.is_some(),
                activity: entry.activity(),
                hidden: entry.is_hidden(),
            };
            assert_eq!(lost.is_some(), known.lost.is_some());
            assert_eq!(*known, found);
        }
    }
}

const fn by_connection(lease: Lease) -> bool {
    matches!(lease, Lease::Connection(_))
}
