//! Following: what other nodes log of the topics that somebody watches here, written into them.
//!
//! A topic is followed first and read then, so that nothing is missed between. Whatever the feed brings has
//! its place in the log: the next is taken, an old one is known, and what comes after a gap has the log read
//! from before it. When the log does not go back so far, everybody is read.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::message::Message;
use super::node::Node;
use super::places::{Reading, Step};
use super::{Engine, Everybody, Feed, Heard, Logged, Lost, Turn, body};
use crate::mistake::{Mistake, is_made};
use crate::schema::TopicName;
use crate::server::Hub;
use crate::server::neighbours::{Report, Word};
use crate::topic::Reason;

/// Most topics that are read at once.
const READERS: usize = 32;
/// Most topics that the feed is told of at once.
const CHUNK: usize = 256;
/// How long before the engine is tried again.
const PAUSE: Duration = Duration::from_millis(200);
/// How many topics are looked at at a time.
const SWEPT: usize = 2_000;
/// How often topics are looked at that nobody watches any more.
const SWEEP: Duration = Duration::from_millis(500);

/// What was read of a topic.
#[derive(Debug)]
enum Read {
    Everybody(Everybody),
    /// What was logged since the place where it was read to.
    Since(Vec<Logged>),
}

type Found = (Reading, Result<Read, Lost>);

impl<E: Engine> Node<E> {
    /// Follows until the hub is gone, by one feed after another.
    pub(super) async fn listen(self: Arc<Self>) {
        while self.hub.upgrade().is_some() {
            let feed = self.engine.feed(self.id).await;
            let ended = match feed {
                Ok(feed) => self.hear(feed).await,
                Err(lost) => Err(lost),
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "not hearing other nodes");
            }
            sleep(PAUSE).await;
        }
    }

    async fn hear(self: &Arc<Self>, mut feed: E::Feed) -> Result<(), Lost> {
        self.places.begin();
        let is_first = self.tally.feeds.get() == 0;
        self.tally.feeds.add(1);
        if !is_first && let Some(hub) = self.hub.upgrade() {
            self.say_unfollowed(&hub);
        }
        self.ordered.notify_one();
        let began = Instant::now();
        let mut readings: JoinSet<Found> = JoinSet::new();
        let mut sweep = Instant::now() + SWEEP;
        // Nothing is read for a while after something could not be.
        let mut rested = Instant::now();
        let mut swept = None;
        loop {
            let unfollowed = self.places.take_unfollowed();
            for topics in unfollowed.chunks(CHUNK) {
                feed.follow(topics).await?;
                self.places.followed(topics);
            }
            for topics in self.places.take_dropped().chunks(CHUNK) {
                feed.unfollow(topics).await?;
            }
            while readings.len() < READERS && rested <= Instant::now() {
                let Some(reading) = self.places.next_unread() else {
                    break;
                };
                readings.spawn(self.clone().read(reading));
            }
            // In an order that simulations can play again; what is rare comes first, lest it waits for ever.
            tokio::select! {
                biased;
                () = sleep_until(sweep) => {
                    sweep = Instant::now() + SWEEP;
                    let Some(hub) = self.hub.upgrade() else { return Ok(()) };
                    self.sweep(&hub, &mut swept);
                    let deaf = self.timing.stale + self.timing.echo();
                    if began.elapsed() > deaf && self.health.deaf_for() > deaf {
                        return Err(Lost::new("the node does not hear itself"));
                    }
                }
                () = self.places.changed.notified() => {}
                Some(Ok(reading)) = readings.join_next() => {
                    let Some(hub) = self.hub.upgrade() else { return Ok(()) };
                    if !self.finish(&hub, reading) {
                        rested = Instant::now() + PAUSE;
                    }
                }
                heard = feed.next() => {
                    let Some(hub) = self.hub.upgrade() else { return Ok(()) };
                    self.take(&hub, heard?);
                }
            }
        }
    }

    async fn read(self: Arc<Self>, reading: Reading) -> Found {
        let topic = &reading.topic;
        let read = match reading.from {
            Some(at) => match self.engine.since(topic, at).await {
                Ok(Some(logged)) => Ok(Read::Since(logged)),
                Ok(None) => self.engine.read(topic).await.map(Read::Everybody),
                Err(lost) => Err(lost),
            },
            None => self.engine.read(topic).await.map(Read::Everybody),
        };
        (reading, read)
    }

    /// Takes in what was read. Whether it could be.
    fn finish(&self, hub: &Hub, (reading, read): Found) -> bool {
        let Reading {
            topic,
            from: before,
            ..
        } = &reading;
        if !self.places.is_current(&reading) {
            // Nobody wanted to know any longer; whoever does by now has it read anew.
            return read.is_ok();
        }
        let at = match read {
            Ok(Read::Since(_)) if !hub.is_acquainted(topic) => {
                // What there was before is not there any longer.
                self.places.read(&reading, *before);
                self.places.restart(topic);
                return true;
            }
            Ok(Read::Since(logged)) => {
                self.tally.continued.add(1);
                let at = logged.last().map(|it| it.at).or(*before);
                let words = logged.into_iter();
                let words = words.filter_map(|it| self.word(hub, topic, it.turn));
                hub.hear(topic, words.collect::<Vec<_>>());
                at
            }
            Ok(Read::Everybody(everybody)) => {
                self.tally.read.add(1);
                let at = everybody.at;
                // An engine that knows less than this node has forgotten something: nodes say it again.
                let forgot = !is_made(Mistake::Emptied)
                    && before.is_some_and(|it| it.epoch != at.epoch || it.sequence > at.sequence);
                let reports = everybody.records.iter();
                let reports = reports.filter(|it| it.node != self.id);
                let reports: Vec<Report> = reports
                    .filter_map(|it| self.report(hub, topic, it))
                    .collect();
                let here = everybody.records.iter().filter(|it| it.node == self.id);
                // Another node may have heard something newer of them.
                let newer = here.clone().filter_map(|it| self.report(hub, topic, it));
                hub.hear(topic, newer.map(Word::Newer).collect::<Vec<_>>());
                let here = here.map(|it| it.member.session).collect();
                hub.hear_all(
                    topic,
                    reports,
                    &here,
                    forgot.then(|| self.timing.restoring()),
                );
                Some(at)
            }
            Err(error) => {
                tracing::debug!(%topic, %error, "not read");
                self.places.read(&reading, None);
                return false;
            }
        };
        self.health.answered();
        hub.settle(topic);
        if !self.places.read(&reading, at) {
            // It was let go while this was taken in: nobody would see to what is known since.
            self.see_to(hub, topic);
        }
        true
    }

    fn take(&self, hub: &Hub, heard: Heard) {
        match heard {
            Heard::Logged(topic, logged) => {
                let step = self.places.step(&topic, logged.at);
                self.tally.gaps.add(u64::from(step == Step::Gap));
                if step == Step::Take
                    && let Some(word) = self.word(hub, &topic, logged.turn)
                {
                    hub.hear(&topic, [word]);
                    if !self.places.is_followed(&topic) {
                        // It was let go meanwhile: nobody would see to who is known since.
                        self.see_to(hub, &topic);
                    }
                }
            }
            Heard::Told(message) => match Message::parse(&message) {
                Some(Message::Echo(node)) if node == self.id => self.health.heard(),
                _ => {}
            },
            Heard::Befell(topic, turn) => {
                if let Some(word) = self.word(hub, &topic, turn) {
                    hub.hear(&topic, [word]);
                }
                // Nobody here may want to know where it is.
                self.see_to(hub, &topic);
            }
            Heard::Ordered => self.ordered.notify_one(),
        }
    }

    /// What a turn means for this node: nothing, where it is of its own making.
    fn word(&self, hub: &Hub, topic: &TopicName, turn: Turn) -> Option<Word> {
        match turn {
            Turn::Present(record) if record.node == self.id => None,
            Turn::Newer(record) if record.node == self.id => {
                self.report(hub, topic, &record).map(Word::Newer)
            }
            Turn::Present(record) | Turn::Newer(record) => {
                self.report(hub, topic, &record).map(Word::Present)
            }
            Turn::Gone {
                node,
                member,
                reason,
                ..
            } if node == self.id && reason != Reason::Left => {
                // Others took this node for gone, which it is not: whoever is here is said to be again.
                if reason == Reason::Disconnected && hub.here(topic).contains(&member.session) {
                    hub.publish_again(topic);
                }
                None
            }
            Turn::Gone {
                member, n, reason, ..
            } => Some(Word::Gone {
                member,
                n,
                reason,
                last: None,
            }),
        }
    }

    fn report(&self, hub: &Hub, topic: &TopicName, record: &super::Record) -> Option<Report> {
        let (schema, _) = hub.type_of(topic)?;
        let report = body::report(schema, record);
        if let Err(error) = &report {
            tracing::warn!(%topic, node = %record.node, %error, "a member at another node is left out");
        }
        report.ok()
    }

    /// Looks at topics that nobody may watch any more.
    fn sweep(&self, hub: &Hub, last: &mut Option<TopicName>) {
        let topics = self.places.some_after(last.as_ref(), SWEPT);
        for topic in &topics {
            self.see_to(hub, topic);
        }
        *last = topics.last().filter(|_| topics.len() == SWEPT).cloned();
    }
}
