//! Publishing: what the members of this node do, told to the engine.
//!
//! There is no queue of messages: a topic that something is new of is looked at, and what is told is how its
//! members stand then. What could not be told waits, each session once, and how it stands later replaces it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::node::Node;
use super::waiting::Waiting;
use super::{Engine, Found, Verdict, Write, body};
use crate::schema::TopicName;
use crate::server::Hub;
use crate::server::neighbours::{Publication, Report, Word};
use crate::topic::SessionId;

/// How long before the engine is tried again.
const PAUSE: Duration = Duration::from_millis(200);
/// How much longer than grace the last `n` of a session is remembered, as in a topic.
const FENCE: Duration = Duration::from_secs(30);

/// How far publishing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// There is nothing to write.
    Done,
    /// There is more to write.
    More,
    /// What is left waits for other nodes to say what they know.
    Settling,
    /// The engine did not take it.
    Failed,
}

impl<E: Engine> Node<E> {
    /// Publishes until the hub is gone.
    pub(super) async fn publish(self: Arc<Self>) {
        let mut waiting = Waiting::default();
        loop {
            let Some(hub) = self.hub.upgrade() else {
                return;
            };
            self.gather(&hub, &mut waiting);
            let progress = self.write(&hub, &mut waiting).await;
            self.tally.waiting.set(waiting.len() as u64);
            drop(hub);
            match progress {
                Progress::Done if self.rest() => {
                    // Looked at again now and then, lest a hub that is gone keeps its node.
                    let _ = timeout(Duration::from_secs(5), self.news.notified()).await;
                }
                Progress::Done | Progress::More => {}
                Progress::Settling => {
                    self.rest();
                    sleep(PAUSE).await;
                }
                Progress::Failed => sleep(PAUSE).await,
            }
        }
    }

    /// Reads what is new in the topics that were named.
    fn gather(&self, hub: &Hub, waiting: &mut Waiting) {
        let (looked, again) = self.take_looked();
        for topic in looked {
            self.see_to(hub, &topic);
            if let Some(publication) = hub.publication(&topic) {
                self.put(&topic, publication, waiting);
            }
            if again.contains(&topic) {
                waiting.retains.insert(topic);
            }
        }
        waiting.bound();
    }

    fn put(&self, topic: &TopicName, publication: Publication, waiting: &mut Waiting) {
        let fence = publication.grace + FENCE;
        let announce = |report: &Report| Write::Announce {
            topic: topic.clone(),
            record: body::record(self.id, report),
            max_members: publication.max_members,
            fence,
        };
        for word in publication.words {
            match word {
                Word::Present(report) => {
                    waiting.put(topic, report.member.session, announce(&report));
                }
                Word::Newer(report) => {
                    let newer = Write::Newer {
                        topic: topic.clone(),
                        record: body::record(self.id, &report),
                    };
                    waiting.put_first(topic, report.member.session, newer);
                }
                Word::Gone {
                    member,
                    n,
                    reason,
                    last,
                } => {
                    let session = member.session;
                    let leave = Write::Leave {
                        topic: topic.clone(),
                        member,
                        n,
                        reason,
                        fence,
                    };
                    waiting.put(topic, session, leave);
                    if let Some(last) = last {
                        waiting.put_first(topic, session, announce(&last));
                    }
                }
            }
        }
    }

    /// Writes a batch.
    async fn write(&self, hub: &Hub, waiting: &mut Waiting) -> Progress {
        let settling = self.health.was_away(self.timing.stale);
        let batch = waiting.take_batch(hub, settling);
        if batch.is_empty() {
            let nothing = waiting.is_empty();
            return if nothing {
                Progress::Done
            } else {
                Progress::Settling
            };
        }
        let verdicts = match self.engine.write(self.id, &batch).await {
            Ok(verdicts) => verdicts,
            Err(error) => {
                self.health.missed();
                tracing::debug!(%error, writes = batch.len(), "not published");
                waiting.put_back(batch);
                return Progress::Failed;
            }
        };
        self.tally.written(&verdicts);
        let mut unheld = Vec::new();
        let mut doubtful = Vec::new();
        for (write, verdict) in batch.into_iter().zip(verdicts) {
            match (verdict, &write) {
                (Verdict::Unheld, _) => unheld.push(write),
                (Verdict::Stale | Verdict::Newer, Write::Announce { .. }) => doubtful.push(write),
                (Verdict::Taken | Verdict::Full, Write::Announce { topic, record, .. }) => {
                    hub.send_away(topic, &record.member);
                }
                _ => {}
            }
        }
        let mut unsettled = Vec::new();
        for write in doubtful {
            if let Write::Announce { topic, record, .. } = &write
                && !self.settle(hub, topic, record.member.session).await
            {
                unsettled.push(write);
            }
        }
        if !unheld.is_empty() {
            self.unheld.notify_one();
        }
        let done = unheld.is_empty() && unsettled.is_empty();
        waiting.put_back(unheld);
        waiting.put_back(unsettled);
        match (done, waiting.is_empty()) {
            (false, _) => Progress::Failed,
            (true, false) => Progress::More,
            (true, true) => Progress::Done,
        }
    }

    /// Another node has a session that was announced here, or has heard what it said last: finds out how it
    /// is. Whether that could be done.
    async fn settle(&self, hub: &Hub, topic: &TopicName, session: SessionId) -> bool {
        let Some((schema, _)) = hub.type_of(topic) else {
            return true;
        };
        match self.engine.find(topic, session).await {
            Ok(Found::Present(found)) => {
                let word = if found.node == self.id {
                    Word::Newer
                } else {
                    Word::Present
                };
                hub.hear(topic, body::report(schema, &found).ok().map(word));
                true
            }
            Ok(Found::Left { member, n, reason }) => {
                hub.concede(topic, &member, n, reason);
                true
            }
            Ok(Found::Nothing) => true,
            Err(error) => {
                tracing::debug!(%error, "not settled");
                false
            }
        }
    }
}
