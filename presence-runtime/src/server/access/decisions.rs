//! Decisions: what rules that have to find out said a moment ago.
//!
//! Over HTTP every heartbeat would ask anew, and so would a WebSocket that is refused and does not give
//! up. Forgetting costs asking again and nothing else, so the memory is small and forgets all at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::{Action, Identity};
use crate::schema::TopicName;
use crate::topic::User;

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(10);
/// The most users of whom something is remembered.
const MOST_USERS: usize = 10_000;
/// The most answers about one user.
const MOST_EACH: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Decisions(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    of_users: HashMap<User, Vec<Decision>>,
    /// How often something was forgotten on purpose.
    revisions: u64,
}

#[derive(Debug)]
struct Decision {
    topic: TopicName,
    action: Action,
    /// By what it was decided beside the user.
    identity: Arc<Identity>,
    allowed: bool,
    until: Instant,
}

/// A question whose answer is to be remembered, unless it is asked anew meanwhile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Revision(u64);

impl Decisions {
    /// What is known, or when it was not.
    pub(super) fn get(
        &self,
        user: &User,
        identity: &Identity,
        topic: &TopicName,
        action: Action,
    ) -> Result<bool, Revision> {
        let known = self.lock();
        let of_user = known.of_users.get(user).map(Vec::as_slice);
        let found = of_user.unwrap_or_default().iter().find(|it| {
            it.action == action && it.topic == *topic && it.identity.claims == identity.claims
        });
        match found {
            Some(it) if it.until > Instant::now() => Ok(it.allowed),
            _ => Err(Revision(known.revisions)),
        }
    }

    /// Remembers an answer to what was asked at a revision.
    pub(super) fn put(
        &self,
        Revision(asked): Revision,
        user: &User,
        identity: &Arc<Identity>,
        (topic, action): (&TopicName, Action),
        allowed: bool,
    ) {
        let mut known = self.lock();
        if known.revisions != asked {
            return;
        }
        if known.of_users.len() >= MOST_USERS && !known.of_users.contains_key(user) {
            known.of_users.clear();
        }
        let now = Instant::now();
        let of_user = known.of_users.entry(user.clone()).or_default();
        of_user.retain(|it| it.until > now && (it.action != action || it.topic != *topic));
        if of_user.len() >= MOST_EACH {
            of_user.clear();
        }
        of_user.push(Decision {
            topic: topic.clone(),
            action,
            identity: identity.clone(),
            allowed,
            until: now + FRESH,
        });
    }

    /// Forgets what was decided about a user, also what is being asked right now.
    pub(super) fn forget(&self, user: &User) {
        let mut known = self.lock();
        known.of_users.remove(user);
        known.revisions += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0
            .lock()
            .expect("nothing panics while it holds decisions")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Claims;

    fn name(text: &str) -> TopicName {
        TopicName::parse(text).expect("a name")
    }

    fn user(text: &str) -> User {
        User::parse(text).expect("a user")
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_holds_for_ten_seconds_and_for_the_same_question() {
        let decisions = Decisions::default();
        let (ann, who, topic) = (user("ann"), Arc::new(Identity::guest()), name("a"));
        let asked = decisions.get(&ann, &who, &topic, Action::Read);
        let asked = asked.expect_err("nothing was decided");
        decisions.put(asked, &ann, &who, (&topic, Action::Read), true);
        let known = |user: &User, who: &Identity, topic: &str, action| {
            decisions.get(user, who, &name(topic), action).ok()
        };
        assert_eq!(known(&ann, &who, "a", Action::Read), Some(true));
        assert_eq!(known(&ann, &who, "a", Action::Announce), None);
        assert_eq!(known(&ann, &who, "b", Action::Read), None);
        assert_eq!(known(&user("bob"), &who, "a", Action::Read), None);
        let editor = Identity::guest().with_claims(Claims::none().with("role", "editor"));
        assert_eq!(known(&ann, &editor, "a", Action::Read), None);
        tokio::time::advance(FRESH).await;
        assert_eq!(known(&ann, &who, "a", Action::Read), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_asked_before_it_was_forgotten_is_not_remembered() {
        let decisions = Decisions::default();
        let (ann, who, topic) = (user("ann"), Arc::new(Identity::guest()), name("a"));
        let asked = decisions.get(&ann, &who, &topic, Action::Read);
        let asked = asked.expect_err("nothing was decided");
        decisions.forget(&ann);
        decisions.put(asked, &ann, &who, (&topic, Action::Read), true);
        assert!(decisions.get(&ann, &who, &topic, Action::Read).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_has_an_end() {
        let decisions = Decisions::default();
        let who = Arc::new(Identity::guest());
        let keep = |user: &User, topic: &str| {
            let topic = name(topic);
            if let Err(asked) = decisions.get(user, &who, &topic, Action::Read) {
                decisions.put(asked, user, &who, (&topic, Action::Read), true);
            }
        };
        for i in 0..2 * MOST_EACH {
            keep(&user("ann"), &format!("t{i}"));
        }
        for i in 0..MOST_USERS + 10 {
            keep(&user(&format!("u{i}")), "a");
        }
        let known = decisions.lock();
        assert!(known.of_users.len() <= MOST_USERS);
        assert!(known.of_users.values().all(|it| it.len() <= MOST_EACH));
    }
}
