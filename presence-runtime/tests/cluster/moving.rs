//! Members that come over from another node.

use std::time::Duration;

use presence_runtime::Change;
use presence_runtime::cluster::Memory;
use presence_runtime::topic::{Reason, What};
use serde_json::json;

use crate::house::*;
use crate::socket::Socket;

#[tokio::test(start_paused = true)]
async fn requests_that_reach_one_node_and_another_are_of_one_member() {
    let engine = Memory::new();
    let nodes = [Node::new(&engine), Node::new(&engine)];
    let watcher = Node::new(&engine);
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let mut watch = watcher.hub.watch(&at).expect("a watch");
    let Some(Change::Snapshot(nobody)) = watch.next().await else {
        panic!("a snapshot comes first");
    };
    assert_eq!(nobody, []);
    let joined = nodes[0]
        .post("/dots:1/heartbeat", 1, r#"{"value":{"x":1},"n":1}"#)
        .await;
    assert_eq!(joined["change"], "joined", "{joined}");
    settle().await;
    let Some(Change::Joined(_)) = watch.next().await else {
        panic!("a member joins");
    };
    for n in 2..20_u32 {
        let node = &nodes[usize::try_from(n % 2).expect("small")];
        let body = format!(r#"{{"value":{{"x":{n}}},"n":{n}}}"#);
        let updated = node.post("/dots:1/heartbeat", 1, &body).await;
        assert_eq!(updated["change"], "updated", "{n}: {updated}");
        settle().await;
        let Some(Change::Updated(entry)) = watch.next().await else {
            panic!("the same member");
        };
        assert_eq!(entry.value.x, n);
        // Late packets change nothing, wherever they arrive.
        for node in &nodes {
            let body = format!(r#"{{"value":{{"x":1000}},"n":{}}}"#, n - 1);
            let stale = node.post("/dots:1/heartbeat", 1, &body).await;
            assert_eq!(stale["change"], "stale", "{stale}");
        }
    }
    // Renewed without a value or `n` where it was not.
    for node in [&nodes[0], &nodes[1], &nodes[0]] {
        let renewed = node.post("/dots:1/heartbeat", 1, "{}").await;
        assert_eq!(renewed["change"], "renewed", "{renewed}");
        settle().await;
    }
    let left = nodes[1].post("/dots:1/leave", 1, "{}").await;
    assert_eq!(left["left"], true);
    settle().await;
    let Some(Change::Left { .. }) = watch.next().await else {
        panic!("it left");
    };
    // What is late does not bring it back.
    for node in &nodes {
        let body = r#"{"value":{"x":1000},"n":10}"#;
        let stale = node.post("/dots:1/heartbeat", 1, body).await;
        assert_eq!(stale["change"], "stale", "{stale}");
    }
    pass(60).await;
    for node in nodes.iter().chain([&watcher]) {
        assert_eq!(node.seen("dots:1").await, []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_nobody_watches_at_hears_nothing() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let _ann = one.hub.member("ann").join(&at, dot(1)).expect("joins");
    let _bo = two.hub.member("bo").join(&at, dot(1)).expect("joins");
    settle().await;
    assert_eq!(one.hub.counts(&at).members, 1);
    // Who asks has it for a while.
    assert_eq!(one.seen("dots:1").await.len(), 2);
    assert_eq!(one.hub.counts(&at).members, 2);
    pass(30).await;
    assert_eq!(one.hub.counts(&at).members, 1);
    assert_eq!(two.hub.counts(&at).members, 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_at_a_node_that_nobody_watches_at_does_not_bring_an_old_value_back() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    one.post("/dots:1/heartbeat", 1, r#"{"value":{"x":1},"n":1}"#)
        .await;
    settle().await;
    two.post("/dots:1/heartbeat", 1, r#"{"value":{"x":2},"n":2}"#)
        .await;
    settle().await;
    let renewed = one.post("/dots:1/heartbeat", 1, r#"{"n":3}"#).await;
    assert_eq!(renewed["change"], "renewed", "{renewed}");
    settle().await;
    for node in [&one, &two] {
        let seen = node.value("dots:1").await;
        assert_eq!(seen["entries"][0]["value"]["x"], 2, "{seen}");
    }
    // It is where it was renewed, for as long as that says.
    for n in 4..10 {
        pass(10).await;
        let body = format!(r#"{{"n":{n}}}"#);
        let renewed = one.post("/dots:1/heartbeat", 1, &body).await;
        assert_eq!(renewed["change"], "renewed", "{n}: {renewed}");
    }
    let seen = two.value("dots:1").await;
    assert_eq!(seen["entries"][0]["value"]["x"], 2, "{seen}");
}

#[tokio::test(start_paused = true)]
async fn a_leave_counts_on_a_node_that_has_not_heard_of_the_member_yet() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    one.line.slow(Duration::from_millis(200));
    one.post("/dots:1/heartbeat", 1, r#"{"value":{"x":1},"n":1}"#)
        .await;
    let left = two.post("/dots:1/leave", 1, r#"{"n":2}"#).await;
    assert_eq!(left["left"], false);
    pass(2).await;
    for node in [&one, &two] {
        assert_eq!(node.seen("dots:1").await, []);
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_again_after_everybody_was_forgotten_is_told_of_everybody() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let _ann = one.hub.member("ann").join(&at, dot(1)).expect("joins");
    settle().await;
    for pause in [1, 10, 10, 11, 9, 60, 10, 10] {
        assert_eq!(two.seen("dots:1").await, [("ann".into(), 1)], "{pause}");
        pass(pause).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_member_said_last_at_a_node_that_lost_it_reaches_the_node_that_has_it() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let _watch = two.hub.watch(&at).expect("a watch");
    one.post("/dots:1/heartbeat", 1, r#"{"value":{"x":1},"n":1}"#)
        .await;
    settle().await;
    one.line.fail(true);
    two.line.fail(true);
    let said = r#"{"value":{"x":2},"n":2,"ttlMs":1000}"#;
    let updated = one.post("/dots:1/heartbeat", 1, said).await;
    assert_eq!(updated["change"], "updated", "{updated}");
    // The next request reaches another node, which has not heard of the value.
    let renewed = two.post("/dots:1/heartbeat", 1, r#"{"n":3}"#).await;
    assert_eq!(renewed["change"], "renewed", "{renewed}");
    pass(2).await;
    // Where it was said it has expired when the engine is back, and the other node is heard first.
    two.line.fail(false);
    settle().await;
    one.line.fail(false);
    settle().await;
    for node in [&one, &two] {
        let seen = node.value("dots:1").await;
        assert_eq!(seen["entries"][0]["value"]["x"], 2, "{seen}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_said_elsewhere_counts_at_a_node_that_nobody_watches_at() {
    for asked_first in [true, false] {
        let engine = Memory::new();
        let [one, two, three] = [(); 3].map(|()| Node::new(&engine));
        settle().await;
        one.post("/dots:1/heartbeat", 1, r#"{"value":{"x":1},"n":1}"#)
            .await;
        settle().await;
        // Said at a node that is cut off, while the member goes on at a third one.
        two.line.fail(true);
        two.post("/dots:1/heartbeat", 1, r#"{"value":{"x":2},"n":2}"#)
            .await;
        let renewed = three.post("/dots:1/heartbeat", 1, r#"{"n":3}"#).await;
        assert_eq!(renewed["change"], "renewed", "{renewed}");
        settle().await;
        two.line.fail(false);
        pass(4).await;
        if !asked_first {
            three.post("/dots:1/heartbeat", 1, r#"{"n":4}"#).await;
            settle().await;
        }
        for node in [&three, &two, &one] {
            let seen = node.value("dots:1").await;
            assert_eq!(seen["entries"][0]["value"]["x"], 2, "{seen}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_ends_whose_member_is_at_another_node_whether_or_not_anybody_watches() {
    for watched in [false, true] {
        let engine = Memory::new();
        let (one, two) = (Node::new(&engine), Node::new(&engine));
        settle().await;
        let at = Dot::topic("1").expect("a topic");
        let _watch = watched.then(|| one.hub.watch(&at).expect("a watch"));
        let mut old = Socket::hello(&one, 7).await;
        old.announce("dots:1", 1).await;
        settle().await;
        assert_eq!(one.hub.counts(&at).members, 1);
        let mut new = Socket::hello(&two, 7).await;
        new.announce("dots:1", 2).await;
        assert_eq!(old.closed().await, Some(4509), "watched: {watched}");
        assert_eq!(one.hub.counts(&at).members, usize::from(watched));
        assert_eq!(new.closed().await, None);
        for node in [&one, &two] {
            assert_eq!(node.value("dots:1").await["entries"][0]["value"]["x"], 2);
        }
        // And back again.
        let mut newest = Socket::hello(&one, 7).await;
        newest.announce("dots:1", 3).await;
        assert_eq!(new.closed().await, Some(4509), "watched: {watched}");
        for node in [&one, &two] {
            assert_eq!(node.value("dots:1").await["entries"][0]["value"]["x"], 3);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_ends_whose_member_moved_while_its_node_was_cut_off() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let mut old = Socket::hello(&one, 7).await;
    old.announce("dots:1", 1).await;
    settle().await;
    // For less than its lease, so that it has nothing else to say again.
    one.line.fail(true);
    let mut new = Socket::hello(&two, 7).await;
    new.announce("dots:1", 2).await;
    pass(1).await;
    one.line.fail(false);
    assert_eq!(old.closed().await, Some(4509));
    assert_eq!(new.closed().await, None);
    assert_eq!(two.value("dots:1").await["entries"][0]["value"]["x"], 2);
}

#[tokio::test(start_paused = true)]
async fn who_says_goodbye_at_another_node_is_gone_where_nobody_watches() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    one.post("/dots:1/heartbeat", 1, r#"{"value":{"x":1},"n":1}"#)
        .await;
    settle().await;
    two.post("/dots:1/leave", 1, r#"{"n":2}"#).await;
    settle().await;
    assert_eq!(one.hub.counts(&at).members, 0);
}

#[tokio::test(start_paused = true)]
async fn what_decays_does_so_as_long_after_it_was_said_wherever_its_member_is() {
    // Said again without a difference in between, and not.
    for (again, watched) in [(false, false), (true, false), (false, true), (true, true)] {
        let engine = Memory::new();
        let nodes = [Node::new(&engine), Node::new(&engine)];
        settle().await;
        let at = Dot::topic("1").expect("a topic");
        let _watches: Vec<_> = nodes
            .iter()
            .filter(|_| watched)
            .map(|it| it.hub.watch(&at).expect("a watch"))
            .collect();
        let typing = |n| format!(r#"{{"value":{{"x":1,"typing":true}},"n":{n}}}"#);
        pass(1).await;
        nodes[0].post("/dots:1/heartbeat", 7, &typing(1)).await;
        if again {
            pass(2).await;
            let renewed = nodes[0].post("/dots:1/heartbeat", 7, &typing(2)).await;
            assert_eq!(renewed["change"], "renewed", "{renewed}");
        }
        // It decays 3 s after it was said, and moves every second.
        for n in 3..=4 {
            pass(1).await;
            let node = &nodes[n % 2];
            node.post("/dots:1/heartbeat", 7, &format!(r#"{{"n":{n}}}"#))
                .await;
        }
        let is =
            async |node: &Node| node.value("dots:1").await["entries"][0]["value"]["typing"].clone();
        let context = format!("again: {again}, watched: {watched}");
        tokio::time::sleep(Duration::from_millis(800)).await;
        for node in &nodes {
            assert_eq!(is(node).await, true, "{context}");
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
        for node in &nodes {
            assert_eq!(is(node).await, false, "{context}");
        }
    }
}

/// Seed 46 of the simulation of nodes.
#[tokio::test(start_paused = true)]
async fn who_is_gone_at_another_node_is_gone_here_for_the_same_reason() {
    // What was announced here is written before what happened elsewhere is read, or after.
    for later in (0..200).step_by(40) {
        let engine = Memory::new();
        let (one, two) = (Node::new(&engine), Node::new(&engine));
        settle().await;
        let at = Dot::topic("1").expect("a topic");
        let mut watch = one.hub.watch(&at).expect("a watch");
        let _ = watch.next().await;
        one.line.fail(true);
        tokio::time::sleep(Duration::from_millis(250)).await;
        one.post("/dots:1/heartbeat", 1, r#"{"value":{"x":1},"n":1}"#)
            .await;
        let joined = watch.next().await;
        assert!(matches!(joined, Some(Change::Joined(_))), "{joined:?}");
        // It goes on at the other node, and is silent there for longer than it said.
        let said = r#"{"value":{"x":2},"n":2,"ttlMs":1000}"#;
        two.post("/dots:1/heartbeat", 1, said).await;
        tokio::time::sleep(Duration::from_millis(2_000 + later)).await;
        one.line.fail(false);
        let mut change = watch.next().await;
        if matches!(change, Some(Change::Updated(_))) {
            change = watch.next().await;
        }
        let expired =
            matches!(&change, Some(Change::Left { reason, .. }) if *reason == Reason::Expired);
        assert!(expired, "{later}: {change:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_gone_at_another_node_does_not_stay_here_by_what_they_say_next() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    one.post("/dots:1/heartbeat", 1, r#"{"value":{"x":1},"n":1}"#)
        .await;
    settle().await;
    // Nobody watches, and that it moved is lost on its way.
    one.line.deafen(true);
    let said = r#"{"value":{"x":2},"n":2,"ttlMs":1000}"#;
    two.post("/dots:1/heartbeat", 1, said).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    // What it said last nobody knows any longer, so it is asked for.
    let renewed = one.post("/dots:1/heartbeat", 1, r#"{"n":3}"#).await;
    assert_eq!(renewed["error"]["code"], "not_present", "{renewed}");
    let history = one.hub.history(Dot::topic("1").expect("a topic"));
    assert!(
        matches!(&history[0].what, What::Left { cause, .. } if cause.reason() == Reason::Expired),
        "{history:?}"
    );
}

/// Seed 2167 of the simulation of nodes.
#[tokio::test(start_paused = true)]
async fn who_went_elsewhere_and_is_gone_there_before_anybody_heard_of_it_does_not_stay() {
    for cut_off in [false, true] {
        let engine = Memory::new();
        let (one, two) = (Node::new(&engine), Node::new(&engine));
        let at = Dot::topic("1").expect("a topic");
        let _watch = two.hub.watch(&at).expect("a watch");
        settle().await;
        // An old tab stays open.
        let mut old = Socket::hello(&one, 7).await;
        old.say(json!({"type": "heartbeat", "topic": "dots:1", "value": {"x": 1}, "n": 1}))
            .await;
        settle().await;
        if cut_off {
            two.line.fail(true);
        } else {
            // What is being told of somebody else takes longer than this member stays.
            two.line.slow(Duration::from_millis(1_900));
        }
        let other = r#"{"value":{"x":8},"ttlMs":60000}"#;
        two.post("/dots:1/heartbeat", 8, other).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let moved = r#"{"value":{"x":2},"n":2,"ttlMs":1000}"#;
        let moved = two.post("/dots:1/heartbeat", 7, moved).await;
        assert_eq!(moved["change"], "updated", "{moved}");
        pass(2).await;
        two.line.fail(false);
        two.line.slow(Duration::ZERO);
        pass(10).await;
        for node in [&one, &two] {
            let seen = node.seen("dots:1").await;
            let seen: Vec<_> = seen.into_iter().map(|it| it.1).collect();
            assert_eq!(seen, [8], "cut off: {cut_off}");
        }
        drop(old);
    }
}
