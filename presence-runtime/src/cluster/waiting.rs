//! What has to be written: each session once, as it stands.

use std::collections::{BTreeMap, BTreeSet};

use super::Write;
use crate::schema::TopicName;
use crate::server::Hub;
use crate::topic::{Reason, SessionId};

/// Most writes of one round trip.
const BATCH: usize = 512;
/// More leaves do not wait: the engine is told who is left instead.
const MAX_WAITING: usize = 50_000;

/// What has to be written.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// What is written before all else. What members said who are at other nodes, which have not heard all of
    /// it; and what they said last before this node took them for gone: nobody else may have heard that, or that
    /// they were here.
    first: BTreeMap<(TopicName, SessionId), Write>,
    sessions: BTreeMap<(TopicName, SessionId), Write>,
    /// Topics of which the engine is told that nobody else is there, once everybody has been written.
    pub(super) retains: BTreeSet<TopicName>,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.sessions.len() + self.retains.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty() && self.sessions.is_empty() && self.retains.is_empty()
    }

    /// Takes what is written next. While nodes are `settling`, nobody is said to be gone who has not said so:
    /// whoever came to another node while the engine was away is to be heard of there first.
    pub(super) fn take_batch(&mut self, hub: &Hub, settling: bool) -> Vec<Write> {
        let mut batch = Vec::new();
        while batch.len() < BATCH
            && let Some((_, write)) = self.first.pop_first()
        {
            batch.push(write);
        }
        if !batch.is_empty() {
            return batch;
        }
        if settling {
            let said = self.sessions.extract_if(.., |_, write| !is_noticed(write));
            batch.extend(said.take(BATCH).map(|it| it.1));
            return batch;
        }
        while batch.len() < BATCH {
            if let Some((_, write)) = self.sessions.pop_first() {
                batch.push(write);
            } else if let Some(topic) = self.retains.pop_first() {
                // As it is now: whoever joined since then is there as well.
                let sessions = hub.here(&topic);
                batch.push(Write::Retain { topic, sessions });
            } else {
                break;
            }
        }
        batch
    }

    /// How a session stands, in place of how it stood.
    pub(super) fn put(&mut self, topic: &TopicName, session: SessionId, write: Write) {
        let key = (topic.clone(), session);
        let noticed = is_noticed(&write);
        let before = self.sessions.insert(key.clone(), write);
        if !noticed {
            self.first.remove(&key);
        } else if let Some(announce @ Write::Announce { .. }) = before {
            self.first.insert(key, announce);
        }
    }

    /// What others are to hear of a session before it is said how it stands.
    pub(super) fn put_first(&mut self, topic: &TopicName, session: SessionId, write: Write) {
        self.first.insert((topic.clone(), session), write);
    }

    /// Keeps no more leaves than may wait, however many come and go while the engine is away.
    pub(super) fn bound(&mut self) {
        if self.sessions.len() <= MAX_WAITING {
            return;
        }
        let Self {
            first,
            sessions,
            retains,
        } = self;
        first.clear();
        sessions.retain(|(topic, _), write| {
            let leaves = matches!(write, Write::Leave { .. });
            if leaves {
                retains.insert(topic.clone());
            }
            !leaves
        });
    }

    /// What could not be written is written later, unless something newer takes its place.
    pub(super) fn put_back(&mut self, batch: Vec<Write>) {
        for write in batch {
            match &write {
                Write::Announce { topic, record, .. } => {
                    let key = (topic.clone(), record.member.session);
                    match self.sessions.get(&key) {
                        None => self.sessions.insert(key, write),
                        Some(newer) if is_noticed(newer) => self.first.insert(key, write),
                        Some(_) => None,
                    };
                }
                Write::Newer { topic, record } => {
                    let key = (topic.clone(), record.member.session);
                    self.first.entry(key).or_insert(write);
                }
                Write::Leave { topic, member, .. } => {
                    let key = (topic.clone(), member.session);
                    self.sessions.entry(key).or_insert(write);
                }
                Write::Retain { topic, .. } => {
                    self.retains.insert(topic.clone());
                }
            }
        }
    }
}

/// Whether it says that somebody left whose word that is not.
fn is_noticed(write: &Write) -> bool {
    matches!(write, Write::Leave { reason, .. } if *reason != Reason::Left)
}
