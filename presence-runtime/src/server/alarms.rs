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
/// The most room that is kept for the next phase.
const MOST_SPARE: usize = 1024;

/// Who wants to be woken, by phase.
#[derive(Debug)]
pub(super) struct Alarms<K> {
    set: Mutex<Set<K>>,
    earlier: Notify,
}

#[derive(Debug)]
struct Set<K> {
    phases: BTreeMap<u64, Vec<K>>,
    /// What a phase that is over has left, for the next one: many are as large as the ones before.
    spare: Vec<K>,
}

impl<K> Default for Alarms<K> {
    fn default() -> Self {
        Self {
            set: Mutex::new(Set {
                phases: BTreeMap::new(),
                spare: Vec::new(),
            }),
            earlier: Notify::new(),
        }
    }
}

impl<K> Alarms<K> {
    /// Rings at this time or up to a phase later.
    pub(super) fn set(&self, at: Time, who: K) {
        let phase = at.as_millis().div_ceil(PHASE) * PHASE;
        let mut set = self.lock();
        let Set { phases, spare } = &mut *set;
        let first = phases
            .first_key_value()
            .is_none_or(|(first, _)| phase < *first);
        let who_else = phases.entry(phase);
        who_else.or_insert_with(|| std::mem::take(spare)).push(who);
        drop(set);
        if first {
            self.earlier.notify_one();
        }
    }

    /// Those whose time has come, earliest first, a phase at a time, and how long ago it came.
    pub(super) fn due(&self, now: Time) -> Option<(Duration, Vec<K>)> {
        let mut set = self.lock();
        let first = set.phases.first_entry()?;
        let ago = now.as_millis().checked_sub(*first.key())?;
        Some((Duration::from_millis(ago), first.remove()))
    }

    /// Takes back what held a phase that is over.
    pub(super) fn reuse(&self, mut phase: Vec<K>) {
        phase.clear();
        let mut set = self.lock();
        if phase.capacity() > set.spare.capacity() && phase.capacity() <= MOST_SPARE {
            set.spare = phase;
        }
    }

    /// Waits until the next alarm may be due, or until an earlier one is set.
    pub(super) async fn wait(&self, now: Time) {
        let next = self.lock().phases.first_key_value().map(|it| *it.0);
        let earlier = self.earlier.notified();
        match next {
            None => earlier.await,
            Some(phase) => {
                let pause = Duration::from_millis(phase.saturating_sub(now.as_millis()));
                let _ = tokio::time::timeout(pause, earlier).await;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Set<K>> {
        self.set
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
        assert_eq!(alarms.due(at(9)), None);
        let due = |time| {
            alarms
                .due(at(time))
                .map(|(lag, due)| (lag.as_millis(), due))
        };
        assert_eq!(due(14), Some((4, vec!["a"])));
        assert_eq!(due(14), None);
        assert_eq!(due(100), Some((85, vec!["b", "c"])));
        assert_eq!(due(100), Some((80, vec!["d"])));
        assert_eq!(due(100), None);
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
