//! Typed, validated presence: who else is here, and what are they doing.
//!
//! The crate is a row of rooms, and a room imports only rooms to its left:
//! [`schema`] (what may be said), [`topic`] (who is present), `wire` (how it is said), `server`
//! (sockets, clocks, shared state), `cluster` (other nodes). `wire` and `server` come with the feature
//! `server`, on by default, and `cluster` with the feature `redis`.

// The tests derive, and what the derive emits names the crate.
#[cfg(test)]
extern crate self as presence_runtime;

#[doc(hidden)]
pub mod __private;
#[cfg(feature = "redis")]
pub mod cluster;
#[cfg(feature = "codegen")]
pub mod codegen;
/// For conformance suites and fuzzers of this workspace.
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals {
    pub use crate::server::internals::*;
}
#[doc(hidden)]
pub mod mistake;
pub mod schema;
#[cfg(feature = "server")]
pub mod server;
pub mod topic;
#[cfg(feature = "server")]
pub mod wire;

pub use presence_derive::Presence;
pub use schema::{Claims, Presence, TopicName, TopicOf, Topics};
#[cfg(feature = "server")]
pub use server::{
    Change, Config, EntryOf, Here, Hub, HubBuilder, LocalSession, Pages, Server, Service, Watch,
    access, hook, interrupted,
};
#[cfg(feature = "server")]
pub use wire::{Code, Fault};

/// The examples of the README, compiled.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../../README.md")]
struct Readme;
