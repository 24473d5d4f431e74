//! What a server's own code orders at one node, and nodes that are cut off at that moment.

use std::time::Duration;

use presence_runtime::access::{Credentials, Unauthenticated};
use presence_runtime::cluster::Memory;
use presence_runtime::topic::{Session, SessionId, SessionKey};
use presence_runtime::{Change, HubBuilder, TopicName};

use crate::house::*;

/// The session of this key.
fn session(key: u128) -> SessionId {
    let key = SessionKey::parse(&format!("{key:032x}")).expect("a key");
    Session::of(&key).id
}

fn topic() -> TopicName {
    TopicName::parse("dots:1").expect("a name")
}

fn said(x: u32) -> String {
    format!(r#"{{"value":{{"x":{x}}},"ttlMs":300000}}"#)
}

/// Two nodes, the second of which has somebody with session 1 and is cut off.
async fn cut_off(engine: &Memory) -> [Node; 2] {
    let nodes = [Node::new(engine), Node::new(engine)];
    settle().await;
    nodes[1].post("/dots:1/heartbeat", 1, &said(1)).await;
    settle().await;
    assert_eq!(nodes[0].seen("dots:1").await.len(), 1);
    nodes[1].line.fail(true);
    nodes
}

#[tokio::test(start_paused = true)]
async fn who_is_kicked_while_their_node_is_cut_off_is_gone_once_it_is_back() {
    for away in [1, 20, 100, 3600] {
        let engine = Memory::new();
        let [one, two] = cut_off(&engine).await;
        let ann = session(1);
        one.hub.kick(topic(), ann).expect("a topic");
        // As long as it lasts, members live by their connections; here somebody says so now and then.
        for _ in 0..away / 100 {
            pass(100).await;
            two.post("/dots:1/heartbeat", 1, r#"{"ttlMs":300000}"#)
                .await;
        }
        pass(away % 100).await;
        assert_eq!(two.seen("dots:1").await.len(), 1, "it has not heard of it");
        two.line.fail(false);
        pass(3).await;
        for node in [&one, &two] {
            assert_eq!(node.seen("dots:1").await, [], "{away} s");
        }
        // For as long as the order says, wherever they come.
        for node in [&two, &one] {
            let back = node.post("/dots:1/heartbeat", 1, &said(2)).await;
            let refused = back["error"]["code"] == "kicked";
            assert_eq!(refused, away < 60, "{away} s: {back}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_came_after_an_order_stays() {
    let engine = Memory::new();
    let [one, two] = cut_off(&engine).await;
    let ann = session(1);
    one.hub.kick(topic(), ann).expect("a topic");
    one.hub.remove_session(ann);
    pass(61).await;
    // It went, and came again once it might have come anywhere.
    two.post("/dots:1/leave", 1, "{}").await;
    two.post("/dots:1/heartbeat", 1, &said(2)).await;
    pass(10).await;
    two.line.fail(false);
    pass(3).await;
    for node in [&one, &two] {
        assert_eq!(node.seen("dots:1").await.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_removed_is_gone_from_where_it_was_and_from_nowhere_else() {
    let engine = Memory::new();
    let [one, two] = cut_off(&engine).await;
    one.hub.remove_session(session(1));
    pass(1).await;
    two.post("/dots:2/heartbeat", 1, &said(2)).await;
    pass(1).await;
    two.line.fail(false);
    pass(3).await;
    for node in [&one, &two] {
        assert_eq!(node.seen("dots:1").await, []);
        assert_eq!(node.seen("dots:2").await.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_of_a_node_that_is_cut_off_is_as_old_as_it_is() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    one.line.fail(true);
    let ann = session(1);
    one.hub.kick(topic(), ann).expect("a topic");
    pass(40).await;
    two.post("/dots:1/heartbeat", 2, &said(2)).await;
    pass(1).await;
    one.line.fail(false);
    pass(3).await;
    let refused = two.post("/dots:1/heartbeat", 1, &said(1)).await;
    assert_eq!(refused["error"]["code"], "kicked", "{refused}");
    let after = refused["error"]["retryAfterMs"].as_u64().expect("how long");
    assert!((14_000..=17_000).contains(&after), "{refused}");
    pass(17).await;
    let joined = two.post("/dots:1/heartbeat", 1, &said(1)).await;
    assert_eq!(joined["change"], "joined", "{joined}");
    pass(5).await;
    assert_eq!(two.seen("dots:1").await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_begins_refuses_whom_others_refuse() {
    let engine = Memory::new();
    let one = Node::new(&engine);
    settle().await;
    let ann = session(1);
    one.hub.kick(topic(), ann).expect("a topic");
    pass(20).await;
    let two = Node::new(&engine);
    settle().await;
    let refused = two.post("/dots:1/heartbeat", 1, &said(1)).await;
    assert_eq!(refused["error"]["code"], "kicked", "{refused}");
    pass(41).await;
    let three = Node::new(&engine);
    settle().await;
    let joined = three.post("/dots:1/heartbeat", 1, &said(1)).await;
    assert_eq!(joined["change"], "joined", "{joined}");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_emptied_has_nothing_ordered_twice() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let (ann, bob) = (session(1), session(2));
    one.hub.kick(topic(), ann).expect("a topic");
    pass(61).await;
    two.post("/dots:1/heartbeat", 1, &said(1)).await;
    two.post("/dots:1/heartbeat", 2, &said(2)).await;
    let mut watch = two.hub.watch(Dot::topic("1").expect("a topic"));
    let watch = watch.as_mut().expect("a watch");
    let _ = watch.next().await;
    engine.flush();
    pass(10).await;
    one.hub.kick(topic(), bob).expect("a topic");
    let left = watch.next().await;
    let Some(Change::Left { member, .. }) = left else {
        panic!("{left:?}");
    };
    assert_eq!(member.session, bob);
    pass(10).await;
    assert_eq!(two.hub.counts(Dot::topic("1").expect("a topic")).members, 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_nobody_hears_of_is_found() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    two.post("/dots:1/heartbeat", 1, &said(1)).await;
    settle().await;
    two.line.deafen(true);
    one.hub.kick(topic(), session(1)).expect("a topic");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(two.hub.counts(topic()).members, 0);
}

#[tokio::test(start_paused = true)]
async fn who_is_revoked_while_their_node_is_cut_off_is_gone_and_who_came_since_is_not() {
    let engine = Memory::new();
    let known = |builder: HubBuilder| {
        builder.authenticate(|_: Credentials| async { Err(Unauthenticated::Missing) })
    };
    let (one, two) = (Node::with(&engine, known), Node::with(&engine, known));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let _ann = two.hub.member("ann").join(&at, dot(1)).expect("joins");
    settle().await;
    two.line.fail(true);
    one.hub.revoke("ann");
    one.hub.revoke("bo");
    pass(2).await;
    let _bo = two.hub.member("bo").join(&at, dot(2)).expect("joins");
    pass(2).await;
    two.line.fail(false);
    pass(3).await;
    let left = two.hub.members(&at);
    let [(bo, _)] = &*left else {
        panic!("{left:?}");
    };
    assert_eq!(bo.user.as_str(), "bo");
}
