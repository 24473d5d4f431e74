//! Whether a node has the engine, and hears others through it.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

/// When things went well last.
#[derive(Debug)]
pub(super) struct Health(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The engine answered.
    answered: Instant,
    /// The engine did not answer.
    missed: Option<Instant>,
    /// How often it did not.
    losses: u64,
    /// The node heard itself.
    heard: Instant,
    stale: bool,
}

impl Health {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self(Mutex::new(State {
            answered: now,
            missed: None,
            losses: 0,
            heard: now,
            stale: false,
        }))
    }

    pub(super) fn answered(&self) {
        self.lock().answered = Instant::now();
    }

    pub(super) fn missed(&self) {
        let mut state = self.lock();
        state.missed = Some(Instant::now());
        state.losses += 1;
    }

    /// How often the engine did not answer.
    pub(super) fn losses(&self) -> u64 {
        self.lock().losses
    }

    /// Whether the engine answered when it was asked last.
    pub(super) fn is_connected(&self) -> bool {
        let state = self.lock();
        state.missed.is_none_or(|missed| missed < state.answered)
    }

    /// For how long the node has not heard itself.
    pub(super) fn silence(&self) -> Duration {
        self.lock().heard.elapsed()
    }

    /// Whether the engine was away lately: other nodes may have yet to write what they know.
    pub(super) fn was_away(&self, lately: Duration) -> bool {
        self.lock().missed.is_some_and(|at| at.elapsed() < lately)
    }

    pub(super) fn heard(&self) {
        self.lock().heard = Instant::now();
    }

    /// For how long the node has not heard itself although the engine answered.
    pub(super) fn deaf_for(&self) -> Duration {
        let state = self.lock();
        state.answered.saturating_duration_since(state.heard)
    }

    pub(super) fn is_stale(&self) -> bool {
        self.lock().stale
    }

    /// Whether members at other nodes may have changed without anybody here knowing, if that is new.
    pub(super) fn turn(&self, limit: Duration) -> Option<bool> {
        let mut state = self.lock();
        let stale = state.answered.elapsed() > limit || state.heard.elapsed() > limit;
        let turned = stale != state.stale;
        state.stale = stale;
        turned.then_some(stale)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds this")
    }
}
