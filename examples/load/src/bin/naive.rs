//! The room server one writes first: every message is passed on to every other member, by way of a channel and a task each.
//!
//! `naive PORT` serves WebSockets on `/?room=NAME`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{self, Message};

/// Messages a slow reader may lag behind before it loses some.
const BACKLOG: usize = 256;

type Room = broadcast::Sender<(u64, Message)>;
type Rooms = Arc<Mutex<HashMap<String, Room>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::args()
        .nth(1)
        .and_then(|it| it.parse().ok())
        .unwrap_or(7701);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let rooms = Rooms::default();
    for id in 0.. {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let rooms = rooms.clone();
        tokio::spawn(async move {
            // Whoever goes away mid-sentence is gone, no matter why.
            let _ = serve(stream, id, rooms).await;
        });
    }
    Ok(())
}

async fn serve(stream: TcpStream, id: u64, rooms: Rooms) -> tungstenite::Result<()> {
    let mut name = String::new();
    #[expect(clippy::result_large_err, reason = "the handshake wants it so")]
    let read_name = |request: &Request, response: Response| {
        name = request.uri().query().unwrap_or_default().to_owned();
        Ok(response)
    };
    let socket = tokio_tungstenite::accept_hdr_async(stream, read_name).await?;
    let room = {
        let mut rooms = rooms.lock().expect("nobody panics with the rooms");
        rooms
            .entry(name)
            .or_insert_with(|| broadcast::channel(BACKLOG).0)
            .clone()
    };
    let mut hears = room.subscribe();
    let (mut writes, mut reads) = socket.split();
    loop {
        tokio::select! {
            said = reads.next() => match said {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    // Nobody to hear it is no mistake.
                    let _ = room.send((id, message));
                }
                Some(Ok(_)) => {}
                _ => return Ok(()),
            },
            heard = hears.recv() => match heard {
                Ok((from, message)) if from != id => writes.send(message).await?,
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            },
        }
    }
}
