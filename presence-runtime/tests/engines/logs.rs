//! Logs: what became of members, told again.

use std::slice::from_ref;
use std::time::Duration;

use presence_runtime::cluster::{At, Engine, Found, Logged, Turn};
use presence_runtime::topic::Reason;
use tokio::time::sleep;

use crate::kit::*;
use crate::subject::Subject;

pub(crate) async fn an_empty_topic_has_a_log<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    assert_eq!(
        engine.ends(from_ref(&topic)).await.expect("in reach"),
        [None]
    );
    let (at, records) = read(&engine, &topic).await;
    assert_eq!((at.sequence, records), (0, vec![]));
    assert_ne!(at.epoch, 0);
    assert_eq!(read(&engine, &topic).await.0, at, "it is the same one");
    assert_eq!(
        engine.ends(from_ref(&topic)).await.expect("in reach"),
        [Some(at)]
    );
    assert_eq!(since(&engine, &topic, at).await, Some(vec![]));
    hold(&engine, &[A]).await;
    write(
        &engine,
        A,
        announce(&topic, record(A, &member("ann", 1), 1, "here")),
    )
    .await;
    let next = At { sequence: 1, ..at };
    assert_eq!(read(&engine, &topic).await.0, next, "it goes on");
}

pub(crate) async fn what_was_logged_is_told_again<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let (At { epoch, .. }, _) = read(&engine, &topic).await;
    let (ann, bob) = (member("ann", 1), member("bob", 2));
    let said = [
        Turn::Present(record(A, &ann, 1, "a")),
        Turn::Present(record(B, &bob, 1, "b")),
        Turn::Present(record(A, &ann, 2, "c")),
        gone(A, &ann, 3, Reason::Left),
    ];
    for turn in &said {
        match turn {
            Turn::Present(record) | Turn::Newer(record) => {
                write(&engine, record.node, announce(&topic, record.clone())).await
            }
            Turn::Gone {
                node,
                member,
                n,
                reason,
            } => write(&engine, *node, leave(&topic, member, *n, *reason)).await,
        };
    }
    let logged: Vec<_> = (1..)
        .zip(said)
        .map(|(sequence, turn)| Logged {
            at: At { epoch, sequence },
            turn,
        })
        .collect();
    for sequence in 0..=4 {
        let later = since(&engine, &topic, At { epoch, sequence }).await;
        assert_eq!(
            later.as_deref(),
            Some(&logged[sequence as usize..]),
            "after {sequence}"
        );
    }
}

pub(crate) async fn what_is_not_known_any_longer_is_not_told<S: Subject>(it: S) {
    // The latest that are kept, and more than any engine keeps.
    const KEPT: u64 = 100;
    const SAID: u64 = 1000;
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let (At { epoch, .. }, _) = read(&engine, &topic).await;
    let at = |sequence| At { epoch, sequence };
    let ann = member("ann", 1);
    let said: Vec<_> = (1..=SAID)
        .map(|n| announce(&topic, record(A, &ann, n, &n.to_string())))
        .collect();
    engine.write(A, &said).await.expect("in reach");
    assert_eq!(since(&engine, &topic, at(0)).await, None);
    assert_eq!(since(&engine, &topic, at(SAID / 2)).await, None);
    // Wherever it begins, it has no gap.
    for sequence in SAID - 300..=SAID {
        let Some(logged) = since(&engine, &topic, at(sequence)).await else {
            assert!(sequence < SAID - KEPT, "{sequence} is forgotten");
            continue;
        };
        let sequences: Vec<_> = logged.iter().map(|it| it.at.sequence).collect();
        assert_eq!(sequences, (sequence + 1..=SAID).collect::<Vec<_>>());
    }
    for wrong in [
        at(SAID + 1),
        at(u64::MAX),
        At {
            epoch: epoch ^ 1,
            sequence: SAID,
        },
    ] {
        assert_eq!(since(&engine, &topic, wrong).await, None, "{wrong:?}");
    }
}

pub(crate) async fn the_end_of_a_log_is_known<S: Subject>(it: S) {
    let engine = it.engine();
    hold(&engine, &[A]).await;
    let topics: Vec<_> = (0..300).map(|i| topic(&format!("rooms:{i}"))).collect();
    for topic in topics.iter().skip(1).step_by(2) {
        write(
            &engine,
            A,
            announce(topic, record(A, &member("ann", 1), 1, "here")),
        )
        .await;
    }
    let ends = engine.ends(&topics).await.expect("in reach");
    for (i, (topic, end)) in topics.iter().zip(ends).enumerate() {
        if i % 2 == 1 {
            assert_eq!(end, Some(read(&engine, topic).await.0));
        } else {
            assert_eq!(end, None);
        }
    }
    assert_eq!(engine.ends(&[]).await.expect("in reach"), []);
}

pub(crate) async fn a_flushed_engine_has_other_epochs<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let ann = member("ann", 1);
    let say = async |n| write(&engine, A, announce(&topic, record(A, &ann, n, "here"))).await;
    say(5).await;
    let (before, _) = read(&engine, &topic).await;
    it.flush().await;
    assert_eq!(
        engine.ends(from_ref(&topic)).await.expect("in reach"),
        [None]
    );
    assert_eq!(since(&engine, &topic, before).await, None);
    assert_eq!(find(&engine, &topic, ann.session).await, Found::Nothing);
    hold(&engine, &[A]).await;
    // The same n again, which is how a node gives back what was lost.
    say(5).await;
    let (after, records) = read(&engine, &topic).await;
    assert_eq!((after.sequence, records.len()), (before.sequence, 1));
    assert_ne!(after.epoch, before.epoch);
    assert_eq!(since(&engine, &topic, before).await, None);
}

pub(crate) async fn presence_grows<S: Subject>(it: S) {
    const BEFORE: Duration = Duration::from_secs(100);
    const LATER: Duration = Duration::from_millis(500);
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    let mut first = record(A, &ann, 1, "a");
    first.present = BEFORE;
    write(&engine, A, announce(&topic, first)).await;
    sleep(LATER).await;
    // A node that does not know since when it is there changes nothing about it.
    write(&engine, B, announce(&topic, record(B, &ann, 2, "b"))).await;
    let everybody = engine.read(&topic).await.expect("in reach");
    let [record] = everybody.records.try_into().expect("one");
    let slack = Duration::from_secs(5);
    assert!(
        (BEFORE + LATER..BEFORE + LATER + slack).contains(&record.present),
        "{record:?}"
    );
}
