//! What a topic remembers for a while about sessions that are not present: the last `n` of those
//! who left, and who is refused. Bounded; the oldest is forgotten first.

use std::collections::{HashMap, VecDeque};

use super::{SessionId, Time};

/// A thing remembered of each of some sessions, each until its time.
///
/// Everything is remembered equally long, so the order of remembering is the order of forgetting.
#[derive(Debug)]
pub(super) struct Remembered<T> {
    things: HashMap<SessionId, (T, Time)>,
    /// Every thing stands here with its time; what stands here with another time is long replaced.
    order: VecDeque<(Time, SessionId)>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self {
            things: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<T: Copy> Remembered<T> {
    /// Remembers a thing until a time, and of no more than `most` sessions.
    pub(super) fn insert(&mut self, session: SessionId, thing: T, until: Time, most: usize) {
        self.things.insert(session, (thing, until));
        self.order.push_back((until, session));
        while self.things.len() > most {
            let (until, session) = self.order.pop_front().expect("every thing stands in order");
            self.forget(session, until);
        }
        self.tidy();
    }

    /// What is remembered of a session, and until when.
    pub(super) fn get(&self, session: SessionId) -> Option<(T, Time)> {
        self.things.get(&session).copied()
    }

    /// Remembers it no longer.
    pub(super) fn remove(&mut self, session: SessionId) {
        self.things.remove(&session);
        self.tidy();
    }

    /// Forgets what need not be remembered any longer.
    pub(super) fn advance(&mut self, now: Time) {
        while let Some((until, session)) = self.order.pop_front_if(|(until, _)| *until <= now) {
            self.forget(session, until);
        }
    }

    /// When something may be forgotten; never later than that.
    pub(super) fn next(&self) -> Option<Time> {
        self.order.front().map(|(until, _)| *until)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    fn forget(&mut self, session: SessionId, until: Time) {
        if self.get(session).is_some_and(|(_, it)| it == until) {
            self.things.remove(&session);
        }
    }

    /// Keeps the order within a multiple of the things, whoever comes and goes.
    fn tidy(&mut self) {
        if self.order.len() <= 2 * self.things.len() + 16 {
            return;
        }
        let things = &self.things;
        self.order
            .retain(|(until, session)| things.get(session).is_some_and(|(_, it)| it == until));
    }
}
