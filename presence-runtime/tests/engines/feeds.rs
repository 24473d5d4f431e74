//! Feeds: what is heard, in which order.

use std::slice::from_ref;
use std::time::Duration;

use bytes::Bytes;
use presence_runtime::cluster::{At, Engine, Feed, Heard, Logged, Record, Turn, Write};
use presence_runtime::topic::Reason;
use tokio::time::timeout;

use crate::kit::*;
use crate::subject::Subject;

pub(crate) async fn own_and_others_turns_are_heard_in_order<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let mut one = engine.feed(LISTENER).await.expect("in reach");
    let mut two = engine.feed(LISTENER).await.expect("in reach");
    one.follow(from_ref(&topic)).await.expect("in reach");
    two.follow(from_ref(&topic)).await.expect("in reach");
    let (ann, bob) = (member("ann", 1), member("bob", 2));
    write(&engine, A, announce(&topic, record(A, &ann, 1, "a"))).await;
    write(&engine, B, announce(&topic, record(B, &bob, 1, "b"))).await;
    write(&engine, B, announce(&topic, record(B, &ann, 2, "c"))).await;
    write(&engine, B, leave(&topic, &bob, 2, Reason::Left)).await;
    let turns = [
        Turn::Present(record(A, &ann, 1, "a")),
        Turn::Present(record(B, &bob, 1, "b")),
        Turn::Present(record(B, &ann, 2, "c")),
        gone(B, &bob, 2, Reason::Left),
    ];
    let (end, _) = read(&engine, &topic).await;
    for (sequence, turn) in (1..).zip(turns) {
        let at = At { sequence, ..end };
        let logged = Heard::Logged(topic.clone(), Logged { at, turn });
        assert_eq!(heard(&mut one).await, logged);
        assert_eq!(heard(&mut two).await, logged);
    }
}

pub(crate) async fn what_is_not_followed_is_not_heard<S: Subject>(it: S) {
    let (engine, topic, other) = (it.engine(), topic("rooms:1"), topic("rooms:2"));
    hold(&engine, &[A]).await;
    let mut feed = engine.feed(LISTENER).await.expect("in reach");
    let ann = member("ann", 1);
    let mut n = 0;
    let mut say = async |topic: &_| {
        n += 1;
        write(
            &engine,
            A,
            announce(topic, record(A, &ann, n, &n.to_string())),
        )
        .await;
    };
    say(&topic).await;
    feed.follow(&[topic.clone(), other.clone()])
        .await
        .expect("in reach");
    say(&other).await;
    assert!(matches!(heard(&mut feed).await, Heard::Logged(it, _) if it == other));
    feed.unfollow(from_ref(&other)).await.expect("in reach");
    say(&other).await;
    say(&topic).await;
    assert!(matches!(heard(&mut feed).await, Heard::Logged(it, _) if it == topic));
    feed.unfollow(&[other.clone(), topic.clone()])
        .await
        .expect("in reach");
    say(&topic).await;
    assert_eq!(heard_at_all(&mut feed).await, None);
    feed.follow(from_ref(&topic)).await.expect("in reach");
    feed.follow(from_ref(&topic)).await.expect("in reach");
    say(&topic).await;
    assert!(
        matches!(heard(&mut feed).await, Heard::Logged(it, logged) if it == topic && logged.at.sequence == 4)
    );
    assert_eq!(heard_at_all(&mut feed).await, None, "it is heard once");
}

pub(crate) async fn everybody_is_told<S: Subject>(it: S) {
    let engine = it.engine();
    let mut one = engine.feed(LISTENER).await.expect("in reach");
    let mut two = engine.feed(LISTENER).await.expect("in reach");
    for message in [
        Bytes::new(),
        Bytes::from_static(b"\0\r\n\xff"),
        Bytes::from(vec![7; 4096]),
    ] {
        engine.tell(message.clone()).await.expect("in reach");
        assert_eq!(heard(&mut one).await, Heard::Told(message.clone()));
        assert_eq!(heard(&mut two).await, Heard::Told(message));
    }
}

pub(crate) async fn whoever_stops_waiting_loses_nothing<S: Subject>(it: S) {
    const SAID: u64 = 200;
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let mut feed = engine.feed(LISTENER).await.expect("in reach");
    feed.follow(from_ref(&topic)).await.expect("in reach");
    let ann = member("ann", 1);
    let mut sequences = Vec::new();
    for n in 1..=SAID {
        write(
            &engine,
            A,
            announce(&topic, record(A, &ann, n, &n.to_string())),
        )
        .await;
        // Sometimes it comes in time, and sometimes it does not.
        let wait = Duration::from_micros(n * 7 % 400);
        if let Ok(heard) = timeout(wait, feed.next()).await
            && let Heard::Logged(_, logged) = heard.expect("in reach")
        {
            sequences.push(logged.at.sequence);
        }
    }
    while sequences.len() < SAID as usize {
        let Heard::Logged(_, logged) = heard(&mut feed).await else {
            panic!("nobody told anything");
        };
        sequences.push(logged.at.sequence);
    }
    assert_eq!(sequences, (1..=SAID).collect::<Vec<_>>());
}

pub(crate) async fn a_slow_feed_loses_some_and_goes_on<S: Subject>(it: S) {
    const SAID: u64 = 6000;
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let mut feed = engine.feed(LISTENER).await.expect("in reach");
    feed.follow(from_ref(&topic)).await.expect("in reach");
    let ann = member("ann", 1);
    let said = |n: u64| announce(&topic, record(A, &ann, n, &n.to_string()));
    let writes: Vec<_> = (1..=SAID).map(said).collect();
    for some in writes.chunks(500) {
        engine.write(A, some).await.expect("in reach");
        tokio::task::yield_now().await;
    }
    let mut heard = Vec::new();
    while let Some(Heard::Logged(_, logged)) = heard_at_all(&mut feed).await {
        heard.push(logged.at.sequence);
    }
    assert!(heard.is_sorted() && heard.first() == Some(&1), "in order");
    assert!(heard.len() < SAID as usize, "it holds all of {SAID}");
    write(&engine, A, said(SAID + 1)).await;
    let Some(Heard::Logged(_, Logged { at, turn })) = heard_at_all(&mut feed).await else {
        panic!("it hears nothing any more");
    };
    assert_eq!(at.sequence, SAID + 1);
    assert!(matches!(turn, Turn::Present(_)));
}

pub(crate) async fn many_topics_are_followed<S: Subject>(it: S) {
    const TOPICS: usize = 1500;
    let engine = it.engine();
    hold(&engine, &[A]).await;
    let topics: Vec<_> = (0..TOPICS).map(|i| topic(&format!("rooms:{i}"))).collect();
    let mut feed = engine.feed(LISTENER).await.expect("in reach");
    feed.follow(&topics).await.expect("in reach");
    let ann = member("ann", 1);
    let writes: Vec<_> = topics
        .iter()
        .map(|it| announce(it, record(A, &ann, 1, "here")))
        .collect();
    engine.write(A, &writes).await.expect("in reach");
    for topic in &topics {
        assert!(matches!(heard(&mut feed).await, Heard::Logged(it, _) if it == *topic));
    }
    feed.unfollow(&topics).await.expect("in reach");
    write(&engine, A, leave(&topics[7], &ann, 1, Reason::Left)).await;
    assert_eq!(heard_at_all(&mut feed).await, None);
}

pub(crate) async fn a_node_hears_who_is_taken_away_from_it<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let mut one = engine.feed(A).await.expect("in reach");
    let mut two = engine.feed(B).await.expect("in reach");
    let (ann, bob) = (member("ann", 1), member("bob", 2));
    for (n, member) in [(1, &ann), (2, &ann), (1, &bob)] {
        write(&engine, A, announce(&topic, record(A, member, n, "a"))).await;
    }
    write(&engine, B, announce(&topic, record(B, &ann, 3, "b"))).await;
    let moved = Turn::Present(record(B, &ann, 3, "b"));
    assert_eq!(heard(&mut one).await, Heard::Befell(topic.clone(), moved));
    write(&engine, B, leave(&topic, &bob, 4, Reason::Left)).await;
    let left = gone(A, &bob, 4, Reason::Left);
    assert_eq!(heard(&mut one).await, Heard::Befell(topic.clone(), left));
    // Something newer was said at another node of who is here.
    write(&engine, A, announce(&topic, record(A, &bob, 5, "c"))).await;
    let newer = record(B, &bob, 6, "d");
    let say = Write::Newer {
        topic: topic.clone(),
        record: newer.clone(),
    };
    write(&engine, B, say).await;
    let newer = Turn::Newer(Record {
        node: A,
        n: 5,
        ..newer
    });
    assert_eq!(heard(&mut one).await, Heard::Befell(topic.clone(), newer));
    // What is of its own doing, or nobody's, it does not hear.
    write(&engine, B, leave(&topic, &ann, 5, Reason::Expired)).await;
    assert_eq!(heard_at_all(&mut one).await, None);
    assert_eq!(heard_at_all(&mut two).await, None);
}
