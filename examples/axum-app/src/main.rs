//! Presence inside an axum application, beside its own routes.
//!
//! Run with `cargo run -p axum-app -- --addr 127.0.0.1:7702`, open the address, and announce somebody:
//!
//! ```sh
//! curl http://127.0.0.1:7702/presence/boards:42:cursors/heartbeat \
//!   -H 'Presence-Session: 00112233445566778899aabbccddeeff' -H 'Content-Type: application/json' \
//!   -d '{"value":{"x":120,"y":80,"label":"Ann"}}'
//! curl http://127.0.0.1:7702/boards/42
//! ```

use std::process::ExitCode;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use clap::Parser;
use presence_runtime::{Config, Hub, Service, interrupted};
use serde::Serialize;
use topics::Cursor;

/// An application that knows who is on its boards.
#[derive(Parser)]
struct Args {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:7702")]
    addr: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args.addr).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("axum-app: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(addr: &str) -> Result<(), Box<dyn std::error::Error>> {
    let hub = Hub::new(topics::topics(), Config::default())?;
    let listener = tokio::net::TcpListener::bind(addr).await?;
    eprintln!("axum-app listens on http://{}", listener.local_addr()?);
    axum::serve(listener, app(hub))
        .with_graceful_shutdown(interrupted())
        .await?;
    Ok(())
}

/// The application: its own routes, and the presence routes of the same hub below `/presence`.
fn app(hub: Hub) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/boards/{board}", get(board))
        .with_state(hub.clone())
        .nest_service("/presence", Service::open(hub))
}

async fn home() -> Html<&'static str> {
    Html(
        "<title>axum-app</title><p>An application with boards. <a href=/boards/42>Who is on board 42?</a>",
    )
}

/// Somebody on a board, as this application shows it.
#[derive(Serialize)]
struct Person {
    name: String,
    typing: bool,
}

/// Who is on a board: the hub answers with the application's own types.
async fn board(
    State(hub): State<Hub>,
    Path(board): Path<String>,
) -> Result<Json<Vec<Person>>, (StatusCode, String)> {
    let topic = Cursor::topic(board).map_err(|error| (StatusCode::NOT_FOUND, error.to_string()))?;
    let members = hub.members(&topic).into_iter();
    let people = members.map(|(_, cursor)| Person {
        name: cursor.label,
        typing: cursor.typing,
    });
    Ok(Json(people.collect()))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    async fn ask(addr: std::net::SocketAddr, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(addr)
            .await
            .expect("the application listens");
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Presence-Session: 00112233445566778899aabbccddeeff\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it reads");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .await
            .expect("it answers");
        answer
    }

    #[tokio::test]
    async fn who_announces_below_presence_is_seen_by_the_applications_own_routes() {
        let hub = Hub::new(topics::topics(), Config::default()).expect("sensible figures");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, app(hub)).await });

        let nobody = ask(addr, "GET /boards/42", "").await;
        assert!(nobody.ends_with("[]"), "{nobody}");
        let body = r#"{"value":{"x":120,"y":80,"label":"Ann","typing":true}}"#;
        let heartbeat = "POST /presence/boards:42:cursors/heartbeat";
        let joined = ask(addr, heartbeat, body).await;
        assert!(joined.contains(r#""change":"joined""#), "{joined}");
        let ann = ask(addr, "GET /boards/42", "").await;
        assert!(ann.ends_with(r#"[{"name":"Ann","typing":true}]"#), "{ann}");
        let wrong = ask(addr, "GET /boards/a:b", "").await;
        assert!(wrong.starts_with("HTTP/1.1 404"), "{wrong}");
    }
}
