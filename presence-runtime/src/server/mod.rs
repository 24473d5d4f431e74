//! Sockets, clocks and shared state.
//!
//! The [`Hub`] holds the live topics of a process. A live topic is the pure core behind one lock,
//! with its subscribers and its tick. Rust code is present and watches through the hub itself. Sockets come and go around it: requests by the
//! [`Service`], WebSockets and event streams as subscribers with an outlet.

mod accepting;
pub mod access;
mod address;
mod admin;
mod alarms;
mod announcing;
mod bell;
mod body;
mod builder;
mod clock;
mod config;
mod connections;
mod conversation;
mod dialogue;
mod doors;
mod drain;
mod ears;
mod embedded;
mod entry;
mod escaped;
mod gathered;
mod handover;
mod history;
pub mod hook;
mod hub;
mod in_force;
mod inspector;
#[cfg(feature = "internals")]
pub(crate) mod internals;
mod interrupted;
mod limits;
mod line;
mod listen;
mod listing;
mod live;
pub(crate) mod meter;
#[cfg_attr(
    not(feature = "redis"),
    expect(
        dead_code,
        unused_imports,
        reason = "only the room `cluster` has neighbours"
    )
)]
pub(crate) mod neighbours;
mod newcomers;
mod operations;
mod origin;
mod outlet;
mod pages;
mod patience;
mod permission;
mod pulse;
mod refused;
mod round;
mod route;
mod routes;
mod screen;
mod service;
mod shared;
mod site;
mod socket;
mod span;
mod stalling;
mod stream;
mod streaming;
mod subscriber;
mod tally;
#[cfg(test)]
mod tests;
mod upgrade;
mod users;
mod wakes;
mod whereabouts;

pub use accepting::Listener;
pub use address::{Peer, ProxyHeader};
pub use body::Body;
pub use builder::HubBuilder;
pub use clock::{Clock, Monotonic};
pub use config::{Config, ConfigError, VariableError};
pub use embedded::{Change, Here, LocalSession, Watch};
pub use entry::EntryOf;
pub use hub::Hub;
pub use interrupted::interrupted;
pub use limits::{BOUNDS, Beyond, Bound, LIMITS, Limit, Unit};
pub use listen::{Server, StartError, serve};
pub use operations::{Operations, Readiness};
pub use pages::Pages;
pub use service::Service;
