//! Nodes that die, and an engine that is out of reach, empty, slow or deaf.

use presence_runtime::cluster::Memory;

use crate::house::*;

#[tokio::test(start_paused = true)]
async fn the_members_of_a_node_that_is_killed_are_gone_within_ten_seconds() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let ann = one.hub.member("ann").join(&at, dot(1)).expect("joins");
    let mut watch = two.hub.watch(&at).expect("a watch");
    settle().await;
    assert_eq!(two.seen("dots:1").await.len(), 1);
    one.line.fail(true);
    pass(5).await;
    assert_eq!(two.seen("dots:1").await.len(), 1);
    pass(5).await;
    assert_eq!(two.seen("dots:1").await.len(), 0);
    // It was not dead after all.
    one.line.fail(false);
    pass(3).await;
    assert_eq!(two.seen("dots:1").await.len(), 1);
    drop(ann);
    let _ = watch.next().await;
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_comes_back_empty_is_told_everything_again_and_nobody_flickers() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let people: Vec<_> = (0..10)
        .map(|it| {
            let node = if it % 2 == 0 { &one } else { &two };
            node.hub
                .member(format!("user{it}"))
                .join(&at, dot(it))
                .expect("joins")
        })
        .collect();
    let mut watch = two.hub.watch(&at).expect("a watch");
    settle().await;
    let _ = watch.next().await;
    engine.flush();
    for _ in 0..20 {
        pass(1).await;
        assert_eq!(two.hub.counts(&at).members, 10);
    }
    let three = Node::new(&engine);
    settle().await;
    assert_eq!(three.seen("dots:1").await.len(), 10);
    people[0].update(|it| it.x = 77).expect("updates");
    let Some(presence_runtime::Change::Updated(entry)) = watch.next().await else {
        panic!("nobody came or went");
    };
    assert_eq!(entry.value.x, 77);
}

#[tokio::test(start_paused = true)]
async fn without_the_engine_local_presence_goes_on_and_the_rest_is_stale() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let _ann = one.hub.member("ann").join(&at, dot(1)).expect("joins");
    let _watch = two.hub.watch(&at).expect("a watch");
    settle().await;
    one.line.fail(true);
    two.line.fail(true);
    pass(5).await;
    for node in [&one, &two] {
        assert!(node.cluster.is_stale());
    }
    assert_eq!(two.seen("dots:1").await.len(), 1, "it is kept");
    let _bo = two.hub.member("bo").join(&at, dot(1)).expect("joins");
    assert_eq!(two.seen("dots:1").await.len(), 2);
    let mut fresh = two
        .hub
        .watch(Dot::topic("2").expect("a topic"))
        .expect("a watch");
    let _ = fresh.next().await;
    pass(60).await;
    assert_eq!(two.seen("dots:1").await.len(), 2);
    one.line.fail(false);
    two.line.fail(false);
    pass(3).await;
    for node in [&one, &two] {
        assert!(!node.cluster.is_stale());
        let both = [("ann".into(), 1), ("bo".into(), 1)];
        assert_eq!(node.seen("dots:1").await, both);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_feed_loses_silently_is_noticed() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let ann = one.hub.member("ann").join(&at, dot(1)).expect("joins");
    let _watch = two.hub.watch(&at).expect("a watch");
    settle().await;
    two.line.deafen(true);
    ann.update(|it| it.x = 2).expect("updates");
    pass(5).await;
    assert_eq!(two.seen("dots:1").await, [("ann".into(), 2)]);
    two.line.deafen(false);
    pass(10).await;
    // A gap is filled once something comes after it.
    two.line.drop_messages(1);
    ann.update(|it| it.x = 3).expect("updates");
    settle().await;
    pass(4).await;
    assert_eq!(two.seen("dots:1").await, [("ann".into(), 3)]);
}

#[tokio::test(start_paused = true)]
async fn who_moves_while_the_engine_is_away_is_not_seen_to_leave_when_it_is_back() {
    let engine = Memory::new();
    let (one, two, watcher) = (Node::new(&engine), Node::new(&engine), Node::new(&engine));
    settle().await;
    let mut watch = watcher
        .hub
        .watch(Dot::topic("1").expect("a topic"))
        .expect("a watch");
    let _ = watch.next().await;
    let said = r#"{"value":{"x":1},"n":1,"ttlMs":1000}"#;
    one.post("/dots:1/heartbeat", 7, said).await;
    let joined = watch.next().await;
    assert!(
        matches!(joined, Some(presence_runtime::Change::Joined(_))),
        "{joined:?}"
    );
    one.line.fail(true);
    two.line.fail(true);
    two.post("/dots:1/heartbeat", 7, r#"{"value":{"x":2},"n":2}"#)
        .await;
    // Its lease ends where it was.
    pass(2).await;
    one.line.fail(false);
    settle().await;
    two.line.fail(false);
    let updated = watch.next().await;
    assert!(
        matches!(&updated, Some(presence_runtime::Change::Updated(it)) if it.value.x == 2),
        "{updated:?}"
    );
    // Who is gone indeed is gone a little later.
    two.post("/dots:1/leave", 7, r#"{"n":3}"#).await;
    let left = watch.next().await;
    assert!(
        matches!(left, Some(presence_runtime::Change::Left { .. })),
        "{left:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_before_a_topic_was_let_go_is_no_news_to_who_wants_it_again() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let say = async |n: u32| {
        let body = format!(r#"{{"value":{{"x":{n}}},"n":{n}}}"#);
        one.post("/dots:1/heartbeat", 1, &body).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let seen = async || {
        let seen = two.seen("dots:1").await;
        seen.iter().map(|it| it.1).collect::<Vec<_>>()
    };
    say(1).await;
    assert_eq!(seen().await, [1]);
    pass(9).await;
    // There is a gap, and what was missed is told late: that somebody left and came back.
    two.line.drop_messages(1);
    one.post("/dots:1/leave", 1, r#"{"n":2}"#).await;
    settle().await;
    two.line.slow(std::time::Duration::from_millis(1_900));
    say(3).await;
    two.line.slow(std::time::Duration::ZERO);
    // Meanwhile nobody wanted to know any longer, and somebody does again.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(two.hub.counts(Dot::topic("1").expect("a topic")).members, 0);
    say(4).await;
    assert_eq!(seen().await, [4]);
    pass(1).await;
    assert_eq!(seen().await, [4]);
}
