//! Records: what nodes tell each other of a member, and the log of what became of it.

use std::time::Duration;

use bytes::Bytes;

use super::NodeId;
use crate::mistake::{Mistake, is_made};
use crate::topic::{Member, Reason};

/// A member of a topic, as one node tells others.
///
/// Between nodes records of a session are ordered by `n`: what another node says counts when its `n` is
/// above, and what the same node says when it is not below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The node that the member speaks through. Only this one removes it without the member's word.
    pub node: NodeId,
    /// Who it is.
    pub member: Member,
    /// What ownership compares: the digest of the session's key.
    pub digest: [u8; 32],
    /// The place of what it said last in the order of its session.
    pub n: u64,
    /// For how long it is present already, on whatever node.
    pub present: Duration,
    /// What it says. Engines hand it on as it is.
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
    /// It is present, new or changed or at another node than before.
    Present(Record),
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
