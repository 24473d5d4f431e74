//! Why did Ann vanish? Every way to go, over real connections, and what the history says of it.

mod asking;
mod bounded;
mod going;
mod staying;

use serde_json::{Value as Json, json};

use crate::server::{Server, member};
use crate::socket::Socket;

const TOPIC: &str = "boards:1:cursors";
const HISTORY: &str = "/presence/boards:1:cursors/history";

/// The transitions of a page, the oldest first.
async fn story(server: &Server, query: &str) -> Vec<Json> {
    let page = server.get(&format!("{HISTORY}{query}")).await.good();
    transitions(&page)
}

fn transitions(page: &Json) -> Vec<Json> {
    let all = page["transitions"].as_array().expect("a list");
    all.iter().rev().cloned().collect()
}

fn whats(story: &[Json]) -> Vec<&str> {
    story
        .iter()
        .map(|it| it["what"].as_str().expect("a word"))
        .collect()
}

/// The last that became of a session.
async fn last(server: &Server, key: &str) -> Json {
    let story = story(server, &format!("?member={}", member(key))).await;
    story.last().expect("something became of it").clone()
}

/// Whether `text` of a transition ends so.
fn assert_says(transition: &Json, end: &str) {
    let text = transition["text"].as_str().expect("a text");
    assert!(text.ends_with(end), "{transition} does not say {end:?}");
}

async fn sitter(server: &Server, key: &str) -> Socket {
    let mut socket = Socket::hello(server, key).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    socket
}

/// Keeps a socket alive.
fn lives(mut socket: Socket) {
    tokio::spawn(async move { while socket.hear_or_end().await.is_ok() {} });
}
