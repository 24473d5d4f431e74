//! What has arrived since the measurement began.

use std::time::Instant;

use crate::histogram::Histogram;
use crate::plan::{Member, Plan};

#[derive(Debug)]
pub(crate) struct Tally {
    /// States that arrived at another member.
    pub delivered: u64,
    /// States that should have.
    pub due: u64,
    pub messages: u64,
    pub bytes: u64,
    pub sent: u64,
    /// Updates not even sent, because earlier ones still wait for the socket.
    pub skipped: u64,
    /// From sending to receipt, in the rooms.
    pub rooms: Histogram,
    /// The same in the room of `--crowd`.
    pub crowd: Histogram,
    /// How old what a reader knew of a sender had become when news arrived, seen by the first reader of the last room.
    pub age: Histogram,
    witness: Option<Witness>,
    pub seen: Option<Seen>,
}

#[derive(Debug)]
struct Witness {
    id: u32,
    newest: Vec<u64>,
}

/// Who has seen whom.
#[derive(Debug)]
pub(crate) struct Seen {
    members: usize,
    bits: Vec<u64>,
    pub pairs: u64,
    /// When somebody last saw somebody for the first time.
    pub last: Instant,
}

impl Tally {
    pub(crate) fn new(plan: &Plan) -> Self {
        let last = plan.members.iter().map(|it| it.room).max();
        let mut readers = plan.members.iter().filter(|it| !it.stalled);
        let witness = readers.find(|it| Some(it.room) == last);
        Self {
            delivered: 0,
            due: 0,
            messages: 0,
            bytes: 0,
            sent: 0,
            skipped: 0,
            rooms: Histogram::new(),
            crowd: Histogram::new(),
            age: Histogram::new(),
            witness: witness.map(|it| Witness {
                id: it.id,
                newest: vec![0; plan.members.len()],
            }),
            seen: None,
        }
    }

    /// Counts who sees whom, too.
    pub(crate) fn with_pairs(plan: &Plan) -> Self {
        let members = plan.members.len();
        let seen = Seen {
            members,
            bits: vec![0; (members * members).div_ceil(64)],
            pairs: 0,
            last: Instant::now(),
        };
        Self {
            seen: Some(seen),
            ..Self::new(plan)
        }
    }

    /// A state of `from`, sent at `at`, has come to `to`.
    pub(crate) fn deliver(&mut self, to: &Member, from: u32, at: u64, now: u64) {
        if from == to.id {
            return;
        }
        self.delivered += 1;
        let late = now.saturating_sub(at);
        if to.crowd {
            &mut self.crowd
        } else {
            &mut self.rooms
        }
        .record(late);
        if let Some(witness) = &mut self.witness
            && witness.id == to.id
            && let Some(newest) = witness.newest.get_mut(from as usize)
            && at > *newest
        {
            if *newest > 0 {
                self.age.record(now - *newest);
            }
            *newest = at;
        }
        if let Some(seen) = &mut self.seen {
            seen.enter(to.id, from);
        }
    }
}

impl Seen {
    fn enter(&mut self, who: u32, whom: u32) {
        let bit = who as usize * self.members + whom as usize;
        let Some(word) = self.bits.get_mut(bit / 64) else {
            return;
        };
        let mask = 1 << (bit % 64);
        if *word & mask == 0 {
            *word |= mask;
            self.pairs += 1;
            self.last = Instant::now();
        }
    }
}
