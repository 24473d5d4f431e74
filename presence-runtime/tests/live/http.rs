//! A stranger's HTTP client, and event streams on top of it.

use std::time::Duration;

use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::time::timeout;

use crate::server::{Pipe, Server};

/// Longer than anything takes that is going to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A connection for one request after another.
#[derive(Debug)]
pub(crate) struct Http {
    sender: SendRequest<Full<Bytes>>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("JSON in {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// The body of an answer that went well.
    #[track_caller]
    pub(crate) fn good(&self) -> Json {
        assert_eq!(self.status, 200, "{:?}", self.body);
        self.json()
    }

    /// The code of an answer that did not go well, with its status.
    #[track_caller]
    pub(crate) fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let code = body["error"]["code"].as_str().expect("an error");
        (self.status, code.to_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|it| it.to_str().ok())
    }
}

/// A request to a local server, without a body.
pub(crate) fn request(method: Method, path: &str) -> http::request::Builder {
    let request = Request::builder().method(method).uri(path);
    request.header("host", "localhost")
}

impl Http {
    pub(crate) async fn open(server: &Server) -> Self {
        let io = TokioIo::new(server.dial().await);
        let (sender, connection) = http1::handshake(io).await.expect("a connection");
        tokio::spawn(connection);
        Self { sender }
    }

    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Answer {
        let answering = async {
            self.sender.ready().await.expect("the connection stays");
            let answer = self.sender.send_request(request).await.expect("an answer");
            let (head, body) = answer.into_parts();
            let body = body.collect().await.expect("a whole body").to_bytes();
            Answer {
                status: head.status.as_u16(),
                headers: head.headers,
                body,
            }
        };
        timeout(PATIENCE, answering)
            .await
            .expect("an answer in time")
    }
}

impl Server {
    /// Sends a request on a connection of its own.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        Http::open(self).await.send(request).await
    }

    /// The status of an answer, whose body may never end.
    pub(crate) async fn status(&self, request: Request<Full<Bytes>>) -> u16 {
        let io = TokioIo::new(self.dial().await);
        let (mut sender, connection) = http1::handshake(io).await.expect("a connection");
        let _connection = Connection(tokio::spawn(async {
            let _ = connection.await;
        }));
        let answer = timeout(PATIENCE, sender.send_request(request)).await;
        let answer = answer.expect("an answer in time").expect("an answer");
        answer.status().as_u16()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = request(Method::GET, path).body(Full::default());
        self.send(request.expect("a request")).await
    }

    /// Posts JSON, as the holder of a key.
    pub(crate) async fn post(&self, path: &str, key: &str, body: &str) -> Answer {
        self.send(post(path, key, body)).await
    }

    /// Announces over HTTP and expects it to go well.
    pub(crate) async fn announce(&self, topic: &str, key: &str, body: &Json) -> Json {
        let path = format!("/presence/{topic}/heartbeat");
        self.post(&path, key, &body.to_string()).await.good()
    }

    /// What `value` says of a topic.
    pub(crate) async fn value(&self, topic: &str) -> Json {
        self.get(&format!("/presence/{topic}/value")).await.good()
    }

    /// Opens the event stream of a topic, bound to a session if there is a key.
    pub(crate) async fn events(&self, topic: &str, key: Option<&str>) -> Events {
        self.events_since(topic, key, None).await
    }

    pub(crate) async fn events_since(
        &self,
        topic: &str,
        key: Option<&str>,
        since: Option<&str>,
    ) -> Events {
        let mut request = request(Method::GET, &format!("/presence/{topic}/changes"));
        if let Some(key) = key {
            request = request.header("presence-session", key);
        }
        if let Some(since) = since {
            request = request.header("last-event-id", since);
        }
        Events::open(self, request.body(Full::default()).expect("a request")).await
    }

    /// Opens an event stream of many topics.
    pub(crate) async fn events_of_many(&self, topics: &Json) -> Events {
        let body = serde_json::json!({ "topics": topics }).to_string();
        let request = request(Method::POST, "/presence/changes")
            .header("content-type", "application/json")
            .body(Full::from(body));
        Events::open(self, request.expect("a request")).await
    }
}

/// A request that posts JSON, as the holder of a key.
pub(crate) fn post(path: &str, key: &str, body: &str) -> Request<Full<Bytes>> {
    request(Method::POST, path)
        .header("presence-session", key)
        .header("content-type", "application/json")
        .body(Full::from(body.to_owned()))
        .expect("a request")
}

/// An event stream, read as the HTML standard says.
#[derive(Debug)]
pub(crate) struct Events {
    body: Incoming,
    text: String,
    /// The `id` of the last event that had one.
    pub(crate) last_id: Option<String>,
    /// Comments so far.
    pub(crate) comments: usize,
    /// The longest event so far, in bytes.
    pub(crate) longest: usize,
    /// How long to wait before it is opened again, in ms, once it was told.
    pub(crate) retry: Option<u64>,
    /// Dropping it ends the connection.
    _connection: Connection,
}

#[derive(Debug)]
struct Connection(tokio::task::JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Events {
    pub(crate) async fn open(server: &Server, request: Request<Full<Bytes>>) -> Self {
        Self::over(server.dial().await, request).await
    }

    pub(crate) async fn over(pipe: Pipe, request: Request<Full<Bytes>>) -> Self {
        Self::try_over(pipe, request).await.expect("a stream")
    }

    /// Opens it if the server does.
    pub(crate) async fn try_open(
        server: &Server,
        request: Request<Full<Bytes>>,
    ) -> Result<Self, Answer> {
        Self::try_over(server.dial().await, request).await
    }

    async fn try_over(pipe: Pipe, request: Request<Full<Bytes>>) -> Result<Self, Answer> {
        let io = TokioIo::new(pipe);
        let (mut sender, connection) = http1::handshake(io).await.expect("a connection");
        let connection = Connection(tokio::spawn(async {
            let _ = connection.await;
        }));
        let answer = sender.send_request(request).await.expect("an answer");
        if answer.status() != 200 {
            let (head, body) = answer.into_parts();
            let body = body.collect().await.expect("a whole body").to_bytes();
            return Err(Answer {
                status: head.status.as_u16(),
                headers: head.headers,
                body,
            });
        }
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Ok(Self {
            body: answer.into_body(),
            text: String::new(),
            last_id: None,
            comments: 0,
            longest: 0,
            retry: None,
            _connection: connection,
        })
    }

    /// The next message; nothing when the stream has ended.
    pub(crate) async fn hear_or_end(&mut self) -> Option<Json> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                match self.read(&event) {
                    Some(message) => return Some(message),
                    None => continue,
                }
            }
            let frame = self.body.frame().await?.ok()?;
            let data = frame.into_data().expect("no trailers");
            let text = std::str::from_utf8(&data).expect("events end at characters");
            self.text.push_str(text);
        }
    }

    /// The next message, which is going to come.
    pub(crate) async fn hear(&mut self) -> Json {
        let message = timeout(PATIENCE, self.hear_or_end()).await;
        message.expect("a message in time").expect("no end")
    }

    /// Nothing comes for this long.
    pub(crate) async fn silent_for(&mut self, time: Duration) {
        if let Ok(heard) = timeout(time, self.hear_or_end()).await {
            panic!("silence, but heard {heard:?}");
        }
    }

    fn read(&mut self, event: &str) -> Option<Json> {
        self.longest = self.longest.max(event.len() + 2);
        let (mut name, mut data) = (None, None);
        for line in event.lines() {
            match line.split_once(':').expect("a field") {
                ("", _) => self.comments += 1,
                ("event", it) => name = Some(it.trim_start().to_owned()),
                ("id", it) => self.last_id = Some(it.trim_start().to_owned()),
                ("retry", it) => self.retry = it.trim_start().parse().ok(),
                ("data", it) => data = Some(it.trim_start().to_owned()),
                (other, _) => panic!("no such field: {other}"),
            }
        }
        let message: Json = serde_json::from_str(&data?).expect("JSON");
        assert_eq!(message["type"].as_str(), name.as_deref());
        assert_eq!(
            message.get("at").and_then(Json::as_str),
            self.last_id.as_deref().filter(|_| event.contains("\nid:"))
        );
        Some(message)
    }
}
