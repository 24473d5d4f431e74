//! presence's WebSocket alone, for conformance suites: what is said on `/` is said back.
//!
//! Handshake, frames, pings, closing and writing are those of every presence server; only what is done
//! about a message is another. Run with `cargo run -p echo -- --addr 127.0.0.1:9001`.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use axum::serve::{Listener, ListenerExt};
use clap::Parser;
use presence_runtime::{Config, Hub, Topics, internals};
use tokio::io::BufStream;
use tokio::net::{TcpListener, TcpStream};

/// The longest message of the suite's cases of limits and performance.
const MAX_MESSAGE: usize = 16 << 20;

/// A WebSocket server that says back what is said.
#[derive(Parser)]
struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:9001")]
    addr: SocketAddr,
    /// Writes as behind TLS, by the connection's task, rather than straight to the socket
    #[arg(long)]
    deferred: bool,
}

/// Connections that are no plain sockets, and that keep bytes back until they are flushed.
struct Buffered(TcpListener);

impl Listener for Buffered {
    type Io = BufStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.0).await;
        let _ = stream.set_nodelay(true);
        (BufStream::new(stream), from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

async fn echo(State(hub): State<Hub>, request: Request) -> Response {
    internals::echo(&hub, request, MAX_MESSAGE).map(Body::new)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let mut config = Config::default();
    // The suite says as much as it can.
    config.max_messages_per_second = 1_000_000;
    let hub = Hub::new(Topics::new(), config)?;
    let app = Router::new().route("/", any(echo)).with_state(hub);
    let listener = TcpListener::bind(args.addr).await?;
    eprintln!("echo listens on http://{}", listener.local_addr()?);
    if args.deferred {
        axum::serve(Buffered(listener), app).await?;
    } else {
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, app).await?;
    }
    Ok(())
}
