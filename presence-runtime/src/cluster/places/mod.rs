//! Places: how far a node has read the logs of the topics it follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;

use super::At;
use crate::mistake::{Mistake, is_made};
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
    /// How many readings were begun.
    begun: u64,
}

/// How far a log was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    at: Option<At>,
    /// The reading that is under way; what the feed brings meanwhile is only remembered to have come.
    reading: Option<u64>,
    /// What came last while somebody was reading.
    came: Option<At>,
    /// There was reason to read while somebody was at it, who may have read before that.
    again: bool,
    known: bool,
}

/// Somebody reads a log. A topic may be dropped and followed anew meanwhile, and be read by somebody else:
/// what was read is of no use then, because what others have read since may be newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// Whose log.
    pub(super) topic: TopicName,
    /// From where on.
    pub(super) from: Option<At>,
    number: u64,
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
            (place.reading, place.again) = (None, false);
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
    pub(super) fn next_unread(&self) -> Option<Reading> {
        let mut state = self.lock();
        loop {
            let topic = state.unread.pop_first()?;
            let number = state.begun + 1;
            let Some(place) = state.places.get_mut(&topic) else {
                continue;
            };
            if place.reading.is_some() {
                place.again = true;
                continue;
            }
            place.reading = Some(number);
            place.came = None;
            let from = place.at;
            state.begun = number;
            return Some(Reading {
                topic,
                from,
                number,
            });
        }
    }

    /// Whether the topic is followed still as it was when this reading began.
    pub(super) fn is_current(&self, reading: &Reading) -> bool {
        let state = self.lock();
        let place = state.places.get(&reading.topic);
        place.is_some_and(|it| it.reading == Some(reading.number))
    }

    /// It was read up to here, or could not be read. Nothing where it is not followed as it was. Whether it
    /// is.
    pub(super) fn read(&self, reading: &Reading, at: Option<At>) -> bool {
        let topic = &reading.topic;
        let mut state = self.lock();
        let place = state.places.get_mut(topic);
        let Some(place) = place.filter(|it| it.reading == Some(reading.number)) else {
            return false;
        };
        place.reading = None;
        place.at = at.or(place.at);
        place.known |= at.is_some();
        let missed = match (place.came.take(), place.at) {
            (Some(came), Some(at)) => !came.is_in_log_of(at) || came.sequence > at.sequence,
            (came, _) => came.is_some(),
        };
        let again = std::mem::take(&mut place.again);
        let behind = at.is_none() || missed || again;
        if behind {
            state.unread.insert(topic.clone());
        }
        drop(state);
        self.known.notify_waiters();
        true
    }

    /// Something was logged.
    pub(super) fn step(&self, topic: &TopicName, logged: At) -> Step {
        let mut state = self.lock();
        let Some(place) = state.places.get_mut(topic) else {
            return Step::Skip;
        };
        if place.reading.is_some() {
            place.came = Some(logged);
            return Step::Skip;
        }
        match place.at {
            Some(at) if at.is_in_log_of(logged) && logged.sequence <= at.sequence => Step::Skip,
            Some(at)
                if at.is_in_log_of(logged)
                    && (logged.sequence == at.sequence + 1 || is_made(Mistake::Gap)) =>
            {
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
            .filter(|_| place.reading.is_none() && !state.unread.contains(topic))
    }

    /// Reads this one again from where it is, also when somebody is reading: they may have read before.
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
        if place.reading.is_some() || place.at.is_none() {
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

    /// Whether a topic is followed.
    pub(super) fn is_followed(&self, topic: &TopicName) -> bool {
        self.lock().places.contains_key(topic)
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

    /// How many topics are followed, and how many of them have to be read.
    pub(super) fn count(&self) -> (usize, usize) {
        let state = self.lock();
        (
            state.places.len(),
            state.unread.len() + state.unfollowed.len(),
        )
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
mod tests;
