//! Watching: the changes of a topic as typed values.
//!
//! A watcher is a reader like any other, with a position and no queue. It is told when, at the flush
//! that brings others their bytes, and reads the topic itself when it is asked for its next change.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::live_of;
use crate::schema::{Presence, TopicOf};
use crate::server::bell::Bell;
use crate::server::entry::EntryOf;
use crate::server::hub::Hub;
use crate::server::live::{Live, WatcherKey};
use crate::topic::{Member, Reader, Reason, Seen, Told, Topic};
use crate::wire::Fault;

/// Most changes that are read ahead.
const AHEAD: usize = 64;

/// What happened in a topic since the change before.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change<T> {
    /// Everybody who is there, in the order of joining. It comes first, and again whenever the
    /// difference is no longer known; what was known before it no longer counts.
    Snapshot(Vec<EntryOf<T>>),
    /// Somebody joined.
    Joined(EntryOf<T>),
    /// Somebody changed.
    Updated(EntryOf<T>),
    /// Somebody left.
    Left {
        /// Who.
        member: Member,
        /// Why.
        reason: Reason,
    },
}

/// The changes of a topic, see [`Hub::watch`].
///
/// They are net changes: whoever asks rarely skips what came and went meanwhile, and ends with the
/// exact state all the same. It ends when the hub is closed.
#[must_use = "a watch does nothing unless it is asked for changes"]
pub struct Watch<T> {
    hub: Hub,
    live: Arc<Live>,
    key: WatcherKey,
    bell: Arc<Bell>,
    reader: Reader,
    ahead: VecDeque<Glance>,
    closed: bool,
    of: PhantomData<fn() -> T>,
}

/// A change as it is read, under the topic's lock.
enum Glance {
    Snapshot(Vec<Seen>),
    Joined(Seen),
    Updated(Seen),
    Left { member: Member, reason: Reason },
}

impl<T: Presence> Watch<T> {
    pub(super) fn open(hub: &Hub, topic: &TopicOf<T>) -> Result<Self, Fault> {
        let bell = Arc::new(Bell::rung());
        loop {
            let live = live_of(hub, topic)?;
            if let Ok(key) = live.watch(hub.shared(), bell.clone()) {
                return Ok(Self {
                    hub: hub.clone(),
                    live,
                    key,
                    bell,
                    reader: Reader::NOTHING,
                    ahead: VecDeque::new(),
                    closed: false,
                    of: PhantomData,
                });
            }
        }
    }

    /// The next change; nothing once the hub is closed. Whoever stops waiting misses nothing.
    pub async fn next(&mut self) -> Option<Change<T>> {
        std::future::poll_fn(|context| self.poll_change(context)).await
    }

    fn poll_change(&mut self, context: &Context<'_>) -> Poll<Option<Change<T>>> {
        loop {
            if let Some(glance) = self.ahead.pop_front() {
                return Poll::Ready(Some(glance.into()));
            }
            if !self.reader.is_between() {
                if self.closed {
                    return Poll::Ready(None);
                }
                ready!(self.bell.poll_rung(context));
            }
            self.look();
        }
    }

    fn look(&mut self) {
        // Asked before, so that what closing did is seen before its end.
        self.closed = self.live.is_closed();
        if self.live.is_awaiting() && !self.closed {
            // It rings again once it is known who is at other nodes.
            return;
        }
        let Self { reader, ahead, .. } = self;
        let shared = self.hub.shared();
        let looked = self.live.with(shared, |topic, _| glance(topic, reader));
        // A topic is not freed while it is watched.
        *ahead = looked.unwrap_or_default();
    }
}

/// Reads on, and moves the reader to where that ends.
fn glance(topic: &Topic, reader: &mut Reader) -> VecDeque<Glance> {
    let mut ahead = VecDeque::new();
    let Some(mut part) = topic.part(reader) else {
        return ahead;
    };
    if part.is_snapshot() {
        let all = std::iter::from_fn(|| part.take());
        ahead.push_back(Glance::Snapshot(all.filter_map(seen).collect()));
    } else {
        let some = std::iter::from_fn(|| part.take()).take(AHEAD);
        ahead.extend(some.map(Glance::from));
    }
    *reader = part.stop();
    ahead
}

fn seen(told: Told<'_>) -> Option<Seen> {
    match told {
        Told::Joined(entry) | Told::Updated { entry, .. } => Some(entry.into()),
        Told::Left(_) => None,
    }
}

impl From<Told<'_>> for Glance {
    fn from(told: Told<'_>) -> Self {
        match told {
            Told::Joined(entry) => Self::Joined(entry.into()),
            Told::Updated { entry, .. } => Self::Updated(entry.into()),
            Told::Left(departure) => Self::Left {
                member: departure.member.clone(),
                reason: departure.reason,
            },
        }
    }
}

impl<T: Presence> From<Glance> for Change<T> {
    fn from(glance: Glance) -> Self {
        match glance {
            Glance::Snapshot(all) => Self::Snapshot(all.into_iter().map(EntryOf::read).collect()),
            Glance::Joined(entry) => Self::Joined(EntryOf::read(entry)),
            Glance::Updated(entry) => Self::Updated(EntryOf::read(entry)),
            Glance::Left { member, reason } => Self::Left { member, reason },
        }
    }
}

impl<T: Presence> Stream for Watch<T> {
    type Item = Change<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Change<T>>> {
        self.poll_change(context)
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        self.live.unwatch(self.hub.shared(), self.key);
    }
}

impl<T> fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("topic", self.live.name())
            .finish_non_exhaustive()
    }
}
