//! Flushes: what brings subscribers the parts they lack, and tells watchers that there is something.

use std::time::{Duration, Instant};

use super::{Live, MAX_TICK, State, Tick};
use crate::mistake::{Mistake, is_made};
use crate::server::round::Round;
use crate::server::shared::Shared;
use crate::topic::Time;

impl Live {
    pub(super) fn set_late_alarm(&self, state: &mut State, shared: &Shared, now: Time) {
        if state.late_alarm.is_none() {
            let soon = now + Duration::from_millis(1);
            state.late_alarm = Some(soon);
            shared.alarms.set(soon, self.name.clone());
        }
    }

    /// Brings those who were passed by what they lack, outside the tick.
    pub(super) fn flush_late(&self, shared: &Shared) {
        let mut state = self.lock();
        if state.tick == Tick::Flushing {
            return self.set_late_alarm(&mut state, shared, shared.now());
        }
        state.tick = Tick::Flushing;
        drop(state);
        self.write_parts(shared, true);
        let mut state = self.lock();
        state.tick = Tick::Quiet;
        if state.dirty {
            self.schedule(&mut state, shared);
        }
    }

    /// Brings everybody who can take it what they lack, part by part. The caller has made sure
    /// that nobody else is flushing.
    pub(super) fn flush(&self, shared: &Shared) {
        let began = shared.now();
        let timer = Instant::now();
        self.write_parts(shared, false);
        shared.meter.flushes.took(timer.elapsed());
        let took = shared.now().saturating_since(began);
        let mut state = self.lock();
        let began = if is_made(Mistake::G11) {
            began + Duration::from_millis(300)
        } else {
            began
        };
        state.next_flush = began + (2 * took).clamp(self.registered.settings.throttle, MAX_TICK);
        state.tick = Tick::Quiet;
        if state.dirty {
            self.schedule(&mut state, shared);
        }
        let bells = state.bells();
        drop(state);
        for bell in bells {
            bell.ring();
        }
    }

    fn write_parts(&self, shared: &Shared, late: bool) {
        let mut round = Round::default();
        loop {
            self.gather(shared, &mut round, late);
            round.write(&self.meter);
            if !round.more {
                break;
            }
        }
    }

    /// Takes one part for each subscriber who lacks something and can be written to; `late`, for
    /// those only who were passed by.
    fn gather(&self, shared: &Shared, round: &mut Round, late: bool) {
        let mut state = self.lock();
        let now = shared.now();
        if !late {
            state.dirty = false;
        }
        let State {
            topic, subscribers, ..
        } = &mut *state;
        let subscribers = subscribers.iter_mut().map(|it| it.1);
        round.gather(topic, &self.name, subscribers, now, late);
    }
}
