//! Lazy deadlines: a queue in which everybody stands about once.
//!
//! Renewing costs nothing here. Whoever renews stores the later time on its own side and leaves
//! the queue alone; when its old place comes up, the owner of the queue finds that it is not due
//! yet and puts it back at its real time. A thing due earlier than its place is pushed again, and
//! the owner recognizes the old place by its time.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::Time;

/// Keys in order of their times; at the same time, first in, first out.
#[derive(Debug)]
pub struct Deadlines<K> {
    heap: BinaryHeap<Reverse<Place<K>>>,
    pushed: u64,
}

#[derive(Debug)]
struct Place<K> {
    time: Time,
    arrival: u64,
    key: K,
}

impl<K> Deadlines<K> {
    /// An empty queue.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            pushed: 0,
        }
    }

    /// Lets the key come up at the time, also when it stands somewhere else already.
    pub fn push(&mut self, time: Time, key: K) {
        self.heap.push(Reverse(Place {
            time,
            arrival: self.pushed,
            key,
        }));
        self.pushed += 1;
    }

    /// Takes the first key whose time is `now` or before, with its time.
    pub fn pop_due(&mut self, now: Time) -> Option<(Time, K)> {
        if self.next()? > now {
            return None;
        }
        let Reverse(place) = self.heap.pop()?;
        Some((place.time, place.key))
    }

    /// The first time.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse(place)| place.time)
    }

    /// How many places there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is queued.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> Place<K> {
    const fn rank(&self) -> (Time, u64) {
        (self.time, self.arrival)
    }
}

impl<K> PartialEq for Place<K> {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl<K> Eq for Place<K> {}

impl<K> PartialOrd for Place<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Place<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn keys_come_up_in_the_order_of_their_times() {
        let mut deadlines = Deadlines::new();
        for (time, key) in [(30, 'c'), (10, 'a'), (20, 'b')] {
            deadlines.push(at(time), key);
        }
        assert_eq!(deadlines.next(), Some(at(10)));
        assert_eq!(deadlines.pop_due(at(20)), Some((at(10), 'a')));
        assert_eq!(deadlines.pop_due(at(20)), Some((at(20), 'b')));
        assert_eq!(deadlines.pop_due(at(20)), None);
        assert_eq!(deadlines.len(), 1);
    }

    #[test]
    fn nothing_comes_up_early() {
        let mut deadlines = Deadlines::new();
        deadlines.push(at(10), ());
        assert_eq!(deadlines.pop_due(at(9)), None);
        assert_eq!(deadlines.pop_due(at(10)), Some((at(10), ())));
        assert!(deadlines.is_empty());
    }

    #[test]
    fn at_the_same_time_the_first_in_is_the_first_out() {
        let mut deadlines = Deadlines::new();
        for key in 0..100 {
            deadlines.push(at(5), key);
        }
        let keys: Vec<i32> = std::iter::from_fn(|| deadlines.pop_due(at(5)))
            .map(|(_, key)| key)
            .collect();
        assert_eq!(keys, (0..100).collect::<Vec<_>>());
    }
}
