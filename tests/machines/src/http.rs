//! Requests over HTTP, each on a connection of its own.

use std::time::Duration;

use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Failed;

/// How long somebody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who asks, and with what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asker {
    pub(crate) key: Option<String>,
    pub(crate) cookie: Option<String>,
    pub(crate) token: Option<String>,
}

/// An answer; its body is `null` where it is none of JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) cookie: Option<String>,
    pub(crate) body: Json,
}

pub(crate) async fn get(addr: &str, path: &str) -> Result<Json, Failed> {
    let answer = ask(addr, Method::GET, path, &Asker::default(), "").await?;
    Ok(answer.body)
}

/// Posts JSON as the holder of a key.
pub(crate) async fn post(addr: &str, path: &str, key: &str, body: &Json) -> Result<Json, Failed> {
    let asker = Asker {
        key: Some(key.to_owned()),
        ..Asker::default()
    };
    let answer = ask(addr, Method::POST, path, &asker, &body.to_string()).await?;
    Ok(answer.body)
}

pub(crate) async fn ask(
    addr: &str,
    method: Method,
    path: &str,
    asker: &Asker,
    body: &str,
) -> Result<Answer, Failed> {
    let failed = |why: &dyn std::fmt::Display| format!("{method} {addr}{path}: {why}");
    match timeout(PATIENCE, exchange(addr, &method, path, asker, body)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(failed(&"no answer in time")),
    }
}

async fn exchange(
    addr: &str,
    method: &Method,
    path: &str,
    asker: &Asker,
    body: &str,
) -> Result<Answer, Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(addr).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with its owner.
    let mut tasks = JoinSet::new();
    tasks.spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, addr)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = &asker.key {
        request = request.header("presence-session", key);
    }
    if let Some(cookie) = &asker.cookie {
        request = request.header(header::COOKIE, cookie);
    }
    if let Some(token) = &asker.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
    let answer = sender.send_request(request).await?;
    let cookie = answer.headers().get(header::SET_COOKIE);
    let cookie = cookie.and_then(|it| it.to_str().ok()?.split(';').next());
    let cookie = cookie.map(str::to_owned);
    let bytes = answer.into_body().collect().await?.to_bytes();
    Ok(Answer {
        cookie,
        body: serde_json::from_slice(&bytes).unwrap_or(Json::Null),
    })
}
