//! What neighbours have to do with a topic: when they look at it, and who waits for what they find.

use super::{Freed, Live, State};
use crate::server::neighbours::Interest;
use crate::server::shared::Shared;
use crate::topic::{SessionId, Time, Topic};

/// How a topic stands with the neighbours.
#[derive(Debug, Default)]
pub(super) struct Notice {
    /// They were told to look, and have not yet.
    told: bool,
    /// Whether somebody watched when they looked last.
    watched: bool,
    /// Not everybody at other nodes is known yet: those who watch are not told what would be wrong.
    pub(super) awaiting: bool,
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
            state.used = true;
        });
    }

    /// Whether everybody at other nodes is known, or this session is here.
    pub(in crate::server) fn knows(&self, session: Option<SessionId>) -> bool {
        let state = self.lock();
        let here = |session| {
            let entry = state.topic.entry(session);
            entry.is_some_and(|it| !it.is_elsewhere())
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

    /// Nobody here wants to know who is at other nodes.
    pub(in crate::server) fn forget_elsewhere(&self, shared: &Shared) {
        let awaiting = Notice::awaits(shared);
        if self.lock().topic.elsewhere() == 0 {
            self.lock().notice.awaiting = awaiting;
            return;
        }
        let _ = self.locked(shared, |state, now| {
            state.topic.retain_elsewhere(|_| false, now);
            state.notice.awaiting = awaiting;
        });
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
