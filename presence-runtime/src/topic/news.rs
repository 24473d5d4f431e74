//! News: what other nodes have yet to be told of the members that are here.
//!
//! Each session is news once, however often it changed: whoever takes the news reads how things stand then.
//! A topic keeps news only once somebody asks for it, and no more than it had members.

use std::collections::BTreeMap;

use super::entries::Slot;
use super::{Elsewhere, Entry, Member, Reason, SessionId, Topic};

/// What other nodes have to be told of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It is present here: its entry says how. If it is at another node, that one has not heard what it said
    /// last.
    Present(SessionId),
    /// It was present here, and has left.
    Gone {
        /// Who it was.
        member: Member,
        /// The last `n` heard of its session.
        n: u64,
        /// Why.
        reason: Reason,
        /// How it was when it was taken for gone, where others were not told of that: it may be at another
        /// node, which has not heard what it said last.
        last: Option<Box<Elsewhere>>,
    },
}

/// The news of each session that is no longer present; of those who are, nothing but that.
pub(super) type Unsaid = BTreeMap<SessionId, Option<News>>;

impl Topic {
    /// Keeps news from now on, and has it that everybody who is here is some.
    pub fn publish(&mut self) {
        let slots = self.entries.joined_after(0).map(|(_, slot)| *slot);
        let here = slots.filter(|slot| !self.entries.get(*slot).is_elsewhere());
        let here = here.map(|slot| (self.entries.get(slot).member().session, None));
        let here: Unsaid = here.collect();
        self.unsaid.get_or_insert_default().extend(here);
    }

    /// What was news since this was last asked, in the order of sessions.
    pub fn take_news(&mut self) -> Vec<News> {
        let unsaid = self.unsaid.as_mut().map(std::mem::take).unwrap_or_default();
        let news = unsaid.into_iter();
        news.map(|(session, gone)| gone.unwrap_or(News::Present(session)))
            .collect()
    }

    /// Whether there is news that nobody has taken yet.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.unsaid.as_ref().is_some_and(|it| !it.is_empty())
    }

    /// An entry that is here joined or changed.
    pub(super) fn say_present(&mut self, slot: Slot) {
        if let Some(unsaid) = &mut self.unsaid {
            let entry = self.entries.get(slot);
            if !entry.is_elsewhere() {
                unsaid.insert(entry.member().session, None);
            }
        }
    }

    /// The node of this session has not heard what is known of it here.
    pub(super) fn say_newer(&mut self, session: SessionId) {
        if let Some(unsaid) = &mut self.unsaid {
            unsaid.insert(session, None);
        }
    }

    /// An entry that was here is gone. A node that goes takes nobody with it: its members come back
    /// elsewhere.
    pub(super) fn say_gone(&mut self, entry: &Entry, reason: Reason) {
        if let Some(unsaid) = &mut self.unsaid
            && !entry.is_elsewhere()
        {
            let session = entry.member().session;
            let before = unsaid.remove(&session);
            if reason == Reason::Shutdown {
                return;
            }
            let untold = before == Some(None);
            let noticed = matches!(reason, Reason::Expired | Reason::Disconnected);
            let gone = News::Gone {
                member: entry.member().clone(),
                n: entry.n,
                reason,
                last: (untold && noticed).then(|| Box::new(Elsewhere::from(entry))),
            };
            unsaid.insert(session, Some(gone));
        }
    }

    /// A member that is not here left: it may be at a node that has yet to tell, or be said to be by what comes
    /// late.
    pub(super) fn say_left(&mut self, member: &Member, n: u64) {
        if let Some(unsaid) = &mut self.unsaid {
            let gone = News::Gone {
                member: member.clone(),
                n,
                reason: Reason::Left,
                last: None,
            };
            unsaid.insert(member.session, Some(gone));
        }
    }

    /// Another node has the session, and says what is news of it.
    pub(super) fn unsay(&mut self, session: SessionId) {
        if let Some(unsaid) = &mut self.unsaid {
            unsaid.remove(&session);
        }
    }
}
