//! Engines: what nodes share. A transport between them, and a memory that outlives each.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;

use super::{At, Logged, NodeId, Record, Turn};
use crate::schema::TopicName;
use crate::topic::{Counts, Member, Reason, SessionId, User};

/// What a node writes to the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// A member is present at this node, or has changed. Where the engine has newer parts of what it says they
    /// are kept; where that is all that counts of this because the session is at another node, too.
    Announce {
        /// Where.
        topic: TopicName,
        /// Who, and what it says.
        record: Record,
        /// Most members of the topic, on all nodes.
        max_members: usize,
        /// For how long the last `n` of the session is remembered once it left.
        fence: Duration,
    },
    /// A member at another node said something that its node may not have heard: what is newer of that is
    /// kept. Nothing where nobody has the member.
    Newer {
        /// Where.
        topic: TopicName,
        /// Who, and what it says.
        record: Record,
    },
    /// A member left.
    Leave {
        /// What it left.
        topic: TopicName,
        /// Who.
        member: Member,
        /// The last `n` of its session.
        n: u64,
        /// Why. Who [`Left`](Reason::Left) said so, and is removed wherever it is, if `n` is not below
        /// that of the record where this node has it, and above where another has; an absent member's `n`
        /// is remembered. For all other reasons it is removed where this node has it and `n` is not below,
        /// because a write may arrive late, and where another has it nothing happens.
        reason: Reason,
        /// For how long the `n` is remembered.
        fence: Duration,
    },
    /// These are all members of the topic at this node: whoever else the engine takes for one has left, as
    /// `disconnected`. Who was announced by a later write than this stays, whenever this arrives. What the
    /// node said last of who is removed so, or by [`Engine::reap`], still counts when it says it again.
    Retain {
        /// Where.
        topic: TopicName,
        /// Who is present at this node.
        sessions: Vec<SessionId>,
    },
}

/// What became of a [`Write`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is done, or there was nothing to do.
    Done,
    /// It is done, and some of what the member says another node has heard: this one has yet to find out.
    Newer,
    /// Something newer of the session came before, perhaps from another node. Nothing has changed, but what
    /// the member says, where this is newer.
    Stale,
    /// The session is present with another key or another user. Nothing has changed. Somebody who left is
    /// fenced as the user that left: as another, the session begins anew.
    Taken,
    /// The topic has as many members as it may have. Nothing has changed.
    Full,
    /// The node holds no lease, so that nothing would remove its members. Nothing has changed.
    Unheld,
}

/// Everybody in a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Everybody {
    /// Where the log was then: what is logged later is not in here, and everything before it is.
    pub at: At,
    /// Who is present, on all nodes, in no order.
    pub records: Vec<Record>,
}

/// What the engine knows of a session in a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is present.
    Present(Record),
    /// This member left a while ago, with this `n`.
    Left {
        /// Who it was.
        member: Member,
        /// The last `n` of its session.
        n: u64,
        /// Why.
        reason: Reason,
    },
    /// Nothing.
    Nothing,
}

/// How a lease stood when it was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// The lease goes on.
    Kept,
    /// There was none, or not everywhere: all of the node's members may have been removed.
    Anew,
}

/// For how long orders are remembered, at least while there are no more than [`MAX_ORDERS`] younger ones. A node
/// that is cut off keeps its members for as long as their connections last; what is ordered meanwhile reaches
/// them if it comes back by then.
pub const ORDERS_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Most orders that are remembered; the oldest are forgotten first.
pub const MAX_ORDERS: usize = 4096;

/// What holding a lease found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// How the lease stood until now.
    pub beat: Beat,
    /// Whether there are leases of other nodes that are over: somebody has to [reap](Engine::reap).
    pub overdue: bool,
}

/// Something that all nodes have to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// Its place among all orders. The epoch changes whenever the engine has forgotten them.
    pub at: At,
    /// How long ago it was ordered when this was answered, by the engine's time; never less than it was.
    pub age: Duration,
    /// What is to be done. Engines hand it on as it is.
    pub what: Bytes,
}

/// The engine did not answer, or not as it should: whether something was done is unknown. What nodes write
/// may be written again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the engine is out of reach: {0}")]
pub struct Lost(String);

impl Lost {
    /// Lost, for this reason. It is logged: it holds no value, key or token.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

/// What nodes share: for each topic the records of its members and a log of what became of them.
///
/// What is done to a topic is done at once, in one order, and logged in that order. Time is the engine's
/// own; no clock of a node is compared with another's. No method waits for longer than a few seconds.
pub trait Engine: fmt::Debug + Send + Sync + 'static {
    /// What hears of other nodes.
    type Feed: Feed;

    /// Does all of it in order, in as few round trips as there can be. As many verdicts as writes.
    ///
    /// # Errors
    /// When the engine is out of reach: some of it may have been done.
    fn write(
        &self,
        node: NodeId,
        writes: &[Write],
    ) -> impl Future<Output = Result<Vec<Verdict>, Lost>> + Send;

    /// Everybody in a topic, and where its log was then. A topic that nobody is in has a log as well, which
    /// begins here if need be.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn read(&self, topic: &TopicName) -> impl Future<Output = Result<Everybody, Lost>> + Send;

    /// What is known of a session in a topic.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn find(
        &self,
        topic: &TopicName,
        session: SessionId,
    ) -> impl Future<Output = Result<Found, Lost>> + Send;

    /// What was logged of a topic after a place, in order and without a gap; nothing when the log does not
    /// go back that far or has another epoch.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn since(
        &self,
        topic: &TopicName,
        at: At,
    ) -> impl Future<Output = Result<Option<Vec<Logged>>, Lost>> + Send;

    /// Where the logs of these topics are; nothing for those that have none.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn ends(
        &self,
        topics: &[TopicName],
    ) -> impl Future<Output = Result<Vec<Option<At>>, Lost>> + Send;

    /// The node lives, for this long from now at least. One lease is all that a node's members have: each
    /// of them costs nothing.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn hold(
        &self,
        node: NodeId,
        lease: Duration,
    ) -> impl Future<Output = Result<Held, Lost>> + Send;

    /// The node goes: what it has left behind is removed after this time, unless its members are at another
    /// node by then.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn release(
        &self,
        node: NodeId,
        after: Duration,
    ) -> impl Future<Output = Result<(), Lost>> + Send;

    /// Removes the members of nodes whose lease is over, as `disconnected`. Every node may do it at any
    /// time; each member is removed once. How many were.
    ///
    /// # Errors
    /// When the engine is out of reach; what was not removed then is removed by the next call.
    fn reap(&self) -> impl Future<Output = Result<usize, Lost>> + Send;

    /// Has all nodes do something that was ordered this long ago, those as well that are out of reach now:
    /// it is remembered for [`ORDERS_FOR`], the latest [`MAX_ORDERS`] of all, and feeds hear that there is
    /// something.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn order(&self, what: Bytes, age: Duration) -> impl Future<Output = Result<(), Lost>> + Send;

    /// What was ordered after a place, the oldest first and `most` of them at most, as far as it is remembered:
    /// where the place is unknown, everything that is.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn orders(
        &self,
        after: Option<At>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Ordered>, Lost>> + Send;

    /// Tells all nodes something, which they hear if their feeds hear anything. Not remembered.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn tell(&self, message: Bytes) -> impl Future<Output = Result<(), Lost>> + Send;

    /// Begins to hear, as this node: what takes members away from it is heard as well.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn feed(&self, node: NodeId) -> impl Future<Output = Result<Self::Feed, Lost>> + Send;

    /// The topics in which somebody is present, by name, after this one; `most` of them at most.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn topics(
        &self,
        after: Option<&TopicName>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<(TopicName, Counts)>, Lost>> + Send;

    /// The topics in which a user is present with any session, by name, after this one; `most` of them at
    /// most.
    ///
    /// # Errors
    /// When the engine is out of reach.
    fn topics_of(
        &self,
        user: &User,
        after: Option<&TopicName>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<TopicName>, Lost>> + Send;
}

/// What a feed hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Something was logged of a topic that is followed. What this node wrote is heard as well.
    Logged(TopicName, Logged),
    /// Some node told all something.
    Told(Bytes),
    /// Another node did something to a member of this one: has it, or said that it left, or what it said last;
    /// whether the topic is followed or not.
    Befell(TopicName, Turn),
    /// Something was ordered, which [`Engine::orders`] tells.
    Ordered,
}

/// Hears what is logged of the topics it follows, in the order of each log, and what nodes tell all.
///
/// A feed may lose something: whoever follows a log sees the gap in its sequence, and asks for the rest.
pub trait Feed: Send + 'static {
    /// Follows these topics too. What is logged once this has returned is heard.
    ///
    /// # Errors
    /// When the feed is broken; it hears nothing any more.
    fn follow(&mut self, topics: &[TopicName]) -> impl Future<Output = Result<(), Lost>> + Send;

    /// Follows them no longer. A little more may be heard of them.
    ///
    /// # Errors
    /// When the feed is broken; it hears nothing any more.
    fn unfollow(&mut self, topics: &[TopicName]) -> impl Future<Output = Result<(), Lost>> + Send;

    /// What is heard next. Whoever stops waiting loses nothing.
    ///
    /// # Errors
    /// When the feed is broken; it hears nothing any more.
    fn next(&mut self) -> impl Future<Output = Result<Heard, Lost>> + Send;
}
