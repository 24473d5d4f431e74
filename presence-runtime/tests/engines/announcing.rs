//! Announcing: what counts, and what is logged of it.

use std::slice::from_ref;

use bytes::Bytes;
use presence_runtime::cluster::{
    At, Engine, Feed, Found, Heard, NodeId, Part, Record, Turn, Verdict, Write,
};
use presence_runtime::topic::Reason;

use crate::kit::*;
use crate::subject::Subject;

pub(crate) async fn who_announced_is_read<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = record(A, &member("ann", 1), 5, "here");
    let bob = record(B, &member("bob", 2), 1, "there");
    assert_eq!(
        write(&engine, A, announce(&topic, ann.clone())).await,
        Verdict::Done
    );
    assert_eq!(
        write(&engine, B, announce(&topic, bob.clone())).await,
        Verdict::Done
    );
    let (at, records) = read(&engine, &topic).await;
    assert_eq!(at.sequence, 2);
    assert_ne!(at.epoch, 0);
    assert_eq!(records, [ann.clone(), bob]);
    let found = find(&engine, &topic, ann.member.session).await;
    assert_eq!(found, Found::Present(ann));
    assert_eq!(find(&engine, &topic, session(3)).await, Found::Nothing);
}

pub(crate) async fn what_did_not_change_is_not_logged<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let ann = member("ann", 1);
    let say = async |n, body| write(&engine, A, announce(&topic, record(A, &ann, n, body))).await;
    assert_eq!(say(5, "here").await, Verdict::Done);
    assert_eq!(say(5, "here").await, Verdict::Done);
    assert_eq!(say(7, "here").await, Verdict::Done);
    let (at, records) = read(&engine, &topic).await;
    assert_eq!(at.sequence, 1);
    assert_eq!(
        records,
        [record(A, &ann, 7, "here")],
        "the greater n is kept"
    );
    assert_eq!(say(6, "here").await, Verdict::Stale);
    assert_eq!(say(7, "there").await, Verdict::Done);
    assert_eq!(read(&engine, &topic).await.0.sequence, 2);
}

pub(crate) async fn the_same_node_counts_when_its_n_is_not_below<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let ann = member("ann", 1);
    for (n, body, verdict, kept) in [
        (5, "a", Verdict::Done, (5, "a")),
        (4, "b", Verdict::Stale, (5, "a")),
        (5, "c", Verdict::Done, (5, "c")),
        (6, "d", Verdict::Done, (6, "d")),
        (0, "e", Verdict::Stale, (6, "d")),
    ] {
        let told = write(&engine, A, announce(&topic, record(A, &ann, n, body))).await;
        assert_eq!(told, verdict, "{n}");
        let (_, records) = read(&engine, &topic).await;
        assert_eq!(records, [record(A, &ann, kept.0, kept.1)]);
    }
}

pub(crate) async fn another_node_counts_when_its_n_is_above<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    for (node, n, verdict, kept) in [
        (A, 5, Verdict::Done, (A, 5)),
        (B, 4, Verdict::Stale, (A, 5)),
        (B, 5, Verdict::Stale, (A, 5)),
        (B, 6, Verdict::Done, (B, 6)),
        (A, 6, Verdict::Stale, (B, 6)),
        (A, 7, Verdict::Done, (A, 7)),
    ] {
        let told = write(
            &engine,
            node,
            announce(&topic, record(node, &ann, n, "here")),
        )
        .await;
        assert_eq!(told, verdict, "{node} {n}");
        let (_, records) = read(&engine, &topic).await;
        assert_eq!(records, [record(kept.0, &ann, kept.1, "here")]);
    }
}

pub(crate) async fn n_is_exact_to_its_last_bit<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    let say = async |node, n| {
        write(
            &engine,
            node,
            announce(&topic, record(node, &ann, n, &n.to_string())),
        )
        .await
    };
    let edges = [
        0,
        1,
        255,
        256,
        u64::from(u32::MAX),
        1 << 32,
        1 << 53,
        (1 << 53) + 1,
        u64::MAX - 1,
    ];
    for n in edges {
        assert_eq!(say(A, n).await, Verdict::Done, "{n}");
        assert_eq!(say(B, n).await, Verdict::Stale, "{n} again");
        assert_eq!(say(B, n + 1).await, Verdict::Done, "{n} + 1");
        assert_eq!(say(B, n).await, Verdict::Stale, "{n} after {n} + 1");
        // Back to A, where the next edge is not below.
        assert_eq!(
            write(&engine, B, leave(&topic, &ann, n + 1, Reason::Expired)).await,
            Verdict::Done
        );
        let fence = find(&engine, &topic, ann.session).await;
        assert_eq!(
            fence,
            Found::Left {
                member: ann.clone(),
                n: n + 1,
                reason: Reason::Expired,
            }
        );
        it.flush().await;
        hold(&engine, &[A, B]).await;
    }
}

pub(crate) async fn a_move_to_another_node_is_one_turn<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    let (here, there) = (record(A, &ann, 1, "same"), record(B, &ann, 2, "same"));
    let (start, _) = read(&engine, &topic).await;
    write(&engine, A, announce(&topic, here.clone())).await;
    write(&engine, B, announce(&topic, there.clone())).await;
    let turns = turns(&engine, &topic, start).await;
    assert_eq!(turns, [Turn::Present(here), Turn::Present(there)]);
}

pub(crate) async fn a_session_is_taken_by_another_key_or_user<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = record(A, &member("ann", 1), 5, "here");
    write(&engine, A, announce(&topic, ann.clone())).await;
    let mut key = ann.clone();
    key.digest[31] ^= 1;
    key.n = 9;
    let user = record(A, &member("anne", 1), 9, "here");
    let shorter = record(A, &member("an", 1), 9, "here");
    for other in [key, user, shorter] {
        for node in [A, B] {
            let other = Record {
                node,
                ..other.clone()
            };
            assert_eq!(
                write(&engine, node, announce(&topic, other)).await,
                Verdict::Taken
            );
        }
    }
    let (at, records) = read(&engine, &topic).await;
    assert_eq!((at.sequence, records), (1, vec![ann]));
}

pub(crate) async fn a_topic_is_full_at_its_most<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let say = async |node, i: usize, n, most| {
        let record = record(node, &member("ann", i), n, &n.to_string());
        let (topic, max_members, fence) = (topic.clone(), most, LONG);
        write(
            &engine,
            node,
            Write::Announce {
                topic,
                record,
                max_members,
                fence,
            },
        )
        .await
    };
    assert_eq!(say(A, 1, 1, 3).await, Verdict::Done);
    assert_eq!(say(B, 2, 1, 3).await, Verdict::Done);
    assert_eq!(say(A, 3, 1, 3).await, Verdict::Done, "the last that fits");
    assert_eq!(say(A, 4, 1, 3).await, Verdict::Full);
    assert_eq!(say(B, 4, 1, 3).await, Verdict::Full);
    assert_eq!(say(A, 3, 2, 3).await, Verdict::Done, "who is there changes");
    assert_eq!(say(B, 1, 2, 3).await, Verdict::Done, "and moves");
    let gone = leave(&topic, &member("ann", 2), 1, Reason::Left);
    assert_eq!(write(&engine, B, gone).await, Verdict::Done);
    assert_eq!(say(B, 4, 1, 3).await, Verdict::Done, "a place became free");
    assert_eq!(say(B, 5, 1, 3).await, Verdict::Full);
}

pub(crate) async fn values_are_handed_on_as_they_are<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    let user = "A-Z_a.z~0@9".repeat(12)[..128].to_owned();
    let bodies = [
        Bytes::new(),
        (0..=255).collect(),
        Bytes::from(vec![b'\n'; 16 * 1024]),
        Bytes::from_static(b"\0\r\n$5\r\n\xff"),
    ];
    let node = NodeId::new(0x000a_0d00_ff00_2400);
    hold(&engine, &[node]).await;
    let mut feed = engine.feed(LISTENER).await.expect("in reach");
    feed.follow(from_ref(&topic)).await.expect("in reach");
    let mut said = Vec::new();
    for (i, body) in bodies.into_iter().enumerate() {
        let digest = [i as u8; 32];
        let record = Record {
            parts: [2, 1, 0].map(|n| Part {
                n: (i + n) as u64,
                body: body.clone(),
            }),
            state: !(i as u8),
            digest,
            ..record(node, &member(&user, i), 1, "")
        };
        assert_eq!(
            write(&engine, node, announce(&topic, record.clone())).await,
            Verdict::Done
        );
        said.push(record);
    }
    assert_eq!(read(&engine, &topic).await.1, said);
    for (record, sequence) in said.into_iter().zip(1..) {
        let Heard::Logged(_, logged) = heard(&mut feed).await else {
            panic!("nobody told anything");
        };
        assert_eq!(
            (logged.at.sequence, logged.turn),
            (sequence, Turn::Present(record))
        );
    }
}

pub(crate) async fn writes_are_done_in_order<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let (start, _) = read(&engine, &topic).await;
    let At { epoch, .. } = start;
    let ann = member("ann", 1);
    // More than go at once.
    let writes: Vec<_> = (1..=600)
        .map(|n| announce(&topic, record(A, &ann, n, &n.to_string())))
        .chain([leave(&topic, &ann, 600, Reason::Left)])
        .chain([announce(&topic, record(A, &ann, 600, "late"))])
        .chain([announce(&topic, record(A, &ann, 601, "back"))])
        .collect();
    let verdicts = engine.write(A, &writes).await.expect("in reach");
    let mut expected = vec![Verdict::Done; 603];
    expected[601] = Verdict::Stale;
    assert_eq!(verdicts, expected);
    let end = At {
        epoch,
        sequence: 602,
    };
    assert_eq!(
        read(&engine, &topic).await,
        (end, vec![record(A, &ann, 601, "back")])
    );
    assert_eq!(engine.write(A, &[]).await.expect("in reach"), []);
}
