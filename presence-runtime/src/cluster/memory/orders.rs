//! What was ordered, for a while.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::super::{At, MAX_ORDERS, ORDERS_FOR, Ordered};

/// The orders of a memory.
#[derive(Debug)]
pub(super) struct Orders {
    end: At,
    /// The latest, in their order.
    kept: VecDeque<Kept>,
}

/// An order, with its age when it came.
#[derive(Debug)]
struct Kept {
    what: Bytes,
    then: Duration,
    came: Instant,
}

impl Kept {
    fn age(&self, now: Instant) -> Duration {
        self.then + (now - self.came)
    }
}

impl Orders {
    pub(super) const fn new(epoch: u64) -> Self {
        Self {
            end: At { epoch, sequence: 0 },
            kept: VecDeque::new(),
        }
    }

    pub(super) fn add(&mut self, what: Bytes, then: Duration, came: Instant) {
        while self
            .kept
            .front()
            .is_some_and(|it| it.age(came) > ORDERS_FOR)
        {
            self.kept.pop_front();
        }
        if self.kept.len() == MAX_ORDERS {
            self.kept.pop_front();
        }
        self.end.sequence += 1;
        self.kept.push_back(Kept { what, then, came });
    }

    /// Whether anything of it is remembered.
    pub(super) fn is_kept(&self, now: Instant) -> bool {
        let last = self.kept.back();
        last.is_some_and(|it| now - it.came < ORDERS_FOR)
    }

    pub(super) fn after(&self, place: Option<At>, most: usize, now: Instant) -> Vec<Ordered> {
        let first = self.end.sequence + 1 - self.kept.len() as u64;
        let place = place.filter(|it| it.is_in_log_of(self.end));
        let place = place.filter(|it| it.sequence <= self.end.sequence);
        let orders = (first..).zip(&self.kept);
        let later = orders.filter(|(it, _)| place.is_none_or(|place| *it > place.sequence));
        let told = later.map(|(sequence, kept)| Ordered {
            at: At {
                sequence,
                ..self.end
            },
            age: kept.age(now),
            what: kept.what.clone(),
        });
        told.take(most).collect()
    }
}
