//! What the memory keeps of a member.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::super::{NodeId, Record, Turn};
use crate::topic::{Member, Reason};

/// A record as it is kept: with the moment from which on its member is present.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) node: NodeId,
    pub(super) member: Member,
    pub(super) digest: [u8; 32],
    pub(super) n: u64,
    pub(super) body: Bytes,
    /// For how long its last `n` is remembered once it left.
    pub(super) fence: Duration,
    present: Present,
}

/// Since when somebody is present. No moment may lie before the machine's start, so it is not one.
#[derive(Debug, Clone, Copy)]
struct Present {
    then: Duration,
    at: Instant,
}

impl Kept {
    pub(super) fn new(node: NodeId, record: &Record, fence: Duration, now: Instant) -> Self {
        Self {
            node,
            member: record.member.clone(),
            digest: record.digest,
            n: record.n,
            body: record.body.clone(),
            fence,
            present: Present {
                then: record.present,
                at: now,
            },
        }
    }

    /// Whether what a node says with this `n` counts beside this record.
    pub(super) fn yields(&self, node: NodeId, n: u64) -> bool {
        if node == self.node {
            n >= self.n
        } else {
            n > self.n
        }
    }

    /// Present since when this member was, whatever was said of it since.
    pub(super) fn since(mut self, before: &Self) -> Self {
        self.present = before.present;
        self
    }

    pub(super) fn record(&self, now: Instant) -> Record {
        Record {
            node: self.node,
            member: self.member.clone(),
            digest: self.digest,
            n: self.n,
            present: self.present.then + (now - self.present.at),
            body: self.body.clone(),
        }
    }
}

/// A turn as it is kept.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Present(Kept),
    Gone {
        node: NodeId,
        member: Member,
        n: u64,
        reason: Reason,
    },
}

impl Said {
    pub(super) fn turn(&self, now: Instant) -> Turn {
        match self {
            Self::Present(kept) => Turn::Present(kept.record(now)),
            Self::Gone {
                node,
                member,
                n,
                reason,
            } => Turn::Gone {
                node: *node,
                member: member.clone(),
                n: *n,
                reason: *reason,
            },
        }
    }
}
