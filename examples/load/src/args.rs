//! What one run does.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::dialect::Dialect;

/// Loads a presence server and prints one line of JSON: what arrived, how late, and what it cost.
#[derive(Parser, Clone)]
#[command(args_override_self = true)]
pub(crate) struct Args {
    /// Where the server listens
    #[arg(long, default_value = "127.0.0.1:7701")]
    pub addr: SocketAddr,
    /// The process whose CPU time and memory is reported, with its descendants
    #[arg(long)]
    pub pid: Option<u32>,
    /// How the server is spoken to
    #[arg(long, value_enum, default_value = "presence")]
    pub dialect: Dialect,
    /// How members listen
    #[arg(long, value_enum, default_value = "ws")]
    pub transport: Transport,
    #[arg(long, value_enum, default_value = "steady")]
    pub workload: Workload,
    #[arg(long, default_value_t = 1)]
    pub rooms: usize,
    /// Members of each room; connections of `http`
    #[arg(long, default_value_t = 50)]
    pub members: usize,
    /// Members of one more room
    #[arg(long, default_value_t = 0)]
    pub crowd: usize,
    /// Only so many members of each room ever move; the others announce themselves and stay
    #[arg(long)]
    pub movers: Option<usize>,
    /// This part of the members stops reading once it has joined
    #[arg(long, default_value_t = 0.0)]
    pub stalled: f64,
    /// Updates a second and mover
    #[arg(long, default_value_t = 10.0)]
    pub hz: f64,
    /// All move at the same instant rather than spread over time
    #[arg(long)]
    pub burst: bool,
    /// How long is measured
    #[arg(long, default_value_t = 8.0, value_name = "SECONDS")]
    secs: f64,
    /// How long the load runs before that
    #[arg(long, default_value_t = 2.0, value_name = "SECONDS")]
    warmup: f64,
    /// Connections being opened at a time
    #[arg(long, default_value_t = 64)]
    pub connecting: usize,
    /// What `floor` writes into a frame, in bytes
    #[arg(long, default_value_t = 0)]
    pub frame: usize,
    /// How often `floor` writes to everybody, a second
    #[arg(long, default_value_t = 20.0)]
    pub floor_hz: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Transport {
    /// A WebSocket for both ways.
    Ws,
    /// Listens on an event stream; updates are POSTed over a few kept connections.
    Sse,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Workload {
    /// Members update their state `hz` times a second
    Steady,
    /// Every member sets its state once and stays; what a connection costs
    Idle,
    /// All members join as fast as they can, until everybody has seen everybody
    Storm,
    /// POSTed heartbeats over kept connections, each after the answer to the one before
    Http,
    /// One POSTed heartbeat for each member, and no connection that stays; what an entry and a topic cost
    Entries,
}

impl Args {
    pub(crate) fn secs(&self) -> Duration {
        Duration::from_secs_f64(self.secs)
    }

    pub(crate) fn warmup(&self) -> Duration {
        Duration::from_secs_f64(self.warmup)
    }
}
