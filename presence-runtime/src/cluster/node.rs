//! What the tasks of a node share, and what there is for them to do.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::health::Health;
use super::message::Message;
use super::places::Places;
use super::tally::Tally;
use super::{Engine, MAX_ORDERS, NodeId, Timing};
use crate::schema::TopicName;
use crate::server::Hub;
use crate::server::neighbours::{Order, WeakHub};

/// What the tasks of a node share.
#[derive(Debug)]
pub(super) struct Node<E> {
    pub(super) me: Weak<Self>,
    pub(super) id: NodeId,
    pub(super) hub: WeakHub,
    pub(super) engine: E,
    pub(super) timing: Timing,
    pub(super) health: Health,
    pub(super) places: Places,
    pub(super) tally: Tally,
    state: Mutex<State>,
    /// There is something to publish.
    pub(super) news: Notify,
    /// The lease has to be held before anything else.
    pub(super) unheld: Notify,
    /// Something was ordered, here or elsewhere.
    pub(super) ordered: Notify,
    /// Everything was published that there was, or passed on.
    idle: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Topics that something is new of.
    looked: BTreeSet<TopicName>,
    /// Topics of which the engine is told who is here, and that nobody else is.
    again: BTreeSet<TopicName>,
    /// What was ordered here, and when.
    orders: VecDeque<(Instant, Order)>,
    publishing: bool,
    leaving: bool,
}

impl<E: Engine> Node<E> {
    pub(super) fn new(hub: &Hub, engine: E, timing: Timing, id: NodeId) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            id,
            hub: hub.weak(),
            engine,
            timing,
            health: Health::new(),
            places: Places::default(),
            tally: Tally::default(),
            state: Mutex::default(),
            news: Notify::new(),
            unheld: Notify::new(),
            ordered: Notify::new(),
            idle: Notify::new(),
        })
    }

    /// There is something new of this topic.
    pub(super) fn look_at(&self, topic: &TopicName) {
        self.lock().looked.insert(topic.clone());
        self.news.notify_one();
    }

    /// Something was ordered here.
    pub(super) fn pass_on(&self, order: Order) {
        let mut state = self.lock();
        state.orders.push_back((Instant::now(), order));
        if state.orders.len() > MAX_ORDERS {
            state.orders.pop_front();
        }
        drop(state);
        self.ordered.notify_one();
    }

    /// How many topics have to be looked at, and how many orders passed on.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let state = self.lock();
        (state.looked.len(), state.orders.len())
    }

    /// Topics to look at, and those of them of which everything is said again.
    pub(super) fn take_looked(&self) -> (BTreeSet<TopicName>, BTreeSet<TopicName>) {
        let mut state = self.lock();
        state.publishing = true;
        let looked = std::mem::take(&mut state.looked);
        (looked, std::mem::take(&mut state.again))
    }

    /// The order that has waited longest. It waits until it is [passed on](Self::passed_on).
    pub(super) fn next_order(&self) -> Option<(Instant, Order)> {
        self.lock().orders.front().cloned()
    }

    pub(super) fn passed_on(&self, order: &(Instant, Order)) {
        let mut state = self.lock();
        if state.orders.front() == Some(order) {
            state.orders.pop_front();
        }
        drop(state);
        self.idle.notify_waiters();
    }

    /// Nothing is being published. Whether there is nothing to publish.
    pub(super) fn rest(&self) -> bool {
        let mut state = self.lock();
        state.publishing = false;
        let idle = state.looked.is_empty() && state.again.is_empty();
        drop(state);
        if idle {
            self.idle.notify_waiters();
        }
        idle
    }

    /// Says everything of everybody again: the engine may have forgotten it.
    pub(super) fn say_again(&self, hub: &Hub) {
        let topics = hub.live_topics();
        for topic in &topics {
            hub.publish_again(topic);
        }
        let mut state = self.lock();
        state.looked.extend(topics.iter().cloned());
        state.again.extend(topics);
        drop(state);
        self.news.notify_one();
    }

    /// Who was taken away in topics that are not followed may not have been heard of: says again who is
    /// there, so that the engine tells of whom that is not so.
    pub(super) fn say_unfollowed(&self, hub: &Hub) {
        let topics = hub.live_topics().into_iter();
        let unfollowed: Vec<_> = topics.filter(|it| !self.places.is_followed(it)).collect();
        for topic in &unfollowed {
            hub.publish_again(topic);
        }
        self.lock().looked.extend(unfollowed);
        self.news.notify_one();
    }

    /// The node goes: its lease is held no longer.
    pub(super) fn leave(&self) {
        self.lock().leaving = true;
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.lock().leaving
    }

    /// Waits until everything was published that there was, or passed on.
    pub(super) async fn flushed(&self) {
        loop {
            let idle = self.idle.notified();
            {
                let state = self.lock();
                if state.looked.is_empty() && !state.publishing && state.orders.is_empty() {
                    return;
                }
            }
            idle.await;
        }
    }

    /// Tells all nodes something. Whether that could be done.
    pub(super) async fn tell(&self, message: Message) -> bool {
        match self.engine.tell(message.to_bytes()).await {
            Ok(()) => {
                self.health.answered();
                true
            }
            Err(error) => {
                self.health.missed();
                tracing::debug!(%error, "nodes were not told");
                false
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds this")
    }
}
