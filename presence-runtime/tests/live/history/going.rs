//! Every way to go.

use presence_runtime::topic::{Cause, Loss, SessionId, What};
use serde_json::{Value as Json, json};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

use super::{TOPIC, assert_says, last, lives, sitter, story, transitions, whats};
use crate::on_both;
use crate::server::{Server, Transport, key, member, session};
use crate::socket::Socket;
use crate::topics::{Cursor, Quick, millis, secs};

on_both!(who_goes_in_a_hurry_is_explained);

#[tokio::test(start_paused = true)]
async fn every_way_to_go_is_explained() {
    let server = Server::in_memory().await;
    let keys: [String; 9] = std::array::from_fn(|_| key());
    let [
        said,
        dropped,
        polite,
        deaf,
        silent,
        hidden,
        later,
        streamed,
        kicked,
    ] = &keys;

    let mut leaver = sitter(&server, said).await;
    sleep(secs(5)).await;
    leaver.done(json!({"type": "leave", "topic": TOPIC})).await;
    let left = last(&server, said).await;
    assert_eq!(
        (&left["reason"], &left["cause"]),
        (&json!("left"), &json!("said"))
    );
    assert_says(&left, "left after 5.0 s: it said leave");

    drop(sitter(&server, dropped).await);
    sitter(&server, polite).await.close().await;
    let deaf_one = sitter(&server, deaf).await;
    let beat = json!({"value": {"x": 1}});
    server.announce(TOPIC, silent, &beat).await;
    let beat = json!({"value": {"x": 1}, "hidden": true});
    server.announce(TOPIC, hidden, &beat).await;
    let beat = json!({"value": {"x": 1}});
    server.announce(TOPIC, later, &beat).await;
    let leave = json!({"afterMs": 2_000}).to_string();
    server
        .post("/presence/boards:1:cursors/leave", later, &leave)
        .await
        .good();
    server.announce(TOPIC, streamed, &beat).await;
    drop(server.events(TOPIC, Some(streamed)).await);
    let kicked_one = sitter(&server, kicked).await;
    let id = SessionId::parse(&session(kicked)).expect("an id");
    let topic = Cursor::topic("1").expect("a topic");
    assert_eq!(server.hub.kick(&topic, id), Ok(true));
    lives(kicked_one);

    // What led to it is there before anybody is gone.
    sleep(millis(10)).await;
    let lost = last(&server, dropped).await;
    assert_eq!(
        (&lost["what"], &lost["how"]),
        (&json!("lost"), &json!("broken"))
    );
    assert_says(
        &lost,
        "connection lost; goes in 10.0 s unless it comes back",
    );
    assert_eq!(last(&server, later).await["what"], "leaving");

    sleep(secs(200)).await;
    for (key, reason, cause, says) in [
        (
            dropped,
            "disconnected",
            "lost",
            ": connection lost 10.0 s before, grace over",
        ),
        (
            polite,
            "disconnected",
            "lost",
            ": connection closed by its client 10.0 s before, grace over",
        ),
        (
            deaf,
            "disconnected",
            "lost",
            ": connection silent, given up 10.0 s before, grace over",
        ),
        (
            later,
            "left",
            "announced",
            ": it said leave 2.0 s before, as a closing page does, and nothing since",
        ),
        (
            streamed,
            "disconnected",
            "lost",
            ": event stream ended 10.0 s before, grace over",
        ),
        (
            kicked,
            "kicked",
            "kicked",
            ": kicked by the application, and refused for 1 min 0 s",
        ),
    ] {
        let left = last(&server, key).await;
        assert_eq!(
            (&left["what"], &left["member"]),
            (&json!("left"), &json!(member(key)))
        );
        assert_eq!(
            (&left["reason"], &left["cause"]),
            (&json!(reason), &json!(cause)),
            "{left}"
        );
        assert_says(&left, says);
    }
    for (key, ttl, says) in [
        (silent, 30_000, "ttl 30.0 s"),
        (hidden, 150_000, "ttl of a hidden tab 2 min 30 s"),
    ] {
        let left = last(&server, key).await;
        let number = |key: &str| left[key].as_u64().expect("a number");
        assert_eq!(left["reason"], "expired");
        assert_eq!(number("ttlMs"), ttl);
        let silence = number("atMs") - number("heardAtMs");
        assert!((ttl..ttl + 100).contains(&silence), "{left}");
        assert_says(&left, says);
    }
    drop(deaf_one);
}

async fn who_goes_in_a_hurry_is_explained(transport: Transport) {
    let server = Server::start(transport).await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce("quick:1", json!({"x": 1})).await;
    drop(socket);
    sleep(millis(900)).await;
    let page = server.get("/presence/quick:1/history").await.good();
    let story = transitions(&page);
    assert_eq!(whats(&story), ["joined", "lost", "left"]);
    assert_eq!(story[0]["lease"], "connection");
    assert_eq!(story[1]["graceMs"], 200);
    assert_says(&story[2], " before, grace over");
    let now = page["nowMs"].as_u64().expect("a time");
    for it in &story {
        let (at, ago) = (it["atMs"].as_u64(), it["agoMs"].as_u64());
        assert_eq!(at.expect("a time") + ago.expect("a time"), now);
        assert_eq!(it["user"], session(&ann));
    }
    // The same in Rust, where the topic itself is forgotten as well.
    let topic = Quick::topic("1").expect("a topic");
    let history = server.hub.history(&topic);
    assert_eq!(history.len(), 3);
    assert!(matches!(
        history[0].what,
        What::Left {
            cause: Cause::Lost { .. },
            ..
        }
    ));
}

/// How a connection was lost by whose end its member went, and the sentence of it.
async fn lost(server: &Server, key: &str) -> (Json, String) {
    let story = story(server, &format!("?member={}", member(key))).await;
    let lost = story.iter().find(|it| it["what"] == "lost");
    let lost = lost.unwrap_or_else(|| panic!("a loss in {story:?}"));
    let text = lost["text"].as_str().expect("a text");
    (lost["how"].clone(), text.to_owned())
}

#[tokio::test(start_paused = true)]
async fn who_is_cut_off_is_told_apart_from_who_is_lost() {
    let mut server = Server::in_memory().await;
    let [stalled, rude, sent_off] = std::array::from_fn(|_| key());
    let mut reads_nothing = sitter(&server, &stalled).await;
    reads_nothing.subscribe("notes:1").await;
    for _ in 0..30 {
        let note = json!({"value": {"text": "x".repeat(3_900)}});
        server.announce("notes:1", &key(), &note).await;
    }
    for _ in 0..12 {
        // It lives, and takes nothing.
        let heartbeat = json!({"type": "heartbeat", "topic": TOPIC});
        reads_nothing.try_say(&heartbeat).await;
        sleep(secs(4)).await;
    }
    let (how, text) = lost(&server, &stalled).await;
    assert_eq!(how, "stalled", "{text}");
    assert!(text.contains("connection stalled, cut off"), "{text}");

    let mut socket = sitter(&server, &rude).await;
    socket.send(Message::Binary(vec![1, 2, 3].into())).await;
    assert_eq!(socket.closed().await, Some(1003));
    let (how, text) = lost(&server, &rude).await;
    assert_eq!(how, "refused", "{text}");
    assert!(text.contains("broke the protocol, cut off"), "{text}");

    let going = sitter(&server, &sent_off).await;
    lives(going);
    server.stop().await;
    let history = server.hub.history(Cursor::topic("1").expect("a topic"));
    let id = SessionId::parse(&session(&sent_off)).expect("an id");
    let drained = history.iter().any(|it| {
        let how = Loss::Draining;
        it.member.session == id && matches!(it.what, What::Lost { how: found, .. } if found == how)
    });
    assert!(drained, "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_went_elsewhere_without_a_word_is_explained() {
    let server = Server::in_memory().await;
    let ann = key();
    let mut first = sitter(&server, &ann).await;
    let second = Socket::hello(&server, &ann).await;
    assert_eq!(first.closed().await, Some(4509));
    lives(second);
    sleep(secs(11)).await;
    let left = last(&server, &ann).await;
    assert_eq!(left["how"], "takenOver");
}

#[tokio::test(start_paused = true)]
async fn everybody_is_remembered_when_the_hub_closes() {
    let server = Server::in_memory().await;
    let ann = key();
    let _socket = sitter(&server, &ann).await;
    server.hub.close();
    let left = last(&server, &ann).await;
    assert_eq!(
        (&left["reason"], &left["cause"]),
        (&json!("shutdown"), &json!("closed"))
    );
}
