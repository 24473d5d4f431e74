//! Transitions: what became of members and how, for who asks afterwards why somebody went.
//!
//! A value that changed is none. Nothing here is what anybody said, nor a secret: who, when, and what
//! happened to their presence. A topic writes transitions down only once somebody remembers them, and
//! whoever does takes them after everything that touches the topic.

use std::time::Duration;

use super::entries::Slot;
use super::{Activity, Entry, Lease, Member, Reason, Time, Topic};

/// What became of a member, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// When it happened.
    pub at: Time,
    /// To whom.
    pub member: Member,
    /// What.
    pub what: What,
}

/// What became of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// It is present from now on.
    Joined {
        /// By what it stays.
        lease: Lease,
    },
    /// It is gone.
    Left {
        /// Why, and what led to it.
        cause: Cause,
        /// When it had joined.
        joined: Time,
    },
    /// What it lives by was lost; it goes unless it comes back in time.
    Lost {
        /// How.
        how: Loss,
        /// How long it has.
        grace: Duration,
    },
    /// It came back before grace was over.
    Returned {
        /// When it was lost.
        lost: Time,
        /// By what it stays from now on.
        lease: Lease,
    },
    /// It said that it goes in a while, as a page says that ends.
    Leaving {
        /// In how long.
        after: Duration,
    },
    /// It said something else before that, and stays.
    Stayed,
    /// Another connection of its session speaks for it from now on, and nothing was lost.
    TakenOver,
    /// A heartbeat of the other sort came: from a connection, or over HTTP.
    Switched {
        /// By what it stays from now on.
        lease: Lease,
    },
    /// It was at another node until now, or is from now on.
    Moved {
        /// By what it stays from now on.
        lease: Lease,
    },
    /// It is as busy as this from now on.
    Activity(Activity),
    /// Its tab is hidden from now on, or no longer.
    Hidden(bool),
}

/// Why a member left, and what led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// It said so.
    Said,
    /// It had said so for later, and nothing came of it before that.
    Announced {
        /// How much later.
        after: Duration,
    },
    /// What it lived by was lost, and it did not come back within its grace.
    Lost {
        /// How it was lost.
        how: Loss,
        /// When.
        since: Time,
    },
    /// No heartbeat came for as long as its lease lasts.
    Silent {
        /// When the last one came.
        heard: Time,
        /// What the lease was to last.
        ttl: Duration,
        /// Whether its tab is hidden, which makes leases longer.
        hidden: bool,
    },
    /// The application removed it.
    Kicked {
        /// How long it is refused.
        refused: Duration,
    },
    /// It may not be here any longer.
    Dismissed,
    /// The topic closed.
    Closed,
    /// Its node says so, for this reason.
    Told(Reason),
}

/// How a member lost what it lived by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// The connection ended without a word.
    #[default]
    Broken,
    /// Its client closed the connection in order, as a page does that ends.
    Closed,
    /// Nothing came any more, not even answers to pings.
    Silent,
    /// Nothing could be written to it any more.
    Stalled,
    /// What it had shown expired, and nothing else was shown.
    Expired,
    /// Another connection of its session came, which has not announced it since.
    TakenOver,
    /// The server goes, and ended it.
    Draining,
    /// It did not keep the protocol, and was cut off.
    Refused,
    /// The event stream that its session had bound ended.
    Stream,
    /// Its node ended, or what nodes share forgot of it.
    Node,
}

impl Cause {
    /// The reason that others are told.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Said | Self::Announced { .. } => Reason::Left,
            Self::Lost { .. } => Reason::Disconnected,
            Self::Silent { .. } => Reason::Expired,
            Self::Kicked { .. } | Self::Dismissed => Reason::Kicked,
            Self::Closed => Reason::Shutdown,
            Self::Told(reason) => reason,
        }
    }

    /// What another node says.
    pub(super) const fn of(reason: Reason, now: Time) -> Self {
        match reason {
            Reason::Disconnected => Self::Lost {
                how: Loss::Node,
                since: now,
            },
            reason => Self::Told(reason),
        }
    }
}

/// How an entry stands, as far as transitions go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    lease: Lease,
    /// The end of grace, where it runs.
    lost: Option<Time>,
    leaving: bool,
    hidden: bool,
    activity: Activity,
}

impl Standing {
    fn of(entry: &Entry) -> Self {
        let tenure = &entry.tenure;
        Self {
            lease: tenure.lease,
            lost: tenure.lost.map(|(end, _)| end),
            leaving: tenure.leaving.is_some(),
            hidden: tenure.hidden,
            activity: entry.activity(),
        }
    }
}

impl Topic {
    /// Writes transitions down from now on. Whoever asks for this takes them, again and again.
    pub fn remember(&mut self) {
        self.transitions.get_or_insert_default();
    }

    /// What became of whom since this was last asked, in order; nothing where nobody remembers.
    pub fn take_transitions(&mut self) -> Vec<Transition> {
        let transitions = self.transitions.as_mut().map(std::mem::take);
        transitions.unwrap_or_default()
    }

    /// Whether there are transitions that nobody has taken yet.
    #[must_use]
    pub fn has_transitions(&self) -> bool {
        self.transitions.as_ref().is_some_and(|it| !it.is_empty())
    }

    /// How an entry stands, for whoever is about to change that; nothing where nobody remembers.
    pub(super) fn standing(&self, slot: Slot) -> Option<Standing> {
        let entry = || Standing::of(self.entries.get(slot));
        self.transitions.is_some().then(entry)
    }

    /// Writes down what became of a member that is present.
    pub(super) fn note(&mut self, slot: Slot, what: What, now: Time) {
        if let Some(transitions) = &mut self.transitions {
            let member = self.entries.get(slot).member().clone();
            transitions.push(Transition {
                at: now,
                member,
                what,
            });
        }
    }

    /// Writes down that a member left.
    pub(super) fn note_leave(&mut self, entry: &Entry, cause: Cause, now: Time) {
        if let Some(transitions) = &mut self.transitions {
            let what = What::Left {
                cause,
                joined: entry.joined_at(),
            };
            transitions.push(Transition {
                at: now,
                member: entry.member().clone(),
                what,
            });
        }
    }

    /// Writes down what is different from how the entry stood.
    pub(super) fn note_turn(&mut self, slot: Slot, before: Option<Standing>, now: Time) {
        let Some(before) = before else {
            return;
        };
        let after = Standing::of(self.entries.get(slot));
        if before.leaving && !after.leaving {
            self.note(slot, What::Stayed, now);
        }
        match (before.lost, after.lost) {
            (Some(end), None) => {
                let what = What::Returned {
                    lost: end.before(self.settings.grace),
                    lease: after.lease,
                };
                self.note(slot, what, now);
            }
            _ => match (before.lease, after.lease) {
                (Lease::Connection(older), Lease::Connection(newer)) if older != newer => {
                    self.note(slot, What::TakenOver, now);
                }
                (Lease::Connection(_), Lease::Deadline { .. })
                | (Lease::Deadline { .. }, Lease::Connection(_)) => {
                    self.note(slot, What::Switched { lease: after.lease }, now);
                }
                (Lease::Node, Lease::Connection(_) | Lease::Deadline { .. })
                | (Lease::Connection(_) | Lease::Deadline { .. }, Lease::Node) => {
                    self.note(slot, What::Moved { lease: after.lease }, now);
                }
                (Lease::Connection(_), Lease::Connection(_))
                | (Lease::Deadline { .. }, Lease::Deadline { .. })
                | (Lease::Node, Lease::Node) => {}
            },
        }
        if before.hidden != after.hidden {
            self.note(slot, What::Hidden(after.hidden), now);
        }
        if before.activity != after.activity {
            self.note(slot, What::Activity(after.activity), now);
        }
    }
}
