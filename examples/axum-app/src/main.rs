//! Presence inside an axum application that knows its people: a login, short tokens, rules for
//! boards, a bot, and an owner who changes roles and sends people away.
//!
//! `make app` builds the page and runs this on <http://127.0.0.1:7702>. Without the page:
//!
//! ```sh
//! cargo run -p axum-app
//! curl -c jar http://127.0.0.1:7702/login -H 'Content-Type: application/json' -d '{"user":"ann"}'
//! curl -b jar -X POST http://127.0.0.1:7702/token
//! curl http://127.0.0.1:7702/presence/boards:roadmap:cursors/value -H "Authorization: Bearer $TOKEN"
//! curl -b jar http://127.0.0.1:7702/boards/roadmap
//! ```

mod auth;
mod boards;
mod bot;
mod pages;
mod people;
mod rules;
#[cfg(test)]
mod tests;
mod visits;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use axum::routing::{get, post};
use clap::Parser;
use presence_runtime::cluster::{Cluster, Redis, RedisError};
use presence_runtime::server::{ConfigError, Operations, Pages, Peer};
use presence_runtime::{Config, Hub, Service, interrupted};

use crate::auth::Door;
use crate::people::{BOARDS, People};
use crate::visits::Visits;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/page/dist");
const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../presence-client/dist");

/// An application with boards, and people who may be on some of them.
#[derive(Parser)]
struct Args {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:7702")]
    addr: String,
    /// How long a token of the page holds, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 60)]
    token_secs: u64,
    /// The built page, served at /
    #[arg(long, value_name = "DIR", default_value = PAGE)]
    pages: PathBuf,
    /// The built TypeScript client, served at /presence-client/
    #[arg(long, value_name = "DIR", default_value = CLIENT)]
    client: PathBuf,
    /// Also hand out a page at /presence/inspector that shows what is going on, to whoever has a token
    #[arg(long)]
    inspector: bool,
    /// The Redis server to share with other nodes, such as redis://127.0.0.1:6379; people log in at each
    /// node on its own
    #[arg(
        long,
        value_name = "URL",
        env = "PRESENCE_REDIS",
        hide_env_values = true
    )]
    redis: Option<String>,
}

/// What the routes share.
#[derive(Clone)]
struct App {
    hub: Hub,
    people: Arc<People>,
    door: Arc<Door>,
    visits: Visits,
    /// Nothing where the page is not built.
    pages: Option<Arc<Pages>>,
    inspector: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_target(false).init();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("axum-app: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let pages = match pages::read(&args.pages, &args.client) {
        Ok(pages) => Some(Arc::new(pages)),
        Err(missing) => {
            eprintln!("axum-app: {missing}: run `make app` to build the page");
            None
        }
    };
    let mut app = App::new(Duration::from_secs(args.token_secs), pages)?;
    app.inspector = args.inspector;
    let hub = app.hub.clone();
    // A node leaves the cluster when this is dropped, so it is kept until nobody is here any more.
    let _cluster = match &args.redis {
        Some(url) => Some(join(&hub, url).await?),
        None => None,
    };
    tokio::spawn(bot::run(hub.clone(), BOARDS[0]));
    let listener = tokio::net::TcpListener::bind(&args.addr).await?;
    eprintln!("axum-app listens on http://{}", listener.local_addr()?);
    let routes = routes(app)?.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move {
            interrupted().await;
            hub.drain().await;
        })
        .await?;
    Ok(())
}

impl App {
    fn new(
        lifetime: Duration,
        pages: Option<Arc<Pages>>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let people = Arc::new(People::some());
        let door = Arc::new(Door::new(lifetime)?);
        let visits = Visits::default();
        let hub = rules::hub(Config::from_env()?, &door, &people, &visits)?;
        Ok(Self {
            hub,
            people,
            door,
            visits,
            pages,
            inspector: false,
        })
    }
}

/// The application: its own routes, and the presence routes of the same hub below `/presence`.
fn routes(app: App) -> Result<Router, ConfigError> {
    let mut presence = Service::new(app.hub.clone())?;
    if app.inspector {
        presence = presence.with_inspector();
    }
    let presence = Router::new()
        .fallback_service(presence)
        .layer(map_request(with_peer));
    // Figures are for whoever runs this, and are not served: see `Operations::guarded`.
    let health = Operations::open(app.hub.clone());
    Ok(Router::new()
        .route_service("/healthz", health.clone())
        .route_service("/readyz", health)
        .route("/login", post(auth::log_in))
        .route("/logout", post(auth::log_out))
        .route("/token", post(auth::token))
        .route("/me", get(pages::me))
        .route("/people", get(pages::people))
        .route("/boards/{board}", get(boards::here))
        .route("/boards/{board}/visits", get(boards::visits))
        .route("/boards/{board}/kick", post(boards::kick))
        .route("/boards/{board}/roles", post(boards::appoint))
        .fallback(pages::page)
        .with_state(app)
        .nest_service("/presence", presence))
}

/// Makes the hub a node of the cluster that shares this Redis server. One that does not answer yet keeps nobody
/// from being served: the node joins when it does.
async fn join(hub: &Hub, url: &str) -> Result<Cluster, String> {
    let redis = Redis::open(url).map_err(|error| format!("--redis: {error}"))?;
    match redis.connect().await {
        Ok(()) => {}
        Err(RedisError::Lost(error)) => eprintln!("axum-app: --redis: {error}; trying on"),
        Err(error) => return Err(format!("--redis: {error}")),
    }
    Cluster::join(hub, redis).map_err(|error| format!("--redis: {error}"))
}

/// Tells presence from where somebody comes, so that it can limit what one address asks for.
async fn with_peer(ConnectInfo(addr): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    request.extensions_mut().insert(Peer(addr.ip()));
    request
}
