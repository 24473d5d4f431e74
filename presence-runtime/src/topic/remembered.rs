//! What a topic remembers for a while about sessions and users that are not present: the last `n` of
//! those who left, and who is refused. Bounded; the oldest is forgotten first.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::Time;

/// What is remembered of somebody who left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fence {
    /// The last `n` heard of its session.
    pub(super) n: u64,
    /// Whether it said itself that it leaves.
    pub(super) said: bool,
}

/// A thing remembered of each of some sessions or users, each until its time.
///
/// Everything is remembered equally long, so the order of remembering is the order of forgetting.
#[derive(Debug)]
pub(super) struct Remembered<K, T> {
    things: HashMap<K, Thing<T>>,
    /// Every thing stands here once; whatever else does was replaced or removed.
    order: VecDeque<Place<K>>,
    inserted: u64,
}

#[derive(Debug)]
struct Thing<T> {
    thing: T,
    until: Time,
    serial: u64,
}

#[derive(Debug)]
struct Place<K> {
    until: Time,
    serial: u64,
    key: K,
}

impl<K, T> Default for Remembered<K, T> {
    fn default() -> Self {
        Self {
            things: HashMap::new(),
            order: VecDeque::new(),
            inserted: 0,
        }
    }
}

impl<K: Clone + Eq + Hash, T: Copy> Remembered<K, T> {
    /// Remembers a thing until a time, and of no more than `most` of them.
    pub(super) fn insert(&mut self, key: K, thing: T, until: Time, most: usize) {
        self.inserted += 1;
        let serial = self.inserted;
        self.things.insert(
            key.clone(),
            Thing {
                thing,
                until,
                serial,
            },
        );
        self.order.push_back(Place { until, serial, key });
        while self.things.len() > most {
            let oldest = self.order.pop_front().expect("every thing has a place");
            self.forget(&oldest);
        }
        self.tidy();
    }

    /// What is remembered of somebody, and until when.
    pub(super) fn get(&self, key: &K) -> Option<(T, Time)> {
        let it = self.things.get(key)?;
        Some((it.thing, it.until))
    }

    /// Remembers it no longer.
    pub(super) fn remove(&mut self, key: &K) {
        self.things.remove(key);
        self.tidy();
    }

    /// Forgets what need not be remembered any longer.
    pub(super) fn advance(&mut self, now: Time) {
        while let Some(oldest) = self.order.pop_front_if(|place| place.until <= now) {
            self.forget(&oldest);
        }
    }

    /// When something may be forgotten; never later than that.
    pub(super) fn next(&self) -> Option<Time> {
        self.order.front().map(|place| place.until)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    fn stands(&self, place: &Place<K>) -> bool {
        let thing = self.things.get(&place.key);
        thing.is_some_and(|it| it.serial == place.serial)
    }

    fn forget(&mut self, place: &Place<K>) {
        if self.stands(place) {
            self.things.remove(&place.key);
        }
    }

    /// Keeps the places within a multiple of the things, however often they come and go.
    fn tidy(&mut self) {
        if self.order.len() <= 2 * self.things.len() + 16 {
            return;
        }
        let mut order = std::mem::take(&mut self.order);
        order.retain(|place| self.stands(place));
        self.order = order;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::tests::{secs, session};

    #[test]
    fn things_are_forgotten_at_their_time_and_not_before() {
        let mut remembered = Remembered::default();
        let id = session(1).id;
        remembered.insert(id, 5, secs(40), 10);
        assert_eq!(remembered.next(), Some(secs(40)));
        remembered.advance(Time::from_millis(39_999));
        assert_eq!(remembered.get(&id), Some((5, secs(40))));
        remembered.advance(secs(40));
        assert_eq!(remembered.get(&id), None);
        assert!(remembered.is_empty());
        assert_eq!(remembered.next(), None);
    }

    #[test]
    fn a_thing_said_again_stays_for_its_new_time() {
        let mut remembered = Remembered::default();
        let id = session(1).id;
        remembered.insert(id, 5, secs(40), 10);
        remembered.insert(id, 6, secs(45), 10);
        remembered.advance(secs(40));
        assert_eq!(remembered.get(&id), Some((6, secs(45))));
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut remembered = Remembered::default();
        for number in 1..=3 {
            remembered.insert(session(number).id, number, secs(40), 2);
        }
        assert_eq!(remembered.get(&session(1).id), None);
        assert_eq!(remembered.get(&session(2).id), Some((2, secs(40))));
        assert_eq!(remembered.get(&session(3).id), Some((3, secs(40))));
    }

    #[test]
    fn coming_and_going_leaves_nothing_behind() {
        let mut remembered = Remembered::default();
        for round in 0..1000 {
            remembered.insert(session(1).id, round, secs(40), 10);
            remembered.insert(session(2).id, round, secs(40), 10);
            remembered.remove(&session(2).id);
        }
        assert_eq!(remembered.things.len(), 1);
        assert!(remembered.order.len() <= 18, "{}", remembered.order.len());
    }
}
