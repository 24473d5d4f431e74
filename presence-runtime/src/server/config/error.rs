//! Why a hub cannot start.

use std::fmt;
use std::time::Duration;

use super::VariableError;
use crate::schema::TopicsError;

/// Why a hub cannot start. `Debug` is the same sentence as `Display`: it is what a `main` that returns
/// the error prints.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A variable of the environment is wrong, see [`Config::from_env`](super::Config::from_env).
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The topic types do not go together.
    #[error(transparent)]
    Topics(#[from] TopicsError),
    /// A figure is out of range, or a list has an entry that it cannot have.
    #[error("{setting} must be {allowed}, found {found}")]
    Setting {
        /// The field of [`Config`](super::Config).
        setting: &'static str,
        /// What it may be.
        allowed: String,
        /// What it is, or the entry.
        found: String,
    },
    /// A hook waits for topics that there never are.
    #[error("there is a hook for `{0}`, which is not registered")]
    Hook(&'static str),
    /// A rule decides about topics that there never are.
    #[error("there is a rule for `{0}`, which is not registered")]
    Rule(&'static str),
    /// There are rules, and nobody to apply them to.
    #[error("there are rules, but nobody is asked who they are: add `authenticate`")]
    Rules,
    /// The hub is open to everybody, which was not asked for.
    #[error(
        "this hub has no authentication: add `authenticate` to its builder, or say `Service::open`"
    )]
    Open,
    /// A topic's entries would expire between two heartbeats.
    #[error("`{name}`: ttl must be at least twice the heartbeat of {heartbeat:?}, found {ttl:?}")]
    Heartbeat {
        /// The topic type.
        name: &'static str,
        /// The process's heartbeat.
        heartbeat: Duration,
        /// The type's ttl.
        ttl: Duration,
    },
    /// A topic's longest values could never be sent.
    #[error(
        "`{name}`: max_body must be at least {needed} bytes, for values as long as its max_bytes of {max_bytes} \
         allows and what stands around them, found {max_body}"
    )]
    Body {
        /// The topic type.
        name: &'static str,
        /// The type's longest value.
        max_bytes: usize,
        /// What a message with one may take.
        needed: usize,
        /// The process's longest message.
        max_body: usize,
    },
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
