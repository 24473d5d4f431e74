//! Rings: the latest transitions of every topic, and of all topics together.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use crate::schema::TopicName;
use crate::topic::{Member, Time, Transition, User};

/// Where a topic has no room, among this many of its latest transitions it is looked for somebody who
/// made most of them: whoever comes and goes all the time pushes out what became of themselves.
const LOOKED_AT: usize = 64;

/// Transitions by topic, each topic's and all of them in the order of happening.
#[derive(Debug)]
pub(super) struct Rings {
    rings: HashMap<TopicName, VecDeque<Kept>>,
    /// The topic of the oldest in each ring, by its number: the first of them is the oldest of all.
    oldest: BTreeMap<u64, TopicName>,
    count: usize,
    /// Of the latest; they are never used again.
    number: u64,
    most_of_topic: usize,
    most: usize,
    time: Duration,
}

/// A transition that is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct Kept {
    /// Its place in the order of all.
    pub(super) number: u64,
    pub(super) transition: Transition,
}

/// Whose transitions somebody asks for. Defaults to everybody's.
#[derive(Debug, Default)]
pub(in crate::server) struct Whose {
    pub(super) user: Option<User>,
    pub(super) member: Option<Member>,
}

impl Whose {
    fn is(&self, member: &Member) -> bool {
        self.user.as_ref().is_none_or(|it| *it == member.user)
            && self.member.as_ref().is_none_or(|it| it == member)
    }
}

impl Rings {
    /// Room for so many of a topic and of all, each for so long.
    pub(super) fn new(most_of_topic: usize, most: usize, time: Duration) -> Self {
        Self {
            rings: HashMap::new(),
            oldest: BTreeMap::new(),
            count: 0,
            number: 0,
            most_of_topic,
            most,
            time,
        }
    }

    /// Adds what became of members of a topic, and forgets what there is no room for.
    pub(super) fn push(&mut self, name: &TopicName, transitions: Vec<Transition>, now: Time) {
        self.forget(now);
        for transition in transitions {
            let ring = self.rings.get(name);
            let len = ring.map_or(0, VecDeque::len);
            if len >= self.most_of_topic {
                let user = &transition.member.user;
                let at = ring.and_then(|it| crowded(it, user)).unwrap_or_default();
                self.remove(name, at);
            } else if self.count >= self.most {
                self.remove_oldest();
            }
            self.number += 1;
            let ring = self.rings.entry(name.clone()).or_default();
            if ring.is_empty() {
                self.oldest.insert(self.number, name.clone());
            }
            ring.push_back(Kept {
                number: self.number,
                transition,
            });
            self.count += 1;
        }
    }

    /// Forgets what is too old. When something else will be, and of which topic, if anything is left.
    pub(super) fn forget(&mut self, now: Time) -> Option<(Time, &TopicName)> {
        while self.next().is_some_and(|(until, _)| until <= now) {
            self.remove_oldest();
        }
        self.next()
    }

    fn next(&self) -> Option<(Time, &TopicName)> {
        let (_, name) = self.oldest.first_key_value()?;
        let oldest = self.rings.get(name).and_then(VecDeque::front)?;
        Some((oldest.transition.at + self.time, name))
    }

    /// Some of a topic's, the newest first, of those before a number and at most so many.
    pub(super) fn of(
        &mut self,
        name: &TopicName,
        whose: &Whose,
        before: u64,
        most: usize,
        now: Time,
    ) -> Vec<Kept> {
        self.forget(now);
        let all = self.rings.get(name).into_iter().flatten().rev();
        all.filter(|it| it.number < before && whose.is(&it.transition.member))
            .take(most)
            .cloned()
            .collect()
    }

    fn remove_oldest(&mut self) {
        if let Some((_, name)) = self.oldest.first_key_value() {
            self.remove(&name.clone(), 0);
        }
    }

    fn remove(&mut self, name: &TopicName, at: usize) {
        let Some(ring) = self.rings.get_mut(name) else {
            return;
        };
        let Some(gone) = ring.remove(at) else { return };
        self.count -= 1;
        if at == 0 {
            self.oldest.remove(&gone.number);
            match ring.front() {
                Some(next) => {
                    self.oldest.insert(next.number, name.clone());
                }
                None => {
                    self.rings.remove(name);
                }
            }
        }
    }

    /// How many there are, in how many topics.
    #[cfg(test)]
    pub(super) fn len(&self) -> (usize, usize) {
        assert_eq!(self.oldest.len(), self.rings.len());
        assert_eq!(
            self.rings.values().map(VecDeque::len).sum::<usize>(),
            self.count
        );
        (self.count, self.rings.len())
    }
}

/// The oldest of a user's, where most of the latest are the user's.
fn crowded(ring: &VecDeque<Kept>, user: &User) -> Option<usize> {
    let is_theirs = |it: &&Kept| it.transition.member.user == *user;
    let from = ring.len().saturating_sub(LOOKED_AT);
    let theirs = ring.range(from..).filter(is_theirs).count();
    let most = theirs > (ring.len() - from) / 2;
    // Of all, so that nothing older of theirs seems to be the newest.
    most.then(|| ring.iter().position(|it| is_theirs(&it)))
        .flatten()
}
