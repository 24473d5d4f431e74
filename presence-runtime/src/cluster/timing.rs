//! How long things take between nodes.

use std::time::Duration;

/// The times of a node. All nodes of a cluster have the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// How long a node that says nothing is taken for alive; its members are removed then. Defaults to 6 s.
    pub lease: Duration,
    /// After how long without the engine members at other nodes are `stale`. Defaults to 3 s.
    pub stale: Duration,
    /// How long somebody waits for what other nodes know before what is known here has to do. Defaults to
    /// 1 s.
    pub patience: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(6),
            stale: Duration::from_secs(3),
            patience: Duration::from_secs(1),
        }
    }
}

impl Timing {
    /// How often the lease is held, and nodes are looked for that went.
    pub(super) fn hold(&self) -> Duration {
        self.lease / 3
    }

    /// How often a node hears whether it hears.
    pub(super) fn echo(&self) -> Duration {
        self.stale / 3
    }

    /// How long nodes have to say again what the engine forgot.
    pub(super) fn restoring(&self) -> Duration {
        self.lease + self.stale
    }
}
