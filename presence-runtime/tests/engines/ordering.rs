//! Orders: what all nodes have to do, also those that ask later.

use std::time::Duration;

use bytes::Bytes;
use presence_runtime::cluster::{At, Engine, Heard, MAX_ORDERS, Ordered};
use tokio::time::sleep;

use crate::kit::*;
use crate::subject::Subject;

async fn order<E: Engine>(engine: &E, what: &str) {
    let what = Bytes::copy_from_slice(what.as_bytes());
    engine.order(what, Duration::ZERO).await.expect("in reach");
}

async fn orders<E: Engine>(engine: &E, after: Option<At>) -> Vec<Ordered> {
    engine
        .orders(after, 2 * MAX_ORDERS)
        .await
        .expect("in reach")
}

fn what(orders: &[Ordered]) -> Vec<&str> {
    let text = orders.iter().map(|it| std::str::from_utf8(&it.what));
    text.map(|it| it.expect("text")).collect()
}

pub(crate) async fn what_was_ordered_is_told_who_asks_later<S: Subject>(it: S) {
    let engine = it.engine();
    assert_eq!(orders(&engine, None).await, []);
    for it in ["a", "b", "c"] {
        order(&engine, it).await;
    }
    let all = orders(&engine, None).await;
    assert_eq!(what(&all), ["a", "b", "c"]);
    let sequences: Vec<_> = all.iter().map(|it| it.at.sequence).collect();
    assert_eq!(sequences, [1, 2, 3]);
    assert!(all.iter().all(|it| it.at.epoch == all[0].at.epoch));
    let two = engine.orders(None, 2).await.expect("in reach");
    assert_eq!(what(&two), ["a", "b"]);
    assert_eq!(what(&orders(&engine, Some(all[0].at)).await), ["b", "c"]);
    assert_eq!(orders(&engine, Some(all[2].at)).await, []);
    order(&engine, "d").await;
    assert_eq!(what(&orders(&engine, Some(all[2].at)).await), ["d"]);
}

pub(crate) async fn orders_are_handed_on_as_they_are<S: Subject>(it: S) {
    let engine = it.engine();
    for what in [
        Bytes::new(),
        Bytes::from_static(b"\0\r\n\xff"),
        Bytes::from(vec![7; 4096]),
    ] {
        engine
            .order(what.clone(), Duration::ZERO)
            .await
            .expect("in reach");
        let last = orders(&engine, None).await.pop().expect("an order");
        assert_eq!(last.what, what);
    }
}

pub(crate) async fn where_a_place_is_unknown_everything_is_told<S: Subject>(it: S) {
    let engine = it.engine();
    order(&engine, "a").await;
    order(&engine, "b").await;
    let end = orders(&engine, None).await[1].at;
    let elsewhere = At {
        epoch: end.epoch ^ 1,
        ..end
    };
    let ahead = At {
        sequence: end.sequence + 1,
        ..end
    };
    for place in [elsewhere, ahead] {
        assert_eq!(what(&orders(&engine, Some(place)).await), ["a", "b"]);
    }
    it.flush().await;
    assert_eq!(orders(&engine, Some(end)).await, []);
    for it in ["c", "d", "e"] {
        order(&engine, it).await;
    }
    let anew = orders(&engine, Some(end)).await;
    assert_eq!(what(&anew), ["c", "d", "e"]);
    assert_ne!(anew[0].at.epoch, end.epoch);
    assert_eq!(anew[0].at.sequence, 1);
}

pub(crate) async fn an_order_is_as_old_as_it_is<S: Subject>(it: S) {
    let engine = it.engine();
    let age = Duration::from_secs(40);
    order(&engine, "now").await;
    engine
        .order(Bytes::from_static(b"then"), age)
        .await
        .expect("in reach");
    sleep(Duration::from_millis(200)).await;
    let found = orders(&engine, None).await;
    let passed = Duration::from_millis(200);
    for (order, age) in found.iter().zip([passed, age + passed]) {
        assert!(order.age >= age, "{order:?}");
        assert!(order.age < age + SOON, "{order:?}");
    }
}

pub(crate) async fn the_latest_orders_are_remembered<S: Subject>(it: S) {
    let engine = it.engine();
    let more = MAX_ORDERS + 20;
    let calls = (0..more).map(|number| {
        let what = Bytes::from(number.to_string());
        engine.order(what, Duration::ZERO)
    });
    let mut calls: Vec<_> = calls.collect();
    while !calls.is_empty() {
        let some = calls.drain(..calls.len().min(128));
        for done in futures_util::future::join_all(some).await {
            done.expect("in reach");
        }
    }
    let kept = orders(&engine, None).await;
    assert_eq!(kept.len(), MAX_ORDERS);
    assert_eq!(kept[0].at.sequence, 21);
    assert_eq!(kept[MAX_ORDERS - 1].at.sequence, more as u64);
}

pub(crate) async fn feeds_hear_that_something_was_ordered<S: Subject>(it: S) {
    let engine = it.engine();
    let mut one = engine.feed(LISTENER).await.expect("in reach");
    let mut two = engine.feed(LISTENER).await.expect("in reach");
    order(&engine, "a").await;
    assert_eq!(heard(&mut one).await, Heard::Ordered);
    assert_eq!(heard(&mut two).await, Heard::Ordered);
    assert_eq!(heard_at_all(&mut one).await, None, "it is heard once");
}
