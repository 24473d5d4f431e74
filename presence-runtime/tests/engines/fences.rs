//! Fences: the last `n` of who left, for a while.

use std::time::Duration;

use presence_runtime::cluster::{Engine, Found, Verdict, Write};
use presence_runtime::topic::Reason;
use tokio::time::sleep;

use crate::kit::*;
use crate::subject::Subject;

pub(crate) async fn an_n_is_remembered_after_leaving<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    let say = async |node, n| {
        write(
            &engine,
            node,
            announce(&topic, record(node, &ann, n, "here")),
        )
        .await
    };
    say(A, 5).await;
    write(&engine, A, leave(&topic, &ann, 6, Reason::Expired)).await;
    for n in [4, 5, 6] {
        assert_eq!(say(A, n).await, Verdict::Stale, "{n}");
        assert_eq!(say(B, n).await, Verdict::Stale, "{n}");
    }
    let left = Found::Left {
        member: ann.clone(),
        n: 6,
        reason: Reason::Expired,
    };
    assert_eq!(find(&engine, &topic, ann.session).await, left);
    assert_eq!(say(B, 7).await, Verdict::Done);
}

pub(crate) async fn an_n_is_forgotten_after_its_time<S: Subject>(it: S) {
    const FENCE: Duration = Duration::from_millis(1500);
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let ann = member("ann", 1);
    let leaves = Write::Leave {
        topic: topic.clone(),
        member: ann.clone(),
        n: 6,
        reason: Reason::Left,
        fence: FENCE,
    };
    // Somebody who is remembered longer does not make others be.
    write(
        &engine,
        A,
        leave(&topic, &member("bob", 2), 1, Reason::Left),
    )
    .await;
    write(&engine, A, leaves).await;
    let say = async |n| write(&engine, A, announce(&topic, record(A, &ann, n, "here"))).await;
    assert_eq!(say(6).await, Verdict::Stale);
    sleep(FENCE + Duration::from_millis(100)).await;
    assert_eq!(find(&engine, &topic, ann.session).await, Found::Nothing);
    assert_eq!(say(1).await, Verdict::Done);
    assert_ne!(find(&engine, &topic, session(2)).await, Found::Nothing);
}

pub(crate) async fn who_leaves_without_being_there_is_fenced<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    let leaves = async |n, reason| write(&engine, A, leave(&topic, &ann, n, reason)).await;
    // Only its own word is worth remembering.
    assert_eq!(leaves(9, Reason::Expired).await, Verdict::Done);
    assert_eq!(find(&engine, &topic, ann.session).await, Found::Nothing);
    assert_eq!(leaves(5, Reason::Left).await, Verdict::Done);
    assert_eq!(leaves(7, Reason::Left).await, Verdict::Done);
    assert_eq!(leaves(6, Reason::Left).await, Verdict::Stale);
    let left = Found::Left {
        member: ann.clone(),
        n: 7,
        reason: Reason::Left,
    };
    assert_eq!(find(&engine, &topic, ann.session).await, left);
    let say = async |n| write(&engine, B, announce(&topic, record(B, &ann, n, "here"))).await;
    assert_eq!(say(7).await, Verdict::Stale);
    assert_eq!(say(8).await, Verdict::Done);
}

pub(crate) async fn the_word_of_who_was_taken_for_dead_counts<S: Subject>(it: S) {
    const LEASE: Duration = Duration::from_millis(1000);
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    let (ann, bob) = (member("ann", 1), member("bob", 2));
    engine.hold(A, LEASE).await.expect("in reach");
    hold(&engine, &[B]).await;
    for who in [&ann, &bob] {
        write(&engine, A, announce(&topic, record(A, who, 5, "here"))).await;
    }
    sleep(LEASE + Duration::from_millis(100)).await;
    assert_eq!(engine.reap().await.expect("in reach"), 2);
    let left = Found::Left {
        member: ann.clone(),
        n: 5,
        reason: Reason::Disconnected,
    };
    assert_eq!(find(&engine, &topic, ann.session).await, left);
    let say = async |node, who, n| {
        write(
            &engine,
            node,
            announce(&topic, record(node, who, n, "here")),
        )
        .await
    };
    // It only slept, and says again what stood.
    hold(&engine, &[A]).await;
    assert_eq!(say(B, &ann, 5).await, Verdict::Stale);
    assert_eq!(say(A, &ann, 4).await, Verdict::Stale);
    assert_eq!(say(A, &ann, 5).await, Verdict::Done);
    assert_eq!(say(B, &bob, 6).await, Verdict::Done);
    assert_eq!(say(A, &bob, 5).await, Verdict::Stale);
}

pub(crate) async fn another_user_is_not_fenced<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    write(
        &engine,
        A,
        leave(&topic, &member("ann", 1), 9, Reason::Left),
    )
    .await;
    let other = announce(&topic, record(A, &member("an", 1), 1, "here"));
    assert_eq!(write(&engine, A, other).await, Verdict::Done);
}
