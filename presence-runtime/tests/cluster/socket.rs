//! A client on a WebSocket of a node.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::house::Node;

/// Bytes that a pipe holds until its reader takes them.
const PIPE: usize = 16 * 1024;

pub(crate) struct Socket(WebSocketStream<DuplexStream>);

impl Socket {
    /// A connection that speaks for the session of this key.
    pub(crate) async fn hello(node: &Node, key: u128) -> Self {
        let (near, far) = tokio::io::duplex(PIPE);
        let service = node.service.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let service = service.clone();
                async move { Ok::<_, Infallible>(service.answer(request).await) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(far), answer);
            let _ = connection.with_upgrades().await;
        });
        let (stream, _) = client_async("ws://localhost/ws", near)
            .await
            .expect("a handshake");
        let mut socket = Self(stream);
        let session = format!("{key:032x}");
        socket
            .say(json!({"type": "hello", "protocol": 1, "session": session}))
            .await;
        socket
    }

    pub(crate) async fn announce(&mut self, topic: &str, x: u32) {
        self.say(json!({"type": "heartbeat", "topic": topic, "value": {"x": x}}))
            .await;
    }

    pub(crate) async fn say(&mut self, message: Value) {
        let kind = message["type"].as_str().expect("a type");
        let rest = message.as_object().expect("an object").iter();
        let rest = rest.filter(|it| it.0 != "type");
        let rest: String = rest
            .map(|(key, value)| format!(",\"{key}\":{value}"))
            .collect();
        let text = format!("{{\"type\":\"{kind}\"{rest}}}");
        self.0.send(Message::text(text)).await.expect("it is open");
    }

    /// The code with which the server closes it, if it does so within a second.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        let ended = async {
            while let Some(Ok(message)) = self.0.next().await {
                if let Message::Close(frame) = message {
                    return frame.map(|it| it.code.into());
                }
            }
            None
        };
        let soon = Duration::from_secs(1);
        tokio::time::timeout(soon, ended).await.ok().flatten()
    }
}
