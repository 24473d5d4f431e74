//! A topic: its records, and the log of what became of them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::super::{At, Everybody, Found, Logged, NodeId, Record, Turn, Verdict};
use super::fences::{Fence, Fences};
use super::kept::{Happened, Kept};
use crate::mistake::{Mistake, is_made};
use crate::topic::{Counts, Member, Reason, SessionId, User};

/// The latest turns that are kept of a topic.
const TURNS: usize = 128;

/// What is kept of a topic.
#[derive(Debug)]
pub(super) struct Log {
    at: At,
    present: BTreeMap<SessionId, Kept>,
    users: BTreeMap<User, usize>,
    turns: VecDeque<Happened>,
    fences: Fences,
}

/// A turn that was taken, and what it was before it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) at: At,
    pub(super) happened: Happened,
    pub(super) before: Option<Kept>,
}

impl Step {
    /// Which node had the member when another did something to it, and what that was.
    pub(super) fn befell(&self, by: NodeId, now: Instant) -> Option<(NodeId, Turn)> {
        let before = self.before.as_ref().filter(|it| it.node != by)?;
        Some((before.node, self.happened.turn(now)))
    }
}

impl Log {
    pub(super) fn new(epoch: u64) -> Self {
        Self {
            at: At { epoch, sequence: 0 },
            present: BTreeMap::new(),
            users: BTreeMap::new(),
            turns: VecDeque::new(),
            fences: Fences::default(),
        }
    }

    pub(super) const fn at(&self) -> At {
        self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.present.is_empty()
    }

    pub(super) fn has(&self, user: &User) -> bool {
        self.users.contains_key(user)
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            members: self.present.len(),
            users: self.users.len(),
        }
    }

    /// Who is present at a node.
    pub(super) fn at_node(&self, node: NodeId) -> Vec<SessionId> {
        let there = self.present.iter().filter(|(_, it)| it.node == node);
        there.map(|(session, _)| *session).collect()
    }

    /// Until when it has to be remembered although nobody is present.
    pub(super) fn fenced_until(&self) -> Option<Instant> {
        self.fences.end()
    }

    pub(super) fn everybody(&self, now: Instant) -> Everybody {
        Everybody {
            at: self.at,
            records: self.present.values().map(|it| it.record(now)).collect(),
        }
    }

    pub(super) fn find(&self, session: SessionId, now: Instant) -> Found {
        if let Some(kept) = self.present.get(&session) {
            return Found::Present(kept.record(now));
        }
        match self.fences.get(session, now) {
            Some(fence) => Found::Left {
                member: fence.member.clone(),
                n: fence.n,
                reason: fence.reason,
            },
            None => Found::Nothing,
        }
    }

    pub(super) fn since(&self, at: At, now: Instant) -> Option<Vec<Logged>> {
        let missing = self.at.sequence.checked_sub(at.sequence)?;
        let missing = usize::try_from(missing).ok()?;
        let known = self.turns.len().checked_sub(missing)?;
        if !at.is_in_log_of(self.at) {
            return None;
        }
        let sequences = at.sequence + 1..;
        let turns = sequences.zip(self.turns.range(known..));
        let logged = turns.map(|(sequence, happened)| Logged {
            at: At { sequence, ..at },
            turn: happened.turn(now),
        });
        Some(logged.collect())
    }

    pub(super) fn announce(
        &mut self,
        node: NodeId,
        record: &Record,
        max_members: usize,
        fence: Duration,
        now: Instant,
    ) -> (Verdict, Option<Step>) {
        let member = &record.member;
        let mut kept = Kept::new(node, record, fence, now);
        let Some(before) = self.present.get(&member.session) else {
            let fence = self.fences.get(member.session, now);
            if fence.is_some_and(|it| it.holds(node, member, record.n)) {
                return (Verdict::Stale, None);
            }
            if self.present.len() >= max_members {
                return (Verdict::Full, None);
            }
            self.fences.remove(member.session);
            return (Verdict::Done, Some(self.put(Happened::Present(kept), now)));
        };
        if before.digest != record.digest || before.member != *member {
            return (Verdict::Taken, None);
        }
        if !before.yields(node, record.n) {
            return (Verdict::Stale, self.add(record, now));
        }
        kept.parts = before.adding(&kept.parts, true).parts;
        let kept = kept.since(before);
        let mut parts = kept.parts.iter().zip(&record.parts);
        let whole = parts.all(|(kept, said)| kept.body == said.body);
        let (verdict, happened) = if whole {
            (Verdict::Done, Happened::Present(kept))
        } else {
            (Verdict::Newer, Happened::Newer(kept))
        };
        (verdict, self.change(happened, now))
    }

    /// Keeps what is newer of what is said of a member, wherever it is.
    pub(super) fn add(&mut self, record: &Record, now: Instant) -> Option<Step> {
        let before = self.present.get(&record.member.session)?;
        if is_made(Mistake::Late) {
            return None;
        }
        if before.digest != record.digest || before.member != record.member {
            return None;
        }
        let kept = before.adding(&record.parts, false);
        self.change(Happened::Newer(kept), now)
    }

    pub(super) fn leave(
        &mut self,
        node: NodeId,
        member: &Member,
        n: u64,
        reason: Reason,
        fence: Duration,
        now: Instant,
    ) -> (Verdict, Option<Step>) {
        let said_so = reason == Reason::Left;
        let fence = Fence {
            member: member.clone(),
            n,
            reason,
            unless: None,
            until: now + fence,
        };
        let Some(before) = self.present.get(&member.session) else {
            if said_so {
                return (self.forbid(fence, now), None);
            }
            return (Verdict::Done, None);
        };
        if before.member != *member {
            return (Verdict::Taken, None);
        }
        if !said_so && before.node != node && !is_made(Mistake::Fence) {
            return (Verdict::Done, None);
        }
        if !before.yields(node, n) && !is_made(Mistake::Fence) {
            return (Verdict::Stale, None);
        }
        self.fences.set(fence);
        (Verdict::Done, self.take(member.session, n, reason, now))
    }

    /// Removes a member for its node, which is dead or does not know of it.
    pub(super) fn remove(&mut self, session: SessionId, now: Instant) -> Option<Step> {
        let before = self.present.get(&session)?;
        let n = before.n;
        self.fences.set(Fence {
            member: before.member.clone(),
            n,
            reason: Reason::Disconnected,
            unless: Some(before.node),
            until: now + before.fence,
        });
        self.take(session, n, Reason::Disconnected, now)
    }

    /// Remembers the `n` of somebody who left without being here.
    fn forbid(&mut self, fence: Fence, now: Instant) -> Verdict {
        let known = self.fences.get(fence.member.session, now);
        if known.is_some_and(|it| it.member == fence.member && it.n > fence.n) {
            return Verdict::Stale;
        }
        self.fences.set(fence);
        Verdict::Done
    }

    /// A turn only where others see a difference.
    fn change(&mut self, happened: Happened, now: Instant) -> Option<Step> {
        if let Happened::Present(kept) | Happened::Newer(kept) = &happened
            && let Some(before) = self.present.get_mut(&kept.member.session)
            && before.looks_like(kept)
        {
            before.clone_from(kept);
            return None;
        }
        Some(self.put(happened, now))
    }

    fn put(&mut self, happened: Happened, now: Instant) -> Step {
        let mut before = None;
        if let Happened::Present(kept) | Happened::Newer(kept) = &happened {
            before = self.present.insert(kept.member.session, kept.clone());
            if before.is_none() {
                *self.users.entry(kept.member.user.clone()).or_default() += 1;
            }
        }
        self.turn(happened, before, now)
    }

    fn take(&mut self, session: SessionId, n: u64, reason: Reason, now: Instant) -> Option<Step> {
        let before = self.present.remove(&session)?;
        let user = &before.member.user;
        let sessions = self.users.get_mut(user).expect("its sessions are counted");
        *sessions -= 1;
        if *sessions == 0 {
            self.users.remove(user);
        }
        let gone = Happened::Gone {
            node: before.node,
            member: before.member.clone(),
            n,
            reason,
        };
        Some(self.turn(gone, Some(before), now))
    }

    fn turn(&mut self, happened: Happened, before: Option<Kept>, now: Instant) -> Step {
        self.at.sequence += 1;
        self.turns.push_back(happened.clone());
        if self.turns.len() > TURNS {
            self.turns.pop_front();
        }
        self.fences.prune(now);
        let at = self.at;
        Step {
            at,
            happened,
            before,
        }
    }
}
