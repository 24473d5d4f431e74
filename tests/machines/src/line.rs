//! Lines: WebSockets, and the messages on them.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::Failed;
use crate::promises::End;

/// How long somebody waits to get through.
const PATIENCE: Duration = Duration::from_secs(3);

/// A WebSocket that was welcomed.
#[derive(Debug)]
pub(crate) struct Line(WebSocketStream<TcpStream>);

impl Line {
    pub(crate) async fn open(addr: &str, key: &str) -> Result<Self, Failed> {
        let opening = async {
            let stream = TcpStream::connect(addr).await;
            let stream = stream.map_err(|error| error.to_string())?;
            let _ = stream.set_nodelay(true);
            let url = format!("ws://{addr}/presence/ws");
            let (stream, _) = client_async(url, stream)
                .await
                .map_err(|error| error.to_string())?;
            let mut line = Self(stream);
            let hello = json!({"protocol": 1, "session": key});
            line.send("hello", &hello).await?;
            match line.0.next().await {
                Some(Ok(Message::Text(_))) => Ok(line),
                _ => Err("not welcomed".to_owned()),
            }
        };
        let opened = timeout(PATIENCE, opening).await;
        opened.map_err(|_| format!("no welcome from {addr}"))?
    }

    pub(crate) async fn send(&mut self, kind: &str, message: &Json) -> Result<(), Failed> {
        // `type` has to be the first key.
        let rest = message.to_string();
        let text = format!("{{\"type\":\"{kind}\",{}", &rest[1..]);
        match timeout(PATIENCE, self.0.send(Message::text(text))).await {
            Ok(sent) => sent.map_err(|error| error.to_string()),
            Err(_) => Err("nothing could be written".to_owned()),
        }
    }

    /// The next message, `null` for a ping, or how it ended. Who stops waiting loses nothing.
    pub(crate) async fn hear(&mut self) -> Result<Json, End> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => {
                Ok(serde_json::from_str(&text).expect("servers say JSON"))
            }
            Some(Ok(Message::Close(frame))) => {
                Err(End::Closed(frame.map_or(1005, |it| it.code.into())))
            }
            Some(Ok(_)) => Ok(Json::Null),
            Some(Err(_)) | None => Err(End::Broken),
        }
    }

    /// Waits for a message about which this is true.
    pub(crate) async fn until(
        &mut self,
        within: Duration,
        what: impl Fn(&Json) -> bool,
    ) -> Result<Json, Failed> {
        let hearing = async {
            loop {
                match self.hear().await {
                    Ok(message) if what(&message) => return Ok(message),
                    Ok(_) => {}
                    Err(end) => return Err(format!("the line ended: {end:?}")),
                }
            }
        };
        let heard = timeout(within, hearing).await;
        heard.map_err(|_| format!("not heard within {within:?}"))?
    }
}
