//! A hub among others: the tasks of a node, and what the server asks of them.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use super::health::Health;
use super::message::Message;
use super::places::Places;
use super::tally::Tally;
use super::{Engine, Found, MAX_ORDERS, NodeId, Timing, body};
use crate::schema::TopicName;
use crate::server::Hub;
use crate::server::neighbours::{
    Figures, Found as Search, Interest, Neighbours, Order, Pending, WeakHub, Word,
};
use crate::topic::{Counts, SessionId, User};

/// How much later than its time a heartbeat may come to another node.
const SLACK: Duration = Duration::from_secs(5);

/// A hub as one node of a cluster, for as long as this is kept.
///
/// Everything that a hub does goes on as it is without other nodes: the members of all nodes are in its
/// topics, in counts and filters, and events of its own members reach its hooks. Whoever speaks through
/// another node from now on is the same member. A hub that is drained leaves its members to other nodes; one
/// whose process ends without a word has them removed after [`Timing::lease`], unless they came back
/// elsewhere.
#[derive(Debug)]
#[must_use = "a node leaves the cluster when this is dropped"]
pub struct Cluster {
    shared: Arc<dyn Neighbours>,
    id: NodeId,
    tasks: Vec<AbortHandle>,
}

/// Why a hub cannot be a node.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// It is one already.
    #[error("the hub is a node of a cluster already")]
    Twice,
    /// The system has no randomness for the node's name.
    #[error("no randomness for the name of the node")]
    Randomness,
    /// The tasks of a node need a runtime.
    #[error("a node needs a tokio runtime: join inside of one")]
    Runtime,
}

/// What the tasks of a node share.
#[derive(Debug)]
pub(super) struct Node<E> {
    me: Weak<Self>,
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

impl Cluster {
    /// Makes a hub a node of the cluster that shares this engine, before anybody comes.
    ///
    /// # Errors
    /// When it is a node already, outside of a tokio runtime, or without randomness.
    pub fn join<E: Engine>(hub: &Hub, engine: E) -> Result<Self, JoinError> {
        Self::join_with(hub, engine, Timing::default())
    }

    /// The same with other times, for tests mostly. All nodes of a cluster have the same.
    ///
    /// # Errors
    /// As [`Cluster::join`].
    pub fn join_with<E: Engine>(hub: &Hub, engine: E, timing: Timing) -> Result<Self, JoinError> {
        let id = NodeId::random().map_err(|_| JoinError::Randomness)?;
        Self::join_as(hub, engine, timing, id)
    }

    /// The same under a name that no other node of the cluster has or ever had: simulations play the same
    /// again.
    ///
    /// # Errors
    /// As [`Cluster::join`].
    pub fn join_as<E: Engine>(
        hub: &Hub,
        engine: E,
        timing: Timing,
        id: NodeId,
    ) -> Result<Self, JoinError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| JoinError::Runtime)?;
        let node = Arc::new_cyclic(|me| Node {
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
        });
        let shared: Arc<dyn Neighbours> = node.clone();
        let known: Weak<dyn Neighbours> = Arc::downgrade(&shared);
        if !hub.meet(known) {
            return Err(JoinError::Twice);
        }
        tracing::info!(node = %id, "joined a cluster");
        let tasks = vec![
            runtime.spawn(node.clone().publish()).abort_handle(),
            runtime.spawn(node.clone().listen()).abort_handle(),
            runtime.spawn(node.clone().keep()).abort_handle(),
            runtime.spawn(node.clone().order()).abort_handle(),
            runtime.spawn(node.watch()).abort_handle(),
        ];
        Ok(Self { shared, id, tasks })
    }

    /// What other nodes know this one by.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.id
    }

    /// Whether members at other nodes may have changed without anybody here knowing: the engine is out of
    /// reach. Clients are told, and so is who asks `/readyz`.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.shared.is_stale()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl<E: Engine> Node<E> {
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
        let unfollowed: Vec<_> = topics.filter(|it| !self.places.has(it)).collect();
        for topic in &unfollowed {
            hub.publish_again(topic);
        }
        self.lock().looked.extend(unfollowed);
        self.news.notify_one();
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.lock().leaving
    }

    /// Follows a topic, or no longer, as the hub wants it.
    pub(super) fn see_to(&self, hub: &Hub, topic: &TopicName) {
        match hub.interest(topic) {
            Interest::All => self.follow(hub, topic),
            Interest::Own => {
                self.places.unfollow(topic);
                hub.forget_elsewhere(topic);
            }
            Interest::None => self.places.unfollow(topic),
        }
    }

    fn follow(&self, hub: &Hub, topic: &TopicName) {
        // A topic that was forgotten and is live again has lost what was read.
        if !self.places.follow(topic) && !hub.is_acquainted(topic) {
            self.places.restart(topic);
        }
    }

    async fn flushed(&self) {
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

    async fn find(&self, hub: &Hub, topic: TopicName, session: SessionId) {
        let Some((schema, is_heard)) = hub.type_of(&topic) else {
            return;
        };
        // Hooks are told whether a user comes first, which takes everybody.
        if is_heard || hub.interest(&topic) == Interest::All {
            return self.wait_for(hub, &topic).await;
        }
        let found = timeout(self.timing.patience, self.engine.find(&topic, session)).await;
        if hub.interest(&topic) == Interest::All {
            // What it was then may be older than what is heard by now.
            return self.wait_for(hub, &topic).await;
        }
        let word = match found {
            Ok(Ok(Found::Present(record))) => {
                let word = if record.node == self.id {
                    Word::Newer
                } else {
                    Word::Present
                };
                body::report(schema, &record).ok().map(word)
            }
            Ok(Ok(Found::Left { member, n, reason })) => Some(Word::Gone {
                member,
                n,
                reason,
                last: None,
            }),
            _ => None,
        };
        if let Some(word) = word
            && hub.open(&topic).is_ok()
        {
            hub.hear(&topic, [word]);
        }
    }

    async fn find_all(&self, hub: &Hub, topic: TopicName) {
        if hub.interest(&topic) == Interest::None {
            let ends = self.engine.ends(std::slice::from_ref(&topic));
            let ends = timeout(self.timing.patience, ends).await;
            if !matches!(ends.as_ref().map(|it| it.as_deref()), Ok(Ok([Some(_)]))) {
                return;
            }
        }
        if hub.open(&topic).is_ok() {
            hub.want(&topic);
            self.wait_for(hub, &topic).await;
        }
    }

    async fn wait_for(&self, hub: &Hub, topic: &TopicName) {
        if hub.open(topic).is_ok() {
            hub.want(topic);
            self.follow(hub, topic);
            let _ = timeout(self.timing.patience, self.places.known(topic)).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds this")
    }
}

impl<E: Engine> Neighbours for Node<E> {
    fn look(&self, topic: &TopicName) {
        self.lock().looked.insert(topic.clone());
        self.news.notify_one();
    }

    fn acquaint(&self, hub: &Hub, topic: TopicName, session: Option<SessionId>) -> Pending {
        let node = self.me.upgrade().filter(|_| !self.health.is_stale());
        let Some(node) = node else {
            return Box::pin(std::future::ready(()));
        };
        let hub = hub.clone();
        Box::pin(async move {
            match session {
                Some(session) => node.find(&hub, topic, session).await,
                None => node.find_all(&hub, topic).await,
            }
        })
    }

    fn topics(&self, after: Option<TopicName>, most: usize) -> Search<(TopicName, Counts)> {
        let node = self.me.upgrade();
        Box::pin(async move {
            let node = node?;
            let found = node.engine.topics(after.as_ref(), most);
            timeout(node.timing.patience, found).await.ok()?.ok()
        })
    }

    fn topics_of(&self, user: User, after: Option<TopicName>, most: usize) -> Search<TopicName> {
        let node = self.me.upgrade();
        Box::pin(async move {
            let node = node?;
            let found = node.engine.topics_of(&user, after.as_ref(), most);
            timeout(node.timing.patience, found).await.ok()?.ok()
        })
    }

    fn order(&self, order: Order) {
        let mut state = self.lock();
        state.orders.push_back((Instant::now(), order));
        if state.orders.len() > MAX_ORDERS {
            state.orders.pop_front();
        }
        drop(state);
        self.ordered.notify_one();
    }

    fn is_stale(&self) -> bool {
        self.health.is_stale()
    }

    fn figures(&self) -> Figures {
        let (followed, unread) = self.places.count();
        let (looked, orders) = {
            let state = self.lock();
            (state.looked.len(), state.orders.len())
        };
        let tally = &self.tally;
        let silence = self.health.silence().as_millis();
        Figures {
            connected: self.health.is_connected(),
            silence: u64::try_from(silence).unwrap_or(u64::MAX),
            followed,
            waiting: [
                ("topics", looked as u64),
                ("writes", tally.waiting.get()),
                ("reads", unread as u64),
                ("orders", orders as u64),
            ],
            batches: tally.batches.get(),
            writes: tally.writes(),
            losses: self.health.losses(),
            feeds: tally.feeds.get(),
            gaps: tally.gaps.get(),
            reads: [
                ("rest", tally.continued.get()),
                ("everybody", tally.read.get()),
            ],
            restorations: tally.restorations.get(),
            reaped: tally.reaped.get(),
            orders: [
                ("here", tally.ordered.get()),
                ("elsewhere", tally.obeyed.get()),
            ],
        }
    }

    fn farewell(&self) -> Pending {
        let Some(node) = self.me.upgrade() else {
            return Box::pin(std::future::ready(()));
        };
        Box::pin(async move {
            let patience = node.timing.patience;
            let _ = timeout(patience, node.flushed()).await;
            node.lock().leaving = true;
            // As long as it takes until those have been heard elsewhere who speak over HTTP.
            let hub = node.hub.upgrade();
            let heartbeat = hub.map_or(Duration::ZERO, |it| it.config().heartbeat);
            let after = node.timing.lease.max(heartbeat + SLACK);
            if let Ok(Err(error)) = timeout(patience, node.engine.release(node.id, after)).await {
                tracing::warn!(%error, "leaving a cluster without a word");
            }
        })
    }
}

impl<E: Engine> Node<E> {
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
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {}", self.id)
    }
}
