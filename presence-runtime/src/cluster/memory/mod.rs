//! The engine in the memory of a process: for tests, simulations, and several hubs in one process.

mod feed;
mod fences;
mod kept;
mod line;
mod log;
mod orders;
mod store;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep};

use self::feed::Ear;
pub use self::feed::MemoryFeed;
use self::line::Line;
use self::store::Store;
use super::{At, Engine, Everybody, Found, Held, Logged, Lost, NodeId, Ordered, Verdict, Write};
use crate::schema::TopicName;
use crate::topic::{Counts, SessionId, User};

/// How long a call waits for its answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// An engine in the memory of this process; clones share it.
///
/// Its time is tokio's, so that it is as virtual as that, unless it is told another. Nothing in it is random. It may be told to fail:
/// the faults of a handle and its clones are their own, so that a node may be cut off alone, over a
/// [`line`](Self::line) of its own.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    store: Arc<Mutex<Store>>,
    line: Arc<Line>,
    clock: Option<Clock>,
}

/// A time that is not tokio's: how long it is since the beginning.
#[derive(Debug, Clone, Copy)]
struct Clock {
    began: Instant,
    passed: fn() -> Duration,
}

impl Memory {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one with a time of its own: how long it is since some beginning. Simulations run each node
    /// in a runtime of its own, and no two of those have the same time.
    #[must_use]
    pub fn with_clock(passed: fn() -> Duration) -> Self {
        let began = Instant::now();
        Self {
            clock: Some(Clock { began, passed }),
            ..Self::default()
        }
    }

    /// Another way to the same memory, with faults of its own.
    #[must_use]
    pub fn line(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            line: Arc::default(),
            clock: self.clock,
        }
    }

    /// Whether every call is [`Lost`] from now on. Feeds break when that begins, for good.
    pub fn fail(&self, failing: bool) {
        self.line.faults().failing = failing;
        if failing {
            self.with(|store, _| store.break_off(&self.line));
        }
    }

    /// How long each call takes from now on, half of it until it is done and half until that is known. What
    /// takes longer than 2 seconds is done, and its answer lost.
    pub fn slow(&self, slow: Duration) {
        self.line.faults().slow = slow;
    }

    /// Whether feeds hear nothing from now on, without breaking.
    pub fn deafen(&self, deaf: bool) {
        self.line.faults().deaf = deaf;
    }

    /// Loses as many messages more on their way to feeds.
    pub fn drop_messages(&self, n: usize) {
        self.line.faults().dropping = n;
    }

    /// Forgets everything, on all lines: records, logs and leases. Feeds stay.
    pub fn flush(&self) {
        self.with(|store, _| store.flush());
    }

    async fn call<T>(&self, act: impl FnOnce(&mut Store, Instant) -> T) -> Result<T, Lost> {
        let slow = self.reached()?;
        if slow.is_zero() {
            return Ok(self.with(act));
        }
        let half = slow.min(PATIENCE) / 2;
        sleep(half).await;
        self.reached()?;
        let done = self.with(act);
        sleep(half).await;
        self.reached()?;
        if slow > PATIENCE {
            return Err(Lost::new("no answer in time"));
        }
        Ok(done)
    }

    fn reached(&self) -> Result<Duration, Lost> {
        let faults = self.line.faults();
        if faults.failing {
            return Err(Lost::new("it was told to fail"));
        }
        Ok(faults.slow)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Store, Instant) -> T) -> T {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let now = match self.clock {
            Some(Clock { began, passed }) => began + passed(),
            None => Instant::now(),
        };
        act(&mut store, now)
    }
}

impl Engine for Memory {
    type Feed = MemoryFeed;

    async fn write(&self, node: NodeId, writes: &[Write]) -> Result<Vec<Verdict>, Lost> {
        let write = |store: &mut Store, now| {
            let verdicts = writes.iter().map(|write| store.write(node, write, now));
            verdicts.collect()
        };
        self.call(write).await
    }

    async fn read(&self, topic: &TopicName) -> Result<Everybody, Lost> {
        self.call(|store, now| store.read(topic, now)).await
    }

    async fn find(&self, topic: &TopicName, session: SessionId) -> Result<Found, Lost> {
        self.call(|store, now| store.find(topic, session, now))
            .await
    }

    async fn since(&self, topic: &TopicName, at: At) -> Result<Option<Vec<Logged>>, Lost> {
        self.call(|store, now| store.since(topic, at, now)).await
    }

    async fn ends(&self, topics: &[TopicName]) -> Result<Vec<Option<At>>, Lost> {
        let ends = |store: &mut Store, now| topics.iter().map(|it| store.end(it, now)).collect();
        self.call(ends).await
    }

    async fn hold(&self, node: NodeId, lease: Duration) -> Result<Held, Lost> {
        self.call(|store, now| store.hold(node, lease, now)).await
    }

    async fn release(&self, node: NodeId, after: Duration) -> Result<(), Lost> {
        self.call(|store, now| store.release(node, after, now))
            .await
    }

    async fn reap(&self) -> Result<usize, Lost> {
        self.call(|store, now| store.reap(now)).await
    }

    async fn order(&self, what: Bytes, age: Duration) -> Result<(), Lost> {
        self.call(|store, now| store.order(what, age, now)).await
    }

    async fn orders(&self, after: Option<At>, most: usize) -> Result<Vec<Ordered>, Lost> {
        self.call(|store, now| store.orders(after, most, now)).await
    }

    async fn tell(&self, message: Bytes) -> Result<(), Lost> {
        self.call(|store, _| store.tell(message)).await
    }

    async fn feed(&self, node: NodeId) -> Result<MemoryFeed, Lost> {
        let ear = self
            .call(|store, _| {
                let ear = Arc::new(Ear::new(node, Arc::clone(&self.line)));
                store.listen(&ear);
                ear
            })
            .await?;
        Ok(MemoryFeed::new(self.clone(), ear))
    }

    async fn topics(
        &self,
        after: Option<&TopicName>,
        most: usize,
    ) -> Result<Vec<(TopicName, Counts)>, Lost> {
        self.call(|store, _| store.topics(after, most)).await
    }

    async fn topics_of(
        &self,
        user: &User,
        after: Option<&TopicName>,
        most: usize,
    ) -> Result<Vec<TopicName>, Lost> {
        self.call(|store, _| store.topics_of(user, after, most))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Beat, Feed, Heard, Part, Record};
    use super::*;
    use crate::topic::Member;

    const FENCE: Duration = Duration::from_secs(40);

    fn topic() -> TopicName {
        TopicName::parse("rooms:1").expect("a name")
    }

    fn announce(node: NodeId, n: u64) -> Write {
        let record = Record {
            node,
            member: Member::parse("ann.g7j3dno6j6q54b34").expect("a member"),
            digest: [7; 32],
            n,
            present: Duration::ZERO,
            state: 0,
            parts: [n, 0, 0].map(|n| Part {
                n,
                body: Bytes::from(n.to_string()),
            }),
        };
        Write::Announce {
            topic: topic(),
            record,
            max_members: 10,
            fence: FENCE,
        }
    }

    async fn held(memory: &Memory) -> (NodeId, MemoryFeed) {
        let node = NodeId::new(1);
        let lease = Duration::from_secs(8);
        memory.hold(node, lease).await.expect("reached");
        let mut feed = memory.feed(node).await.expect("reached");
        feed.follow(&[topic()]).await.expect("reached");
        (node, feed)
    }

    async fn heard(feed: &mut MemoryFeed) -> Option<u64> {
        let soon = Duration::from_millis(1);
        match tokio::time::timeout(soon, feed.next()).await {
            Ok(Ok(Heard::Logged(_, logged))) => Some(logged.at.sequence),
            Ok(Ok(Heard::Told(_) | Heard::Befell(..) | Heard::Ordered) | Err(_)) | Err(_) => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_line_is_lost_and_its_feeds_with_it() {
        let memory = Memory::new();
        let (node, mut feed) = held(&memory).await;
        let other = memory.line();
        memory.fail(true);
        assert!(memory.write(node, &[announce(node, 1)]).await.is_err());
        assert!(feed.next().await.is_err());
        let verdicts = other.write(node, &[announce(node, 1)]).await;
        assert_eq!(verdicts.expect("the other line is whole"), [Verdict::Done]);
        memory.fail(false);
        assert!(memory.read(&topic()).await.is_ok());
        assert!(feed.next().await.is_err(), "a broken feed stays so");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_takes_its_time_and_loses_what_takes_too_long() {
        let memory = Memory::new();
        let (node, _feed) = held(&memory).await;
        let begun = Instant::now();
        memory.slow(Duration::from_millis(300));
        assert!(memory.write(node, &[announce(node, 1)]).await.is_ok());
        assert_eq!(begun.elapsed(), Duration::from_millis(300));
        memory.slow(Duration::from_secs(3));
        assert!(memory.write(node, &[announce(node, 2)]).await.is_err());
        assert_eq!(begun.elapsed(), Duration::from_millis(300) + PATIENCE);
        memory.slow(Duration::ZERO);
        let everybody = memory.read(&topic()).await.expect("reached");
        assert_eq!(everybody.at.sequence, 2, "it was done all the same");
    }

    #[tokio::test(start_paused = true)]
    async fn a_deaf_feed_and_a_dropped_message_do_not_show() {
        let memory = Memory::new();
        let (node, mut feed) = held(&memory).await;
        let mut n = 0;
        let mut speak = async || {
            n += 1;
            memory
                .write(node, &[announce(node, n)])
                .await
                .expect("reached");
        };
        speak().await;
        assert_eq!(heard(&mut feed).await, Some(1));
        memory.drop_messages(1);
        speak().await;
        speak().await;
        assert_eq!(heard(&mut feed).await, Some(3));
        memory.deafen(true);
        speak().await;
        assert_eq!(heard(&mut feed).await, None);
        memory.deafen(false);
        speak().await;
        assert_eq!(heard(&mut feed).await, Some(5));
    }

    #[tokio::test(start_paused = true)]
    async fn flushed_it_has_forgotten_all_but_who_listens() {
        let memory = Memory::new();
        let (node, mut feed) = held(&memory).await;
        let before = memory.read(&topic()).await.expect("reached").at;
        memory.flush();
        let verdicts = memory.write(node, &[announce(node, 1)]).await;
        assert_eq!(verdicts.expect("reached"), [Verdict::Unheld]);
        let lease = Duration::from_secs(8);
        let held = memory.hold(node, lease).await.expect("reached");
        assert_eq!(held.beat, Beat::Anew);
        memory
            .write(node, &[announce(node, 1)])
            .await
            .expect("reached");
        assert_eq!(heard(&mut feed).await, Some(1));
        let after = memory.read(&topic()).await.expect("reached").at;
        assert_ne!(before.epoch, after.epoch);
    }
}
