//! Records: what nodes tell each other of a member, and the log of what became of it.

use std::time::Duration;

use bytes::Bytes;

use super::NodeId;
use crate::mistake::{Mistake, is_made};
use crate::topic::{Member, Reason};

/// A member of a topic, as one node tells others.
///
/// Between nodes records of a session are ordered by `n`: what another node says counts when its `n` is
/// above, and what the same node says when it is not below. That is about where the member is. What it says
/// has [`Part`]s with an order of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The node that the member speaks through. Only this one removes it without the member's word.
    pub node: NodeId,
    /// Who it is.
    pub member: Member,
    /// What ownership compares: the digest of the session's key.
    pub digest: [u8; 32],
    /// The place of its last message in the order of its session.
    pub n: u64,
    /// For how long it is present already, on whatever node.
    pub present: Duration,
    /// How it is there. Engines hand it on as it is.
    pub state: u8,
    /// What it says.
    pub parts: [Part; PARTS],
}

/// How many parts a member says.
pub const PARTS: usize = 3;

/// A part of what a member says. Messages of a session may reach several nodes, and out of order: of each part
/// the one with the greatest `n` is kept, whichever node says it; of two with the same the one that the node
/// says which has the member, because there it decays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The place of the message that said it in the order of its session.
    pub n: u64,
    /// What it is. Engines hand it on as it is.
    pub body: Bytes,
}

/// A place in the log of a topic. The epoch changes whenever the engine has forgotten the topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct At {
    /// The incarnation of the log; never 0.
    pub epoch: u64,
    /// How many turns were logged.
    pub sequence: u64,
}

impl At {
    /// Whether another place is one of the same log.
    pub(super) fn is_in_log_of(self, other: Self) -> bool {
        self.epoch == other.epoch || is_made(Mistake::Epoch)
    }
}

/// What became of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It is present, new or changed or at another node than before, as its node says.
    Present(Record),
    /// It is present, and some of this another node has heard: its own does not know it.
    Newer(Record),
    /// It is gone.
    Gone {
        /// The node that had it.
        node: NodeId,
        /// Who it was.
        member: Member,
        /// The last `n` of its session.
        n: u64,
        /// Why.
        reason: Reason,
    },
}

/// A turn in the log of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The place after it. The place before it has the same epoch and a sequence that is one less.
    pub at: At,
    /// What happened.
    pub turn: Turn,
}
