//! Said: which messages the parts of an entry are from.

use super::Heartbeat;

/// The `n` of the message that said each part of an entry last.
///
/// A member is at one node at a time, but what it says may reach several, and out of order. Of two nodes the one
/// that has heard the message with the greater `n` has a part right, whichever of them has the member; and one
/// part says nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Of its value.
    pub value: u64,
    /// Of how busy it is.
    pub activity: u64,
    /// Of whom it follows.
    pub following: u64,
}

impl Said {
    /// One message said all of it.
    #[must_use]
    pub const fn all(n: u64) -> Self {
        Self {
            value: n,
            activity: n,
            following: n,
        }
    }

    /// Takes over what a message says.
    pub(super) const fn hear(&mut self, beat: &Heartbeat, n: u64) {
        if beat.value.is_some() {
            self.value = n;
        }
        if beat.activity.is_some() {
            self.activity = n;
        }
        if beat.following.is_some() {
            self.following = n;
        }
    }
}
