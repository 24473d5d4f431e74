//! Everything that the memory keeps: topics, leases, and who is where.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::super::{
    At, Beat, Everybody, Found, Heard, Held, Logged, NodeId, Ordered, Verdict, Write,
};
use super::feed::Ear;
use super::kept::Happened;
use super::line::Line;
use super::log::{Log, Step};
use super::orders::Orders;
use crate::schema::TopicName;
use crate::topic::{Counts, SessionId, User};

/// How long a topic that nobody is in is kept, at least.
const KEPT_EMPTY: Duration = Duration::from_secs(300);

/// What the clones of a memory share.
#[derive(Debug, Default)]
pub(super) struct Store {
    topics: BTreeMap<TopicName, Log>,
    /// When topics that nobody is in are forgotten.
    emptied: BTreeMap<TopicName, Instant>,
    users: BTreeMap<User, BTreeSet<TopicName>>,
    leases: BTreeMap<NodeId, Instant>,
    held: BTreeMap<NodeId, BTreeSet<(TopicName, SessionId)>>,
    orders: Option<Orders>,
    epochs: u64,
    ears: Vec<Weak<Ear>>,
}

impl Store {
    pub(super) fn write(&mut self, node: NodeId, write: &Write, now: Instant) -> Verdict {
        match write {
            Write::Announce {
                topic,
                record,
                max_members,
                fence,
            } => {
                if self.leases.get(&node).is_none_or(|end| *end <= now) {
                    return Verdict::Unheld;
                }
                let log = self.log(topic, now);
                let (verdict, step) = log.announce(node, record, *max_members, *fence, now);
                self.befall(topic, node, step, now);
                verdict
            }
            Write::Newer { topic, record } => {
                let step = self.log(topic, now).add(record, now);
                self.befall(topic, node, step, now);
                Verdict::Done
            }
            Write::Leave {
                topic,
                member,
                n,
                reason,
                fence,
            } => {
                let log = self.log(topic, now);
                let (verdict, step) = log.leave(node, member, *n, *reason, *fence, now);
                self.befall(topic, node, step, now);
                verdict
            }
            Write::Retain { topic, sessions } => {
                let sessions: BTreeSet<_> = sessions.iter().collect();
                let held = self.known(topic, now).map(|log| log.at_node(node));
                for session in held.unwrap_or_default() {
                    if !sessions.contains(&session) {
                        self.remove(topic, session, now);
                    }
                }
                Verdict::Done
            }
        }
    }

    pub(super) fn read(&mut self, topic: &TopicName, now: Instant) -> Everybody {
        let everybody = self.log(topic, now).everybody(now);
        self.note(topic, None, now);
        everybody
    }

    pub(super) fn find(&self, topic: &TopicName, session: SessionId, now: Instant) -> Found {
        let log = self.known(topic, now);
        log.map_or(Found::Nothing, |log| log.find(session, now))
    }

    pub(super) fn since(&self, topic: &TopicName, at: At, now: Instant) -> Option<Vec<Logged>> {
        self.known(topic, now)?.since(at, now)
    }

    pub(super) fn end(&self, topic: &TopicName, now: Instant) -> Option<At> {
        self.known(topic, now).map(Log::at)
    }

    pub(super) fn hold(&mut self, node: NodeId, lease: Duration, now: Instant) -> Held {
        let beat = match self.leases.insert(node, now + lease) {
            Some(end) if end > now => Beat::Kept,
            _ => Beat::Anew,
        };
        let overdue = self.leases.values().any(|end| *end <= now);
        Held { beat, overdue }
    }

    pub(super) fn release(&mut self, node: NodeId, after: Duration, now: Instant) {
        if let Some(end) = self.leases.get_mut(&node).filter(|end| **end > now) {
            *end = now + after;
        }
    }

    pub(super) fn reap(&mut self, now: Instant) -> usize {
        self.forget(now);
        let over = self.leases.iter().filter(|(_, end)| **end <= now);
        let dead: Vec<_> = over.map(|(node, _)| *node).collect();
        let mut removed = 0;
        for node in dead {
            self.leases.remove(&node);
            for (topic, session) in self.held.get(&node).cloned().unwrap_or_default() {
                self.remove(&topic, session, now);
                removed += 1;
            }
        }
        removed
    }

    pub(super) fn topics(
        &self,
        after: Option<&TopicName>,
        most: usize,
    ) -> Vec<(TopicName, Counts)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let topics = self.topics.range::<TopicName, _>((start, Bound::Unbounded));
        let live = topics.filter(|(_, log)| !log.is_empty());
        let counted = live.map(|(topic, log)| (topic.clone(), log.counts()));
        counted.take(most).collect()
    }

    pub(super) fn topics_of(
        &self,
        user: &User,
        after: Option<&TopicName>,
        most: usize,
    ) -> Vec<TopicName> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let theirs = self.users.get(user);
        let later = theirs.map(|it| it.range::<TopicName, _>((start, Bound::Unbounded)));
        later.into_iter().flatten().take(most).cloned().collect()
    }

    /// Forgets everything but who listens.
    pub(super) fn flush(&mut self) {
        *self = Self {
            epochs: self.epochs,
            ears: std::mem::take(&mut self.ears),
            ..Self::default()
        };
    }

    pub(super) fn listen(&mut self, ear: &Arc<Ear>) {
        self.ears.retain(|it| it.strong_count() > 0);
        self.ears.push(Arc::downgrade(ear));
    }

    pub(super) fn order(&mut self, what: Bytes, age: Duration, now: Instant) {
        self.orders = self.orders.take().filter(|it| it.is_kept(now));
        let epochs = &mut self.epochs;
        let orders = self.orders.get_or_insert_with(|| {
            *epochs += 1;
            Orders::new(*epochs)
        });
        orders.add(what, age, now);
        self.hear(&Heard::Ordered);
    }

    pub(super) fn orders(&self, after: Option<At>, most: usize, now: Instant) -> Vec<Ordered> {
        let orders = self.orders.as_ref().filter(|it| it.is_kept(now));
        orders.map_or_else(Vec::new, |it| it.after(after, most, now))
    }

    pub(super) fn tell(&self, message: Bytes) {
        self.hear(&Heard::Told(message));
    }

    pub(super) fn break_off(&self, line: &Arc<Line>) {
        for ear in self.ears.iter().filter_map(Weak::upgrade) {
            if ear.is_of(line) {
                ear.break_off();
            }
        }
    }

    fn known(&self, topic: &TopicName, now: Instant) -> Option<&Log> {
        let forgotten = self.emptied.get(topic).is_some_and(|end| *end <= now);
        self.topics.get(topic).filter(|_| !forgotten)
    }

    fn log(&mut self, topic: &TopicName, now: Instant) -> &mut Log {
        if self.known(topic, now).is_none() {
            self.topics.remove(topic);
        }
        let epochs = &mut self.epochs;
        self.topics.entry(topic.clone()).or_insert_with(|| {
            *epochs += 1;
            Log::new(*epochs)
        })
    }

    fn remove(&mut self, topic: &TopicName, session: SessionId, now: Instant) {
        let step = self.log(topic, now).remove(session, now);
        self.note(topic, step, now);
    }

    /// Notes what became of a topic: who is where, when it is forgotten, and who hears of it.
    fn note(&mut self, topic: &TopicName, step: Option<Step>, now: Instant) {
        let log = &self.topics[topic];
        if log.is_empty() {
            let fenced = log.fenced_until();
            let end = (now + KEPT_EMPTY).max(fenced.unwrap_or(now));
            self.emptied.insert(topic.clone(), end);
        } else {
            self.emptied.remove(topic);
        }
        let Some(Step {
            at,
            happened,
            before,
        }) = step
        else {
            return;
        };
        let member = happened.member();
        let user = &member.user;
        if log.has(user) {
            let topics = self.users.entry(user.clone()).or_default();
            topics.insert(topic.clone());
        } else if let Some(topics) = self.users.get_mut(user) {
            topics.remove(topic);
            if topics.is_empty() {
                self.users.remove(user);
            }
        }
        let place = (topic.clone(), member.session);
        if let Some(before) = before
            && let Some(held) = self.held.get_mut(&before.node)
        {
            held.remove(&place);
            if held.is_empty() {
                self.held.remove(&before.node);
            }
        }
        if let Happened::Present(kept) | Happened::Newer(kept) = &happened {
            self.held.entry(kept.node).or_default().insert(place);
        }
        let turn = happened.turn(now);
        self.hear(&Heard::Logged(topic.clone(), Logged { at, turn }));
    }

    /// What a node did to a member: told to that as well which had it until now.
    fn befall(&mut self, topic: &TopicName, by: NodeId, step: Option<Step>, now: Instant) {
        let befell = step.as_ref().and_then(|it| it.befell(by, now));
        self.note(topic, step, now);
        if let Some((node, turn)) = befell {
            let heard = Heard::Befell(topic.clone(), turn);
            let ears = self.ears.iter().filter_map(Weak::upgrade);
            for ear in ears.filter(|it| it.node() == node) {
                ear.hear(&heard);
            }
        }
    }

    fn hear(&self, heard: &Heard) {
        for ear in self.ears.iter().filter_map(Weak::upgrade) {
            ear.hear(heard);
        }
    }

    fn forget(&mut self, now: Instant) {
        let topics = &mut self.topics;
        self.emptied.retain(|topic, end| {
            let kept = *end > now;
            if !kept {
                topics.remove(topic);
            }
            kept
        });
    }
}
