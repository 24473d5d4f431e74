//! Watching: typed changes, conflated as everybody's are.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use presence_runtime::topic::{Member, Reason};
use presence_runtime::{Change, Watch};
use tokio::time::{Instant, timeout};

use crate::topics::{Cursor, at, board, hub, join, millis, secs};

/// The next change; there is one.
async fn next(watch: &mut Watch<Cursor>) -> Change<Cursor> {
    let change = timeout(secs(60), watch.next()).await;
    change.expect("a change").expect("an open hub")
}

async fn snapshot(watch: &mut Watch<Cursor>) -> Vec<Cursor> {
    match next(watch).await {
        Change::Snapshot(all) => all.into_iter().map(|it| it.value).collect(),
        other => panic!("{other:?}"),
    }
}

async fn is_silent(watch: &mut Watch<Cursor>) -> bool {
    timeout(secs(5), watch.next()).await.is_err()
}

/// What a watcher knows.
#[derive(Debug, Default, PartialEq)]
struct View(BTreeMap<Member, Cursor>);

impl View {
    fn apply(&mut self, change: Change<Cursor>) {
        match change {
            Change::Snapshot(all) => {
                self.0 = all.into_iter().map(|it| (it.member, it.value)).collect();
            }
            Change::Joined(it) => {
                assert_eq!(self.0.insert(it.member, it.value), None, "joined twice");
            }
            Change::Updated(it) => {
                let before = self.0.insert(it.member, it.value);
                assert!(before.is_some(), "updated before it joined");
            }
            Change::Left { member, .. } => {
                // Who came and went between two parts may be told to have left.
                self.0.remove(&member);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn everybody_comes_first_and_then_every_change() {
    let hub = hub();
    let mut watch = hub.watch(board()).expect("a topic");
    assert_eq!(snapshot(&mut watch).await, []);
    assert!(is_silent(&mut watch).await);

    let ann = join(&hub, "ann", 1);
    let Change::Joined(entry) = next(&mut watch).await else {
        panic!("ann joined");
    };
    assert_eq!((&entry.member, &entry.value), (ann.member(), &at(1)));
    ann.update(|it| it.x = 2).expect("valid");
    let Change::Updated(entry) = next(&mut watch).await else {
        panic!("ann moved");
    };
    assert_eq!(entry.value, at(2));
    let member = ann.member().clone();
    drop(ann);
    let reason = Reason::Left;
    assert_eq!(next(&mut watch).await, Change::Left { member, reason });
    assert!(is_silent(&mut watch).await);
}

#[tokio::test(start_paused = true)]
async fn the_first_change_comes_at_once_and_later_ones_are_gathered() {
    let hub = hub();
    let mut watch = hub.watch(board()).expect("a topic");
    snapshot(&mut watch).await;
    let here = join(&hub, "ann", 0);
    let began = Instant::now();
    next(&mut watch).await;
    assert_eq!(began.elapsed(), millis(0));
    for x in 1..=100 {
        here.update(|it| it.x = x).expect("valid");
    }
    let Change::Updated(entry) = next(&mut watch).await else {
        panic!("ann moved");
    };
    assert_eq!(entry.value, at(100), "the others were skipped");
    let took = began.elapsed();
    assert!(took >= millis(50) && took < millis(60), "{took:?}");
    assert!(is_silent(&mut watch).await);
}

#[tokio::test(start_paused = true)]
async fn asking_more_often_does_not_bring_changes_sooner() {
    let hub = hub();
    let mut watch = hub.watch(board()).expect("a topic");
    snapshot(&mut watch).await;
    let here = join(&hub, "ann", 0);
    next(&mut watch).await;
    here.update(|it| it.x = 1).expect("valid");
    // Waiting is given up many times; nothing is lost by that.
    let began = Instant::now();
    let change = loop {
        match timeout(millis(1), watch.next()).await {
            Ok(change) => break change.expect("an open hub"),
            Err(_) => assert!(began.elapsed() < millis(60)),
        }
    };
    assert!(matches!(change, Change::Updated(it) if it.value == at(1)));
    assert!(began.elapsed() >= millis(49));
}

#[tokio::test(start_paused = true)]
async fn who_asks_rarely_hears_what_is_left_of_it() {
    let hub = hub();
    let stays = join(&hub, "ann", 0);
    let mut watch = hub.watch(board()).expect("a topic");
    snapshot(&mut watch).await;
    for x in 1..=50 {
        drop(join(&hub, "passer-by", x));
        stays.update(|it| it.x = x).expect("valid");
        tokio::time::sleep(millis(20)).await;
    }
    let Change::Updated(entry) = next(&mut watch).await else {
        panic!("ann moved");
    };
    assert_eq!(entry.value, at(50));
    assert!(is_silent(&mut watch).await);
}

#[tokio::test(start_paused = true)]
async fn more_changes_than_are_read_ahead_all_come() {
    let hub = hub();
    let mut watch = hub.watch(board()).expect("a topic");
    snapshot(&mut watch).await;
    let bot = |x| join(&hub, "bot", x);
    let mut here: Vec<_> = (0..200).map(bot).collect();
    let mut view = View::default();
    for done in 0..200 {
        view.apply(next(&mut watch).await);
        if done == 70 {
            // In the middle of a run.
            here.truncate(150);
            here[3].update(|it| it.x = 1000).expect("valid");
        }
    }
    while let Ok(Some(change)) = timeout(secs(1), watch.next()).await {
        view.apply(change);
    }
    assert_eq!(view.0.len(), 150);
    assert_eq!(view.0[here[3].member()], at(1000));
    assert_eq!(view, View(hub.members(&board()).into_iter().collect()));
}

#[tokio::test(start_paused = true)]
async fn when_the_difference_is_forgotten_everybody_comes_again() {
    let hub = hub();
    let _stays = join(&hub, "ann", 7);
    let mut watch = hub.watch(board()).expect("a topic");
    snapshot(&mut watch).await;
    for x in 0..300 {
        drop(join(&hub, "passer-by", x));
    }
    assert_eq!(snapshot(&mut watch).await, [at(7)]);
}

#[tokio::test(start_paused = true)]
async fn a_watch_is_a_stream() {
    let hub = hub();
    let watch = hub.watch(board()).expect("a topic");
    let _here = join(&hub, "ann", 1);
    let changes = tokio::spawn(watch.map(|it| matches!(it, Change::Snapshot(_))).collect());
    tokio::time::sleep(secs(1)).await;
    hub.close();
    let kinds: Vec<bool> = changes.await.expect("it ends with the hub");
    assert_eq!(kinds, [true, false]);
}

#[tokio::test(start_paused = true)]
async fn a_watch_ends_with_the_hub_and_tells_how() {
    let hub = hub();
    let here = join(&hub, "ann", 1);
    let mut watch = hub.watch(board()).expect("a topic");
    let mut empty = hub
        .watch(Cursor::topic(7).expect("a topic"))
        .expect("a topic");
    snapshot(&mut watch).await;
    snapshot(&mut empty).await;
    hub.close();
    let left = Change::Left {
        member: here.member().clone(),
        reason: Reason::Shutdown,
    };
    assert_eq!(watch.next().await, Some(left));
    for _ in 0..2 {
        assert_eq!(watch.next().await, None);
        assert_eq!(empty.next().await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_hub_does_not_wait_for_a_tick() {
    let hub = hub();
    let mut watch = hub.watch(board()).expect("a topic");
    snapshot(&mut watch).await;
    let here = join(&hub, "ann", 1);
    next(&mut watch).await;
    here.set(at(2)).expect("valid");
    let began = Instant::now();
    hub.close();
    let end = next(&mut watch).await;
    assert!(matches!(end, Change::Left { .. }), "{end:?}");
    assert_eq!(began.elapsed(), millis(0));
}

#[tokio::test(start_paused = true)]
async fn every_watcher_ends_with_what_the_hub_has() {
    let hub = hub();
    let mut random = 1_u64;
    let mut roll = move |sides: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) % sides
    };
    let mut here = Vec::new();
    let mut watchers: Vec<_> = (0..3)
        .map(|_| (hub.watch(board()).expect("a topic"), View::default()))
        .collect();
    for step in 0..5000 {
        match roll(10) {
            0..=2 if here.len() < 100 => here.push(join(&hub, "bot", step)),
            3 | 4 if !here.is_empty() => {
                let which = roll(here.len() as u64);
                drop(here.swap_remove(usize::try_from(which).expect("few")));
            }
            5..=7 if !here.is_empty() => {
                let which = usize::try_from(roll(here.len() as u64)).expect("few");
                here[which].set(at(step)).expect("valid");
            }
            8 => tokio::time::sleep(millis(roll(30))).await,
            _ => {
                let which = usize::try_from(roll(3)).expect("few");
                let (watch, view) = &mut watchers[which];
                for _ in 0..roll(20) {
                    let Ok(Some(change)) = timeout(millis(0), watch.next()).await else {
                        break;
                    };
                    view.apply(change);
                }
            }
        }
    }
    let truth = View(hub.members(&board()).into_iter().collect());
    assert!(!truth.0.is_empty());
    for (watch, view) in &mut watchers {
        while let Ok(Some(change)) = timeout(secs(1), watch.next()).await {
            view.apply(change);
        }
        assert_eq!(*view, truth);
    }
}
