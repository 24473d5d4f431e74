//! Leases: how long an entry stays, and what cuts it short.

use std::num::NonZeroU32;
use std::time::Duration;

use super::{Cause, ConnectionId, Loss, Reason, Time};
use crate::mistake::{Mistake, is_made};

/// How long a deadline lease lasts at least while the tab is hidden: browsers let hidden tabs run
/// their timers once a minute.
pub const HIDDEN_TTL: Duration = Duration::from_secs(150);

/// The promise to be removed when silent, made by the transport of the last heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lease {
    /// Lives with the connection, then grace.
    Connection(ConnectionId),
    /// Lives for `ttl` after each heartbeat, and for at least [`HIDDEN_TTL`] while hidden.
    Deadline {
        /// How long; 1 s to the topic's `max_ttl`.
        ttl: Duration,
    },
    /// Lives at another node, which says when it goes.
    Node,
}

/// A lease as it runs: when it was renewed last, and whatever ends it before its time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tenure {
    pub(super) lease: Lease,
    pub(super) hidden: bool,
    renewed: Time,
    /// The end of grace, when the connection was lost or the last bound stream ended, and how.
    pub(super) lost: Option<(Time, Loss)>,
    /// The end that a delayed leave announced.
    pub(super) leaving: Option<Leaving>,
}

/// A delayed leave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaving {
    at: Time,
    /// Whose message that was.
    by: Option<ConnectionId>,
    /// How long before, in milliseconds; one at least, and so none costs nothing.
    after: NonZeroU32,
}

/// That an entry goes: when, why and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Removal {
    pub(super) at: Time,
    pub(super) reason: Reason,
    pub(super) by: Option<ConnectionId>,
}

impl Tenure {
    pub(super) const fn new(lease: Lease, hidden: bool, now: Time) -> Self {
        Self {
            lease,
            hidden,
            renewed: now,
            lost: None,
            leaving: None,
        }
    }

    /// A heartbeat: the lease of its transport runs from now, and whatever was to end it does not.
    pub(super) fn renew(&mut self, lease: Lease, hidden: Option<bool>, now: Time) {
        *self = Self::new(lease, hidden.unwrap_or(self.hidden), now);
    }

    /// The connection is lost: grace starts when the lease is this connection's. A second report
    /// of the same loss does not prolong it.
    pub(super) fn lose_connection(&mut self, connection: ConnectionId, how: Loss, end: Time) {
        let any = is_made(Mistake::G1) && matches!(self.lease, Lease::Connection(_));
        if any || self.lease == Lease::Connection(connection) {
            self.lost.get_or_insert((end, how));
        }
    }

    /// The last bound stream ended: grace starts for a deadline lease.
    pub(super) fn lose_stream(&mut self, end: Time) {
        if matches!(self.lease, Lease::Deadline { .. }) {
            self.lost.get_or_insert((end, Loss::Stream));
        }
    }

    /// A stream is bound again: what [`Tenure::lose_stream`] started is off, unless it is
    /// over already, and nothing is renewed.
    pub(super) fn find_stream(&mut self, now: Time) {
        if matches!(self.lease, Lease::Deadline { .. })
            && self.lost.is_some_and(|(end, _)| end > now)
        {
            self.lost = None;
        }
    }

    /// A delayed leave; it replaces an earlier one.
    pub(super) fn leave_after(&mut self, after: Duration, by: Option<ConnectionId>, now: Time) {
        let millis = after.as_millis().try_into().unwrap_or(u32::MAX);
        self.leaving = Some(Leaving {
            at: now + after,
            by,
            after: NonZeroU32::new(millis).unwrap_or(NonZeroU32::MIN),
        });
    }

    /// When a deadline lease is over.
    pub(super) fn deadline(&self) -> Option<Time> {
        match self.lease {
            Lease::Connection(_) | Lease::Node => None,
            Lease::Deadline { ttl } if self.hidden => Some(self.renewed + ttl.max(HIDDEN_TTL)),
            Lease::Deadline { ttl } if is_made(Mistake::G3) => Some(self.renewed + ttl / 2),
            Lease::Deadline { ttl } => Some(self.renewed + ttl),
        }
    }

    /// What ends it first, as things stand. At the same moment, what the member said goes before
    /// what the transport noticed, and both before the mere passing of time.
    pub(super) fn removal(&self) -> Option<Removal> {
        let by_server = |at, reason| Removal {
            at,
            reason,
            by: None,
        };
        let left = self.leaving.map(|it| Removal {
            at: it.at,
            reason: Reason::Left,
            by: it.by,
        });
        let disconnected = self.lost.map(|(at, _)| by_server(at, Reason::Disconnected));
        let expired = self.deadline().map(|at| by_server(at, Reason::Expired));
        [left, disconnected, expired]
            .into_iter()
            .flatten()
            .min_by_key(|removal| removal.at)
    }

    /// What led to a removal for this reason, where nobody but the member and time had a part in it.
    pub(super) fn cause(&self, reason: Reason, grace: Duration) -> Cause {
        match (reason, self.lost, self.leaving, self.lease) {
            (Reason::Disconnected, Some((end, how)), _, _) => Cause::Lost {
                how,
                since: end.before(grace),
            },
            (Reason::Left, _, Some(Leaving { after, .. }), _) => Cause::Announced {
                after: Duration::from_millis(after.get().into()),
            },
            (Reason::Expired, _, _, Lease::Deadline { ttl }) => Cause::Silent {
                heard: self.renewed,
                ttl: if self.hidden {
                    ttl.max(HIDDEN_TTL)
                } else {
                    ttl
                },
                hidden: self.hidden,
            },
            _ => unreachable!("what removes is there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::tests::{HTTP, connection, secs, socket};

    fn removal(at: u64, reason: Reason) -> Option<Removal> {
        Some(Removal {
            at: secs(at),
            reason,
            by: None,
        })
    }

    #[test]
    fn a_connection_lease_has_no_deadline() {
        let tenure = Tenure::new(socket(1), false, secs(0));
        assert_eq!(tenure.deadline(), None);
        assert_eq!(tenure.removal(), None);
    }

    #[test]
    fn a_deadline_lease_ends_ttl_after_its_renewal() {
        let mut tenure = Tenure::new(HTTP, false, secs(0));
        assert_eq!(tenure.removal(), removal(30, Reason::Expired));
        tenure.renew(HTTP, None, secs(20));
        assert_eq!(tenure.removal(), removal(50, Reason::Expired));
    }

    #[test]
    fn hidden_tabs_have_at_least_150_seconds() {
        let tenure = Tenure::new(HTTP, true, secs(0));
        assert_eq!(tenure.deadline(), Some(secs(150)));
        let long = Lease::Deadline {
            ttl: Duration::from_secs(200),
        };
        assert_eq!(Tenure::new(long, true, secs(0)).deadline(), Some(secs(200)));
    }

    #[test]
    fn a_renewal_that_says_nothing_of_hiding_keeps_it() {
        let mut tenure = Tenure::new(HTTP, true, secs(0));
        tenure.renew(HTTP, None, secs(1));
        assert_eq!(tenure.deadline(), Some(secs(151)));
        tenure.renew(HTTP, Some(false), secs(2));
        assert_eq!(tenure.deadline(), Some(secs(32)));
    }

    #[test]
    fn grace_is_started_by_the_connection_of_the_lease_only_and_once() {
        let mut tenure = Tenure::new(socket(2), false, secs(0));
        tenure.lose_connection(connection(1), Loss::Broken, secs(10));
        assert_eq!(tenure.removal(), None);
        tenure.lose_connection(connection(2), Loss::Broken, secs(11));
        tenure.lose_connection(connection(2), Loss::Broken, secs(15));
        assert_eq!(tenure.removal(), removal(11, Reason::Disconnected));
        tenure.renew(socket(3), None, secs(5));
        assert_eq!(tenure.removal(), None);
    }

    #[test]
    fn a_stream_speaks_for_deadline_leases_only() {
        let mut tenure = Tenure::new(socket(1), false, secs(0));
        tenure.lose_stream(secs(10));
        assert_eq!(tenure.removal(), None);
        tenure.lose_connection(connection(1), Loss::Broken, secs(10));
        tenure.find_stream(secs(1));
        assert_eq!(tenure.removal(), removal(10, Reason::Disconnected));
    }

    #[test]
    fn a_stream_that_returns_ends_grace_and_renews_nothing() {
        let mut tenure = Tenure::new(HTTP, false, secs(0));
        tenure.lose_stream(secs(15));
        assert_eq!(tenure.removal(), removal(15, Reason::Disconnected));
        tenure.find_stream(secs(14));
        assert_eq!(tenure.removal(), removal(30, Reason::Expired));
    }

    #[test]
    fn a_stream_that_returns_too_late_does_not_undo_the_end() {
        let mut tenure = Tenure::new(HTTP, false, secs(0));
        tenure.lose_stream(secs(15));
        tenure.find_stream(secs(15));
        assert_eq!(tenure.removal(), removal(15, Reason::Disconnected));
    }

    #[test]
    fn the_earliest_end_wins_and_what_the_member_said_goes_first() {
        let mut tenure = Tenure::new(HTTP, false, secs(0));
        tenure.lose_stream(secs(30));
        assert_eq!(tenure.removal(), removal(30, Reason::Disconnected));
        tenure.leave_after(Duration::from_secs(31), None, secs(0));
        assert_eq!(tenure.removal(), removal(30, Reason::Disconnected));
        tenure.leave_after(Duration::from_secs(30), None, secs(0));
        assert_eq!(tenure.removal(), removal(30, Reason::Left));
    }
}
