//! What neighbours have to do with a topic: when they look at it, and who waits for what they find.

use super::{Freed, Live, State};
use crate::server::neighbours::Interest;
use crate::server::shared::Shared;
use crate::topic::{ConnectionId, Lease, SessionId, Time, Topic};

/// How a topic stands with the neighbours.
#[derive(Debug, Default)]
pub(super) struct Notice {
    /// They were told to look, and have not yet.
    told: bool,
    /// Whether somebody watched when they looked last.
    watched: bool,
    /// Not everybody at other nodes is known yet: those who watch are not told what would be wrong.
    pub(super) awaiting: bool,
    /// Everybody at other nodes was read, and nobody was forgotten since.
    acquainted: bool,
    /// Until when somebody asked for everybody.
    wanted_until: Option<Time>,
    /// When somebody was seen to watch.
    last_watched: Option<Time>,
}

impl Notice {
    /// A topic that is new to neighbours, where there are some.
    pub(super) fn new(shared: &Shared) -> Self {
        Self {
            awaiting: Self::awaits(shared),
            ..Self::default()
        }
    }

    /// Whether there is anything to wait for.
    fn awaits(shared: &Shared) -> bool {
        shared.neighbours().is_some_and(|it| !it.is_stale())
    }
}

impl Live {
    /// There are neighbours from now on.
    pub(in crate::server) fn meet(&self, shared: &Shared) {
        let _ = self.locked(shared, |state, _| {
            state.topic.publish();
            state.notice.awaiting = Notice::awaits(shared);
        });
    }

    /// What neighbours do when they look.
    pub(in crate::server) fn heed<R>(
        &self,
        shared: &Shared,
        act: impl FnOnce(&mut Topic, Time) -> R,
    ) -> Result<R, Freed> {
        self.locked(shared, |state, now| {
            state.notice.told = false;
            act(&mut state.topic, now)
        })
    }

    /// Somebody asked for everybody.
    pub(in crate::server) fn want(&self, shared: &Shared) {
        let linger = self.linger();
        let _ = self.locked(shared, |state, now| {
            state.notice.wanted_until = Some(now + linger);
            // It is kept for as long as somebody who had just left would be waited for.
            state.used = true;
            state.idle_since = None;
        });
    }

    /// Whether everybody at other nodes is known, or this session lives by this connection: it may have been
    /// elsewhere since it was heard of otherwise.
    pub(in crate::server) fn knows(&self, session: Option<(SessionId, ConnectionId)>) -> bool {
        let state = self.lock();
        let here = |(session, connection)| {
            let entry = state.topic.entry(session);
            entry.is_some_and(|it| it.lease() == Lease::Connection(connection))
        };
        !state.notice.awaiting || session.is_some_and(here)
    }

    /// Whether those who watch wait for what neighbours find.
    pub(in crate::server) fn set_awaiting(&self, shared: &Shared, awaiting: bool) {
        let _ = self.locked(shared, |state, _| {
            state.dirty |= state.notice.awaiting && !awaiting;
            state.notice.awaiting = awaiting;
        });
    }

    /// Everybody at other nodes is known from now on.
    pub(in crate::server) fn acquaint(&self, shared: &Shared) {
        self.lock().notice.acquainted = true;
        self.set_awaiting(shared, false);
    }

    /// Whether everybody at other nodes was read, and whoever was has not been forgotten.
    pub(in crate::server) fn is_acquainted(&self) -> bool {
        self.lock().notice.acquainted
    }

    /// Nobody here wants to know who is at other nodes.
    pub(in crate::server) fn forget_elsewhere(&self, shared: &Shared) {
        let awaiting = Notice::awaits(shared);
        let mut state = self.lock();
        state.notice.acquainted = false;
        if state.topic.elsewhere() == 0 {
            state.notice.awaiting = awaiting;
            return;
        }
        drop(state);
        let _ = self.locked(shared, |state, now| {
            state.topic.retain_elsewhere(|_| false, now);
            state.notice.awaiting = awaiting;
        });
    }

    /// How many members are at other nodes.
    pub(in crate::server) fn elsewhere(&self) -> usize {
        self.lock().topic.elsewhere()
    }

    /// Whether it is not known yet who is at other nodes.
    pub(in crate::server) fn is_awaiting(&self) -> bool {
        self.lock().notice.awaiting
    }

    /// What this node wants to know of the topic. As long as somebody watches, and for a while longer:
    /// whoever comes back finds what they had.
    pub(in crate::server) fn interest(&self, shared: &Shared) -> Interest {
        let (linger, hooks) = (self.linger(), self.hooks.is_some());
        let interest = self.locked(shared, |state, now| {
            state.notice.watched = state.is_watched();
            if state.is_watched() {
                state.notice.last_watched = Some(now);
                return Interest::All;
            }
            let lately = state
                .notice
                .last_watched
                .is_some_and(|at| now < at + linger);
            let wanted = state.notice.wanted_until.is_some_and(|until| now < until);
            let heard = hooks && !state.topic.is_empty();
            if lately || wanted || heard {
                Interest::All
            } else {
                Interest::Own
            }
        });
        interest.unwrap_or(Interest::None)
    }
}

impl State {
    /// Whether neighbours are to be told to look, which they are once.
    pub(super) fn notice(&mut self) -> bool {
        let news = self.topic.has_news() || self.is_watched() != self.notice.watched;
        let tell = news && !self.notice.told;
        self.notice.told |= tell;
        tell
    }
}
