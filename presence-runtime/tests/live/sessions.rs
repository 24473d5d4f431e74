//! Sessions: who may speak for an entry, and in which order.

use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use crate::leaving::Observer;
use crate::on_both;
use crate::server::{Server, Transport, key};
use crate::socket::Socket;
use crate::topics::{millis, secs};

const TOPIC: &str = "boards:1:cursors";
const LEAVE: &str = "/presence/boards:1:cursors/leave";

on_both!(
    a_second_connection_takes_over_and_nobody_sees_a_leave,
    what_is_older_than_the_last_n_changes_nothing,
    nobody_leaves_for_somebody_else,
);

fn value(x: u32) -> Json {
    json!({"value": {"x": x}})
}

async fn a_second_connection_takes_over_and_nobody_sees_a_leave(transport: Transport) {
    let server = Server::start(transport).await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let mut older = Socket::hello(&server, &ann).await;
    older.announce(TOPIC, json!({"x": 1})).await;
    observer.sees_join(&ann).await;
    let mut newer = Socket::hello(&server, &ann).await;
    assert_eq!(older.closed().await, Some(4509));
    let again = newer.announce(TOPIC, json!({"x": 1})).await;
    assert_eq!(again["change"], "renewed");
    drop(older);
    observer.sees_nothing_for(millis(150)).await;
    if transport == Transport::Memory {
        tokio::join!(
            observer.sees_nothing_for(secs(60)),
            newer.silent_for(secs(60)),
        );
    }
    newer.done(json!({"type": "leave", "topic": TOPIC})).await;
    assert_eq!(observer.sees_leave(&ann).await, "left");
}

#[tokio::test(start_paused = true)]
async fn the_late_end_of_an_old_connection_changes_nothing() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    // Lost without a word, and not read from any more: its end comes late.
    let mut lost = Socket::hello(&server, &ann).await;
    lost.announce(TOPIC, json!({"x": 1})).await;
    observer.sees_join(&ann).await;
    sleep(secs(20)).await;
    let mut back = Socket::hello(&server, &ann).await;
    back.done(json!({"type": "heartbeat", "topic": TOPIC}))
        .await;
    tokio::join!(observer.sees_nothing_for(secs(5)), back.silent_for(secs(5)),);
    drop(lost);
    tokio::join!(
        observer.sees_nothing_for(secs(60)),
        back.silent_for(secs(60)),
    );
}

async fn what_is_older_than_the_last_n_changes_nothing(transport: Transport) {
    let server = Server::start(transport).await;
    let ann = key();
    let beat = |x: u32, n: u32| json!({"value": {"x": x}, "n": n});
    let joined = server.announce(TOPIC, &ann, &beat(5, 5)).await;
    assert_eq!(joined["change"], "joined");
    for n in [0, 4, 5] {
        assert_eq!(
            server.announce(TOPIC, &ann, &beat(n, n)).await["change"],
            "stale"
        );
        let leave = server.post(LEAVE, &ann, &json!({"n": n}).to_string()).await;
        assert_eq!(leave.good(), json!({"left": false}), "{n}");
    }
    let mut socket = Socket::hello(&server, &ann).await;
    let mut stale = beat(9, 3);
    stale["type"] = "heartbeat".into();
    stale["topic"] = TOPIC.into();
    assert_eq!(socket.done(stale).await["change"], "stale");
    assert_eq!(server.value(TOPIC).await["entries"][0]["value"]["x"], 5.0);

    // Also after the entry has left.
    let leave = server.post(LEAVE, &ann, &json!({"n": 8}).to_string()).await;
    assert_eq!(leave.good(), json!({"left": true}));
    let late = server.announce(TOPIC, &ann, &beat(7, 7)).await;
    assert_eq!(late["change"], "stale");
    assert_eq!(server.value(TOPIC).await["counts"]["members"], 0);
    let back = server.announce(TOPIC, &ann, &beat(9, 9)).await;
    assert_eq!(back["change"], "joined");
}

#[tokio::test(start_paused = true)]
async fn the_last_n_is_remembered_for_grace_and_half_a_minute() {
    let server = Server::in_memory().await;
    let ann = key();
    // A leave that comes first is remembered although nobody was there.
    server.post(LEAVE, &ann, r#"{"n": 2}"#).await.good();
    let beat = json!({"value": {"x": 1}, "n": 1});
    sleep(millis(39_900)).await;
    assert_eq!(server.announce(TOPIC, &ann, &beat).await["change"], "stale");
    sleep(millis(200)).await;
    assert_eq!(
        server.announce(TOPIC, &ann, &beat).await["change"],
        "joined"
    );
}

async fn nobody_leaves_for_somebody_else(transport: Transport) {
    let server = Server::start(transport).await;
    let (ann, eve) = (key(), key());
    server.announce(TOPIC, &ann, &value(1)).await;
    let leave = server.post(LEAVE, &eve, r#"{"n": 1000}"#).await;
    assert_eq!(leave.good(), json!({"left": false}));
    let mut socket = Socket::hello(&server, &eve).await;
    let leave = json!({"type": "leave", "topic": TOPIC, "n": 1001});
    assert_eq!(socket.done(leave).await["left"], false);
    assert_eq!(server.value(TOPIC).await["counts"]["members"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_delayed_leave_happens_unless_a_larger_n_comes_first() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let beat = |n: u32| json!({"value": {"x": 1}, "n": n});
    server.announce(TOPIC, &ann, &beat(1)).await;
    observer.sees_join(&ann).await;
    // A reload: the page goes and comes back.
    let later = json!({"n": 2, "afterMs": 2000, "session": ann}).to_string();
    let leave = server.post(LEAVE, &ann, &later).await;
    assert_eq!(leave.good(), json!({"left": true}));
    sleep(millis(1900)).await;
    assert_eq!(
        server.announce(TOPIC, &ann, &beat(3)).await["change"],
        "renewed"
    );
    observer.sees_nothing_for(secs(10)).await;
    // A smaller one does not bring it back.
    let began = Instant::now();
    let later = json!({"n": 5, "afterMs": 2000}).to_string();
    server.post(LEAVE, &ann, &later).await.good();
    assert_eq!(
        server.announce(TOPIC, &ann, &beat(4)).await["change"],
        "stale"
    );
    assert_eq!(observer.sees_leave(&ann).await, "left");
    let took = began.elapsed();
    assert!((secs(2)..=secs(3)).contains(&took), "{took:?}");
    observer.sees_nothing_for(secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn the_owner_is_told_when_its_entry_goes_without_its_doing() {
    let server = Server::in_memory().await;
    let ann = key();
    // Announced over HTTP, while the same session has a socket.
    server.announce(TOPIC, &ann, &value(1)).await;
    let mut socket = Socket::hello(&server, &ann).await;
    let began = Instant::now();
    let gone = socket.hear_within(secs(40)).await;
    let expected = json!({"type": "gone", "topic": TOPIC, "reason": "expired"});
    assert_eq!(gone, expected);
    assert!(began.elapsed() <= secs(31));
    // What it did itself is no news.
    socket.announce(TOPIC, json!({"x": 1})).await;
    socket.done(json!({"type": "leave", "topic": TOPIC})).await;
    socket.silent_for(secs(60)).await;
}
