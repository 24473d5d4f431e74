//! Being present as long as a guard.

use presence_runtime::topic::Activity;
use presence_runtime::wire::Code;
use presence_runtime::{Change, Config, Hub, Presence, TopicOf, Topics};
use tokio::time::advance;

use crate::topics::{Cursor, Status, at, board, hub, join, refused, secs, topics};

#[tokio::test]
async fn dropping_the_guard_leaves_at_once() {
    let hub = hub();
    let here = join(&hub, "bot", 1);
    let members = hub.members(&board());
    assert_eq!(members, [(here.member().clone(), at(1))]);
    assert_eq!(here.member().user.as_str(), "bot");
    drop(here);
    assert_eq!(hub.members(&board()), []);
}

#[tokio::test]
async fn leaving_tells_whether_there_was_anything_to_leave() {
    let hub = hub();
    assert!(join(&hub, "bot", 1).leave());
    let here = join(&hub, "bot", 1);
    let session = here.member().session;
    assert_eq!(hub.kick(board(), session), Ok(true));
    assert!(!here.leave());
}

#[tokio::test(start_paused = true)]
async fn presence_by_a_guard_has_no_ttl() {
    let hub = hub();
    let here = join(&hub, "bot", 1);
    advance(secs(24 * 3600)).await;
    assert!(here.is_present());
    assert_eq!(hub.counts(board()).members, 1);
}

#[tokio::test]
async fn a_value_is_set_and_updated() {
    let hub = hub();
    let here = join(&hub, "bot", 1);
    let label = "moved".to_owned();
    here.update(|cursor| {
        cursor.x = 3;
        cursor.label = label;
    })
    .expect("a valid change");
    let moved = Cursor {
        label: "moved".to_owned(),
        ..at(3)
    };
    assert_eq!(here.value(), Some(moved.clone()));
    assert_eq!(hub.members(&board())[0].1, moved);
    here.set(at(4)).expect("a valid value");
    assert_eq!(here.value(), Some(at(4)));
}

#[tokio::test]
async fn an_invalid_value_is_refused_whole_and_changes_nothing() {
    let hub = hub();
    let long = Cursor {
        x: 2_000_000,
        label: "123456789".to_owned(),
        typing: false,
    };
    let fault = hub.member("bot").join(board(), long.clone()).err();
    let fault = fault.expect("it breaks two rules");
    assert_eq!(fault.code, Code::InvalidValue);
    let places: Vec<_> = fault.details.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(places, ["/x", "/label"]);
    assert_eq!(hub.members(&board()), []);

    let here = join(&hub, "bot", 1);
    assert_eq!(refused(here.set(long)), Code::InvalidValue);
    assert_eq!(
        refused(here.update(|it| it.x = 2_000_000)),
        Code::InvalidValue
    );
    assert_eq!(here.value(), Some(at(1)));
}

#[tokio::test(start_paused = true)]
async fn an_update_does_not_revive_what_decayed() {
    let hub = hub();
    let here = join(&hub, "bot", 1);
    here.update(|cursor| cursor.typing = true).expect("valid");
    assert_eq!(here.value().map(|it| it.typing), Some(true));
    advance(secs(3)).await;
    here.update(|cursor| cursor.x = 2).expect("valid");
    assert_eq!(here.value(), Some(at(2)));
}

#[test]
fn updates_of_many_threads_are_all_done() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let hub = hub();
    let here = join(&hub, "bot", 0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..250 {
                    here.update(|cursor| cursor.x += 1).expect("valid");
                }
            });
        }
    });
    assert_eq!(here.value(), Some(at(1000)));
}

#[tokio::test]
async fn a_change_that_panics_leaves_the_guard_usable() {
    let hub = hub();
    let here = join(&hub, "bot", 1);
    let change = || here.update(|_| panic!("this is what the test is about"));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(change)).expect_err("the panic");
    here.update(|cursor| cursor.x += 1).expect("valid");
    assert_eq!(here.value(), Some(at(2)));
}

#[tokio::test]
async fn every_session_of_a_user_is_a_member_of_its_own() {
    let hub = hub();
    let first = join(&hub, "bot", 1);
    let second = join(&hub, "bot", 2);
    assert_ne!(first.member(), second.member());
    let counts = hub.counts(board());
    assert_eq!((counts.members, counts.users), (2, 1));
}

#[tokio::test]
async fn one_session_may_be_in_many_topics() {
    let hub = hub();
    let bot = hub.member("bot");
    let cursor = bot.join(board(), at(1)).expect("room");
    let room = Status::topic("lobby").expect("a topic");
    let status = bot.join(&room, Status { free: true }).expect("room");
    assert_eq!(cursor.member(), status.member());
    assert_eq!(status.topic().name(), room.name());
}

#[tokio::test]
async fn joining_again_takes_over_and_the_late_end_of_the_earlier_guard_changes_nothing() {
    let hub = hub();
    let bot = hub.member("bot");
    let first = bot.join(board(), at(1)).expect("room");
    let second = bot.join(board(), at(2)).expect("room");
    assert_eq!(hub.counts(board()).members, 1);
    assert_eq!(first.value(), None);
    assert!(!first.is_present());
    assert_eq!(refused(first.set(at(9))), Code::NotPresent);
    assert_eq!(refused(first.update(|it| it.x = 9)), Code::NotPresent);
    assert_eq!(refused(first.activity(Activity::Away)), Code::NotPresent);
    drop(first);
    assert_eq!(second.value(), Some(at(2)));
    drop(second);
    assert_eq!(hub.counts(board()).members, 0);
}

#[tokio::test]
async fn activity_and_whom_one_follows_are_seen_by_others() {
    let hub = hub();
    let here = join(&hub, "bot", 1);
    here.activity(Activity::Idle).expect("present");
    here.follow(&["ann", "bob"]).expect("two users");
    let mut watch = hub.watch(board()).expect("a topic");
    let Some(Change::Snapshot(entries)) = watch.next().await else {
        panic!("a snapshot comes first");
    };
    assert_eq!(entries[0].activity, Activity::Idle);
    let following: Vec<_> = entries[0].following.iter().map(|it| it.as_str()).collect();
    assert_eq!(following, ["ann", "bob"]);
    assert_eq!(refused(here.follow(&["no user"])), Code::InvalidRequest);
    let many: Vec<_> = (0..129).map(|number| number.to_string()).collect();
    here.follow(&many[..128]).expect("128 users");
    assert_eq!(refused(here.follow(&many)), Code::InvalidRequest);
}

#[tokio::test]
async fn a_name_that_is_no_user_is_refused_when_it_joins() {
    let hub = hub();
    for name in ["", "two words", &"x".repeat(129)] {
        let done = hub.member(name).join(board(), at(1));
        assert_eq!(refused(done), Code::InvalidRequest, "{name}");
    }
}

#[tokio::test]
async fn the_figures_of_the_registration_hold_for_rust_code_too() {
    let topics = Topics::new()
        .register::<Cursor>()
        .max_members(2)
        .max_bytes(41);
    let hub = Hub::new(topics, Config::default()).expect("sensible figures");
    let labelled = |label: &str| Cursor {
        label: label.to_owned(),
        ..at(1)
    };
    // {"x":1,"label":"…","typing":false} and the label are 33 bytes and its characters.
    let here = hub
        .member("bot")
        .join(board(), labelled("12345678"))
        .expect("41 bytes");
    let done = here.update(|it| it.x = 10);
    assert_eq!(refused(done), Code::TooLarge);
    let _second = hub
        .member("bot")
        .join(board(), at(1))
        .expect("room for two");
    let third = hub.member("bot").join(board(), at(1));
    assert_eq!(refused(third), Code::TopicFull);
}

#[tokio::test]
async fn a_type_that_is_not_registered_has_no_topics_even_where_another_has_the_name() {
    #[derive(Presence)]
    #[presence(topic = "rooms:{room}")]
    struct Other {
        x: u32,
    }
    let hub = hub();
    let room: TopicOf<Other> = Other::topic("lobby").expect("a topic");
    let done = hub.member("bot").join(&room, Other { x: 1 });
    assert_eq!(refused(done), Code::UnknownTopic);
    assert_eq!(refused(hub.watch(&room)), Code::UnknownTopic);
}

#[test]
fn without_a_runtime_joining_says_so() {
    let hub = hub();
    let done = hub.member("bot").join(board(), at(1));
    let fault = done.expect_err("there is no runtime");
    assert_eq!(fault.code, Code::Internal);
    assert!(fault.message.contains("tokio runtime"), "{fault}");
    assert_eq!(refused(hub.watch(board())), Code::Internal);
    assert_eq!(hub.members(&board()), []);

    // It is not too late to use it inside of one, and then everywhere.
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { drop(join(&hub, "bot", 1)) });
    let here = join(&hub, "bot", 1);
    assert_eq!(here.value(), Some(at(1)));
}

#[test]
fn a_hub_made_inside_of_a_runtime_is_used_from_any_thread() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let hub = runtime.block_on(async { Hub::new(topics(), Config::default()) });
    let hub = hub.expect("sensible figures");
    let here = join(&hub, "bot", 1);
    let mut watch = hub.watch(board()).expect("a topic");
    let first = runtime.block_on(watch.next());
    assert!(matches!(first, Some(Change::Snapshot(all)) if all.len() == 1));
    here.update(|it| it.x = 2).expect("valid");
    let next = runtime.block_on(watch.next());
    assert!(matches!(next, Some(Change::Updated(it)) if it.value.x == 2));
}
