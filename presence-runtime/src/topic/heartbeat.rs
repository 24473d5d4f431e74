//! What members say to a topic and what it answers.

use std::sync::Arc;
use std::time::Duration;

use super::{Activity, ConnectionId, Lease, Member, User};
use crate::schema::Value;

/// The shortest ttl a heartbeat may ask for.
pub const MIN_TTL: Duration = Duration::from_secs(1);

/// Announces or renews a member. What it does not say stays as it is.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    /// The new value; needed to join.
    pub value: Option<Value>,
    /// The place of this message in the order of its session. Without one, arrivals count.
    pub n: Option<u64>,
    /// The lease of the transport that brought this.
    pub lease: Lease,
    /// The connection that brought this.
    pub by: Option<ConnectionId>,
    /// How busy the member is. Defaults to active on joining.
    pub activity: Option<Activity>,
    /// Whether the tab is hidden. Defaults to not on joining.
    pub hidden: Option<bool>,
    /// The users the member follows. Defaults to nobody on joining.
    pub following: Option<Arc<[User]>>,
    /// Whether its value waits where values come too fast. Defaults to yes.
    pub paced: bool,
}

impl Heartbeat {
    /// A heartbeat that only renews.
    #[must_use]
    pub const fn renew(lease: Lease) -> Self {
        Self {
            value: None,
            n: None,
            lease,
            by: None,
            activity: None,
            hidden: None,
            following: None,
            paced: true,
        }
    }

    /// Whether it may do more than renew.
    #[must_use]
    pub const fn says_anything(&self) -> bool {
        self.value.is_some() || self.activity.is_some() || self.following.is_some()
    }
}

/// Ends a member's presence.
#[derive(Debug, Clone, Copy, Default)]
pub struct Leave {
    /// The place of this message in the order of its session. Without one, arrivals count.
    pub n: Option<u64>,
    /// How much later, unless a heartbeat comes before that. Defaults to now.
    pub after: Option<Duration>,
    /// The connection that brought this.
    pub by: Option<ConnectionId>,
}

/// What a heartbeat did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// The member is new.
    Joined,
    /// Others see a difference; a little later, where values come too fast.
    Updated,
    /// The lease runs anew, and nothing else.
    Renewed,
    /// Nothing: something newer of the session came before.
    Stale,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// What it did.
    pub change: Change,
    /// Who it was for.
    pub member: Member,
    /// The sequence at which the entry last changed; 0 when stale and absent.
    pub version: u64,
    /// How long the lease lasts without another; nothing when it lives with a connection.
    pub expires_in: Option<Duration>,
}

/// The answer to a leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Left {
    /// The member is gone.
    Now,
    /// The member goes at its time, unless a heartbeat comes before.
    Later,
    /// The member was not present.
    Absent,
    /// Nothing happened: something newer of the session came before.
    Stale,
}

/// Why a topic does nothing of what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A heartbeat without a value is for a member that is not present.
    #[error("not present; send a value to join")]
    NotPresent,
    /// The session is present with another key or another user.
    #[error("the session belongs to somebody else")]
    SessionTaken,
    /// The topic has as many members as it may have.
    #[error("the topic is full, at most {max} members are allowed")]
    Full {
        /// The most members.
        max: usize,
    },
    /// The application removed this session a short while ago.
    #[error("removed from this topic, refused for another {retry_after:?}")]
    Kicked {
        /// When to come back.
        retry_after: Duration,
    },
    /// The lease's ttl is out of range.
    #[error("ttl must be {min:?} to {max:?}, found {found:?}")]
    InvalidTtl {
        /// What was asked for.
        found: Duration,
        /// The shortest.
        min: Duration,
        /// The longest, the topic's `max_ttl`.
        max: Duration,
    },
}
