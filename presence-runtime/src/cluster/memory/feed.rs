//! Feeds of the memory: a queue each, and a line that may fail.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::super::{Feed, Heard, Lost, NodeId};
use super::Memory;
use super::line::Line;
use crate::schema::TopicName;

/// The most that waits to be heard. Whoever is slower loses what comes then.
const MOST_WAITING: usize = 4096;

/// Hears what is logged in a [`Memory`].
#[derive(Debug)]
pub struct MemoryFeed {
    memory: Memory,
    ear: Arc<Ear>,
}

/// Where a feed hears: what it follows, and what it has not taken yet.
pub(super) struct Ear {
    node: NodeId,
    line: Arc<Line>,
    heard: Mutex<Waiting>,
    bell: Notify,
}

#[derive(Default)]
struct Waiting {
    followed: HashSet<TopicName>,
    queue: VecDeque<Heard>,
    broken: bool,
}

impl Ear {
    pub(super) fn new(node: NodeId, line: Arc<Line>) -> Self {
        Self {
            node,
            line,
            heard: Mutex::default(),
            bell: Notify::new(),
        }
    }

    pub(super) const fn node(&self) -> NodeId {
        self.node
    }

    pub(super) fn is_of(&self, line: &Arc<Line>) -> bool {
        Arc::ptr_eq(&self.line, line)
    }

    pub(super) fn break_off(&self) {
        self.waiting().broken = true;
        self.bell.notify_one();
    }

    pub(super) fn hear(&self, heard: &Heard) {
        let mut waiting = self.waiting();
        let concerned = match heard {
            Heard::Logged(topic, _) => waiting.followed.contains(topic),
            Heard::Told(_) | Heard::Befell(..) | Heard::Ordered => true,
        };
        if !concerned || waiting.broken || self.line.loses() {
            return;
        }
        if waiting.queue.len() < MOST_WAITING {
            waiting.queue.push_back(heard.clone());
            self.bell.notify_one();
        }
    }

    fn take(&self) -> Option<Result<Heard, Lost>> {
        let mut waiting = self.waiting();
        if waiting.broken {
            return Some(Err(broken()));
        }
        waiting.queue.pop_front().map(Ok)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.waiting();
        f.debug_struct("Ear")
            .field("followed", &waiting.followed.len())
            .field("waiting", &waiting.queue.len())
            .field("broken", &waiting.broken)
            .finish_non_exhaustive()
    }
}

impl MemoryFeed {
    pub(super) const fn new(memory: Memory, ear: Arc<Ear>) -> Self {
        Self { memory, ear }
    }

    async fn change(
        &self,
        change: impl FnOnce(&mut HashSet<TopicName>) + Send,
    ) -> Result<(), Lost> {
        let ear = &self.ear;
        self.memory
            .call(|_, _| {
                let mut waiting = ear.waiting();
                if waiting.broken {
                    return Err(broken());
                }
                change(&mut waiting.followed);
                Ok(())
            })
            .await?
    }
}

impl Feed for MemoryFeed {
    async fn follow(&mut self, topics: &[TopicName]) -> Result<(), Lost> {
        self.change(|followed| followed.extend(topics.iter().cloned()))
            .await
    }

    async fn unfollow(&mut self, topics: &[TopicName]) -> Result<(), Lost> {
        self.change(|followed| {
            for topic in topics {
                followed.remove(topic);
            }
        })
        .await
    }

    async fn next(&mut self) -> Result<Heard, Lost> {
        loop {
            if let Some(heard) = self.ear.take() {
                return heard;
            }
            self.ear.bell.notified().await;
        }
    }
}

fn broken() -> Lost {
    Lost::new("the feed is broken")
}
