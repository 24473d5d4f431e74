//! Grove's manager, method by method.

use std::sync::{Arc, Mutex};

use ported::manager::{self, Event};
use ported::types::{Chatter, Editor};
use presence_runtime::topic::Reason;
use presence_runtime::{Change, Code, Hub};

type Log = Arc<Mutex<Vec<String>>>;

/// A hub, and what its callback heard.
fn hub() -> (Hub, Log) {
    let log = Log::default();
    let heard = log.clone();
    let hub = manager::hub(move |topic, event| {
        let text = match event {
            Event::Join(it) => format!("{} joins {topic}", it.value.name),
            Event::Update(it) => format!("{} is typing: {}", it.value.name, it.value.is_typing),
            Event::Leave(it, reason) => format!("{} leaves {topic}: {reason:?}", it.value.name),
        };
        heard.lock().expect("no listener panics").push(text);
    });
    (hub.expect("the settings are right"), log)
}

fn told(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().expect("no listener panics"))
}

fn named(name: &str) -> Editor {
    let name = name.to_owned();
    Editor {
        name,
        ..Editor::default()
    }
}

#[tokio::test]
async fn one_callback_hears_of_everything_once_and_in_order() {
    let (hub, log) = hub();
    let topic = Editor::topic("doc-1").expect("a document");
    let here = hub
        .member("alice")
        .join(&topic, named("Alice"))
        .expect("room");
    here.update(|it| it.is_typing = true).expect("present");
    assert!(here.leave());
    let document = "documents:doc-1";
    let expected = [
        format!("Alice joins {document}"),
        "Alice is typing: true".to_owned(),
        format!("Alice leaves {document}: Left"),
    ];
    assert_eq!(told(&log), expected);
}

#[tokio::test]
async fn a_callback_may_ask_the_hub_which_holds_no_lock_meanwhile() {
    let slot: Arc<Mutex<Option<Hub>>> = Arc::default();
    let counted = Log::default();
    let (asked, counts) = (slot.clone(), counted.clone());
    let hub = manager::hub(move |topic, _| {
        let hub = asked.lock().expect("nobody panics").clone();
        let members = hub.map_or(0, |it| it.counts(&topic).members);
        counts
            .lock()
            .expect("nobody panics")
            .push(members.to_string());
    });
    let hub = hub.expect("the settings are right");
    *slot.lock().expect("nobody panics") = Some(hub.clone());
    let topic = Editor::topic("doc-1").expect("a document");
    let one = hub
        .member("alice")
        .join(&topic, named("Alice"))
        .expect("room");
    let two = hub.member("bo").join(&topic, named("Bo")).expect("room");
    drop((one, two));
    assert_eq!(told(&counted), ["1", "2", "1", "0"]);
    // The callback holds the hub, which holds the callback.
    slot.lock().expect("nobody panics").take();
}

#[tokio::test]
async fn a_node_is_where_it_is_and_is_removed_from_everywhere() {
    let (hub, log) = hub();
    let alice = hub.member("alice");
    let [one, two] = ["doc-1", "doc-2"].map(|it| Editor::topic(it).expect("a document"));
    let chat = Chatter::topic("lobby").expect("a room");
    let here = alice.join(&one, named("Alice")).expect("room");
    let there = alice.join(&two, named("Alice")).expect("room");
    let chatter = Chatter {
        name: "Alice".to_owned(),
        avatar: None,
        typing: false,
    };
    let _chatting = alice.join(&chat, chatter).expect("room");
    let names: Vec<String> = hub
        .topics_of("alice")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["chat:lobby", "documents:doc-1", "documents:doc-2"]);
    told(&log);

    let gone = hub.remove_session(here.member().session);
    assert_eq!(gone.len(), 3);
    assert_eq!(told(&log).len(), 2, "the chat is none of the callback's");
    assert!(hub.topics_of("alice").is_empty());
    assert!(!here.is_present() && !there.is_present());
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_and_nothing_has_changed() {
    let (hub, log) = hub();
    let topic = Editor::topic("doc-1").expect("a document");
    let here = hub
        .member("alice")
        .join(&topic, named("Alice"))
        .expect("room");
    told(&log);
    let fault = here
        .update(|it| it.color = Some("red".to_owned()))
        .expect_err("no colour");
    assert_eq!(
        (fault.code, fault.details[0].path.as_str()),
        (Code::InvalidValue, "/color")
    );
    assert_eq!(here.value().expect("present").color, None);
    assert!(told(&log).is_empty());
}

#[tokio::test]
async fn every_watcher_hears_of_every_change_and_the_end_may_come_twice() {
    let (hub, _) = hub();
    let topic = Editor::topic("doc-1").expect("a document");
    let mut watches: Vec<_> = (0..3)
        .map(|_| hub.watch(&topic).expect("a topic"))
        .collect();
    for watch in &mut watches {
        assert_eq!(watch.next().await, Some(Change::Snapshot(Vec::new())));
    }
    let here = hub
        .member("alice")
        .join(&topic, named("Alice"))
        .expect("room");
    let member = here.member().clone();
    for watch in &mut watches {
        let Some(Change::Joined(entry)) = watch.next().await else {
            panic!("everybody is told")
        };
        assert_eq!(entry.member, member);
    }
    assert_eq!(hub.members(&topic), [(member.clone(), named("Alice"))]);
    hub.close();
    hub.close();
    for watch in &mut watches {
        let (member, reason) = (member.clone(), Reason::Shutdown);
        assert_eq!(watch.next().await, Some(Change::Left { member, reason }));
        assert_eq!(watch.next().await, None);
    }
}
