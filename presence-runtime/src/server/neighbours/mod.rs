//! Other nodes, as far as the server knows of them: somebody who is told that there is something to say or
//! to find out, and who writes into topics what other nodes say. A hub without them is asked one question
//! more a change, and nothing else.

mod figures;
mod hearing;
mod obeying;
mod report;

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Weak;

pub(crate) use self::figures::Figures;
pub(crate) use self::report::{Publication, Report, Word};
use super::hub::Hub;
pub(crate) use super::hub::WeakHub;
use crate::schema::{Schema, TopicName};
use crate::topic::{ConnectionId, Counts, SessionId, User};
use crate::wire::{Fault, ServerMessage};

/// Something that takes a while.
pub(crate) type Pending = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is found out, if it can be.
pub(crate) type Found<T> = Pin<Box<dyn Future<Output = Option<Vec<T>>> + Send>>;

/// Those who speak with other nodes. Nothing here waits.
pub(crate) trait Neighbours: fmt::Debug + Send + Sync {
    /// There is something new of this topic: news, or who watches.
    fn look(&self, topic: &TopicName);

    /// Finds out what other nodes know of a session in a topic, or of everybody. It takes a second or two at
    /// most, whatever becomes of it.
    fn acquaint(&self, hub: &Hub, topic: TopicName, session: Option<SessionId>) -> Pending;

    /// The topics in which somebody is present at any node, by name, after this one; `most` of them at most.
    /// Nothing when that cannot be found out.
    fn topics(&self, after: Option<TopicName>, most: usize) -> Found<(TopicName, Counts)>;

    /// The same of the topics in which a user is.
    fn topics_of(&self, user: User, after: Option<TopicName>, most: usize) -> Found<TopicName>;

    /// What an application ordered here holds on all nodes.
    fn order(&self, order: Order);

    /// Whether members at other nodes may have changed without anybody here knowing.
    fn is_stale(&self) -> bool;

    /// How it goes, and went so far.
    fn figures(&self) -> Figures;

    /// This node goes. Its members have a while to come back elsewhere.
    fn farewell(&self) -> Pending;
}

/// What an application orders, on whatever node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    Kick {
        topic: TopicName,
        session: SessionId,
    },
    KickUser {
        topic: TopicName,
        user: User,
    },
    RemoveSession(SessionId),
    Reauthorize(User),
    Revoke(User),
}

/// What this node wants to know of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Everything: somebody watches.
    All,
    /// Nothing of others; its own members are there.
    Own,
    /// The topic is not live here.
    None,
}

impl Hub {
    /// Tells neighbours of all that happens from now on. Whether there were none before.
    pub(crate) fn meet(&self, neighbours: Weak<dyn Neighbours>) -> bool {
        let new = self.shared().meet(neighbours);
        if new {
            for live in self.all_live() {
                live.meet(self.shared());
            }
        }
        new
    }

    /// The same hub, for somebody who does not keep it.
    pub(crate) fn weak(&self) -> WeakHub {
        self.downgrade()
    }

    /// Has a topic for what other nodes say of it.
    ///
    /// # Errors
    /// As [`Hub::live`].
    pub(crate) fn open(&self, topic: &TopicName) -> Result<(), Fault> {
        self.live(topic, None).map(drop)
    }

    /// Somebody asks for everybody in a topic: it is wanted for a while.
    pub(crate) fn want(&self, topic: &TopicName) {
        if let Some(live) = self.existing(topic.as_str()) {
            live.want(self.shared());
        }
    }

    /// What this node wants to know of a topic.
    pub(crate) fn interest(&self, topic: &TopicName) -> Interest {
        let live = self.existing(topic.as_str());
        live.map_or(Interest::None, |it| it.interest(self.shared()))
    }

    /// What is known of other nodes is all there is: whoever waited for it is told.
    pub(crate) fn settle(&self, topic: &TopicName) {
        if let Some(live) = self.existing(topic.as_str()) {
            live.acquaint(self.shared());
        }
    }

    /// Whether everybody at other nodes was heard and not forgotten since, as a topic does that is made anew.
    /// So it is where it is not live.
    pub(crate) fn is_acquainted(&self, topic: &TopicName) -> bool {
        let live = self.existing(topic.as_str());
        live.is_none_or(|it| it.is_acquainted())
    }

    /// There is nothing to wait for: what is known here has to do.
    pub(crate) fn settle_all(&self) {
        for live in self.all_live() {
            live.set_awaiting(self.shared(), false);
        }
    }

    /// The same on all other nodes.
    pub(super) fn order(&self, order: impl FnOnce() -> Order) {
        if let Some(neighbours) = self.shared().neighbours() {
            neighbours.order(order());
        }
    }

    /// Waits until what other nodes know of a session in a topic is known here, or of everybody; nothing
    /// where it is.
    pub(super) fn acquaint(
        &self,
        topic: &str,
        session: Option<SessionId>,
        connection: Option<ConnectionId>,
    ) -> Option<Pending> {
        let neighbours = self.shared().neighbours()?;
        if let Some(live) = self.existing(topic)
            && live.knows(session.zip(connection))
        {
            if session.is_none() {
                live.want(self.shared());
            }
            return None;
        }
        let name = TopicName::parse(topic).ok()?;
        self.registered(&name).ok()?;
        Some(neighbours.acquaint(self, name, session))
    }

    /// The topics in which somebody is present, or this user, at any node: by name, after this one, `most`
    /// of them at most. With each what other nodes know of how many are there.
    pub(super) async fn whereabouts(
        &self,
        user: Option<&User>,
        after: Option<&TopicName>,
        most: usize,
    ) -> Vec<(TopicName, Option<Counts>)> {
        let whereabouts = &self.shared().whereabouts;
        let here = match user {
            Some(user) => whereabouts.of(user, after, most),
            None => whereabouts.topics(after, most),
        };
        let mut all: BTreeMap<_, _> = here.into_iter().map(|it| (it, None)).collect();
        if let Some(neighbours) = self.shared().neighbours()
            && !neighbours.is_stale()
        {
            let after = after.cloned();
            match user {
                Some(user) => {
                    let found = neighbours.topics_of(user.clone(), after, most).await;
                    let found = found.unwrap_or_default().into_iter();
                    all.extend(found.map(|it| (it, None)));
                }
                None => {
                    let found = neighbours.topics(after, most).await;
                    let found = found.unwrap_or_default().into_iter();
                    all.extend(found.map(|(topic, counts)| (topic, Some(counts))));
                }
            }
        }
        all.into_iter().take(most).collect()
    }

    /// The schema of the values of a topic, and whether hooks are to be told of it.
    pub(crate) fn type_of(&self, topic: &TopicName) -> Option<(&'static Schema, bool)> {
        let registered = self.registered(topic).ok()?;
        Some((registered.schema, self.has_hooks(registered.schema)))
    }

    /// Whether members at other nodes may have changed without anybody here knowing.
    pub(super) fn is_stale(&self) -> bool {
        self.shared().neighbours().is_some_and(|it| it.is_stale())
    }

    /// Tells everybody whether members at other nodes are up to date.
    pub(crate) fn tell_status(&self, stale: bool) {
        let message = ServerMessage::status(stale);
        for outlet in self.connections().all() {
            if let Some(outlet) = outlet.upgrade() {
                outlet.tell(&message);
            }
        }
    }

    /// All topics that are live here.
    pub(crate) fn live_topics(&self) -> Vec<TopicName> {
        self.all_live().iter().map(|it| it.name().clone()).collect()
    }
}
