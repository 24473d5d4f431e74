//! Alarms: when a live topic wants to be woken, for its tick or for what is due in it.
//!
//! One task serves all topics. Alarms are rounded up to a few phases, so that many topics share a
//! wakeup without all of them falling on the same one.

use std::collections::BTreeMap;
use std::sync::{Mutex, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::live::Live;
use crate::topic::Time;

/// Alarms this close together ring together, in ms.
const PHASE: u64 = 5;

/// The alarms of a hub.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    set: Mutex<BTreeMap<u64, Vec<Weak<Live>>>>,
    earlier: Notify,
}

impl Alarms {
    /// Rings for the topic at this time or up to a phase later.
    pub(crate) fn set(&self, at: Time, live: Weak<Live>) {
        let phase = at.as_millis().div_ceil(PHASE) * PHASE;
        let mut set = self.lock();
        let first = set
            .first_key_value()
            .is_none_or(|(first, _)| phase < *first);
        set.entry(phase).or_default().push(live);
        drop(set);
        if first {
            self.earlier.notify_one();
        }
    }

    /// The topics whose time has come.
    pub(crate) fn due(&self, now: Time) -> Vec<Weak<Live>> {
        let mut set = self.lock();
        let later = set.split_off(&(now.as_millis() + 1));
        std::mem::replace(&mut *set, later)
            .into_values()
            .flatten()
            .collect()
    }

    /// Waits until the next alarm may be due, or until an earlier one is set.
    pub(crate) async fn wait(&self, now: Time) {
        let next = self.lock().first_key_value().map(|(phase, _)| *phase);
        let earlier = self.earlier.notified();
        match next {
            None => earlier.await,
            Some(phase) => {
                let pause = Duration::from_millis(phase.saturating_sub(now.as_millis()));
                let _ = tokio::time::timeout(pause, earlier).await;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Vec<Weak<Live>>>> {
        self.set
            .lock()
            .expect("nothing panics while it holds the alarms")
    }
}
