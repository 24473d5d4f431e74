//! Held values: what a member says faster than its topic takes. Only the newest is held, until its
//! time; the ones between never were.

use super::{Decaying, Entry, Mark};
use crate::schema::Value;
use crate::topic::{ConnectionId, Heartbeat, Rate, Time};

/// A value that has to wait.
#[derive(Debug)]
pub(super) struct Held {
    value: Value,
    /// The `n` of the message that said it.
    n: u64,
    /// When it was said: what decays in it runs from then.
    since: Time,
    by: Option<ConnectionId>,
    /// When it is taken.
    pub(super) at: Time,
}

impl Entry {
    /// Takes the value out of a heartbeat that comes too soon after others, and holds it. Whether it
    /// did.
    pub(in crate::topic) fn hold_back(
        &mut self,
        beat: &mut Heartbeat,
        n: u64,
        rate: Option<Rate>,
        now: Time,
    ) -> bool {
        let Some(value) = &beat.value else {
            return false;
        };
        // Whatever becomes of it, it is newer.
        self.held = None;
        let Some(rate) = rate.filter(|_| beat.paced && self.value != *value) else {
            return false;
        };
        let Err(at) = self.pace.take(rate, now) else {
            return false;
        };
        let held = beat.value.take().map(|value| Held {
            value,
            n,
            since: now,
            by: beat.by,
            at,
        });
        self.held = held.map(Box::new);
        true
    }

    /// Takes the value that was held, as the change `sequence`. Whether others can see a difference.
    pub(in crate::topic) fn take_held(
        &mut self,
        rate: Option<Rate>,
        sequence: u64,
        now: Time,
    ) -> bool {
        let Some(held) = self.held.take() else {
            return false;
        };
        if let Some(rate) = rate {
            self.pace.spend(1, rate, now);
        }
        let Held {
            value,
            n,
            since,
            by,
            ..
        } = *held;
        self.said.value = n;
        self.decaying = Decaying {
            fields: value.decaying(),
            since,
        };
        let differs = self.value != value;
        if differs {
            self.value = value;
            self.changed.value = Mark { sequence, by };
            self.updated_at = now;
        }
        differs
    }
}
