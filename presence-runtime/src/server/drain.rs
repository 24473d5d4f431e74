//! Draining: a hub that goes, and everybody who is told to come back elsewhere or later.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Who asked whether the hub is ready within this time asks again.
#[allow(dead_code, reason = "asked by what is to come")]
const WATCHED_FOR: Duration = Duration::from_secs(60);

/// Whether a hub goes.
#[derive(Debug, Default)]
pub(super) struct Drain {
    begun: AtomicBool,
    /// When somebody asked last whether the hub is ready.
    watched: Mutex<Option<Instant>>,
}

#[allow(dead_code, reason = "begun by what is to come")]
impl Drain {
    /// Begins. Whether it had not before.
    pub(super) fn begin(&self) -> bool {
        !self.begun.swap(true, Ordering::SeqCst)
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::SeqCst)
    }

    /// Somebody asks whether the hub is ready.
    pub(super) fn watched(&self) {
        *self.watched.lock().expect("nothing panics with it") = Some(Instant::now());
    }

    /// Whether somebody who sends others here is going to ask again, and has to learn that the hub goes.
    pub(super) fn is_watched(&self) -> bool {
        let watched = *self.watched.lock().expect("nothing panics with it");
        watched.is_some_and(|at| at.elapsed() < WATCHED_FOR)
    }
}
