//! Leaving: who may say so, and who hears why.

use presence_runtime::cluster::{Found, Verdict, Write};
use presence_runtime::topic::Reason;

use crate::kit::*;
use crate::subject::Subject;

pub(crate) async fn who_said_so_is_removed_wherever_it_is<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    for (i, node, n, verdict) in [
        (1, A, 4, Verdict::Stale),
        (2, A, 5, Verdict::Done),
        (3, A, 6, Verdict::Done),
        (4, B, 4, Verdict::Stale),
        (5, B, 5, Verdict::Stale),
        (6, B, 6, Verdict::Done),
    ] {
        let ann = member("ann", i);
        write(&engine, A, announce(&topic, record(A, &ann, 5, "here"))).await;
        let (start, _) = read(&engine, &topic).await;
        let told = write(&engine, node, leave(&topic, &ann, n, Reason::Left)).await;
        assert_eq!(told, verdict, "{node} {n}");
        let turns = turns(&engine, &topic, start).await;
        let found = find(&engine, &topic, ann.session).await;
        if verdict == Verdict::Done {
            assert_eq!(turns, [gone(A, &ann, n, Reason::Left)]);
            let (member, reason) = (ann, Reason::Left);
            assert_eq!(found, Found::Left { member, n, reason });
        } else {
            assert_eq!(turns, []);
            assert_eq!(found, Found::Present(record(A, &ann, 5, "here")));
        }
    }
}

pub(crate) async fn a_node_removes_only_its_own<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    write(&engine, A, announce(&topic, record(A, &ann, 5, "here"))).await;
    write(&engine, B, announce(&topic, record(B, &ann, 6, "there"))).await;
    let (before, _) = read(&engine, &topic).await;
    for reason in [
        Reason::Disconnected,
        Reason::Expired,
        Reason::Kicked,
        Reason::Shutdown,
    ] {
        for n in [5, 6, 9] {
            let told = write(&engine, A, leave(&topic, &ann, n, reason)).await;
            assert_eq!(told, Verdict::Done, "{reason:?} {n}");
        }
    }
    assert_eq!(
        read(&engine, &topic).await,
        (before, vec![record(B, &ann, 6, "there")])
    );
    // A word that took long must not end what was said since.
    let late = write(&engine, B, leave(&topic, &ann, 5, Reason::Expired)).await;
    assert_eq!(late, Verdict::Stale);
    let own = write(&engine, B, leave(&topic, &ann, 6, Reason::Expired)).await;
    assert_eq!(own, Verdict::Done);
    assert_eq!(read(&engine, &topic).await.1, []);
    assert_eq!(
        turns(&engine, &topic, before).await,
        [gone(B, &ann, 6, Reason::Expired)]
    );
}

pub(crate) async fn another_user_removes_nobody<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let ann = member("ann", 1);
    write(&engine, A, announce(&topic, record(A, &ann, 5, "here"))).await;
    for user in ["an", "anne"] {
        let other = leave(&topic, &member(user, 1), 9, Reason::Left);
        assert_eq!(write(&engine, A, other).await, Verdict::Taken);
    }
    assert_eq!(read(&engine, &topic).await.1.len(), 1);
}

pub(crate) async fn who_is_not_retained_is_gone<S: Subject>(it: S) {
    let engine = it.engine();
    // What is the beginning of another name is not that name.
    let (topic, longer) = (topic("rooms:1"), topic("rooms:11"));
    hold(&engine, &[A, B]).await;
    for i in 1..=4 {
        write(
            &engine,
            A,
            announce(&topic, record(A, &member("ann", i), 5, "here")),
        )
        .await;
    }
    let (ann, bob) = (member("ann", 5), member("bob", 6));
    write(&engine, A, announce(&longer, record(A, &ann, 5, "here"))).await;
    write(&engine, B, announce(&topic, record(B, &bob, 5, "there"))).await;
    let (start, _) = read(&engine, &topic).await;
    let retain = |sessions: &[usize]| Write::Retain {
        topic: topic.clone(),
        sessions: sessions.iter().map(|i| session(*i)).collect(),
    };
    assert_eq!(
        write(&engine, A, retain(&[1, 2, 3, 4, 9])).await,
        Verdict::Done
    );
    assert_eq!(turns(&engine, &topic, start).await, []);
    assert_eq!(write(&engine, A, retain(&[2, 3])).await, Verdict::Done);
    let left = [1, 4].map(|i| gone(A, &member("ann", i), 5, Reason::Disconnected));
    assert_eq!(turns(&engine, &topic, start).await, left);
    assert_eq!(write(&engine, A, retain(&[])).await, Verdict::Done);
    assert_eq!(read(&engine, &topic).await.1, [record(B, &bob, 5, "there")]);
    assert_eq!(read(&engine, &longer).await.1, [record(A, &ann, 5, "here")]);
}

pub(crate) async fn every_reason_is_told<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let reasons = [
        Reason::Left,
        Reason::Disconnected,
        Reason::Expired,
        Reason::Kicked,
        Reason::Shutdown,
    ];
    for (i, reason) in reasons.into_iter().enumerate() {
        let ann = member("ann", i);
        write(&engine, A, announce(&topic, record(A, &ann, 1, "here"))).await;
        let (start, _) = read(&engine, &topic).await;
        write(&engine, A, leave(&topic, &ann, 1, reason)).await;
        assert_eq!(
            turns(&engine, &topic, start).await,
            [gone(A, &ann, 1, reason)]
        );
    }
}
