//! What the memory keeps of a member.

use std::time::Duration;

use tokio::time::Instant;

use super::super::{NodeId, PARTS, Part, Record, Turn};
use crate::topic::{Member, Reason};

/// A record as it is kept: with the moment from which on its member is present.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) node: NodeId,
    pub(super) member: Member,
    pub(super) digest: [u8; 32],
    pub(super) n: u64,
    pub(super) state: u8,
    pub(super) parts: [Part; PARTS],
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
            state: record.state,
            parts: record.parts.clone(),
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

    /// With what is newer of what is said, and with what is as new where the node says it that has the member.
    pub(super) fn adding(&self, said: &[Part; PARTS], is_there: bool) -> Self {
        let mut kept = self.clone();
        for (part, said) in kept.parts.iter_mut().zip(said) {
            if said.n > part.n || is_there && said.n == part.n {
                part.clone_from(said);
            }
        }
        kept
    }

    /// Whether others see a difference: a greater `n` alone is none.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let mut parts = self.parts.iter().zip(&other.parts);
        self.node == other.node
            && self.state == other.state
            && parts.all(|(one, other)| one.body == other.body)
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
            state: self.state,
            parts: self.parts.clone(),
        }
    }
}

/// A turn as it is kept.
#[derive(Debug, Clone)]
pub(super) enum Happened {
    Present(Kept),
    Newer(Kept),
    Gone {
        node: NodeId,
        member: Member,
        n: u64,
        reason: Reason,
    },
}

impl Happened {
    /// Whom it befell.
    pub(super) const fn member(&self) -> &Member {
        match self {
            Self::Present(kept) | Self::Newer(kept) => &kept.member,
            Self::Gone { member, .. } => member,
        }
    }

    pub(super) fn turn(&self, now: Instant) -> Turn {
        match self {
            Self::Present(kept) => Turn::Present(kept.record(now)),
            Self::Newer(kept) => Turn::Newer(kept.record(now)),
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
