//! The last `n` of those who left, for a while.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::super::NodeId;
use crate::topic::{Member, Reason, SessionId};

/// Most sessions that are remembered of a topic; who would be forgotten first goes first.
const MOST: usize = 16_384;

/// What is remembered of somebody who left.
#[derive(Debug, Clone)]
pub(super) struct Fence {
    pub(super) member: Member,
    pub(super) n: u64,
    /// Why it left.
    pub(super) reason: Reason,
    /// Whose word did not end it, because it was taken for dead: what this node said last still counts.
    pub(super) unless: Option<NodeId>,
    pub(super) until: Instant,
}

impl Fence {
    /// Whether this keeps what a node says of a member with this `n` from counting.
    pub(super) fn holds(&self, node: NodeId, member: &Member, n: u64) -> bool {
        let passes = if self.unless == Some(node) {
            n >= self.n
        } else {
            n > self.n
        };
        self.member == *member && !passes
    }
}

/// The fences of a topic.
#[derive(Debug, Default)]
pub(super) struct Fences {
    of: BTreeMap<SessionId, Fence>,
    order: BTreeSet<(Instant, SessionId)>,
}

impl Fences {
    /// What is remembered of a session.
    pub(super) fn get(&self, session: SessionId, now: Instant) -> Option<&Fence> {
        self.of.get(&session).filter(|it| it.until > now)
    }

    pub(super) fn set(&mut self, fence: Fence) {
        let session = fence.member.session;
        self.remove(session);
        self.order.insert((fence.until, session));
        self.of.insert(session, fence);
        if self.of.len() > MOST {
            self.pop();
        }
    }

    pub(super) fn remove(&mut self, session: SessionId) {
        if let Some(fence) = self.of.remove(&session) {
            self.order.remove(&(fence.until, session));
        }
    }

    /// Forgets what need not be remembered any longer.
    pub(super) fn prune(&mut self, now: Instant) {
        while self.order.first().is_some_and(|(until, _)| *until <= now) {
            self.pop();
        }
    }

    /// Until when anything is remembered.
    pub(super) fn end(&self) -> Option<Instant> {
        self.order.last().map(|(until, _)| *until)
    }

    fn pop(&mut self) {
        if let Some((_, session)) = self.order.pop_first() {
            self.of.remove(&session);
        }
    }
}
