//! A whiteboard on which people see each other: one page, and the server it is live on.
//!
//! `make demo` builds the page, builds the client it imports, and runs this on
//! <http://127.0.0.1:7700>. Without the page, `cargo run -p live-cursors` serves the presence routes
//! alone, for the README's curl lines and for tools.

mod bot;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use presence_runtime::cluster::{Cluster, Redis, RedisError};
use presence_runtime::server::{Operations, Pages, StartError};
use presence_runtime::{Config, Hub, Server, interrupted};
use tokio::task::AbortHandle;
use tracing_subscriber::filter::LevelFilter;

use bot::Bot;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/page/dist");
const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../presence-client/dist");

/// Serves the live-cursors page, and the topics of the examples below /presence.
#[derive(Parser)]
struct Args {
    /// Where to listen; only loopback addresses are allowed
    #[arg(long, default_value = "127.0.0.1:7700")]
    addr: String,
    /// The built page, served at /
    #[arg(long, value_name = "DIR", default_value = PAGE)]
    pages: PathBuf,
    /// The built TypeScript client, served at /presence-client/
    #[arg(long, value_name = "DIR", default_value = CLIENT)]
    client: PathBuf,
    /// Also hand out a page at /presence/inspector that shows what is going on
    #[arg(long)]
    inspector: bool,
    /// Have a bot come to every board on which somebody is
    #[arg(long)]
    bot: bool,
    /// Where to answer /metrics and what else is for whoever runs this, such as 127.0.0.1:7799
    #[arg(long, value_name = "ADDR")]
    admin: Option<String>,
    /// The Redis server to share with other nodes, such as redis://127.0.0.1:6379
    #[arg(
        long,
        value_name = "URL",
        env = "PRESENCE_REDIS",
        hide_env_values = true
    )]
    redis: Option<String>,
    /// What to log: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_target(false)
        .with_max_level(args.log)
        .init();
    let (server, bot) = match bind(&args).await {
        Ok(bound) => bound,
        Err(error) => {
            eprintln!("live-cursors: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A node leaves the cluster when this is dropped, so it is kept until nobody is here any more.
    let _cluster = match &args.redis {
        Some(url) => match join(server.hub(), url).await {
            Ok(cluster) => Some(cluster),
            Err(error) => {
                eprintln!("live-cursors: {error}");
                return ExitCode::FAILURE;
            }
        },
        None => None,
    };
    let addr = server.addr();
    let server = if args.inspector {
        eprintln!("live-cursors: http://{addr}/presence/inspector shows what is going on");
        server.with_inspector()
    } else {
        server
    };
    let server = match pages(&args.pages, &args.client) {
        Ok(pages) => {
            eprintln!("live-cursors: open http://{addr} in two tabs");
            server.with_pages(pages)
        }
        // Tools talk to the presence routes alone, so a page that is not built stops nobody.
        Err(missing) => {
            eprintln!("live-cursors: {missing}: run `make demo` to build the page");
            server
        }
    };
    if let Some(admin) = server.admin_addr() {
        eprintln!("live-cursors answers operations on http://{admin}/");
    }
    eprintln!("live-cursors listens on http://{addr}/presence");
    server.run(interrupted()).await;
    if let Some(bot) = bot {
        bot.abort();
    }
    ExitCode::SUCCESS
}

/// A server with the settings of the environment, such as `PRESENCE_DRAIN=10s`, and the bot if it
/// was asked for.
async fn bind(args: &Args) -> Result<(Server, Option<AbortHandle>), StartError> {
    let builder = Hub::builder(topics::topics()).config(Config::from_env()?);
    let (hub, bot) = if args.bot {
        let (builder, bot) = Bot::listen(builder);
        let hub = builder.build()?;
        let bot = tokio::spawn(bot.run(hub.clone())).abort_handle();
        (hub, Some(bot))
    } else {
        (builder.build()?, None)
    };
    let server = Server::bind_hub(&args.addr, hub).await?;
    let operations = Operations::open(server.hub().clone());
    let server = match &args.admin {
        Some(addr) => server.with_admin(addr, operations).await?,
        None => server,
    };
    Ok((server, bot))
}

/// Makes the hub a node of the cluster that shares this Redis server. One that does not answer yet keeps nobody
/// from being served: the node joins when it does.
async fn join(hub: &Hub, url: &str) -> Result<Cluster, String> {
    let redis = Redis::open(url).map_err(|error| format!("--redis: {error}"))?;
    match redis.connect().await {
        Ok(()) => {}
        Err(RedisError::Lost(error)) => eprintln!("live-cursors: --redis: {error}; trying on"),
        Err(error) => return Err(format!("--redis: {error}")),
    }
    Cluster::join(hub, redis).map_err(|error| format!("--redis: {error}"))
}

/// The page, with the client below the path that its import map names.
fn pages(page: &Path, client: &Path) -> io::Result<Pages> {
    let named = |folder: &Path, error: io::Error| {
        io::Error::new(error.kind(), format!("{}: {error}", folder.display()))
    };
    Pages::read(page)
        .map_err(|error| named(page, error))?
        .and(client, "/presence-client")
        .map_err(|error| named(client, error))
}
