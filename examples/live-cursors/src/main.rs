//! The topics of the examples behind a presence server.
//!
//! Run with `cargo run -p live-cursors -- --addr 127.0.0.1:7700`, then follow the README's curl lines.

use std::process::ExitCode;

use clap::Parser;
use presence_runtime::{Config, Server, interrupted};

/// Serves cursors, statuses, typing indicators and selections.
#[derive(Parser)]
struct Args {
    /// Where to listen; only loopback addresses are allowed
    #[arg(long, default_value = "127.0.0.1:7700")]
    addr: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt().with_target(false).init();
    match Server::bind(&args.addr, topics::topics(), Config::default()).await {
        Ok(server) => {
            eprintln!("live-cursors listens on http://{}/presence", server.addr());
            server.run(interrupted()).await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("live-cursors: {error}");
            ExitCode::FAILURE
        }
    }
}
