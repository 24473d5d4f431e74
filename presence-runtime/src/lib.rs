//! Typed, validated presence: who else is here, and what are they doing.
//!
//! Annotate a struct. You get a validated presence topic, its JSON Schema, its TypeScript, and a server
//! that keeps it live for everybody who is there, over HTTP, server-sent events and WebSocket.
//!
//! Features: `server`, on by default, has all but the topic types themselves, and a crate of those depends on
//! serde and little more without it; `codegen` writes JSON Schema and TypeScript; `jwt` authenticates by
//! JSON Web Tokens; `redis` joins several nodes.
#![cfg_attr(feature = "server", doc = include_str!("guide.md"))]

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

/// Those of the crate's own.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../README.md")]
struct CrateReadme;
