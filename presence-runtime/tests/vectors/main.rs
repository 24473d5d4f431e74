//! The golden vectors in `vectors/`, held against the runtime. Clients in other languages hold
//! themselves against the same files; `vectors/README.md` says what stands in them.
//!
//! `PRESENCE_VECTORS=write` writes what the runtime says now into the files, to be read and
//! committed by whoever meant the change.

#![cfg(feature = "server")]

mod file;
mod messages;
mod reading;
mod sessions;
mod values;
#[allow(dead_code, reason = "the live tests ask a view other things")]
#[path = "../live/view.rs"]
mod view;
