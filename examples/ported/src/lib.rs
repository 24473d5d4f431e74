//! The server's side of the ported examples: one module for each thing that the other systems show,
//! and the topic types that both sides share. `README.md` says which example became which file.

pub mod config;
pub mod manager;
pub mod mounted;
pub mod rules;
pub mod standalone;
pub mod types;

pub use types::topics;
