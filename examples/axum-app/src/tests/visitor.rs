//! Somebody with a browser: cookies, a session key, a WebSocket.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Visitor {
    addr: SocketAddr,
    pub(super) cookie: String,
    key: String,
    socket: Option<WebSocketStream<TcpStream>>,
    questions: u64,
}

/// What a route answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) cookie: Option<String>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Visitor {
    pub(super) fn new(addr: SocketAddr) -> Self {
        static KEYS: AtomicU64 = AtomicU64::new(1);
        Self {
            addr,
            cookie: String::new(),
            key: format!("{:032x}", KEYS.fetch_add(1, Ordering::Relaxed)),
            socket: None,
            questions: 0,
        }
    }

    /// The same person in another tab.
    pub(super) fn another_tab(&self) -> Self {
        let mut tab = Self::new(self.addr);
        tab.cookie.clone_from(&self.cookie);
        tab
    }

    pub(super) async fn log_in(&mut self, user: &str) {
        let answer = self.post("/login", json!({"user": user})).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        let line = answer.cookie.expect("a cookie");
        self.cookie = line.split(';').next().unwrap_or_default().to_owned();
    }

    pub(super) async fn token(&self) -> String {
        let answer = self.post("/token", Value::Null).await;
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", "").await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.ask("POST", path, "", &body).await
    }

    /// Asks presence over HTTP, with a token and the session key.
    pub(super) async fn presence(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> Answer {
        let more = format!(
            "Authorization: Bearer {token}\r\nPresence-Session: {}\r\n",
            self.key
        );
        self.ask(method, &format!("/presence/{path}"), &more, body)
            .await
    }

    async fn ask(&self, method: &str, path: &str, more: &str, body: &str) -> Answer {
        let Self { addr, cookie, .. } = self;
        let length = body.len();
        let kind = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/json\r\n"
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nCookie: {cookie}\r\n\
             {kind}{more}Content-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(addr)
            .await
            .expect("the application listens");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it reads");
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        timeout(PATIENCE, read)
            .await
            .expect("in time")
            .expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        let cookie = head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "));
        Answer {
            status: status.expect("a status"),
            cookie: cookie.map(str::to_owned),
            body: body.to_owned(),
        }
    }

    /// Opens a WebSocket and says `hello` with a new token.
    pub(super) async fn connect(&mut self) {
        let token = self.token().await;
        self.dial().await;
        let hello = json!({"type": "hello", "protocol": 1, "session": self.key, "token": token});
        self.say(&hello).await;
        let welcome = self.hear("welcome").await;
        assert!(welcome["expiresInMs"].is_u64(), "{welcome}");
    }

    pub(super) async fn dial(&mut self) {
        let stream = TcpStream::connect(self.addr).await.expect("it listens");
        let url = format!("ws://{}/presence/ws", self.addr);
        let (socket, _) = tokio_tungstenite::client_async(url, stream)
            .await
            .expect("a WebSocket");
        self.socket = Some(socket);
    }

    pub(super) async fn say(&mut self, message: &Value) {
        let text = Message::text(ordered(message));
        self.socket().send(text).await.expect("it is open");
    }

    /// The next message of a type; others before it are passed over.
    pub(super) async fn hear(&mut self, kind: &str) -> Value {
        loop {
            match self.next().await {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    if message["type"] == kind {
                        return message;
                    }
                }
                Message::Close(frame) => panic!("closed while waiting for {kind}: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The code that the connection is closed with.
    pub(super) async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.next().await {
                return frame.map_or(1005, |it| it.code.into());
            }
        }
    }

    /// Asks over the WebSocket; the answer is `ok`, or an `error`'s error.
    pub(super) async fn does(&mut self, mut message: Value) -> Value {
        self.questions += 1;
        message["id"] = self.questions.into();
        self.say(&message).await;
        loop {
            let Message::Text(text) = self.next().await else {
                continue;
            };
            let answer: Value = serde_json::from_str(&text).expect("JSON");
            if answer["id"] != self.questions {
                continue;
            }
            return if answer["type"] == "ok" {
                answer
            } else {
                answer["error"].clone()
            };
        }
    }

    pub(super) async fn announce(&mut self, topic: &str) -> Value {
        let value = json!({"x": 120, "y": 80, "label": "me"});
        self.does(json!({"type": "heartbeat", "topic": topic, "value": value}))
            .await
    }

    pub(super) async fn subscribe(&mut self, topic: &str) -> Value {
        self.does(json!({"type": "subscribe", "topic": topic}))
            .await
    }

    /// The connection is lost.
    pub(super) fn hang_up(&mut self) {
        self.socket = None;
    }

    async fn next(&mut self) -> Message {
        let next = timeout(PATIENCE, self.socket().next()).await;
        next.expect("in time")
            .expect("it is open")
            .expect("it is whole")
    }

    fn socket(&mut self) -> &mut WebSocketStream<TcpStream> {
        self.socket.as_mut().expect("connected before")
    }
}

/// The protocol wants `type` first.
fn ordered(message: &Value) -> String {
    let mut rest = message.clone();
    let kind = rest["type"].take();
    rest.as_object_mut().expect("an object").remove("type");
    let rest = rest.to_string();
    format!("{{\"type\":{kind},{}", rest.trim_start_matches('{'))
}
