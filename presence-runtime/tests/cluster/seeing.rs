//! What happens at one node is seen at all others.

use presence_runtime::Change;

use crate::house::*;
use presence_runtime::cluster::Memory;

#[tokio::test(start_paused = true)]
async fn everybody_is_seen_everywhere() {
    let engine = Memory::new();
    let nodes = [Node::new(&engine), Node::new(&engine), Node::new(&engine)];
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let ann = nodes[0].hub.member("ann");
    let here = ann.join(&at, dot(1)).expect("joins");
    let bo = nodes[1].hub.member("bo");
    let _there = bo.join(&at, dot(2)).expect("joins");
    settle().await;
    for node in &nodes {
        assert_eq!(
            node.seen("dots:1").await,
            [("ann".into(), 1), ("bo".into(), 2)]
        );
    }
    here.update(|it| it.x = 7).expect("updates");
    settle().await;
    for node in &nodes {
        assert_eq!(
            node.seen("dots:1").await,
            [("ann".into(), 7), ("bo".into(), 2)]
        );
    }
    drop(here);
    settle().await;
    for node in &nodes {
        assert_eq!(node.seen("dots:1").await, [("bo".into(), 2)]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_thing_that_a_watcher_sees_is_everybody() {
    let engine = Memory::new();
    let (one, two) = (Node::new(&engine), Node::new(&engine));
    settle().await;
    let at = Dot::topic("1").expect("a topic");
    let people: Vec<_> = (0..20)
        .map(|it| {
            let member = one.hub.member(format!("user{it}"));
            member.join(&at, dot(it)).expect("joins")
        })
        .collect();
    settle().await;
    two.line.slow(std::time::Duration::from_millis(50));
    let mut watch = two.hub.watch(&at).expect("a watch");
    let Some(Change::Snapshot(seen)) = watch.next().await else {
        panic!("a snapshot comes first");
    };
    assert_eq!(seen.len(), 20);
    people[3].update(|it| it.x = 99).expect("updates");
    let Some(Change::Updated(entry)) = watch.next().await else {
        panic!("an update");
    };
    assert_eq!((entry.value.x, entry.member.user.as_str()), (99, "user3"));
    drop(people);
    for _ in 0..20 {
        let Some(Change::Left { .. }) = watch.next().await else {
            panic!("everybody leaves");
        };
    }
}
