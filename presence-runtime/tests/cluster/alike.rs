//! What is as on one node: users and topics, hooks, what an application orders, filters and counts.

use std::sync::{Arc, Mutex};

use presence_runtime::Server;
use presence_runtime::cluster::Memory;
use presence_runtime::hook;
use presence_runtime::topic::Reason;

use crate::house::*;

#[tokio::test(start_paused = true)]
async fn users_and_topics_are_found_from_every_node() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let ann = one.hub.member("ann");
    let _first = ann
        .join(Dot::topic("1").expect("a topic"), dot(1))
        .expect("joins");
    let _second = ann
        .join(Dot::topic("2").expect("a topic"), dot(2))
        .expect("joins");
    let anna = two.hub.member("anna");
    let _third = anna
        .join(Dot::topic("2").expect("a topic"), dot(3))
        .expect("joins");
    settle().await;
    for node in [&one, &two] {
        let topics = node.get("/topics").await;
        let topics = topics["topics"].as_array().expect("topics").iter();
        let topics: Vec<_> = topics
            .map(|it| {
                (
                    it["topic"].as_str().expect("a name"),
                    it["counts"]["members"].as_u64(),
                )
            })
            .collect();
        assert_eq!(topics, [("dots:1", Some(1)), ("dots:2", Some(2))]);
        let user = node.get("/users/ann").await;
        let found = user["topics"].as_array().expect("topics").iter();
        let found: Vec<_> = found
            .map(|it| {
                (
                    it["topic"].as_str().expect("a name"),
                    it["members"][0]["value"]["x"].as_u64(),
                )
            })
            .collect();
        assert_eq!(found, [("dots:1", Some(1)), ("dots:2", Some(2))], "{user}");
    }
    drop((_first, _second));
    pass(15).await;
    for node in [&one, &two] {
        let topics = node.get("/topics").await;
        assert_eq!(
            topics["topics"].as_array().expect("topics").len(),
            1,
            "{topics}"
        );
        let user = node.get("/users/ann").await;
        assert_eq!(
            user["topics"].as_array().expect("topics").len(),
            0,
            "{user}"
        );
    }
}

/// What hooks were told.
type Heard = Arc<Mutex<Vec<String>>>;

fn listening(engine: &Memory, name: &'static str, heard: &Heard) -> Node {
    let [joined, left, emptied] = [heard.clone(), heard.clone(), heard.clone()];
    let say = move |heard: &Heard, what: String| {
        heard.lock().expect("words").push(format!("{name}: {what}"))
    };
    Node::with(engine, |hub| {
        hub.on_join(move |it: hook::Joined<Dot>| {
            let first = if it.first { " first" } else { "" };
            say(&joined, format!("{} joined{first}", it.entry.member.user));
        })
        .on_leave(move |it: hook::Left<Dot>| {
            let last = if it.last { " last" } else { "" };
            say(&left, format!("{} left{last}", it.entry.member.user));
        })
        .on_empty(move |_: hook::Emptied<Dot>| say(&emptied, "empty".to_owned()))
    })
}

#[tokio::test(start_paused = true)]
async fn hooks_hear_once_and_know_the_first_and_last_of_a_user_on_all_nodes() {
    let (engine, heard) = (Memory::new(), Heard::default());
    let (one, two) = (
        listening(&engine, "one", &heard),
        listening(&engine, "two", &heard),
    );
    settle().await;
    let body = r#"{"value":{"x":1}}"#;
    let at = Dot::topic("1").expect("a topic");
    let first = one.hub.member("ann").join(&at, dot(1)).expect("joins");
    settle().await;
    // Over HTTP, a user of their own.
    two.post("/dots:1/heartbeat", 7, body).await;
    settle().await;
    let second = two.hub.member("ann").join(&at, dot(1)).expect("joins");
    settle().await;
    // It goes on at the other node, and leaves there.
    one.post("/dots:1/heartbeat", 7, body).await;
    settle().await;
    drop(first);
    settle().await;
    drop(second);
    settle().await;
    one.post("/dots:1/leave", 7, "{}").await;
    settle().await;
    pass(40).await;
    let heard = heard.lock().expect("words").clone();
    let guest = heard[1].split(' ').nth(1).expect("a user").to_owned();
    assert_eq!(
        heard,
        [
            "one: ann joined first".to_owned(),
            format!("two: {guest} joined first"),
            "two: ann joined".to_owned(),
            "one: ann left".to_owned(),
            "two: ann left last".to_owned(),
            format!("one: {guest} left last"),
            "one: empty".to_owned(),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_kicked_at_one_node_is_gone_and_refused_at_all() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let body = r#"{"value":{"x":1}}"#;
    let joined = one.post("/dots:1/heartbeat", 7, body).await;
    let member = joined["member"].as_str().expect("a member").to_owned();
    let mut watch = two
        .hub
        .watch(Dot::topic("1").expect("a topic"))
        .expect("a watch");
    let _ = watch.next().await;
    let session = presence_runtime::topic::SessionId::parse(&member).expect("a session");
    let present = two.hub.kick(Dot::topic("1").expect("a topic"), session);
    assert!(present.expect("kicked"));
    settle().await;
    let left = watch.next().await;
    assert!(
        matches!(
            left,
            Some(presence_runtime::Change::Left {
                reason: Reason::Kicked,
                ..
            })
        ),
        "{left:?}"
    );
    for node in [&one, &two] {
        let refused = node.post("/dots:1/heartbeat", 7, body).await;
        assert_eq!(refused["error"]["code"], "kicked", "{refused}");
        assert_eq!(node.seen("dots:1").await.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_late_or_said_at_another_node_is_of_one_member() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let _ann = one.hub.member("ann").join(&at, dot(1)).expect("joins");
    one.post("/dots:1/heartbeat", 7, r#"{"value":{"x":1},"n":5}"#)
        .await;
    settle().await;
    let stale = two
        .post("/dots:1/heartbeat", 7, r#"{"value":{"x":2},"n":5}"#)
        .await;
    assert_eq!(stale["change"], "stale", "{stale}");
    let late = two.post("/dots:1/leave", 7, r#"{"n":4}"#).await;
    assert_eq!(late["left"], false, "{late}");
    let page = two
        .post("/dots:1/leave", 7, r#"{"n":6,"afterMs":2000}"#)
        .await;
    assert_eq!(page["left"], true, "{page}");
    // A reload, at the node where it was.
    let back = one
        .post("/dots:1/heartbeat", 7, r#"{"value":{"x":3},"n":7}"#)
        .await;
    assert_eq!(back["change"], "updated", "{back}");
    pass(10).await;
    assert_eq!(two.seen("dots:1").await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_drained_leaves_its_members_to_others() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let body = |n: u32| format!(r#"{{"value":{{"x":1}},"n":{n}}}"#);
    one.post("/dots:1/heartbeat", 7, &body(1)).await;
    one.post("/dots:1/heartbeat", 8, &body(1)).await;
    let mut watch = two
        .hub
        .watch(Dot::topic("1").expect("a topic"))
        .expect("a watch");
    let _ = watch.next().await;
    settle().await;
    one.hub.drain().await;
    pass(5).await;
    assert_eq!(two.hub.counts(Dot::topic("1").expect("a topic")).members, 2);
    two.post("/dots:1/heartbeat", 7, &body(2)).await;
    pass(10).await;
    let left = watch.next().await;
    assert!(
        matches!(
            left,
            Some(presence_runtime::Change::Left {
                reason: Reason::Disconnected,
                ..
            })
        ),
        "{left:?}"
    );
    assert_eq!(two.hub.counts(Dot::topic("1").expect("a topic")).members, 1);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_drained_has_told_all_that_was_said_there_before_it_ends() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let _watch = two.hub.watch(&at).expect("a watch");
    for key in 1..=2 {
        one.post("/dots:1/heartbeat", key, r#"{"value":{"x":1},"n":1}"#)
            .await;
    }
    settle().await;
    one.line.fail(true);
    // The last words of who is lost meanwhile are told by themselves, and before all else.
    let brief = r#"{"value":{"x":2},"n":2,"ttlMs":1000}"#;
    one.post("/dots:1/heartbeat", 1, brief).await;
    // Who has come to the other node since has to be asked for first.
    one.post("/dots:1/heartbeat", 2, r#"{"value":{"x":2},"n":2}"#)
        .await;
    two.post("/dots:1/heartbeat", 2, r#"{"n":3}"#).await;
    pass(2).await;
    one.line.slow(std::time::Duration::from_millis(50));
    one.line.fail(false);
    one.hub.drain().await;
    drop(one);
    settle().await;
    let said: Vec<_> = two.seen("dots:1").await.iter().map(|it| it.1).collect();
    assert_eq!(said, [2, 2]);
}

/// A server of its own, as against one that is mounted and drained by its application.
#[tokio::test(start_paused = true)]
async fn a_server_that_ends_leaves_its_members_to_others_until_they_are_heard_there() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let value = r#"{"value":{"x":1},"n":1}"#;
    let joined = one.post("/dots:1/heartbeat", 1, value).await;
    assert_eq!(joined["change"], "joined", "{joined}");
    settle().await;
    let server = Server::bind_hub("127.0.0.1:0", one.hub.clone());
    let server = server.await.expect("a free port");
    server.run(std::future::ready(())).await;
    drop(one);
    // Longer than a node's lease, and nearly a heartbeat.
    pass(9).await;
    assert_eq!(two.seen("dots:1").await.len(), 1);
    let renewed = two.post("/dots:1/heartbeat", 1, r#"{"n":2}"#).await;
    assert_eq!(renewed["change"], "renewed", "{renewed}");
    pass(20).await;
    assert_eq!(two.seen("dots:1").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_goes_beside_a_value_and_what_decays_in_it_is_seen_everywhere() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let mut watch = two.hub.watch(&at).expect("a watch");
    let _ = watch.next().await;
    let said = r#"{"value":{"x":1,"typing":true},"activity":"idle","following":["bo"]}"#;
    one.post("/dots:1/heartbeat", 7, said).await;
    settle().await;
    for node in [&one, &two] {
        let entry = &node.value("dots:1").await["entries"][0];
        assert_eq!(entry["activity"], "idle", "{entry}");
        assert_eq!(entry["following"], serde_json::json!(["bo"]), "{entry}");
        assert_eq!(entry["value"]["typing"], true, "{entry}");
    }
    let joined = watch.next().await;
    assert!(
        matches!(&joined, Some(presence_runtime::Change::Joined(it)) if it.value.typing),
        "{joined:?}"
    );
    pass(3).await;
    let fell_back = watch.next().await;
    assert!(
        matches!(&fell_back, Some(presence_runtime::Change::Updated(it)) if !it.value.typing),
        "{fell_back:?}"
    );
    one.post(
        "/dots:1/heartbeat",
        7,
        r#"{"activity":"away","following":[]}"#,
    )
    .await;
    settle().await;
    let entry = &two.value("dots:1").await["entries"][0];
    assert_eq!(entry["activity"], "away", "{entry}");
    assert_eq!(entry["following"], serde_json::json!([]), "{entry}");
}
