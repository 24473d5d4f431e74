//! Departures: who left, why, and when in the order of changes.

use std::collections::{VecDeque, vec_deque};

use super::{ConnectionId, Member};

/// Why a member left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It said so.
    Left,
    /// Its connection was lost and grace is over.
    Disconnected,
    /// Its lease is over.
    Expired,
    /// The application removed it.
    Kicked,
    /// The topic closed.
    Shutdown,
}

/// A member that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// Who left.
    pub member: Member,
    /// Why.
    pub reason: Reason,
    /// The sequence at which it had joined.
    pub joined: u64,
    /// The sequence at which it left.
    pub left: u64,
    /// Whose message did it; nothing when it was the server's doing.
    pub by: Option<ConnectionId>,
}

/// The latest departures in order. What it forgot raises the floor: who stands below the floor
/// cannot be told the difference and needs a snapshot.
#[derive(Debug, Default)]
pub(super) struct Departures {
    latest: VecDeque<Departure>,
    floor: u64,
}

impl Departures {
    /// Remembers a departure, and no more than `most` of them.
    pub(super) fn push(&mut self, departure: Departure, most: usize) {
        self.latest.push_back(departure);
        while self.latest.len() > most {
            let forgotten = self.latest.pop_front().expect("it is longer than `most`");
            self.floor = forgotten.left;
        }
    }

    /// Those who left after the sequence, in order. Complete from the floor on.
    pub(super) fn after(&self, sequence: u64) -> vec_deque::Iter<'_, Departure> {
        let start = self.latest.partition_point(|it| it.left <= sequence);
        self.latest.range(start..)
    }

    /// The sequence of the last departure forgotten.
    pub(super) const fn floor(&self) -> u64 {
        self.floor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn departure(left: u64) -> Departure {
        Departure {
            member: Member::parse("ann.g7j3dno6j6q54b34").expect("a member"),
            reason: Reason::Left,
            joined: left - 1,
            left,
            by: None,
        }
    }

    #[test]
    fn departures_are_found_by_the_sequence_of_leaving() {
        let mut departures = Departures::default();
        for left in [2, 4, 9] {
            departures.push(departure(left), 10);
        }
        let after =
            |sequence| -> Vec<u64> { departures.after(sequence).map(|it| it.left).collect() };
        assert_eq!(after(0), [2, 4, 9]);
        assert_eq!(after(2), [4, 9]);
        assert_eq!(after(3), [4, 9]);
        assert_eq!(after(9), [0; 0]);
        assert_eq!(departures.floor(), 0);
    }

    #[test]
    fn the_oldest_departure_is_forgotten_and_raises_the_floor() {
        let mut departures = Departures::default();
        for left in [2, 4, 9] {
            departures.push(departure(left), 2);
        }
        assert_eq!(departures.floor(), 2);
        assert_eq!(departures.after(0).count(), 2);
    }
}
