//! Live topics: the pure core behind one lock, with its subscribers and its tick.
//!
//! Everything that happens to a topic goes through [`Live::with`], which first removes what is due
//! and afterwards sees to the tick. The first change after a quiet time is flushed at once; later
//! ones are gathered for the topic's throttle. Only the flush writes to subscribers, so what a
//! connection is told of a topic never overtakes itself.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use slab::Slab;

use super::hub::Hub;
use super::outlet::Outlet;
use crate::schema::{Registered, TopicName};
use crate::topic::{ConnectionId, Departure, Reader, Reason, Time, Topic};
use crate::wire::{Encoded, Filter, Frame, encode_part};

/// No tick is longer, however long a flush takes.
const MAX_TICK: Duration = Duration::from_secs(1);

/// A topic in memory.
#[derive(Debug)]
pub(crate) struct Live {
    name: TopicName,
    registered: Registered,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    topic: Topic,
    subscribers: Slab<Subscriber>,
    /// Something happened that a subscriber may lack.
    dirty: bool,
    tick: Tick,
    /// No flush begins earlier.
    next_flush: Time,
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
}

#[derive(Debug, PartialEq, Eq)]
enum Tick {
    Quiet,
    /// An alarm is set for the next flush.
    Scheduled,
    /// Somebody is flushing.
    Flushing,
}

/// A subscriber: what it has and where its bytes go.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) connection: ConnectionId,
    pub(crate) outlet: Arc<Outlet>,
    pub(crate) filter: Filter,
    pub(crate) reader: Reader,
}

/// Which of a topic's subscribers somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SubscriberKey(usize);

/// The topic was freed; it has to be looked up again.
#[derive(Debug)]
pub(crate) struct Freed;

impl Live {
    pub(crate) fn new(name: TopicName, registered: Registered, epoch: u64) -> Self {
        let topic = Topic::new(registered.settings, registered.schema.decays(), epoch);
        let state = State {
            topic,
            subscribers: Slab::new(),
            dirty: false,
            tick: Tick::Quiet,
            next_flush: Time::from_millis(0),
            alarm: None,
            used: false,
            idle_since: None,
            linger_alarm: None,
            freed: false,
        };
        Self {
            name,
            registered,
            state: Mutex::new(state),
        }
    }

    pub(crate) const fn name(&self) -> &TopicName {
        &self.name
    }

    pub(crate) const fn registered(&self) -> &Registered {
        &self.registered
    }

    /// Does something to the topic, after everything that is due by now was done.
    pub(crate) fn with<R>(
        self: &Arc<Self>,
        hub: &Hub,
        act: impl FnOnce(&mut Topic, Time) -> R,
    ) -> Result<R, Freed> {
        self.locked(hub, |state, now| act(&mut state.topic, now))
    }

    /// Adds a subscriber. The next flush, which is now or within a tick, brings what it lacks.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        hub: &Hub,
        subscriber: Subscriber,
    ) -> Result<SubscriberKey, Freed> {
        self.locked(hub, |state, _| {
            state.dirty = true;
            state.used = true;
            SubscriberKey(state.subscribers.insert(subscriber))
        })
    }

    /// Changes what a subscriber has and hears of.
    pub(crate) fn resubscribe(
        self: &Arc<Self>,
        hub: &Hub,
        key: SubscriberKey,
        filter: Filter,
        reader: Reader,
    ) -> Result<(), Freed> {
        self.locked(hub, |state, _| {
            if let Some(subscriber) = state.subscribers.get_mut(key.0) {
                subscriber.filter = filter;
                subscriber.reader = reader;
                state.dirty = true;
            }
        })
    }

    /// Removes a subscriber and frees the topic when it was the last reason to keep it.
    pub(crate) fn unsubscribe(self: &Arc<Self>, hub: &Hub, key: SubscriberKey) {
        let _ = self.locked(hub, |state, _| state.subscribers.try_remove(key.0));
        hub.free_if_idle(self);
    }

    /// Sees to the subscribers that were passed by.
    pub(crate) fn touch(self: &Arc<Self>, hub: &Hub) {
        let _ = self.locked(hub, |state, _| state.dirty = true);
    }

    /// What an alarm was set for.
    pub(crate) fn ring(self: &Arc<Self>, hub: &Hub) {
        let rung = self.locked(hub, |state, now| {
            if state.alarm.is_some_and(|alarm| alarm <= now) {
                state.alarm = None;
            }
            if state.linger_alarm.is_some_and(|alarm| alarm <= now) {
                state.linger_alarm = None;
            }
            if state.tick == Tick::Scheduled && state.next_flush <= now {
                state.tick = Tick::Quiet;
            }
        });
        if rung.is_ok() {
            hub.free_if_idle(self);
        }
    }

    /// Whether the topic can be forgotten: nobody is here, and nobody is expected back.
    pub(crate) fn is_done(&self, now: Time) -> bool {
        self.lock().is_done(now, self.linger())
    }

    /// Marks the topic as forgotten if it can be; who still holds it then finds it so.
    pub(crate) fn try_free(&self, now: Time) -> bool {
        let mut state = self.lock();
        state.freed |= state.is_done(now, self.linger());
        state.freed
    }

    /// How long a topic is kept for those who come back: as long as their entries would be.
    const fn linger(&self) -> Duration {
        self.registered.settings.grace
    }

    fn locked<R>(
        self: &Arc<Self>,
        hub: &Hub,
        act: impl FnOnce(&mut State, Time) -> R,
    ) -> Result<R, Freed> {
        let mut state = self.lock();
        if state.freed {
            return Err(Freed);
        }
        let now = hub.now();
        let before = state.topic.position();
        let departures = state.topic.advance(now);
        let result = act(&mut state, now);
        let changed = state.topic.position() != before;
        state.dirty |= changed;
        state.used |= changed;
        let flush = self.settle(&mut state, hub, now);
        drop(state);
        self.tell_owners(hub, &departures);
        if flush {
            self.flush(hub);
        }
        Ok(result)
    }

    /// Sees to alarms and tick. Returns whether the caller is to flush now.
    fn settle(self: &Arc<Self>, state: &mut State, hub: &Hub, now: Time) -> bool {
        if let Some(due) = state.topic.next_due()
            && state.alarm.is_none_or(|alarm| due < alarm)
        {
            state.alarm = Some(due);
            hub.alarms().set(due, Arc::downgrade(self));
        }
        if state.is_idle() {
            let done = *state.idle_since.get_or_insert(now) + self.linger();
            if state.used && state.linger_alarm.is_none() {
                state.linger_alarm = Some(done);
                hub.alarms().set(done, Arc::downgrade(self));
            }
        } else {
            state.idle_since = None;
        }
        if !state.dirty || state.subscribers.is_empty() || state.tick != Tick::Quiet {
            return false;
        }
        if state.next_flush <= now {
            state.tick = Tick::Flushing;
            return true;
        }
        self.schedule(state, hub);
        false
    }

    fn schedule(self: &Arc<Self>, state: &mut State, hub: &Hub) {
        state.tick = Tick::Scheduled;
        hub.alarms().set(state.next_flush, Arc::downgrade(self));
    }

    /// Brings everybody who can take it what they lack, part by part. The caller has made sure
    /// that nobody else is flushing.
    fn flush(self: &Arc<Self>, hub: &Hub) {
        let began = hub.now();
        let mut round = Round::default();
        loop {
            self.gather(hub, &mut round);
            for (outlet, frame) in round.writes.drain(..) {
                outlet.write_part(&frame);
            }
            if !round.more {
                break;
            }
        }
        let took = hub.now().saturating_since(began);
        let mut state = self.lock();
        state.next_flush = began + (2 * took).clamp(self.registered.settings.throttle, MAX_TICK);
        state.tick = Tick::Quiet;
        if state.dirty {
            self.schedule(&mut state, hub);
        }
    }

    /// Takes one part for each subscriber who lacks something and can be written to.
    fn gather(&self, hub: &Hub, round: &mut Round) {
        let mut state = self.lock();
        let now = hub.now();
        state.dirty = false;
        round.parts.clear();
        round.more = false;
        let State {
            topic, subscribers, ..
        } = &mut *state;
        let current = Some(topic.position());
        for (_, subscriber) in subscribers.iter_mut() {
            if subscriber.reader.position() == current || !subscriber.outlet.reserve() {
                continue;
            }
            let part = round.part(topic, &self.name, subscriber, now);
            let silent = part.sole_author == Some(subscriber.connection);
            subscriber.reader = part.reader;
            round.more |= part.reader.is_between();
            match part.frame {
                Some(frame) if !silent => round.writes.push((subscriber.outlet.clone(), frame)),
                _ => subscriber.outlet.release(),
            }
        }
    }

    /// Tells owners whose entry went without their doing.
    fn tell_owners(&self, hub: &Hub, departures: &[Departure]) {
        for departure in departures {
            if departure.reason != Reason::Left {
                hub.tell_gone(departure.member.session, &self.name, departure.reason);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds a topic")
    }
}

impl State {
    fn is_idle(&self) -> bool {
        self.topic.is_empty() && self.subscribers.is_empty()
    }

    fn is_done(&self, now: Time, linger: Duration) -> bool {
        let over = self.idle_since.is_some_and(|since| since + linger <= now);
        self.is_idle() && (over || !self.used)
    }
}

/// What one round of a flush encodes and writes.
#[derive(Debug, Default)]
struct Round {
    /// Encoded once for all who stand at the same position.
    parts: Vec<(Reader, Filter, Shared)>,
    writes: Vec<(Arc<Outlet>, Arc<Frame>)>,
    /// Somebody has got a part and not the last one.
    more: bool,
}

#[derive(Debug, Clone)]
struct Shared {
    frame: Option<Arc<Frame>>,
    reader: Reader,
    sole_author: Option<ConnectionId>,
}

impl Round {
    fn part(
        &mut self,
        topic: &Topic,
        name: &TopicName,
        subscriber: &Subscriber,
        now: Time,
    ) -> Shared {
        let (reader, filter) = (subscriber.reader, subscriber.filter);
        if let Some((.., shared)) = self
            .parts
            .iter()
            .find(|it| it.0 == reader && it.1 == filter)
        {
            return shared.clone();
        }
        let Encoded {
            frame,
            reader: after,
            sole_author,
        } = encode_part(topic, name, filter, &reader, now).unwrap_or(Encoded {
            frame: None,
            reader,
            sole_author: None,
        });
        let shared = Shared {
            frame: frame.map(Arc::new),
            reader: after,
            sole_author,
        };
        self.parts.push((reader, filter, shared.clone()));
        shared
    }
}
