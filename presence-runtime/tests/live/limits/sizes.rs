//! How long something may be.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Outcome, Try, or_otherwise, probes};
use crate::http::Http;
use crate::http::post;
use crate::server::{Server, Transport, key};
use crate::socket::Socket;
use crate::topics::{self, Cursor, Note};

probes! {
    max_body = (1000, 1),
    max_head = (2000, 1),
    max_headers = (100, 1),
    max_target = (8 * 1024, 1),
    max_bytes = (100, 1),
    max_ttl = (300_000, 1),
    topic = (256, 1),
    parameter = (128, 1),
    user = (128, 1),
    // A message ends a little before it would be too long.
    max_message = (64 * 1024, 500),
    depth = (16, 1),
}

const TOPIC: &str = "boards:1:cursors";
const HEARTBEAT: &str = "/presence/boards:1:cursors/heartbeat";

async fn server(it: &Try) -> Server {
    Server::with(Transport::Memory, topics::slow(), it.config.clone()).await
}

fn length(it: u64) -> usize {
    usize::try_from(it).expect("a length")
}

/// The status of the answer to what is written by hand.
async fn status(server: &Server, request: &str) -> u16 {
    let mut pipe = server.dial_with(128 * 1024).await;
    pipe.write_all(request.as_bytes()).await.expect("room");
    let mut answer = [0; 12];
    pipe.read_exact(&mut answer).await.expect("an answer");
    let text = std::str::from_utf8(&answer[9..]).expect("digits");
    text.parse().expect("a status")
}

fn of_status(status: u16, beyond: u16) -> Vec<Outcome> {
    vec![match status {
        200 => Outcome::Good,
        it if it == beyond => Outcome::Otherwise,
        it => Outcome::Refused(it, String::new()),
    }]
}

async fn max_body(it: Try) -> Vec<Outcome> {
    // Whose values are short enough for it.
    let topics = presence_runtime::Topics::new().register::<Cursor>();
    let server = Server::with(Transport::Memory, topics, it.config).await;
    let whole = |start: &str| start.to_owned() + &" ".repeat(length(it.wanted) - start.len());
    let body = whole(r#"{"value": {"x": 1}}"#);
    let answer = server.post(HEARTBEAT, &key(), &body).await;
    let mut socket = Socket::watcher(&server).await;
    let message = whole(r#"{"type":"unsubscribe","topic":"boards:1:cursors","id":7}"#);
    socket.say_text(&message).await;
    let by_socket = match socket.hear_or_end().await {
        Ok(told) => Outcome::told(&told),
        Err(code) => Outcome::Closed(code.expect("a code")),
    };
    vec![Outcome::of(&answer), by_socket]
}

async fn max_head(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let start = "GET /presence/topics HTTP/1.1\r\nhost: localhost\r\nx: ";
    let end = "\r\n\r\n";
    let filler = "x".repeat(length(it.wanted) - start.len() - end.len());
    of_status(status(&server, &format!("{start}{filler}{end}")).await, 431)
}

async fn max_headers(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let more = "x: y\r\n".repeat(length(it.wanted) - 1);
    let request = format!("GET /presence/topics HTTP/1.1\r\nhost: localhost\r\n{more}\r\n");
    of_status(status(&server, &request).await, 431)
}

async fn max_target(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let start = format!("/presence/{TOPIC}/value?after=");
    let target = format!("{start}{}", "0".repeat(length(it.wanted) - start.len()));
    vec![Outcome::of(&server.get(&target).await)]
}

async fn max_bytes(it: Try) -> Vec<Outcome> {
    let topics = presence_runtime::Topics::new()
        .register::<Note>()
        .max_bytes(length(it.most));
    let server = Server::with(Transport::Memory, topics, it.config).await;
    // With `{"text":""}` around it.
    let value = json!({"text": "x".repeat(length(it.wanted) - 11)});
    let body = json!({ "value": value }).to_string();
    let answer = server
        .post("/presence/notes:1/heartbeat", &key(), &body)
        .await;
    let mut socket = Socket::hello(&server, &key()).await;
    let beat = json!({"type": "heartbeat", "topic": "notes:1", "value": value});
    vec![Outcome::of(&answer), Outcome::told(&socket.ask(beat).await)]
}

async fn max_ttl(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let body = json!({"value": {"x": 1}, "ttlMs": it.wanted}).to_string();
    vec![Outcome::of(&server.post(HEARTBEAT, &key(), &body).await)]
}

/// A name of a topic of so many bytes, whose parameters are no longer than they may be.
async fn topic(it: Try) -> Vec<Outcome> {
    #[derive(presence_runtime::Presence, Debug)]
    #[presence(topic = "pairs:{one}:{other}")]
    struct Pair {
        x: u32,
    }
    let topics = presence_runtime::Topics::new().register::<Pair>();
    let server = Server::with(Transport::Memory, topics, it.config).await;
    let one = "x".repeat(124);
    let start = format!("pairs:{one}:");
    let name = format!("{start}{}", "y".repeat(length(it.wanted) - start.len()));
    let answer = server
        .post(
            &format!("/presence/{name}/heartbeat"),
            &key(),
            r#"{"value": {"x": 1}}"#,
        )
        .await;
    let mut socket = Socket::watcher(&server).await;
    let told = socket
        .ask(json!({"type": "subscribe", "topic": name}))
        .await;
    vec![Outcome::of(&answer), Outcome::told(&told)]
}

async fn parameter(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let name = format!("boards:{}:cursors", "x".repeat(length(it.wanted)));
    let mut http = Http::open(&server).await;
    let asking = post(
        &format!("/presence/{name}/heartbeat"),
        &key(),
        r#"{"value": {"x": 1}}"#,
    );
    let answer = http.send(asking).await;
    let mut socket = Socket::watcher(&server).await;
    let told = socket
        .ask(json!({"type": "subscribe", "topic": name}))
        .await;
    vec![Outcome::of(&answer), Outcome::told(&told)]
}

/// Somebody of so long a name, whom one looks for and follows.
async fn user(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let name = "x".repeat(length(it.wanted));
    let found = server.get(&format!("/presence/users/{name}")).await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    let follow = json!({"type": "follow", "topic": TOPIC, "users": [name]});
    vec![
        Outcome::of(&found),
        Outcome::told(&socket.ask(follow).await),
    ]
}

/// A topic whose members would make a message of so many bytes.
async fn max_message(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let join = async |length: usize| {
        let beat = json!({"value": {"text": "x".repeat(length)}});
        server.announce("notes:1", &key(), &beat).await;
    };
    for _ in 0..14 {
        join(4_000).await;
    }
    let (fourteen, _) = snapshot(&server).await;
    join(4_000).await;
    let (fifteen, messages) = snapshot(&server).await;
    assert_eq!(messages, 1);
    let around = fifteen - fourteen - 4_000;
    join(length(it.wanted) - fifteen - around).await;
    let (longest, messages) = snapshot(&server).await;
    assert!(longest <= length(it.most), "{longest} bytes");
    or_otherwise(messages == 1)
}

/// How long the longest message of a snapshot is, and how many there are.
async fn snapshot(server: &Server) -> (usize, usize) {
    let mut socket = Socket::watching(server, "notes:1").await;
    let mut messages = 1;
    while socket.hear().await.get("at").is_none() {
        messages += 1;
    }
    (socket.longest, messages)
}

/// A value whose arrays stand so deep inside each other; it is an object itself.
async fn depth(it: Try) -> Vec<Outcome> {
    #[derive(presence_runtime::Presence, Debug)]
    #[presence(topic = "nests:{room}", max_bytes = 8_000)]
    struct Nest {
        #[serde(default)]
        #[presence(max_items = 1)]
        inside: Vec<Self>,
    }
    let topics = presence_runtime::Topics::new().register::<Nest>();
    let server = Server::with(Transport::Memory, topics, it.config).await;
    // Objects and arrays in turn; the innermost is empty.
    let levels = length(it.wanted);
    let mut value = String::new();
    for level in 1..=levels {
        value.push_str(match (level % 2, level == levels) {
            (1, true) => "{",
            (1, false) => r#"{"inside":"#,
            _ => "[",
        });
    }
    for level in (1..=levels).rev() {
        value.push(if level % 2 == 1 { '}' } else { ']' });
    }
    let body = format!(r#"{{"value": {value}}}"#);
    let answer = server
        .post("/presence/nests:1/heartbeat", &key(), &body)
        .await;
    vec![Outcome::of(&answer)]
}
