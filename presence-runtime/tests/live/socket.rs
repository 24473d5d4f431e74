//! A stranger's WebSocket client.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::http::PATIENCE;
use crate::server::{Pipe, Server};

/// A WebSocket. What comes between a question and its answer is kept for [`Socket::hear`].
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<Pipe>,
    heard: VecDeque<Json>,
    asked: u64,
    /// The longest message so far, in bytes.
    pub(crate) longest: usize,
}

impl std::fmt::Debug for dyn crate::server::Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Socket {
    /// A connection that has said nothing yet.
    pub(crate) async fn open(server: &Server) -> Self {
        Self::over(server.dial().await).await
    }

    pub(crate) async fn over(pipe: Pipe) -> Self {
        Self::over_with(pipe, &[]).await
    }

    /// The same with more headers in its first request.
    pub(crate) async fn over_with(pipe: Pipe, headers: &[(&'static str, &str)]) -> Self {
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let url = "ws://localhost/presence/ws";
        let mut asking = url.into_client_request().expect("a URL");
        for (name, text) in headers {
            let value = text.parse().expect("a header value");
            asking.headers_mut().insert(*name, value);
        }
        let (stream, _) = client_async_with_config(asking, pipe, Some(config))
            .await
            .expect("a handshake");
        Self {
            stream,
            heard: VecDeque::new(),
            asked: 0,
            longest: 0,
        }
    }

    /// A connection that has said `hello` as the holder of a key.
    pub(crate) async fn hello(server: &Server, key: &str) -> Self {
        let mut socket = Self::open(server).await;
        let welcome = socket.greet(Some(key)).await;
        assert_eq!(welcome["session"], crate::server::session(key));
        socket
    }

    /// A connection that only watches.
    pub(crate) async fn watcher(server: &Server) -> Self {
        let mut socket = Self::open(server).await;
        socket.greet(None).await;
        socket
    }

    /// A connection of nobody that watches a topic, with the snapshot still to be heard.
    pub(crate) async fn watching(server: &Server, topic: &str) -> Self {
        let mut socket = Self::watcher(server).await;
        socket.subscribe(topic).await;
        socket
    }

    pub(crate) async fn greet(&mut self, key: Option<&str>) -> Json {
        let mut hello = json!({"type": "hello", "protocol": 1});
        if let Some(key) = key {
            hello["session"] = key.into();
        }
        self.say(&hello).await;
        let welcome = self.hear().await;
        assert_eq!(welcome["type"], "welcome");
        welcome
    }

    pub(crate) async fn say(&mut self, message: &Json) {
        self.say_text(&message_text(message)).await;
    }

    /// Says a message if the connection still takes it.
    pub(crate) async fn try_say(&mut self, message: &Json) -> bool {
        let text = Message::text(message_text(message));
        self.stream.send(text).await.is_ok()
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.stream
            .send(message)
            .await
            .expect("a living connection");
    }

    /// Says a message with an `id` and hears its answer.
    pub(crate) async fn ask(&mut self, mut message: Json) -> Json {
        self.asked += 1;
        message["id"] = self.asked.into();
        self.say(&message).await;
        let mut between = std::mem::take(&mut self.heard);
        loop {
            let heard = self.hear().await;
            if heard["id"] == self.asked {
                self.heard.append(&mut between);
                return heard;
            }
            between.push_back(heard);
        }
    }

    /// Asks and expects it to go well.
    pub(crate) async fn done(&mut self, message: Json) -> Json {
        let answer = self.ask(message).await;
        assert_eq!(answer["type"], "ok", "{answer}");
        answer
    }

    /// Asks and expects to be refused.
    pub(crate) async fn refused(&mut self, message: Json) -> String {
        let answer = self.ask(message).await;
        assert_eq!(answer["type"], "error", "{answer}");
        code(&answer)
    }

    pub(crate) async fn subscribe(&mut self, topic: &str) {
        self.done(json!({"type": "subscribe", "topic": topic}))
            .await;
    }

    /// Announces a value.
    pub(crate) async fn announce(&mut self, topic: &str, value: Json) -> Json {
        let message = json!({"type": "heartbeat", "topic": topic, "value": value});
        self.done(message).await
    }

    /// The next message; nothing when the connection has ended.
    pub(crate) async fn hear_or_end(&mut self) -> Result<Json, Option<u16>> {
        if let Some(heard) = self.heard.pop_front() {
            return Ok(heard);
        }
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    self.longest = self.longest.max(text.len());
                    return Ok(serde_json::from_str(text.as_str()).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map(|it| it.code.into()));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("text, not {other:?}"),
                None | Some(Err(Error::Protocol(_) | Error::ConnectionClosed | Error::Io(_))) => {
                    return Err(None);
                }
                Some(Err(error)) => panic!("{error}"),
            }
        }
    }

    /// The next message, which is going to come.
    pub(crate) async fn hear(&mut self) -> Json {
        self.hear_within(PATIENCE).await
    }

    /// The next message, which is going to come in this time.
    pub(crate) async fn hear_within(&mut self, time: Duration) -> Json {
        match timeout(time, self.hear_or_end()).await {
            Ok(Ok(message)) => message,
            Ok(Err(code)) => panic!("a message, not the end with {code:?}"),
            Err(_) => panic!("a message in time"),
        }
    }

    /// The code that the server ends the connection with; what comes before is passed over.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        let ended = async {
            loop {
                if let Err(code) = self.hear_or_end().await {
                    return code;
                }
            }
        };
        timeout(PATIENCE, ended).await.expect("an end in time")
    }

    /// Nothing comes for this long. Pings are answered meanwhile.
    pub(crate) async fn silent_for(&mut self, time: Duration) {
        if let Ok(heard) = timeout(time, self.hear_or_end()).await {
            panic!("silence, but heard {heard:?}");
        }
    }

    /// Hears whatever comes in this time. Pings are answered meanwhile.
    pub(crate) async fn listen_for(&mut self, time: Duration) {
        let hearing = async { while self.hear_or_end().await.is_ok() {} };
        let over = timeout(time, hearing).await.is_err();
        assert!(over, "the connection stays");
    }

    /// Says that nothing more is going to be said, and stays to hear.
    pub(crate) async fn half_close(&mut self) {
        let shut = self.stream.get_mut().shutdown().await;
        shut.expect("a living connection");
    }

    /// The connection under it, for whoever writes frames by hand.
    pub(crate) fn into_pipe(self) -> Pipe {
        self.stream.into_inner()
    }

    /// Says goodbye as the protocol wants it.
    pub(crate) async fn close(mut self) {
        let _ = self.stream.close(None).await;
        let _ = timeout(PATIENCE, async {
            while self.stream.next().await.is_some() {}
        })
        .await;
    }
}

/// A message with its `type` first, whatever the order of the object's keys.
pub(crate) fn message_text(message: &Json) -> String {
    let mut fields = message.as_object().expect("an object").clone();
    let kind = fields.remove("type").expect("a type");
    let rest = Json::Object(fields).to_string();
    let comma = if rest == "{}" { "" } else { "," };
    format!("{{\"type\":{kind}{comma}{}", &rest[1..])
}

pub(crate) fn code(answer: &Json) -> String {
    answer["error"]["code"]
        .as_str()
        .expect("an error")
        .to_owned()
}
