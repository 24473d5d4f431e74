//! Rust code and clients in the same topics: each sees the other, and the application removes whom
//! it likes.

use presence_runtime::topic::{Reason, SessionId};
use presence_runtime::{Change, TopicName, TopicOf};
use serde_json::json;
use tokio::time::timeout;

use crate::on_both;
use crate::server::{Server, Transport, key, member, session};
use crate::socket::{Socket, code};
use crate::topics::{Cursor, Tool, secs};

const TOPIC: &str = "boards:1:cursors";

on_both!(
    clients_and_rust_code_see_each_other,
    who_is_kicked_is_told_and_refused,
    who_is_removed_from_everywhere_is_told_for_each_topic,
    everybody_is_told_of_the_end,
);

fn board() -> TopicOf<Cursor> {
    Cursor::topic(1).expect("a topic")
}

fn at(x: f64) -> Cursor {
    Cursor {
        x,
        label: String::new(),
        tool: Tool::Hand,
        typing: false,
    }
}

fn session_id(key: &str) -> SessionId {
    SessionId::parse(&session(key)).expect("an id")
}

async fn clients_and_rust_code_see_each_other(transport: Transport) {
    let server = Server::start(transport).await;
    let mut watch = server.hub.watch(board()).expect("a topic");
    let first = watch.next().await;
    assert!(matches!(first, Some(Change::Snapshot(all)) if all.is_empty()));
    let bot = server.hub.member("bot").join(board(), at(1.0));
    let bot = bot.expect("room");
    watch.next().await.expect("the bot joined");

    let mut client = Socket::watching(&server, TOPIC).await;
    let snapshot = client.hear().await;
    assert_eq!(snapshot["entries"][0]["user"], "bot");
    assert_eq!(snapshot["entries"][0]["value"]["x"], 1.0);
    bot.update(|it| it.x = 2.0).expect("valid");
    let changes = client.hear().await;
    assert_eq!(changes["updated"][0]["value"]["x"], 2.0);
    let moved = watch.next().await;
    assert!(matches!(moved, Some(Change::Updated(it)) if it.value == at(2.0)));

    let ann = key();
    let mut person = Socket::hello(&server, &ann).await;
    person.announce(TOPIC, json!({"x": 7})).await;
    let next = timeout(secs(5), watch.next()).await.expect("a change");
    let Some(Change::Joined(entry)) = next else {
        panic!("ann joined");
    };
    assert_eq!(entry.member.to_string(), member(&ann));
    assert_eq!(entry.value, at(7.0));

    client.hear().await;
    let gone = bot.member().to_string();
    drop(bot);
    let left = json!([{"member": gone, "reason": "left"}]);
    assert_eq!(client.hear().await["left"], left);
}

async fn who_is_kicked_is_told_and_refused(transport: Transport) {
    let server = Server::start(transport).await;
    let ann = key();
    let mut person = Socket::hello(&server, &ann).await;
    person.announce(TOPIC, json!({"x": 1})).await;
    let mut client = Socket::watching(&server, TOPIC).await;
    client.hear().await;

    let kicked = server.hub.kick(board(), session_id(&ann));
    assert_eq!(kicked, Ok(true));
    let gone = json!({"type": "gone", "topic": TOPIC, "reason": "kicked"});
    assert_eq!(person.hear().await, gone);
    let left = json!([{"member": member(&ann), "reason": "kicked"}]);
    assert_eq!(client.hear().await["left"], left);

    let back = json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 1}});
    let answer = person.ask(back).await;
    assert_eq!(code(&answer), "kicked");
    let wait = answer["error"]["retryAfterMs"].as_u64().expect("a time");
    assert!((50_000..=60_000).contains(&wait), "{wait}");

    let again = server.hub.kick(board(), session_id(&ann));
    assert_eq!(again, Ok(false));
    // Told once: the next that is heard is an answer.
    person.subscribe(TOPIC).await;
    assert_eq!(person.hear().await["type"], "snapshot");
}

async fn who_is_removed_from_everywhere_is_told_for_each_topic(transport: Transport) {
    let server = Server::start(transport).await;
    let ann = key();
    let mut person = Socket::hello(&server, &ann).await;
    person.announce(TOPIC, json!({"x": 1})).await;
    person.announce("notes:1", json!({"text": "mine"})).await;
    assert_eq!(server.hub.topics_of(session(&ann)).len(), 2);

    let left = server.hub.remove_session(session_id(&ann));
    let left: Vec<_> = left.iter().map(TopicName::as_str).collect();
    assert_eq!(left, [TOPIC, "notes:1"]);
    let mut told = Vec::new();
    for _ in 0..2 {
        let gone = person.hear().await;
        assert_eq!(
            (&gone["type"], &gone["reason"]),
            (&json!("gone"), &json!("kicked"))
        );
        told.push(gone["topic"].as_str().expect("a topic").to_owned());
    }
    told.sort();
    assert_eq!(told, left);
}

async fn everybody_is_told_of_the_end(transport: Transport) {
    let server = Server::start(transport).await;
    let ann = key();
    let mut person = Socket::hello(&server, &ann).await;
    person.announce(TOPIC, json!({"x": 1})).await;
    let mut client = Socket::watching(&server, TOPIC).await;
    client.hear().await;
    let mut watch = server.hub.watch(board()).expect("a topic");
    watch.next().await;

    server.hub.close();
    let gone = json!({"type": "gone", "topic": TOPIC, "reason": "shutdown"});
    assert_eq!(person.hear().await, gone);
    let left = json!([{"member": member(&ann), "reason": "shutdown"}]);
    assert_eq!(client.hear().await["left"], left);
    let end = watch.next().await;
    assert!(matches!(
        end,
        Some(Change::Left {
            reason: Reason::Shutdown,
            ..
        })
    ));
    assert_eq!(watch.next().await, None);
    let back = json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 1}});
    assert_eq!(person.refused(back).await, "overloaded");
}
