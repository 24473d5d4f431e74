//! What the server asks of a node, and tells it.

use std::time::Duration;

use tokio::time::timeout;

use super::Engine;
use super::node::Node;
use crate::schema::TopicName;
use crate::server::Hub;
use crate::server::neighbours::{Figures, Found, Neighbours, Order, Pending};
use crate::topic::{Counts, SessionId, User};

/// How much later than its time a heartbeat may come to another node.
const SLACK: Duration = Duration::from_secs(5);

impl<E: Engine> Neighbours for Node<E> {
    fn look(&self, topic: &TopicName) {
        self.look_at(topic);
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

    fn topics(&self, after: Option<TopicName>, most: usize) -> Found<(TopicName, Counts)> {
        let node = self.me.upgrade();
        Box::pin(async move {
            let node = node?;
            let found = node.engine.topics(after.as_ref(), most);
            timeout(node.timing.patience, found).await.ok()?.ok()
        })
    }

    fn topics_of(&self, user: User, after: Option<TopicName>, most: usize) -> Found<TopicName> {
        let node = self.me.upgrade();
        Box::pin(async move {
            let node = node?;
            let found = node.engine.topics_of(&user, after.as_ref(), most);
            timeout(node.timing.patience, found).await.ok()?.ok()
        })
    }

    fn order(&self, order: Order) {
        self.pass_on(order);
    }

    fn is_stale(&self) -> bool {
        self.health.is_stale()
    }

    fn figures(&self) -> Figures {
        let (followed, unread) = self.places.count();
        let (looked, orders) = self.waiting();
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
            node.leave();
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
