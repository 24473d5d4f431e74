//! Loads a presence server: many members who move, come, or stay, all on one thread.
//!
//! ```sh
//! cargo build --release -p bench-server -p load
//! taskset -c 0 target/release/bench-server --addr 127.0.0.1:7701 &
//! taskset -c 1 target/release/load --rooms 500 --members 4 --pid $!
//! ```
//!
//! What is counted are *delivered states*: the update of one member arriving at one other. The figure to compare is
//! `cpuSecsPerMillion`, the server's CPU seconds for a million of them: it stays put on a busy machine, where rates and times
//! do not. On loopback it holds what the kernel does for both ends of the connection. `make bench` in the root runs this
//! against other servers, too.

mod args;
mod dialect;
mod frame;
mod histogram;
mod link;
mod plan;
mod posts;
mod report;
mod stamp;
mod swarm;
mod tally;
mod uplink;
mod usage;
mod workload;

use std::io::{self, Write};

use clap::Parser;

fn main() -> io::Result<()> {
    let report = workload::run(&args::Args::parse())?;
    writeln!(io::stdout(), "{}", serde_json::to_string(&report)?)
}
