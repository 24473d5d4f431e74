//! Places: how far a node has read the logs of the topics it follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;

use super::At;
use crate::schema::TopicName;

/// The topics that a node follows.
#[derive(Debug, Default)]
pub(super) struct Places {
    state: Mutex<State>,
    /// Somebody wants to follow, or somebody's reading has ended.
    pub(super) changed: Notify,
    /// A topic is known that was not.
    known: Notify,
}

#[derive(Debug, Default)]
struct State {
    places: BTreeMap<TopicName, Place>,
    /// Those that have to be read, in no order.
    unread: BTreeSet<TopicName>,
    /// Those that the feed has to be told of.
    unfollowed: BTreeSet<TopicName>,
    /// Those that the feed need not bring any longer.
    dropped: BTreeSet<TopicName>,
}

/// How far a log was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    at: Option<At>,
    /// Somebody is reading; what the feed brings meanwhile is only remembered to have come.
    reading: bool,
    /// What came last while somebody was reading.
    came: Option<At>,
    known: bool,
}

/// What is to be done about something that was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It is the next: take it.
    Take,
    /// It is known, or will be.
    Skip,
    /// Something before it is missing, which will be read.
    Gap,
}

impl Places {
    /// Follows a topic from now on. Whether that is new.
    pub(super) fn follow(&self, topic: &TopicName) -> bool {
        let mut state = self.lock();
        if state.places.contains_key(topic) {
            return false;
        }
        state.places.insert(topic.clone(), Place::default());
        // Dropped and wanted again before the feed was told: it brings the topic still, and it is read anew.
        state.dropped.remove(topic);
        state.unfollowed.insert(topic.clone());
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Follows it no longer.
    pub(super) fn unfollow(&self, topic: &TopicName) {
        let mut state = self.lock();
        if state.places.remove(topic).is_some() {
            state.unread.remove(topic);
            state.unfollowed.remove(topic);
            state.dropped.insert(topic.clone());
        }
    }

    /// Those that the feed need not bring any longer.
    pub(super) fn take_dropped(&self) -> Vec<TopicName> {
        std::mem::take(&mut self.lock().dropped)
            .into_iter()
            .collect()
    }

    /// Those that the feed has to be told of.
    pub(super) fn take_unfollowed(&self) -> Vec<TopicName> {
        std::mem::take(&mut self.lock().unfollowed)
            .into_iter()
            .collect()
    }

    /// A new feed: it has to be told of all, and nobody knows what was missed.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        let all: BTreeSet<_> = state.places.keys().cloned().collect();
        for place in state.places.values_mut() {
            place.reading = false;
        }
        state.unread.clear();
        state.dropped.clear();
        state.unfollowed = all;
    }

    /// The feed brings these: what was logged before has to be read.
    pub(super) fn followed(&self, topics: &[TopicName]) {
        let mut state = self.lock();
        for topic in topics {
            if state.places.contains_key(topic) {
                state.unread.insert(topic.clone());
            }
        }
    }

    /// The next one to read, and from where.
    pub(super) fn next_unread(&self) -> Option<(TopicName, Option<At>)> {
        let mut state = self.lock();
        loop {
            let topic = state.unread.pop_first()?;
            if let Some(place) = state.places.get_mut(&topic)
                && !place.reading
            {
                place.reading = true;
                place.came = None;
                let at = place.at;
                return Some((topic, at));
            }
        }
    }

    /// It was read up to here, or could not be read.
    pub(super) fn read(&self, topic: &TopicName, at: Option<At>) {
        let mut state = self.lock();
        let Some(place) = state.places.get_mut(topic) else {
            return;
        };
        place.reading = false;
        place.at = at.or(place.at);
        place.known |= at.is_some();
        let missed = match (place.came.take(), place.at) {
            (Some(came), Some(at)) => !came.is_in_log_of(at) || came.sequence > at.sequence,
            (came, _) => came.is_some(),
        };
        let behind = at.is_none() || missed;
        if behind {
            state.unread.insert(topic.clone());
        }
        drop(state);
        self.known.notify_waiters();
    }

    /// Something was logged.
    pub(super) fn step(&self, topic: &TopicName, logged: At) -> Step {
        let mut state = self.lock();
        let Some(place) = state.places.get_mut(topic) else {
            return Step::Skip;
        };
        if place.reading {
            place.came = Some(logged);
            return Step::Skip;
        }
        match place.at {
            Some(at) if at.is_in_log_of(logged) && logged.sequence <= at.sequence => Step::Skip,
            Some(at) if at.is_in_log_of(logged) && logged.sequence == at.sequence + 1 => {
                place.at = Some(logged);
                Step::Take
            }
            _ => {
                state.unread.insert(topic.clone());
                Step::Gap
            }
        }
    }

    /// Where the log of a topic was read to, if nobody is reading on.
    pub(super) fn at(&self, topic: &TopicName) -> Option<At> {
        let state = self.lock();
        let place = state.places.get(topic)?;
        place
            .at
            .filter(|_| !place.reading && !state.unread.contains(topic))
    }

    /// Reads this one again from where it is.
    pub(super) fn doubt(&self, topic: &TopicName) {
        let mut state = self.lock();
        if state.places.contains_key(topic) {
            state.unread.insert(topic.clone());
            drop(state);
            self.changed.notify_one();
        }
    }

    /// What was read is not there any longer: reads everybody, unless somebody is about to.
    pub(super) fn restart(&self, topic: &TopicName) {
        let mut state = self.lock();
        let Some(place) = state.places.get_mut(topic) else {
            return;
        };
        if place.reading || place.at.is_none() {
            return;
        }
        place.at = None;
        place.known = false;
        if !state.unfollowed.contains(topic) {
            state.unread.insert(topic.clone());
            drop(state);
            self.changed.notify_one();
        }
    }

    pub(super) fn is_known(&self, topic: &TopicName) -> bool {
        self.lock().places.get(topic).is_some_and(|it| it.known)
    }

    /// Waits until the log of a topic was read once.
    pub(super) async fn known(&self, topic: &TopicName) {
        loop {
            let known = self.known.notified();
            if self.is_known(topic) {
                return;
            }
            known.await;
        }
    }

    /// Some topics after this one, by name, and from the beginning again.
    pub(super) fn some_after(&self, topic: Option<&TopicName>, most: usize) -> Vec<TopicName> {
        let state = self.lock();
        let after = |topic: &TopicName| {
            let bounds = (
                std::ops::Bound::Excluded(topic.clone()),
                std::ops::Bound::Unbounded,
            );
            let some = state.places.range(bounds).take(most);
            some.map(|it| it.0.clone()).collect::<Vec<_>>()
        };
        let some = topic.map(after).unwrap_or_default();
        if some.is_empty() {
            return state.places.keys().take(most).cloned().collect();
        }
        some
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds the places")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u64) -> At {
        At { epoch: 7, sequence }
    }

    #[test]
    fn what_comes_while_somebody_reads_is_not_lost() {
        let (places, topic) = (Places::default(), TopicName::parse("dots").expect("a name"));
        assert_eq!(places.step(&topic, at(1)), Step::Skip, "it is not followed");
        assert!(places.follow(&topic));
        assert!(!places.follow(&topic));
        assert_eq!(places.take_unfollowed(), std::slice::from_ref(&topic));
        places.followed(std::slice::from_ref(&topic));
        assert_eq!(places.next_unread(), Some((topic.clone(), None)));
        assert_eq!(places.step(&topic, at(5)), Step::Skip);
        assert!(!places.is_known(&topic));
        // Read before the fifth was logged: it is read on.
        places.read(&topic, Some(at(4)));
        assert!(places.is_known(&topic));
        assert_eq!(places.next_unread(), Some((topic.clone(), Some(at(4)))));
        places.read(&topic, Some(at(5)));
        assert_eq!(places.next_unread(), None);
        assert_eq!(places.step(&topic, at(5)), Step::Skip);
        assert_eq!(places.step(&topic, at(6)), Step::Take);
        assert_eq!(places.step(&topic, at(8)), Step::Gap);
        assert_eq!(places.next_unread(), Some((topic.clone(), Some(at(6)))));
        // What could not be read is read again.
        places.read(&topic, None);
        assert_eq!(places.next_unread(), Some((topic.clone(), Some(at(6)))));
        places.read(
            &topic,
            Some(At {
                epoch: 8,
                sequence: 1,
            }),
        );
        assert_eq!(places.step(&topic, at(9)), Step::Gap, "another epoch");
    }

    #[test]
    fn a_new_feed_is_told_of_all_and_everything_is_read_on() {
        let places = Places::default();
        let topics = ["a", "b", "c"].map(|it| TopicName::parse(it).expect("a name"));
        for topic in &topics {
            places.follow(topic);
        }
        places.take_unfollowed();
        places.followed(&topics);
        while let Some((topic, _)) = places.next_unread() {
            places.read(&topic, Some(at(1)));
        }
        places.begin();
        assert_eq!(places.take_unfollowed(), topics);
        assert_eq!(
            places.next_unread(),
            None,
            "not before the feed brings them"
        );
        places.followed(&topics[..1]);
        assert_eq!(places.next_unread(), Some((topics[0].clone(), Some(at(1)))));
        assert_eq!(places.some_after(None, 2), topics[..2]);
        assert_eq!(places.some_after(Some(&topics[1]), 2), topics[2..]);
        assert_eq!(places.some_after(Some(&topics[2]), 2), topics[..2]);
    }
}
