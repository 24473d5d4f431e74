//! Recalls: whose rights are others by now than a moment ago.
//!
//! Finding out who somebody is and what they may do takes time. What was found out by a request that began
//! before a recall says what was, and nothing that lasts may begin with it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use crate::topic::User;

/// As many are remembered. Whoever began before the first of them has to begin again.
const MOST: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Recalls(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// How many there were.
    count: u64,
    /// The last ones, the latest at the back.
    latest: VecDeque<User>,
}

/// A moment between two recalls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Since(u64);

impl Recalls {
    /// Now.
    pub(super) fn now(&self) -> Since {
        Since(self.lock().count)
    }

    /// A user is recalled.
    pub(super) fn add(&self, user: &User) {
        let mut known = self.lock();
        known.count += 1;
        known.latest.push_back(user.clone());
        if known.latest.len() > MOST {
            known.latest.pop_front();
        }
    }

    /// Whether a user was recalled since, as far as is remembered; if in doubt they were.
    pub(super) fn has(&self, user: &User, Since(count): Since) -> bool {
        let known = self.lock();
        let since = usize::try_from(known.count - count).unwrap_or(usize::MAX);
        since > known.latest.len() || known.latest.iter().rev().take(since).any(|it| it == user)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0
            .lock()
            .expect("nothing panics while it holds recalls")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_began_before_a_recall_of_theirs_is_told() {
        let user = |text: &str| User::parse(text).expect("a user");
        let (ann, bob) = (user("ann"), user("bob"));
        let recalls = Recalls::default();
        recalls.add(&ann);
        let since = recalls.now();
        assert!(!recalls.has(&ann, since));
        recalls.add(&bob);
        assert!(recalls.has(&bob, since) && !recalls.has(&ann, since));
        assert!(!recalls.has(&bob, recalls.now()));
        assert!(recalls.has(&ann, Since::default()));
        // What is forgotten may have been anybody's.
        let before = recalls.now();
        for _ in 0..MOST {
            recalls.add(&bob);
        }
        assert!(!recalls.has(&ann, before) && recalls.has(&ann, since));
        assert_eq!(recalls.lock().latest.len(), MOST);
    }
}
