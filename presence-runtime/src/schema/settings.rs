//! The figures of a topic type: declared by its attributes, overridden by its registration.

use std::time::Duration;

/// The figures of a topic type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long an entry lives after its last heartbeat over HTTP. Defaults to 30 s.
    pub ttl: Duration,
    /// The longest ttl a heartbeat may ask for. Defaults to 5 min.
    pub max_ttl: Duration,
    /// How long a lost connection may take to come back. Defaults to 10 s.
    pub grace: Duration,
    /// The shortest time between two flushes of a topic. Defaults to 50 ms.
    pub throttle: Duration,
    /// The most bytes the canonical JSON of a value may have. Defaults to 1024.
    pub max_bytes: usize,
    /// The most members of a topic. Defaults to 10,000.
    pub max_members: usize,
}

impl Settings {
    /// What a topic type has when its attributes say nothing.
    pub const DEFAULT: Self = Self {
        ttl: Duration::from_secs(30),
        max_ttl: Duration::from_secs(300),
        grace: Duration::from_secs(10),
        throttle: Duration::from_millis(50),
        max_bytes: 1024,
        max_members: 10_000,
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
