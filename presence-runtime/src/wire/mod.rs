//! How it is said: the bytes of every message, and nothing about sockets.
//!
//! Requests and client messages come in as text and leave as typed data or a [`Fault`] that says
//! everything that is wrong with them. Topics are read part by part into [`Frame`]s, encoded once
//! and shared by everybody who stands at the same position.

mod chosen;
mod client;
mod envelope;
mod fault;
mod filter;
mod frame;
mod history;
mod listing;
mod message;
mod parts;
mod position;
mod printable;
mod request;
mod schemas;
mod scope;
mod secret;
mod server;
mod told;
pub mod websocket;

pub use chosen::{Digest, Fragments};
pub use client::{
    Active, Activity, ClientMessage, Follow, Heartbeat, Hello, Leave, OnTopic, Schemas, Subscribe,
    Token,
};
pub(crate) use envelope::MAX_USERS;
pub use fault::{Code, Detail, Fault};
pub use filter::Filter;
pub use frame::{Frame, MAX_FRAME_BYTES, comment, comment_chunk, last_chunk};
pub use history::HistoryBody;
pub use listing::{TopicsBody, UserBody};
pub use message::Encoded;
pub use parts::{encode_counts, encode_nothing, encode_part};
pub use position::{InvalidPosition, format_position, parse_position};
pub use request::{ChangesBody, HeartbeatBody, LeaveBody, Watched};
pub use schemas::{known, known_by_name};
pub use scope::{Scope, Users};
pub use secret::Secret;
pub(crate) use server::millis;
pub use server::{Acked, HeartbeatFigures, Limits, ServerMessage, ValueBody, entry_with_expiry};
