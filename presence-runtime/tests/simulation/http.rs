//! HTTP in the simulated network: requests on connections of their own, and event streams.

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::{Method, Request};
use http_body_util::{BodyExt, BodyStream, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::task::JoinHandle;
use turmoil::net::TcpStream;

pub(crate) const PORT: u16 = 80;

/// Why there is no answer.
pub(crate) type Failed = Box<dyn std::error::Error>;

/// Ends the connection when dropped.
struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn send(
    server: &str,
    request: Request<Full<Bytes>>,
) -> Result<(http::Response<Incoming>, Connection), Failed> {
    let stream = TcpStream::connect((server, PORT)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = Connection(tokio::spawn(async {
        let _ = connection.await;
    }));
    Ok((sender.send_request(request).await?, connection))
}

fn request(method: Method, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "server")
}

async fn answer(server: &str, request: Request<Full<Bytes>>) -> Result<Json, Failed> {
    let (response, _connection) = send(server, request).await?;
    let body = response.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice(&body)?)
}

pub(crate) async fn get(server: &str, path: &str) -> Result<Json, Failed> {
    answer(server, request(Method::GET, path).body(Full::default())?).await
}

/// Posts JSON as the holder of a key.
pub(crate) async fn post(server: &str, path: &str, key: &str, body: &Json) -> Result<Json, Failed> {
    let request = request(Method::POST, path)
        .header("presence-session", key)
        .header("content-type", "application/json");
    answer(server, request.body(Full::from(body.to_string()))?).await
}

/// An event stream.
pub(crate) struct Events {
    body: BoxStream<'static, Option<Bytes>>,
    text: String,
    _connection: Connection,
}

impl Events {
    pub(crate) async fn open(
        server: &str,
        topic: &str,
        since: Option<&str>,
    ) -> Result<Self, Failed> {
        let mut request = request(Method::GET, &format!("/presence/{topic}/changes"));
        if let Some(since) = since {
            request = request.header("last-event-id", since);
        }
        let (response, connection) = send(server, request.body(Full::default())?).await?;
        let frames = BodyStream::new(response.into_body());
        let body = frames.map(|it| it.ok().and_then(|it| it.into_data().ok()));
        Ok(Self {
            body: body.boxed(),
            text: String::new(),
            _connection: connection,
        })
    }

    /// The next message, `null` for a comment, nothing at the end. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Option<Json> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|it| it.strip_prefix("data:"));
                let message = data.map_or(Json::Null, |it| serde_json::from_str(it).expect("JSON"));
                self.text = rest.to_owned();
                return Some(message);
            }
            let bytes = self.body.next().await??;
            self.text
                .push_str(std::str::from_utf8(&bytes).expect("events end at characters"));
        }
    }
}
