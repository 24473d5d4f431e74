//! A presence server for load generators: one topic type, open to everybody.
//!
//! Run with `cargo run --release -p bench-server -- --addr 127.0.0.1:7701`.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use presence_runtime::cluster::{Cluster, Redis};
use presence_runtime::{Config, Presence, Server, Topics, interrupted};

/// What a simulated member announces.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "bench:{room}", max_bytes = 512)]
struct State {
    x: u32,
    y: u32,
    /// A colour or a cursor's shape.
    #[presence(max_chars = 32)]
    c: String,
    /// Whatever the generator wants to find again, such as the time of sending.
    #[presence(max_chars = 64)]
    t: String,
}

/// A presence server for load generators.
#[derive(Parser)]
struct Args {
    /// Where to listen; only loopback addresses are allowed
    #[arg(long, default_value = "127.0.0.1:7701")]
    addr: String,
    /// The shortest time between two flushes of a room, in ms
    #[arg(long, default_value_t = 50)]
    throttle_ms: u64,
    /// The Redis server to share with other nodes, such as redis://127.0.0.1:6379
    #[arg(
        long,
        value_name = "URL",
        env = "PRESENCE_REDIS",
        hide_env_values = true
    )]
    redis: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let topics = Topics::new()
        .register::<State>()
        .throttle(Duration::from_millis(args.throttle_ms));
    let mut config = Config::default();
    config.max_connections = 100_000;
    match run(&args, topics, config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args, topics: Topics, config: Config) -> Result<(), Box<dyn Error>> {
    let server = Server::bind(&args.addr, topics, config).await?;
    // A node leaves the cluster when this is dropped.
    let _cluster = match &args.redis {
        Some(url) => {
            let redis = Redis::open(url).map_err(|error| format!("--redis: {error}"))?;
            redis
                .connect()
                .await
                .map_err(|error| format!("--redis: {error}"))?;
            Some(Cluster::join(server.hub(), redis)?)
        }
        None => None,
    };
    eprintln!("bench-server listens on {}", server.addr());
    server.run(interrupted()).await;
    Ok(())
}
