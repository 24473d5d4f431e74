//! Where a user is, and in which topics anybody is.

use serde_json::{Value as Json, json};

use crate::on_both;
use crate::server::{Server, Transport, key, member, quick_config, session};
use crate::socket::Socket;
use crate::topics::{self, secs};

on_both!(
    a_user_is_found_in_every_topic_they_are_in,
    topics_are_listed_while_somebody_is_there,
    lists_come_in_pages,
    what_is_no_user_or_page_is_refused,
);

fn value(x: u32) -> Json {
    json!({"value": {"x": x}})
}

async fn a_user_is_found_in_every_topic_they_are_in(transport: Transport) {
    let server = Server::start(transport).await;
    let (ann, bob) = (key(), key());
    let path = format!("/presence/users/{}", session(&ann));
    let nowhere = server.get(&path).await.good();
    assert_eq!(nowhere["user"], session(&ann));
    assert_eq!(nowhere["topics"], json!([]));

    server.announce("boards:2:cursors", &ann, &value(2)).await;
    server.announce("boards:1:cursors", &ann, &value(1)).await;
    server.announce("boards:1:cursors", &bob, &value(9)).await;
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce("notes:1", json!({"text": "hm"})).await;
    let found = server.get(&path).await.good();
    let topics = found["topics"].as_array().expect("a list");
    let names: Vec<_> = topics.iter().map(|it| it["topic"].clone()).collect();
    assert_eq!(names, ["boards:1:cursors", "boards:2:cursors", "notes:1"]);
    for topic in topics {
        let name = topic["topic"].as_str().expect("a name");
        let value = server.value(name).await;
        let entries = value["entries"].as_array().expect("a list");
        let own = entries.iter().find(|it| it["user"] == session(&ann));
        let (mut own, mut said) = (own.expect("ann").clone(), topic["members"][0].clone());
        for entry in [&mut own, &mut said] {
            let left = entry.as_object_mut().expect("an entry");
            let expires = left.remove("expiresInMs");
            assert_eq!(expires.is_some(), name != "notes:1", "{name}");
        }
        assert_eq!(own, said);
        assert_eq!(topic["members"].as_array().map(Vec::len), Some(1));
    }
    assert!(found["nowMs"].is_u64());
    assert_eq!(found.get("next"), None);

    let leave = "/presence/boards:1:cursors/leave";
    server.post(leave, &ann, "").await.good();
    socket
        .done(json!({"type": "leave", "topic": "notes:1"}))
        .await;
    let found = server.get(&path).await.good();
    assert_eq!(found["topics"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["topics"][0]["topic"], "boards:2:cursors");
    assert_eq!(found["topics"][0]["members"][0]["member"], member(&ann));
}

#[tokio::test(start_paused = true)]
async fn who_is_silent_is_found_until_the_lease_is_over_and_not_after() {
    let server = Server::in_memory().await;
    let ann = key();
    server.announce("boards:1:cursors", &ann, &value(1)).await;
    let path = format!("/presence/users/{}", session(&ann));
    tokio::time::sleep(secs(29)).await;
    let found = server.get(&path).await.good();
    assert_eq!(found["topics"].as_array().map(Vec::len), Some(1));
    tokio::time::sleep(secs(1)).await;
    assert_eq!(server.get(&path).await.good()["topics"], json!([]));
    let topics = server.get("/presence/topics").await.good();
    assert_eq!(topics, json!({"topics": []}));
}

async fn topics_are_listed_while_somebody_is_there(transport: Transport) {
    let server = Server::start(transport).await;
    let list = async || server.get("/presence/topics").await.good()["topics"].clone();
    assert_eq!(list().await, json!([]));
    let (ann, bob) = (key(), key());
    server
        .announce("notes:1", &ann, &json!({"value": {"text": ""}}))
        .await;
    server.announce("boards:1:cursors", &ann, &value(1)).await;
    server.announce("boards:1:cursors", &bob, &value(1)).await;
    // Who only watches is nowhere.
    let _watching = Socket::watching(&server, "boards:2:cursors").await;
    let at = async |topic| server.value(topic).await["at"].clone();
    let expected = json!([
        {"topic": "boards:1:cursors", "counts": {"members": 2, "users": 2}, "at": at("boards:1:cursors").await},
        {"topic": "notes:1", "counts": {"members": 1, "users": 1}, "at": at("notes:1").await},
    ]);
    assert_eq!(list().await, expected);
    server
        .post("/presence/notes:1/leave", &ann, "")
        .await
        .good();
    assert_eq!(list().await, json!([expected[0]]));
}

async fn lists_come_in_pages(transport: Transport) {
    const TOPICS: usize = 1001;
    let mut config = quick_config();
    config.max_topics_per_session = TOPICS;
    let server = Server::with(transport, topics::all(), config).await;
    let ann = key();
    let mut http = crate::http::Http::open(&server).await;
    for i in 0..TOPICS {
        let path = format!("/presence/boards:{i}:cursors/heartbeat");
        let body = value(1).to_string();
        http.send(crate::http::post(&path, &ann, &body))
            .await
            .good();
    }
    for path in [
        "/presence/topics".to_owned(),
        format!("/presence/users/{}", session(&ann)),
    ] {
        let first = server.get(&path).await.good();
        assert_eq!(first["topics"].as_array().map(Vec::len), Some(1000));
        // A colon comes after all digits.
        assert_eq!(first["next"], "boards:99:cursors", "{path}");
        let next = first["next"].as_str().expect("a topic");
        let next = next.replace(':', "%3A");
        let last = server.get(&format!("{path}?after={next}")).await.good();
        assert_eq!(last["topics"].as_array().map(Vec::len), Some(1));
        assert_eq!(last["topics"][0]["topic"], "boards:9:cursors");
        assert_eq!(last.get("next"), None);
    }
    let leave = "/presence/boards:9:cursors/leave";
    server.post(leave, &ann, "").await.good();
    let whole = server.get("/presence/topics").await.good();
    assert_eq!(whole["topics"].as_array().map(Vec::len), Some(1000));
    assert_eq!(whole.get("next"), None);
}

async fn what_is_no_user_or_page_is_refused(transport: Transport) {
    let server = Server::start(transport).await;
    for (path, status, code) in [
        ("/presence/users/", 400, "invalid_request"),
        ("/presence/users/a:b", 400, "invalid_request"),
        ("/presence/users/a%2Fb", 400, "invalid_request"),
        ("/presence/users/%ff", 404, "not_found"),
        ("/presence/users", 404, "not_found"),
        ("/presence/users/ann?after=", 400, "invalid_request"),
        ("/presence/users/ann?before=x", 400, "invalid_request"),
        ("/presence/topics?after=a%20b", 400, "invalid_request"),
        ("/presence/topics/", 404, "not_found"),
    ] {
        let refusal = server.get(path).await.refusal();
        assert_eq!(refusal, (status, code.to_owned()), "{path}");
    }
    let refusal = server.post("/presence/topics", &key(), "").await.refusal();
    assert_eq!(refusal, (405, "method_not_allowed".to_owned()));
}
