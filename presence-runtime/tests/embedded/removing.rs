//! Removing others, and the end of the hub.

use presence_runtime::topic::Reason;
use presence_runtime::wire::Code;
use presence_runtime::{Change, Server};
use tokio::time::advance;

use crate::topics::{Cursor, Status, at, board, hub, join, refused, secs};

#[tokio::test(start_paused = true)]
async fn who_is_kicked_is_gone_and_refused_for_a_minute() {
    let hub = hub();
    let bot = hub.member("bot");
    let here = bot.join(board(), at(1)).expect("room");
    let other = join(&hub, "ann", 2);
    let mut watch = hub.watch(board()).expect("a topic");
    watch.next().await;
    let member = here.member().clone();
    assert_eq!(hub.kick(board(), member.session), Ok(true));
    let session = member.session;
    let reason = Reason::Kicked;
    assert_eq!(watch.next().await, Some(Change::Left { member, reason }));

    assert!(!here.is_present());
    assert_eq!(refused(here.set(at(2))), Code::NotPresent);
    let fault = bot.join(board(), at(1)).expect_err("a minute is not over");
    assert_eq!(fault.code, Code::Kicked);
    // The watcher was told within a tick, on the clock.
    let wait = fault.retry_after_ms.expect("when to come back");
    assert!((59_900..=60_000).contains(&wait), "{wait}");
    let other_topic = bot.join(Cursor::topic(7).expect("a topic"), at(1));
    drop(other_topic.expect("it is refused in one topic only"));
    assert_eq!(hub.kick(board(), session), Ok(false), "it is gone");
    assert!(other.is_present());

    advance(secs(60)).await;
    drop(bot.join(board(), at(1)).expect("a minute is over"));
}

#[tokio::test(start_paused = true)]
async fn a_user_who_is_kicked_comes_back_with_no_session_for_a_minute() {
    let hub = hub();
    let (first, second) = (hub.member("ann"), hub.member("ann"));
    let (laptop, phone) = (first.join(board(), at(1)), second.join(board(), at(2)));
    let (laptop, phone) = (laptop.expect("room"), phone.expect("room"));
    let other = join(&hub, "bob", 3);
    assert_eq!(hub.kick_user(board(), "ann"), Ok(2));
    assert!(!laptop.is_present() && !phone.is_present() && other.is_present());
    assert_eq!(
        refused(hub.member("ann").join(board(), at(1))),
        Code::Kicked
    );
    let elsewhere = first.join(Cursor::topic(7).expect("a topic"), at(1));
    drop(elsewhere.expect("it is refused in one topic only"));
    assert_eq!(
        refused(hub.kick_user(board(), "an/n")),
        Code::InvalidRequest
    );
    advance(secs(60)).await;
    drop(first.join(board(), at(1)).expect("a minute is over"));
}

#[tokio::test]
async fn who_is_kicked_before_they_come_is_refused_too() {
    let hub = hub();
    let bot = hub.member("bot");
    let session = bot.join(board(), at(1)).expect("room").member().session;
    let topic = Cursor::topic(7).expect("a topic");
    assert_eq!(hub.kick(&topic, session), Ok(false));
    assert_eq!(refused(bot.join(&topic, at(1))), Code::Kicked);
    let unknown = presence_runtime::TopicName::parse("nowhere").expect("a name");
    assert_eq!(refused(hub.kick(&unknown, session)), Code::UnknownTopic);
}

#[tokio::test]
async fn a_guard_that_was_kicked_does_not_end_what_came_after_it() {
    let hub = hub();
    let here = join(&hub, "bot", 1);
    hub.kick(board(), here.member().session).expect("a topic");
    let other = join(&hub, "bot", 2);
    drop(here);
    assert!(other.is_present());
}

#[tokio::test]
async fn a_user_is_found_wherever_any_of_its_sessions_is() {
    let hub = hub();
    assert_eq!(hub.topics_of("ann"), []);
    let ann = hub.member("ann");
    let room = Status::topic("lobby").expect("a topic");
    let _status = ann.join(&room, Status { free: true }).expect("room");
    let _cursor = join(&hub, "ann", 1);
    let again = join(&hub, "ann", 1);
    let _bob = hub
        .member("bob")
        .join(Cursor::topic(7).expect("a topic"), at(1));
    let found = hub.topics_of("ann");
    let found: Vec<_> = found.iter().map(|it| it.as_str()).collect();
    assert_eq!(found, ["boards:42:cursors", "rooms:lobby"]);
    assert_eq!(hub.topics_of(&again.member().user).len(), 2);
}

#[tokio::test]
async fn a_session_is_removed_from_everywhere_and_no_other_is() {
    let hub = hub();
    let ann = hub.member("ann");
    let room = Status::topic("lobby").expect("a topic");
    let status = ann.join(&room, Status { free: true }).expect("room");
    let cursor = ann.join(board(), at(1)).expect("room");
    let other = join(&hub, "ann", 2);
    let session = cursor.member().session;
    let left = hub.remove_session(session);
    let left: Vec<_> = left.iter().map(|it| it.as_str()).collect();
    assert_eq!(left, ["boards:42:cursors", "rooms:lobby"]);
    assert!(!status.is_present() && !cursor.is_present() && other.is_present());
    assert_eq!(refused(ann.join(board(), at(1))), Code::Kicked);
    assert_eq!(hub.remove_session(session), []);
}

#[tokio::test]
async fn nobody_is_in_a_closed_hub_and_nobody_joins_it() {
    let hub = hub();
    let bot = hub.member("bot");
    let here = bot.join(board(), at(1)).expect("room");
    hub.close();
    hub.close();
    assert!(!here.is_present());
    assert_eq!(hub.counts(board()).members, 0);
    assert_eq!(refused(here.set(at(2))), Code::NotPresent);
    assert_eq!(refused(bot.join(board(), at(1))), Code::Overloaded);
    let new = Cursor::topic(7).expect("a topic");
    assert_eq!(refused(bot.join(&new, at(1))), Code::Overloaded);
    assert_eq!(refused(hub.watch(&new)), Code::Overloaded);
}

#[tokio::test]
async fn a_server_that_ends_closes_its_hub() {
    let hub = hub();
    let server = Server::bind_hub("127.0.0.1:0", hub.clone()).await;
    let here = join(&hub, "bot", 1);
    server.expect("a port").run(std::future::ready(())).await;
    assert!(!here.is_present());
    assert_eq!(
        refused(hub.member("bot").join(board(), at(1))),
        Code::Overloaded
    );
}
