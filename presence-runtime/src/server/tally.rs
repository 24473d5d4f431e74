//! Tallies: how many there are of each, and no more than allowed.

use std::collections::HashMap;
use std::hash::Hash;

/// How many there are of each. Of whom there is none, nothing is kept.
#[derive(Debug)]
pub(super) struct Tally<K> {
    most: usize,
    counts: HashMap<K, usize>,
}

impl<K: Eq + Hash> Tally<K> {
    /// None yet, and room for so many of each.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            counts: HashMap::new(),
        }
    }

    /// Counts one more, if there is room.
    pub(super) fn add(&mut self, key: K) -> bool {
        let count = self.counts.entry(key).or_default();
        let has_room = *count < self.most;
        *count += usize::from(has_room);
        has_room
    }

    /// Counts one less.
    pub(super) fn remove(&mut self, key: &K) {
        let Some(count) = self.counts.get_mut(key) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            self.counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_of_each_and_nothing_is_kept_of_none() {
        let mut tally = Tally::new(2);
        for _ in 0..2 {
            assert!(tally.add("ann"));
        }
        assert!(!tally.add("ann"));
        assert!(tally.add("bob"));
        tally.remove(&"ann");
        assert!(tally.add("ann"));
        for _ in 0..3 {
            tally.remove(&"ann");
        }
        tally.remove(&"bob");
        assert!(tally.counts.is_empty());
    }
}
