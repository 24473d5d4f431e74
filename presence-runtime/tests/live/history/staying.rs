//! Who is taken over, comes back in time or merely moves.

use serde_json::json;
use tokio::time::sleep;

use super::{HISTORY, TOPIC, assert_says, lives, sitter, story, transitions, whats};
use crate::server::{Server, key};
use crate::topics::{Cursor, Tool, millis, secs};

#[tokio::test(start_paused = true)]
async fn who_comes_back_in_time_never_left() {
    let server = Server::in_memory().await;
    let ann = key();
    drop(sitter(&server, &ann).await);
    sleep(secs(3)).await;
    let first = sitter(&server, &ann).await;
    lives(first);
    // Another tab of the same session, and then none of them but HTTP.
    let mut second = sitter(&server, &ann).await;
    let idle = json!({"type": "activity", "activity": "idle", "hidden": true});
    second.done(idle).await;
    server
        .announce(TOPIC, &ann, &json!({"activity": "active"}))
        .await;
    let leave = json!({"afterMs": 2_000}).to_string();
    server
        .post("/presence/boards:1:cursors/leave", &ann, &leave)
        .await
        .good();
    // A page that is loaded again.
    sleep(secs(1)).await;
    server
        .announce(TOPIC, &ann, &json!({"hidden": false}))
        .await;
    let story = story(&server, "").await;
    let expected = [
        "joined", "lost", "returned", "lost", "returned", "hidden", "activity", "switched",
        "activity", "leaving", "stayed", "hidden",
    ];
    assert_eq!(whats(&story), expected);
    assert_says(&story[2], "came back after 3.0 s, by a connection");
    assert_eq!(story[3]["how"], "takenOver");
    assert_eq!(story[5]["hidden"], true);
    assert_eq!(story[6]["activity"], "idle");
    assert_says(
        &story[7],
        "is present over HTTP, with a ttl of 30.0 s from now on",
    );
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_another_one_takes_over_from_is_told() {
    let server = Server::in_memory().await;
    let topic = Cursor::topic("1").expect("a topic");
    let bot = server.hub.member("bot");
    let value = || Cursor {
        x: 1.0,
        label: String::new(),
        tool: Tool::Hand,
        typing: false,
    };
    let first = bot.join(&topic, value()).expect("joins");
    let second = bot.join(&topic, value()).expect("takes over");
    drop(first);
    drop(second);
    assert_eq!(
        whats(&story(&server, "?user=bot").await),
        ["joined", "takenOver", "left"]
    );
}

#[tokio::test(start_paused = true)]
async fn values_are_no_transitions() {
    let server = Server::in_memory().await;
    let ann = key();
    let mut socket = sitter(&server, &ann).await;
    for x in 2..50 {
        socket
            .announce(TOPIC, json!({"x": x, "label": "secret"}))
            .await;
        sleep(millis(100)).await;
    }
    let answer = server.get(HISTORY).await;
    assert_eq!(whats(&transitions(&answer.good())), ["joined"]);
    let text = String::from_utf8_lossy(&answer.body);
    assert!(!text.contains("secret") && !text.contains(&ann), "{text}");
}
