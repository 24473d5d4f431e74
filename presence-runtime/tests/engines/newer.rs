//! What a member said to another node than the one that has it.

use std::slice::from_ref;

use presence_runtime::cluster::{Engine, Feed, Heard, Record, Turn, Verdict, Write};

use crate::kit::*;
use crate::subject::Subject;

pub(crate) async fn what_a_node_heard_that_has_not_the_member_is_kept<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    // A renewal went to the other node, and what was said before it is late.
    let renewed = Record {
        n: 7,
        ..record(B, &ann, 5, "before")
    };
    write(&engine, B, announce(&topic, renewed)).await;
    let mut theirs = engine.feed(B).await.expect("in reach");
    let mut feed = engine.feed(LISTENER).await.expect("in reach");
    feed.follow(from_ref(&topic)).await.expect("in reach");
    let say = announce(&topic, record(A, &ann, 6, "late"));
    assert_eq!(write(&engine, A, say.clone()).await, Verdict::Stale);
    let both = Record {
        n: 7,
        ..record(B, &ann, 6, "late")
    };
    let (at, records) = read(&engine, &topic).await;
    assert_eq!((at.sequence, &records[..]), (2, from_ref(&both)));
    let turn = Turn::Newer(both);
    let Heard::Logged(_, logged) = heard(&mut feed).await else {
        panic!("it is logged");
    };
    assert_eq!((logged.at, logged.turn), (at, turn.clone()));
    let befell = Heard::Befell(topic.clone(), turn);
    assert_eq!(heard(&mut theirs).await, befell);
    // Said again it is known.
    assert_eq!(write(&engine, A, say).await, Verdict::Stale);
    assert_eq!(read(&engine, &topic).await.0, at);
    assert_eq!(heard_at_all(&mut theirs).await, None);
}

pub(crate) async fn who_takes_a_member_over_keeps_what_others_heard<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    let (start, _) = read(&engine, &topic).await;
    let said = record(A, &ann, 5, "said");
    write(&engine, A, announce(&topic, said.clone())).await;
    let renewed = Record {
        n: 6,
        ..record(B, &ann, 4, "before")
    };
    let say = announce(&topic, renewed);
    assert_eq!(write(&engine, B, say.clone()).await, Verdict::Newer);
    let both = Record {
        node: B,
        n: 6,
        ..said.clone()
    };
    assert_eq!(read(&engine, &topic).await.1, from_ref(&both));
    let logged = [Turn::Present(said), Turn::Newer(both.clone())];
    assert_eq!(turns(&engine, &topic, start).await, logged);
    // As often as it says so it is told that there is something newer, and nothing comes of it.
    assert_eq!(write(&engine, B, say).await, Verdict::Newer);
    assert_eq!(turns(&engine, &topic, start).await, logged);
    let say = announce(&topic, both);
    assert_eq!(write(&engine, B, say).await, Verdict::Done);
    assert_eq!(turns(&engine, &topic, start).await, logged);
}

pub(crate) async fn every_part_has_an_order_of_its_own<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    let said = |node, n, parts| Record {
        parts,
        ..record(node, &ann, n, "")
    };
    let first = [part(1, "a1"), part(5, "b5"), part(1, "")];
    write(&engine, A, announce(&topic, said(A, 5, first))).await;
    let second = [part(4, "a4"), part(1, "b1"), part(u64::MAX - 1, "c")];
    let say = announce(&topic, said(B, u64::MAX, second));
    assert_eq!(write(&engine, B, say).await, Verdict::Newer);
    let all = [part(4, "a4"), part(5, "b5"), part(u64::MAX - 1, "c")];
    let (_, records) = read(&engine, &topic).await;
    assert_eq!(records, [said(B, u64::MAX, all)]);
    // A greater `n` alone is kept, and no turn.
    let (before, _) = read(&engine, &topic).await;
    let third = [part(9, "a4"), part(5, "b4"), part(u64::MAX, "c")];
    let newer = Write::Newer {
        topic: topic.clone(),
        record: said(A, 3, third),
    };
    assert_eq!(write(&engine, A, newer).await, Verdict::Done);
    let all = [part(9, "a4"), part(5, "b5"), part(u64::MAX, "c")];
    let (at, records) = read(&engine, &topic).await;
    assert_eq!((at, records), (before, vec![said(B, u64::MAX, all)]));
}

pub(crate) async fn what_its_node_makes_of_a_part_counts<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A, B]).await;
    let ann = member("ann", 1);
    write(&engine, A, announce(&topic, record(A, &ann, 5, "typing"))).await;
    // It decays.
    let decayed = record(A, &ann, 5, "not typing");
    write(&engine, A, announce(&topic, decayed.clone())).await;
    let late = Write::Newer {
        topic: topic.clone(),
        record: record(B, &ann, 5, "typing"),
    };
    write(&engine, B, late).await;
    assert_eq!(read(&engine, &topic).await.1, [decayed]);
}

pub(crate) async fn nothing_is_added_to_nobody<S: Subject>(it: S) {
    let (engine, topic) = (it.engine(), topic("rooms:1"));
    hold(&engine, &[A]).await;
    let add = async |record| {
        let topic = topic.clone();
        write(&engine, B, Write::Newer { topic, record }).await
    };
    assert_eq!(
        add(record(B, &member("ann", 1), 1, "a")).await,
        Verdict::Done
    );
    assert_eq!(read(&engine, &topic).await.1, []);
    let bob = record(A, &member("bob", 2), 1, "b");
    write(&engine, A, announce(&topic, bob.clone())).await;
    let mut other_key = record(B, &bob.member, 9, "c");
    other_key.digest[0] ^= 1;
    let other_user = record(B, &member("bo", 2), 9, "c");
    for other in [other_key, other_user] {
        assert_eq!(add(other).await, Verdict::Done);
    }
    let (at, records) = read(&engine, &topic).await;
    assert_eq!((at.sequence, records), (1, vec![bob]));
}
