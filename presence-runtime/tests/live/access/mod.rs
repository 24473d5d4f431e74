//! Who may do what: an application with authentication and rules, and those who try to get around them.

mod admission;
mod changing;
mod inspecting;
mod matrix;
mod racing;
mod secrets;
mod stamping;
mod tabs;

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderMap, Method, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use presence_runtime::access::{Action, Credentials, Identity, Kind, Unauthenticated};
use presence_runtime::{Config, Hub, HubBuilder, Presence};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::http::{Answer, request};
use crate::server::{Server, Transport};
use crate::socket::Socket;
use crate::topics::{self, Cursor, millis};

/// Where somebody sits, and as what: only the application says that.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "seats:{room}")]
pub(super) struct Seat {
    pub(super) at: u32,
    #[presence(server = "role", max_chars = 16)]
    pub(super) role: String,
    #[presence(server = "user", max_chars = 128)]
    pub(super) name: String,
    #[presence(server = "kind", max_chars = 16)]
    pub(super) kind: String,
}

/// What the application holds by now of everybody's right to announce on boards.
#[derive(Debug, Default)]
pub(crate) struct Office {
    pub(super) closed: AtomicBool,
    pub(super) asked: AtomicUsize,
    /// Who asks for the room `gate` waits for this.
    pub(super) gate: Notify,
}

/// Tokens are JSON here: who it is, what they may, and how the application behaves.
#[expect(clippy::needless_pass_by_value, reason = "as `json!` gives it")]
pub(super) fn token(user: &str, claims: Json) -> String {
    json!({"user": user, "claims": claims}).to_string()
}

/// Somebody who may announce on board 1 and see board 2.
pub(super) fn editor(user: &str) -> String {
    token(
        user,
        json!({"boards": ["1"], "sees": ["2"], "rooms": ["1"], "role": "editor"}),
    )
}

async fn authenticate(shown: Credentials) -> Result<Identity, Unauthenticated> {
    let cookie = shown
        .cookie("login")
        .map(|name| token(name, json!({"boards": ["1"]})));
    let text = shown.token().map(str::to_owned).or(cookie);
    let text = text.ok_or(Unauthenticated::Missing)?;
    let said: Json =
        serde_json::from_str(&text).map_err(|_| Unauthenticated::invalid("not one of ours"))?;
    match said["mood"].as_str() {
        Some("hangs") => pending::<()>().await,
        Some("panics") => panic!("on purpose"),
        Some("slow") => sleep(millis(100)).await,
        Some("expired") => return Err(Unauthenticated::Expired),
        _ => {}
    }
    let claims = said["claims"].as_object().cloned().unwrap_or_default();
    let who = match said["user"].as_str() {
        Some(user) => Identity::of(user).map_err(|_| Unauthenticated::invalid("no such user"))?,
        None => Identity::guest(),
    };
    let kind = said["kind"]
        .as_str()
        .and_then(Kind::parse)
        .unwrap_or_default();
    let who = who
        .with_kind(kind)
        .with_claims(claims.into_iter().collect());
    if said["for"] == "ever" {
        return Ok(who.expiring_in(Duration::MAX));
    }
    Ok(match said["for"].as_u64() {
        Some(millis) => who.expiring_in(Duration::from_millis(millis)),
        None => who,
    })
}

pub(crate) fn guarded(config: Config, office: &Arc<Office>) -> HubBuilder {
    let (boards, rooms) = (office.clone(), office.clone());
    Hub::builder(topics::slow().register::<Seat>())
        .config(config)
        .authenticate(authenticate)
        .authorize::<Cursor>(move |who, [board], action| {
            assert_ne!(board, "panics", "on purpose");
            match action {
                Action::Read => who.has("boards", &board) || who.has("sees", &board),
                Action::Announce => {
                    who.has("boards", &board) && !boards.closed.load(Ordering::SeqCst)
                }
                _ => who.has("inspects", &board),
            }
        })
        .authorize_async::<Seat, _>(move |who, [room], _| {
            rooms.asked.fetch_add(1, Ordering::SeqCst);
            let closed = rooms.closed.load(Ordering::SeqCst);
            let rooms = rooms.clone();
            async move {
                match room.as_str() {
                    "hangs" => pending().await,
                    "panics" => panic!("on purpose"),
                    "gate" => {
                        rooms.gate.notified().await;
                        !closed
                    }
                    _ => {
                        tokio::task::yield_now().await;
                        who.has("rooms", &room) && !closed
                    }
                }
            }
        })
}

/// A server with authentication. Nobody may do anything in `notes`, for which there is no rule.
pub(super) async fn start(transport: Transport) -> (Server, Arc<Office>) {
    let office = Arc::new(Office::default());
    let mut config = Config::default();
    // Longer than a panic takes that prints where it was, also where much else runs.
    config.access_timeout = Duration::from_millis(1_500);
    let hub = guarded(config, &office).build().expect("sensible figures");
    (Server::of(transport, hub).await, office)
}

/// Who asks over HTTP.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) token: Option<String>,
    pub(super) key: Option<String>,
}

impl Asker {
    pub(super) fn new(token: &str, key: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            key: Some(key.to_owned()),
        }
    }

    pub(super) fn request(&self, method: Method, path: &str, body: &str) -> Request<Full<Bytes>> {
        let mut request = request(method, path).header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            request = request.header("presence-session", key);
        }
        let body = Full::from(body.to_owned());
        request.body(body).expect("a request")
    }

    pub(super) async fn get(&self, server: &Server, path: &str) -> Answer {
        server.send(self.request(Method::GET, path, "")).await
    }

    pub(super) async fn announce(&self, server: &Server, topic: &str, value: Json) -> Answer {
        let path = format!("/presence/{topic}/heartbeat");
        let body = json!({ "value": value }).to_string();
        server.send(self.request(Method::POST, &path, &body)).await
    }

    pub(super) async fn renew(&self, server: &Server, topic: &str) -> Answer {
        let path = format!("/presence/{topic}/heartbeat");
        server.send(self.request(Method::POST, &path, "{}")).await
    }
}

/// A WebSocket that said `hello` with a token.
pub(super) async fn socket(server: &Server, token: &str, key: Option<&str>) -> Socket {
    let mut socket = Socket::open(server).await;
    let welcome = say_hello(&mut socket, token, key).await;
    assert_eq!(welcome["type"], "welcome", "{welcome}");
    socket
}

pub(super) async fn say_hello(socket: &mut Socket, token: &str, key: Option<&str>) -> Json {
    let mut hello = json!({"type": "hello", "protocol": 1, "token": token});
    if let Some(key) = key {
        hello["session"] = key.into();
    }
    socket.say(&hello).await;
    socket.hear().await
}

/// What an answer says, without what differs between any two.
pub(super) fn plain(answer: &Answer) -> (u16, HeaderMap, Bytes) {
    let mut headers = answer.headers.clone();
    headers.remove("date");
    (answer.status, headers, answer.body.clone())
}
