//! Keeping: the lease of this node, the end of others, and whether anything gets through.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::{Instant, sleep, sleep_until};

use super::message::Message;
use super::node::Node;
use super::{At, Beat, Engine, Held};
use crate::schema::TopicName;
use crate::server::Hub;

/// How many logs are compared at a time with how far they were read.
const COMPARED: usize = 256;

/// Where logs were that this node seemed to be behind of.
#[derive(Debug, Default)]
struct Behind {
    last: Option<TopicName>,
    ends: BTreeMap<TopicName, Option<At>>,
}

impl<E: Engine> Node<E> {
    /// Keeps the node in the cluster until the hub is gone.
    pub(super) async fn keep(self: Arc<Self>) {
        let mut behind = Behind::default();
        let (mut hold, mut echo) = (Instant::now(), Instant::now());
        // Who was away finds leases that are over, of nodes that were away as well and are coming back.
        let mut held_since = Instant::now();
        loop {
            let unheld = tokio::select! {
                biased;
                () = sleep_until(hold.min(echo)) => false,
                () = self.unheld.notified() => true,
            };
            let Some(hub) = self.hub.upgrade() else {
                return;
            };
            if self.is_leaving() {
                return;
            }
            let now = Instant::now();
            if hold <= now || unheld {
                hold = now + self.timing.hold();
                if let Some(held) = self.hold(&hub).await {
                    if held.beat == Beat::Anew {
                        held_since = now;
                    }
                    if held.overdue && held_since.elapsed() > self.timing.lease {
                        self.reap().await;
                    }
                }
            }
            if echo <= now {
                echo = now + self.timing.echo();
                self.tell(Message::Echo(self.id)).await;
                self.compare(&mut behind).await;
            }
        }
    }

    /// Watches how the engine is, whatever else takes its time, until the hub is gone.
    pub(super) async fn watch(self: Arc<Self>) {
        loop {
            sleep(self.timing.stale / 12).await;
            let Some(hub) = self.hub.upgrade() else {
                return;
            };
            self.tell_status(&hub);
        }
    }

    /// Holds the lease.
    async fn hold(&self, hub: &Hub) -> Option<Held> {
        match self.engine.hold(self.id, self.timing.lease).await {
            Ok(held) => {
                self.health.answered();
                if held.beat == Beat::Anew {
                    self.tally.restorations.add(1);
                    self.say_again(hub);
                }
                Some(held)
            }
            Err(error) => {
                self.health.missed();
                tracing::debug!(%error, "the lease is not held");
                None
            }
        }
    }

    async fn reap(&self) {
        match self.engine.reap().await {
            Ok(0) => {}
            Ok(gone) => {
                self.tally.reaped.add(gone as u64);
                tracing::info!(gone, "removed the members of nodes that are gone");
            }
            Err(error) => tracing::debug!(%error, "nodes that are gone were not looked for"),
        }
    }

    /// Notices logs of which something did not get through: they are where this node did not read to by
    /// the time that it looks again.
    async fn compare(&self, behind: &mut Behind) {
        let topics = self.places.some_after(behind.last.as_ref(), COMPARED);
        if topics.is_empty() {
            return;
        }
        let Ok(ends) = self.engine.ends(&topics).await else {
            return;
        };
        let before = std::mem::take(&mut behind.ends);
        behind.last = topics.last().filter(|_| topics.len() == COMPARED).cloned();
        for (topic, end) in topics.into_iter().zip(ends) {
            let at = self.places.at(&topic);
            if at.is_none() || at == end {
                continue;
            }
            let ahead = |end: Option<At>, at: Option<At>| match (end, at) {
                (Some(end), Some(at)) => !end.is_in_log_of(at) || end.sequence > at.sequence,
                (end, at) => end != at,
            };
            if before.get(&topic).is_some_and(|end| ahead(*end, at)) {
                self.places.doubt(&topic);
            }
            behind.ends.insert(topic, end);
        }
    }

    fn tell_status(&self, hub: &Hub) {
        match self.health.turn(self.timing.stale) {
            Some(true) => {
                tracing::warn!("the engine is out of reach: members at other nodes are stale");
                hub.settle_all();
                hub.tell_status(true);
            }
            Some(false) => {
                tracing::info!("the engine is back");
                // What nobody watches is unknown again.
                for topic in hub.live_topics() {
                    self.see_to(hub, &topic);
                }
                hub.tell_status(false);
            }
            None => {}
        }
    }
}
