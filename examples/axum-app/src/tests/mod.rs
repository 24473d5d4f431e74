//! The application as people use it, over real sockets.

mod boards;
mod logins;
mod visitor;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use self::visitor::Visitor;
use crate::people::BOARDS;
use crate::{App, bot, routes};

const BOARD: &str = "boards:roadmap:cursors";

/// The application at some address. Its tokens hold for a minute.
async fn start() -> SocketAddr {
    start_with(Duration::from_secs(60)).await
}

async fn start_with(lifetime: Duration) -> SocketAddr {
    let app = App::new(lifetime, None).expect("sensible figures");
    tokio::spawn(bot::run(app.hub.clone(), BOARDS[0]));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let routes = routes(app).expect("authentication");
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    addr
}

/// Somebody who is logged in and has a WebSocket.
async fn enter(addr: SocketAddr, user: &str) -> Visitor {
    let mut visitor = Visitor::new(addr);
    visitor.log_in(user).await;
    visitor.connect().await;
    visitor
}
