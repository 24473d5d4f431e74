//! Alarms: when something wants to be woken, such as a topic for its tick or for what is due in it.
//!
//! One task serves all. Alarms are rounded up to a few phases, so that many share a wakeup without
//! all of them falling on the same one.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;

use crate::topic::Time;

/// Alarms this close together ring together, in ms.
const PHASE: u64 = 5;

/// Who wants to be woken, by phase.
#[derive(Debug)]
pub(super) struct Alarms<K> {
    phases: Mutex<BTreeMap<u64, Vec<K>>>,
    earlier: Notify,
}

impl<K> Default for Alarms<K> {
    fn default() -> Self {
        Self {
            phases: Mutex::default(),
            earlier: Notify::new(),
        }
    }
}

impl<K> Alarms<K> {
    /// Rings at this time or up to a phase later.
    pub(super) fn set(&self, at: Time, who: K) {
        let phase = at.as_millis().div_ceil(PHASE) * PHASE;
        let mut phases = self.lock();
        let first = phases
            .first_key_value()
            .is_none_or(|(first, _)| phase < *first);
        phases.entry(phase).or_default().push(who);
        drop(phases);
        if first {
            self.earlier.notify_one();
        }
    }

    /// Those whose time has come.
    pub(super) fn due(&self, now: Time) -> Vec<K> {
        let mut phases = self.lock();
        let later = phases.split_off(&(now.as_millis() + 1));
        let due = std::mem::replace(&mut *phases, later);
        due.into_values().flatten().collect()
    }

    /// Waits until the next alarm may be due, or until an earlier one is set.
    pub(super) async fn wait(&self, now: Time) {
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

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Vec<K>>> {
        self.phases
            .lock()
            .expect("nothing panics while it holds the alarms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn alarms_ring_in_phases_and_never_early() {
        let alarms = Alarms::default();
        for (time, who) in [(12, "b"), (15, "c"), (10, "a"), (16, "d")] {
            alarms.set(at(time), who);
        }
        assert_eq!(alarms.due(at(9)), Vec::<&str>::new());
        assert_eq!(alarms.due(at(14)), ["a"]);
        assert_eq!(alarms.due(at(15)), ["b", "c"]);
        assert_eq!(alarms.due(at(100)), ["d"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_alarm_shortens_the_wait() {
        let alarms = Alarms::default();
        alarms.set(at(60_000), "late");
        // The first alarm is an earlier one than none.
        alarms.wait(at(0)).await;
        let began = tokio::time::Instant::now();
        let waiting = alarms.wait(at(0));
        let earlier = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            alarms.set(at(500), "soon");
        };
        tokio::join!(waiting, earlier);
        assert_eq!(began.elapsed().as_millis(), 100);
        alarms.wait(at(100)).await;
        assert_eq!(began.elapsed().as_millis(), 500);
    }
}
