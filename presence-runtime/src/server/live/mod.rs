//! Live topics: the pure core behind one lock, with its subscribers and its tick.
//!
//! Everything that happens to a topic goes through [`Live::with`], which first removes what is due
//! and afterwards sees to the tick. The first change after a quiet time is flushed at once; later
//! ones are gathered for the topic's throttle. Only the flush writes to subscribers, so what a
//! connection is told of a topic never overtakes itself.

mod ending;
mod flushing;
mod listening;
mod noticing;

pub(super) use listening::WatcherKey;
use noticing::Notice;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use slab::Slab;

use super::bell::Bell;
use super::hook::Hook;
use super::meter::OfType;
use super::shared::Shared;
use super::subscriber::{Subscriber, Watching};
use crate::schema::{Registered, TopicName};
use crate::topic::{Member, Reader, Reason, Time, Topic};

/// No tick is longer, however long a flush takes.
const MAX_TICK: Duration = Duration::from_secs(1);

/// A topic in memory.
#[derive(Debug)]
pub(crate) struct Live {
    name: TopicName,
    registered: Registered,
    /// What the application wants done about changes; nothing where it registered none.
    hooks: Option<Arc<[Hook]>>,
    meter: Arc<OfType>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    topic: Topic,
    subscribers: Slab<Subscriber>,
    /// Those who read for themselves and are only told when.
    watchers: Slab<Arc<Bell>>,
    /// Whose entry went without their doing, yet to be told.
    gone: Vec<(Member, Reason)>,
    /// Somebody is running the hooks; others leave what happened to them.
    hooking: bool,
    /// Nobody joins any more.
    closed: bool,
    /// Something happened that a subscriber may lack.
    dirty: bool,
    tick: Tick,
    /// No flush begins earlier.
    next_flush: Time,
    /// The alarm set for those who were passed by.
    late_alarm: Option<Time>,
    /// The earliest alarm set for something due.
    alarm: Option<Time>,
    /// Somebody was here, whom a reconnect may bring back to the position they had.
    used: bool,
    /// Since when nobody is here.
    idle_since: Option<Time>,
    /// The alarm set for forgetting the topic.
    linger_alarm: Option<Time>,
    /// The hub has forgotten this topic; who still holds it looks it up again.
    freed: bool,
    notice: Notice,
}

#[derive(Debug, PartialEq, Eq)]
enum Tick {
    Quiet,
    /// An alarm is set for the next flush.
    Scheduled,
    /// Somebody is flushing.
    Flushing,
}

/// Which of a topic's subscribers somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SubscriberKey(usize);

/// The topic was freed; it has to be looked up again.
#[derive(Debug)]
pub(crate) struct Freed;

impl Live {
    pub(crate) fn new(
        name: TopicName,
        registered: Registered,
        epoch: u64,
        hooks: Option<Arc<[Hook]>>,
        shared: &Shared,
    ) -> Self {
        let mut topic = Topic::new(registered.settings, registered.schema.decays(), epoch);
        topic.pace(shared.values);
        if shared.history.is_kept() {
            topic.remember();
        }
        if hooks.is_some() {
            topic.listen();
        }
        if shared.neighbours().is_some() {
            topic.publish();
        }
        let state = State {
            topic,
            subscribers: Slab::new(),
            watchers: Slab::new(),
            gone: Vec::new(),
            hooking: false,
            closed: false,
            dirty: false,
            tick: Tick::Quiet,
            next_flush: Time::from_millis(0),
            late_alarm: None,
            alarm: None,
            used: false,
            idle_since: None,
            linger_alarm: None,
            freed: false,
            notice: Notice::new(shared),
        };
        Self {
            name,
            registered,
            hooks,
            meter: shared.meter.of(&registered),
            state: Mutex::new(state),
        }
    }

    pub(crate) const fn name(&self) -> &TopicName {
        &self.name
    }

    /// The figures of its type.
    pub(in crate::server) fn meter(&self) -> &OfType {
        &self.meter
    }

    pub(crate) const fn registered(&self) -> &Registered {
        &self.registered
    }

    /// Does something to the topic, after everything that is due by now was done.
    pub(crate) fn with<R>(
        &self,
        shared: &Shared,
        act: impl FnOnce(&mut Topic, Time) -> R,
    ) -> Result<R, Freed> {
        self.locked(shared, |state, now| act(&mut state.topic, now))
    }

    /// Adds a subscriber. The next flush, which is now or within a tick, brings what it lacks.
    pub(crate) fn subscribe(
        &self,
        shared: &Shared,
        subscriber: Subscriber,
    ) -> Result<SubscriberKey, Freed> {
        self.locked(shared, |state, _| {
            state.dirty = true;
            state.used = true;
            self.meter.subscriptions.add(1);
            SubscriberKey(state.subscribers.insert(subscriber))
        })
    }

    /// Changes what a subscriber has and is told of.
    pub(crate) fn resubscribe(
        &self,
        shared: &Shared,
        key: SubscriberKey,
        watching: Watching,
        reader: Reader,
    ) -> Result<(), Freed> {
        self.locked(shared, |state, _| {
            if let Some(subscriber) = state.subscribers.get_mut(key.0) {
                subscriber.want(watching, reader);
                state.dirty = true;
            }
        })
    }

    /// Removes a subscriber. It may have been the last reason to keep the topic.
    pub(crate) fn unsubscribe(&self, shared: &Shared, key: SubscriberKey) {
        let _ = self.locked(shared, |state, _| {
            if state.subscribers.try_remove(key.0).is_some() {
                self.meter.subscriptions.remove(1);
            }
        });
    }

    /// Sees to a subscriber that was passed by, now that its outlet is free. It does not wait for
    /// the next tick: a connection with two busy topics would hear of one of them only. It waits
    /// for a moment, so that all who were passed by share what is encoded.
    pub(crate) fn catch_up(&self, shared: &Shared, key: SubscriberKey) {
        let _ = self.locked(shared, |state, now| {
            if state.subscribers.get(key.0).is_some_and(|it| it.owed) {
                self.set_late_alarm(state, shared, now);
            }
        });
    }

    /// What an alarm was set for.
    pub(crate) fn ring(&self, shared: &Shared) {
        let late = self.locked(shared, |state, now| {
            let late = state.late_alarm.is_some_and(|alarm| alarm <= now);
            if late {
                state.late_alarm = None;
            }
            if state.alarm.is_some_and(|alarm| alarm <= now) {
                state.alarm = None;
            }
            if state.linger_alarm.is_some_and(|alarm| alarm <= now) {
                state.linger_alarm = None;
            }
            if state.tick == Tick::Scheduled && state.next_flush <= now {
                state.tick = Tick::Quiet;
            }
            late
        });
        if let Ok(true) = late {
            self.flush_late(shared);
        }
    }

    /// Whether the topic can be forgotten: nobody is here, and nobody is expected back.
    pub(crate) fn is_done(&self, now: Time) -> bool {
        self.lock().is_done(now, self.linger())
    }

    /// Marks the topic as forgotten if it can be; who still holds it then finds it so.
    pub(crate) fn try_free(&self, now: Time) -> bool {
        let mut state = self.lock();
        // Who is counted somewhere has to be counted out first.
        let nobody = state.topic.elsewhere() == 0;
        state.freed |= nobody && state.is_done(now, self.linger());
        state.freed
    }

    /// How long a topic is kept for those who come back: as long as their entries would be.
    const fn linger(&self) -> Duration {
        self.registered.settings.grace
    }

    fn locked<R>(
        &self,
        shared: &Shared,
        act: impl FnOnce(&mut State, Time) -> R,
    ) -> Result<R, Freed> {
        let mut state = self.lock();
        if state.freed {
            return Err(Freed);
        }
        let now = shared.now();
        let before = state.topic.position();
        state.advance(now);
        let result = act(&mut state, now);
        let changed = state.topic.position() != before;
        state.dirty |= changed;
        state.used |= changed;
        if state.topic.turnover() > before.sequence {
            shared
                .whereabouts
                .note(&self.name, &state.topic, before, &self.meter);
        }
        if state.topic.has_transitions() {
            let transitions = state.topic.take_transitions();
            let alarms = &shared.alarms;
            shared.history.note(&self.name, transitions, alarms, now);
        }
        let flush = self.settle(&mut state, shared, now);
        let neighbours = shared.neighbours().filter(|_| state.notice());
        let gone = std::mem::take(&mut state.gone);
        let events = if state.hooking {
            Vec::new()
        } else {
            state.next_events()
        };
        drop(state);
        if let Some(neighbours) = neighbours {
            neighbours.look(&self.name);
        }
        self.tell_owners(shared, &gone);
        if flush {
            self.flush(shared);
        }
        self.run_hooks(events);
        Ok(result)
    }

    /// Sees to alarms and tick. Returns whether the caller is to flush now.
    fn settle(&self, state: &mut State, shared: &Shared, now: Time) -> bool {
        if let Some(due) = state.topic.next_due()
            && state.alarm.is_none_or(|alarm| due < alarm)
        {
            state.alarm = Some(due);
            shared.alarms.set(due, self.name.clone());
        }
        if state.is_idle() {
            let since = *state.idle_since.get_or_insert(now);
            let done = if state.hooking {
                now + self.linger().max(MAX_TICK)
            } else {
                since + self.linger()
            };
            if state.used && state.linger_alarm.is_none() {
                state.linger_alarm = Some(done);
                shared.alarms.set(done, self.name.clone());
            }
        } else {
            state.idle_since = None;
        }
        if !state.dirty || !state.is_watched() || state.tick != Tick::Quiet || state.notice.awaiting
        {
            return false;
        }
        if state.next_flush <= now {
            state.tick = Tick::Flushing;
            return true;
        }
        self.schedule(state, shared);
        false
    }

    fn schedule(&self, state: &mut State, shared: &Shared) {
        state.tick = Tick::Scheduled;
        shared.alarms.set(state.next_flush, self.name.clone());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds a topic")
    }
}

impl State {
    fn is_idle(&self) -> bool {
        self.topic.is_empty() && !self.is_watched()
    }

    fn is_watched(&self) -> bool {
        !self.subscribers.is_empty() || !self.watchers.is_empty()
    }

    fn is_done(&self, now: Time, linger: Duration) -> bool {
        let over = self.idle_since.is_some_and(|since| since + linger <= now);
        self.is_idle() && !self.hooking && (over || !self.used)
    }

    /// Does what is due.
    fn advance(&mut self, now: Time) {
        let departures = self.topic.advance(now).into_iter();
        let gone = departures.filter(|it| it.reason != Reason::Left);
        self.gone.extend(gone.map(|it| (it.member, it.reason)));
    }
}
