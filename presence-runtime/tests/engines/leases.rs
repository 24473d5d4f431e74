//! Leases: who lives, and what becomes of what the dead leave behind.

use std::time::Duration;

use presence_runtime::cluster::{Beat, Engine, Turn, Verdict};
use presence_runtime::topic::Reason;
use tokio::time::sleep;

use crate::kit::*;
use crate::subject::Subject;

/// Long enough for a few writes on a machine that is busy.
const LEASE: Duration = Duration::from_millis(1000);
const OVER: Duration = Duration::from_millis(1100);

pub(crate) async fn nobody_announces_without_a_lease<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    let ann = member("ann", 1);
    let say = async || write(&engine, A, announce(&topic, record(A, &ann, 1, "here"))).await;
    assert_eq!(say().await, Verdict::Unheld);
    hold(&engine, &[B]).await;
    assert_eq!(say().await, Verdict::Unheld);
    assert_eq!(read(&engine, &topic).await.1, []);
    engine.hold(A, LEASE).await.expect("in reach");
    assert_eq!(say().await, Verdict::Done);
    sleep(OVER).await;
    assert_eq!(say().await, Verdict::Unheld);
    assert_eq!(
        read(&engine, &topic).await.1.len(),
        1,
        "until somebody reaps"
    );
}

pub(crate) async fn a_lease_goes_on_or_begins_anew<S: Subject>(it: S) {
    let engine = it.engine();
    let hold = async || engine.hold(A, LEASE).await.expect("in reach").beat;
    assert_eq!(hold().await, Beat::Anew);
    assert_eq!(hold().await, Beat::Kept);
    sleep(OVER).await;
    assert_eq!(hold().await, Beat::Anew);
    it.flush().await;
    assert_eq!(hold().await, Beat::Anew);
}

pub(crate) async fn the_dead_are_removed_once<S: Subject>(it: S) {
    let (engine, topic, other) = (it.engine(), topic("rooms:1"), topic("rooms:2"));
    engine.hold(A, LEASE).await.expect("in reach");
    hold(&engine, &[B]).await;
    let (ann, bob) = (member("ann", 1), member("bob", 2));
    write(&engine, A, announce(&topic, record(A, &ann, 3, "here"))).await;
    write(&engine, A, announce(&other, record(A, &ann, 4, "here"))).await;
    write(&engine, B, announce(&topic, record(B, &bob, 1, "there"))).await;
    assert_eq!(engine.reap().await.expect("in reach"), 0);
    let (start, _) = read(&engine, &topic).await;
    sleep(OVER).await;
    let (one, two, three) = tokio::join!(engine.reap(), engine.reap(), engine.reap());
    let removed: usize = [one, two, three]
        .into_iter()
        .map(|it| it.expect("in reach"))
        .sum();
    assert_eq!(removed, 2);
    assert_eq!(
        turns(&engine, &topic, start).await,
        [gone(A, &ann, 3, Reason::Disconnected)]
    );
    assert_eq!(read(&engine, &topic).await.1, [record(B, &bob, 1, "there")]);
    assert_eq!(read(&engine, &other).await.1, []);
    assert_eq!(engine.reap().await.expect("in reach"), 0);
}

pub(crate) async fn who_came_back_elsewhere_stays<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    engine.hold(A, LEASE).await.expect("in reach");
    hold(&engine, &[B]).await;
    let ann = member("ann", 1);
    let (start, _) = read(&engine, &topic).await;
    write(&engine, A, announce(&topic, record(A, &ann, 3, "here"))).await;
    write(&engine, B, announce(&topic, record(B, &ann, 4, "there"))).await;
    sleep(OVER).await;
    assert_eq!(engine.reap().await.expect("in reach"), 0);
    let moved = [record(A, &ann, 3, "here"), record(B, &ann, 4, "there")];
    assert_eq!(
        turns(&engine, &topic, start).await,
        moved.map(Turn::Present)
    );
}

pub(crate) async fn what_is_released_is_removed_later<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let (ann, bob) = (member("ann", 1), member("bob", 2));
    for who in [&ann, &bob] {
        write(&engine, A, announce(&topic, record(A, who, 3, "here"))).await;
    }
    engine.release(A, LEASE).await.expect("in reach");
    assert_eq!(engine.reap().await.expect("in reach"), 0);
    write(&engine, B, announce(&topic, record(B, &ann, 4, "there"))).await;
    sleep(OVER).await;
    assert_eq!(engine.reap().await.expect("in reach"), 1);
    assert_eq!(read(&engine, &topic).await.1, [record(B, &ann, 4, "there")]);
    // Who has no lease gets none by letting it go.
    engine.release(A, LONG).await.expect("in reach");
    let say = announce(&topic, record(A, &bob, 9, "here"));
    assert_eq!(write(&engine, A, say).await, Verdict::Unheld);
}

pub(crate) async fn who_holds_is_not_reaped<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    let ann = member("ann", 1);
    engine.hold(A, LEASE).await.expect("in reach");
    write(&engine, A, announce(&topic, record(A, &ann, 3, "here"))).await;
    let (before, _) = read(&engine, &topic).await;
    for _ in 0..6 {
        sleep(LEASE / 3).await;
        engine.hold(A, LEASE).await.expect("in reach");
        assert_eq!(engine.reap().await.expect("in reach"), 0);
    }
    assert_eq!(
        read(&engine, &topic).await,
        (before, vec![record(A, &ann, 3, "here")])
    );
}

pub(crate) async fn many_dead_members_are_removed<S: Subject>(it: S) {
    // More of a shard than go at once, and of many topics.
    const ONE: usize = 1200;
    const EACH: usize = 100;
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    engine.hold(A, LONG).await.expect("in reach");
    let each = |i| crate::kit::topic(&format!("rooms:each:{i}"));
    let crowd = (0..ONE).map(|i| announce(&topic, record(A, &member("ann", i), 1, "here")));
    let spread = (0..EACH).map(|i| announce(&each(i), record(A, &member("ann", i), 1, "here")));
    let writes: Vec<_> = crowd.chain(spread).collect();
    engine.write(A, &writes).await.expect("in reach");
    engine.release(A, Duration::ZERO).await.expect("in reach");
    sleep(Duration::from_millis(10)).await;
    assert_eq!(engine.reap().await.expect("in reach"), ONE + EACH);
    assert_eq!(read(&engine, &topic).await.1, []);
    assert_eq!(engine.topics(None, 10).await.expect("in reach"), []);
}

pub(crate) async fn who_holds_is_told_whether_others_are_overdue<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    let overdue = async || engine.hold(B, LONG).await.expect("in reach").overdue;
    assert!(!overdue().await);
    engine.hold(A, LEASE).await.expect("in reach");
    let ann = member("ann", 1);
    write(&engine, A, announce(&topic, record(A, &ann, 1, "here"))).await;
    assert!(!overdue().await, "it lives");
    sleep(OVER).await;
    assert!(overdue().await);
    assert_eq!(engine.reap().await.expect("in reach"), 1);
    assert!(!overdue().await, "nothing is left of it");
}
