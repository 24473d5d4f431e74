//! What goes wrong between a node and the memory, where a test wants it to.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a node reaches the memory.
#[derive(Debug, Default)]
pub(super) struct Line {
    faults: Mutex<Faults>,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Every call is in vain.
    pub(super) failing: bool,
    /// Feeds hear nothing and do not notice.
    pub(super) deaf: bool,
    /// How many messages more no feed hears.
    pub(super) dropping: usize,
    /// How long each call takes.
    pub(super) slow: Duration,
}

impl Line {
    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a message is lost on its way.
    pub(super) fn loses(&self) -> bool {
        let mut faults = self.faults();
        let dropped = faults.dropping > 0;
        faults.dropping = faults.dropping.saturating_sub(1);
        dropped || faults.deaf
    }
}
