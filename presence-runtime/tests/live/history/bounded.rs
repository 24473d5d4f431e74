//! How long, and how much, is remembered.

use presence_runtime::Config;
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use super::{TOPIC, sitter, story, transitions, whats};
use crate::server::{Server, Transport, key};
use crate::topics::{self, secs};

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_forgotten_is_remembered_for_an_hour() {
    let server = Server::in_memory().await;
    let ann = key();
    drop(sitter(&server, &ann).await);
    // Grace, what is remembered after it, and the topic's own linger.
    sleep(secs(300)).await;
    let value = server.value(TOPIC).await;
    assert!(
        value["at"].as_str().expect("a position").starts_with("0."),
        "{value}"
    );
    assert_eq!(whats(&story(&server, "").await), ["joined", "lost", "left"]);
    sleep(secs(3_300)).await;
    assert_eq!(whats(&story(&server, "").await), ["left"]);
    sleep(secs(20)).await;
    assert_eq!(story(&server, "").await, [Json::Null; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_remembers_as_many_as_it_may() {
    for (most, expected) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3)] {
        let mut config = Config::default();
        config.history = most;
        let server = Server::with(Transport::Memory, topics::slow(), config).await;
        for _ in 0..3 {
            server
                .announce(TOPIC, &key(), &json!({"value": {"x": 1}}))
                .await;
        }
        assert_eq!(story(&server, "").await.len(), expected, "{most}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_topics_together_remember_as_many_as_they_may() {
    for (most, expected) in [(1, 0), (2, 0), (3, 1), (4, 1)] {
        let mut config = Config::default();
        config.max_history = most;
        let server = Server::with(Transport::Memory, topics::slow(), config).await;
        for topic in [TOPIC, "boards:2:cursors", "notes:3"] {
            let value = match topic {
                "notes:3" => json!({"text": ""}),
                _ => json!({"x": 1}),
            };
            server
                .announce(topic, &key(), &json!({ "value": value }))
                .await;
        }
        assert_eq!(story(&server, "").await.len(), expected, "{most}");
        let newest = server.get("/presence/notes:3/history").await.good();
        assert_eq!(transitions(&newest).len(), 1);
    }
}
