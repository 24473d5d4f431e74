//! Other nodes: the same topics held by several processes, over an [`Engine`] between them.
//!
//! Every node has a hub and a map of members of its own. Its members are published to the engine, and what
//! other nodes publish is written into the same map: the order that a client is told is its node's, and the
//! order of the engine's log never leaves this room. The engine is a transport and a memory, never the only
//! truth: without it local presence goes on, and after a loss every node publishes its members again.

mod acquainting;
mod body;
#[expect(
    clippy::module_inception,
    reason = "the room is named after the noun that it is about"
)]
mod cluster;
mod engine;
mod following;
mod health;
mod id;
mod keeping;
mod memory;
mod message;
mod neighbour;
mod node;
mod ordering;
mod places;
mod publishing;
mod record;
mod redis;
mod tally;
mod timing;
mod waiting;

pub use self::redis::{Redis, RedisError, RedisFeed};
pub use cluster::{Cluster, JoinError};
pub use engine::{
    Beat, Engine, Everybody, Feed, Found, Heard, Held, Lost, MAX_ORDERS, ORDERS_FOR, Ordered,
    Verdict, Write,
};
pub use id::NodeId;
pub use memory::{Memory, MemoryFeed};
pub use record::{At, Logged, PARTS, Part, Record, Turn};
pub use timing::Timing;
