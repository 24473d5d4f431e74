//! Hooks: every single change, in order, after it was made.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use presence_runtime::server::ConfigError;
use presence_runtime::topic::Activity;
use presence_runtime::wire::Code;
use presence_runtime::{Config, Hub, HubBuilder, Topics, hook};

use crate::topics::{Cursor, Status, at, board, join, refused, secs, topics};

/// A hub whose hooks on cursors tell shortly what happened.
fn telling() -> (HubBuilder, Receiver<String>) {
    let (tell, told) = channel();
    let (tell_join, tell_change, tell_leave) = (tell.clone(), tell.clone(), tell.clone());
    let send = |tell: &Sender<String>, text: String| tell.send(text).expect("the test listens");
    let builder = Hub::builder(topics())
        .on_join(move |it: hook::Joined<Cursor>| {
            let (user, x) = (&it.entry.member.user, it.entry.value.x);
            send(
                &tell_join,
                format!("{user} {x} joined, first: {}", it.first),
            );
        })
        .on_change(move |it: hook::Changed<Cursor>| {
            let (user, x, before) = (&it.entry.member.user, it.entry.value.x, it.before);
            let before = before.map(|it| it.x);
            send(&tell_change, format!("{user} {x} from {before:?}"));
        })
        .on_leave(move |it: hook::Left<Cursor>| {
            let (user, x, reason) = (&it.entry.member.user, it.entry.value.x, it.reason);
            send(
                &tell_leave,
                format!("{user} {x} {reason:?}, last: {}", it.last),
            );
        })
        .on_empty(move |it: hook::Emptied<Cursor>| send(&tell, format!("{} is empty", it.topic)));
    (builder, told)
}

fn all(told: &Receiver<String>) -> Vec<String> {
    told.try_iter().collect()
}

#[tokio::test]
async fn hooks_see_every_single_change_at_once() {
    let (builder, told) = telling();
    let hub = builder.build().expect("sensible figures");
    let here = join(&hub, "ann", 1);
    assert_eq!(all(&told), ["ann 1 joined, first: true"]);
    for x in [2, 3, 3, 2] {
        here.set(at(x)).expect("valid");
    }
    here.activity(Activity::Away).expect("present");
    drop(here);
    assert_eq!(
        all(&told),
        [
            "ann 2 from Some(1)",
            "ann 3 from Some(2)",
            "ann 2 from Some(3)",
            "ann 2 from None",
            "ann 2 Left, last: true",
            "boards:42:cursors is empty",
        ]
    );
}

#[tokio::test]
async fn the_first_and_the_last_session_of_a_user_are_flagged() {
    let (builder, told) = telling();
    let hub = builder.build().expect("sensible figures");
    let bob = join(&hub, "bob", 0);
    let ann = [join(&hub, "ann", 1), join(&hub, "ann", 2)];
    assert_eq!(
        all(&told),
        [
            "bob 0 joined, first: true",
            "ann 1 joined, first: true",
            "ann 2 joined, first: false",
        ]
    );
    drop(ann);
    drop(bob);
    assert_eq!(
        all(&told),
        [
            "ann 1 Left, last: false",
            "ann 2 Left, last: true",
            "bob 0 Left, last: true",
            "boards:42:cursors is empty",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_time_does_reaches_hooks_without_anybody_asking() {
    let (tell, told) = channel();
    let hub = Hub::builder(topics())
        .on_change(move |it: hook::Changed<Cursor>| {
            let before = it.before.map(|it| it.typing);
            tell.send((before, it.entry.value.typing))
                .expect("the test listens");
        })
        .build()
        .expect("sensible figures");
    let here = join(&hub, "ann", 1);
    here.update(|it| it.typing = true).expect("valid");
    tokio::time::sleep(Duration::from_millis(3_250)).await;
    let told: Vec<_> = told.try_iter().collect();
    assert_eq!(told, [(Some(false), true), (Some(true), false)]);
}

#[tokio::test]
async fn hooks_are_for_their_type_only() {
    let (builder, told) = telling();
    let hub = builder.build().expect("sensible figures");
    let room = Status::topic("lobby").expect("a topic");
    drop(hub.member("ann").join(&room, Status { free: true }));
    assert_eq!(all(&told), [""; 0]);
}

#[tokio::test]
async fn kicks_and_the_end_are_seen_with_their_reasons() {
    let (builder, told) = telling();
    let hub = builder.build().expect("sensible figures");
    let here = [join(&hub, "ann", 1), join(&hub, "bob", 2)];
    hub.kick(board(), here[0].member().session)
        .expect("a topic");
    hub.close();
    assert_eq!(
        all(&told)[2..],
        [
            "ann 1 Kicked, last: true",
            "bob 2 Shutdown, last: true",
            "boards:42:cursors is empty",
        ]
    );
}

#[tokio::test]
async fn a_hook_that_panics_keeps_nobody_from_anything() {
    let (tell, told) = channel();
    let hub = Hub::builder(topics())
        .on_join(|_: hook::Joined<Cursor>| panic!("this is what the test is about"))
        .on_join(move |it: hook::Joined<Cursor>| {
            tell.send(it.entry.value.x).expect("the test listens");
        })
        .build()
        .expect("sensible figures");
    let ann = join(&hub, "ann", 1);
    let bob = join(&hub, "bob", 2);
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 2]);
    ann.set(at(3)).expect("valid");
    drop(bob);
    assert_eq!(hub.members(&board()), [(ann.member().clone(), at(3))]);
}

#[tokio::test]
async fn a_hook_may_use_the_hub_and_hooks_see_what_it_did_afterwards() {
    let within: Arc<OnceLock<Hub>> = Arc::default();
    let (builder, told) = telling();
    let hub = builder
        .on_join({
            let within = within.clone();
            move |it: hook::Joined<Cursor>| {
                let hub = within.get().expect("set before anybody joins");
                assert_eq!(hub.counts(&it.topic).members, 1);
                hub.kick(&it.topic, it.entry.member.session)
                    .expect("a topic");
            }
        })
        .build()
        .expect("sensible figures");
    within.set(hub.clone()).expect("set once");
    let here = join(&hub, "ann", 1);
    assert!(!here.is_present());
    assert_eq!(
        all(&told),
        [
            "ann 1 joined, first: true",
            "ann 1 Kicked, last: true",
            "boards:42:cursors is empty",
        ]
    );
}

#[test]
fn hooks_of_a_topic_run_one_at_a_time_and_in_its_order() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let versions: Arc<Mutex<Vec<u64>>> = Arc::default();
    let hub = Hub::builder(topics())
        .on_change({
            let versions = versions.clone();
            move |it: hook::Changed<Cursor>| {
                let mut versions = versions.try_lock().expect("one hook at a time");
                versions.push(it.entry.version);
            }
        })
        .build()
        .expect("sensible figures");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let here = join(&hub, "bot", 0);
                for x in 1..=250 {
                    here.set(at(x)).expect("valid");
                }
            });
        }
    });
    // The last to run hooks may be another thread than the last that changed something, but no
    // thread ends before it has run its own or left them to somebody who does.
    let versions = versions.lock().expect("no hook panicked");
    assert_eq!(versions.len(), 1000);
    assert!(versions.is_sorted_by(|a, b| a < b));
}

#[test]
fn a_topic_whose_hooks_lag_behind_takes_no_more_until_they_catch_up() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let (begin, begun) = channel();
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let mut config = Config::default();
    config.max_hook_backlog = 3;
    let hub = Hub::builder(topics())
        .config(config)
        .on_change(move |_: hook::Changed<Cursor>| {
            begin.send(()).expect("the test listens");
            // Over when the test drops its end.
            let _ = released.lock().expect("no hook panicked").recv();
        })
        .build()
        .expect("sensible figures");
    let slow = join(&hub, "slow", 0);
    let quick = join(&hub, "quick", 0);
    std::thread::scope(|scope| {
        scope.spawn(|| slow.set(at(1)).expect("valid"));
        begun.recv().expect("the hook runs");
        for x in 1..=3 {
            quick.set(at(x)).expect("room for three");
        }
        assert_eq!(refused(quick.set(at(4))), Code::Overloaded);
        let late = hub.member("late").join(board(), at(1));
        assert_eq!(refused(late), Code::Overloaded);
        assert_eq!(quick.value(), Some(at(3)));
        // Other topics have hooks of their own.
        drop(
            hub.member("bot")
                .join(Cursor::topic(7).expect("a topic"), at(1)),
        );
        drop(release);
    });
    quick.set(at(4)).expect("the hooks caught up");
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_not_forgotten_while_a_hook_of_it_runs() {
    let told: Arc<Mutex<Vec<&str>>> = Arc::default();
    let (begin, begun) = channel();
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let hub = Hub::builder(topics())
        .on_leave({
            let told = told.clone();
            move |_: hook::Left<Cursor>| {
                begin.send(()).expect("the test listens");
                // Over when the test drops its end.
                let _ = released.lock().expect("no hook panicked").recv();
                told.lock().expect("no hook panicked").push("left");
            }
        })
        .on_join({
            let told = told.clone();
            move |_: hook::Joined<Cursor>| told.lock().expect("no hook panicked").push("joined")
        })
        .build()
        .expect("sensible figures");
    let ann = join(&hub, "ann", 1);
    let runtime = tokio::runtime::Handle::current();
    let leaving = std::thread::spawn(move || {
        let _inside = runtime.enter();
        drop(ann);
    });
    begun.recv().expect("the hook runs");
    tokio::time::sleep(secs(300)).await;
    let bob = join(&hub, "bob", 2);
    drop(release);
    leaving.join().expect("the hook ends");
    assert_eq!(
        *told.lock().expect("no hook panicked"),
        ["joined", "left", "joined"]
    );
    drop(bob);
}

#[test]
fn a_hook_for_a_type_that_is_not_registered_is_a_mistake() {
    let hub = Hub::builder(Topics::new().register::<Status>())
        .on_join(|_: hook::Joined<Cursor>| {})
        .build();
    let error = hub.expect_err("there are no cursors");
    assert_eq!(error, ConfigError::Hook("Cursor"));
    assert_eq!(
        error.to_string(),
        "there is a hook for `Cursor`, which is not registered"
    );
}
