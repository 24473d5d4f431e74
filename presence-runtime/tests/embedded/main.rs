//! The hub as a library: presence for Rust code, without any server.

#![cfg(feature = "server")]

mod costs;
mod hooks;
mod present;
mod removing;
mod stamped;
mod topics;
mod watching;
