//! Watching: snapshot, changes and leaves, over every kind of subscription.

use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep, timeout_at};

use crate::http::Events;
use crate::on_both;
use crate::server::{Server, Transport, key, member};
use crate::socket::Socket;
use crate::topics::{millis, secs};
use crate::view::{Event, View};

const TOPIC: &str = "boards:1:cursors";

on_both!(
    every_subscription_gets_a_snapshot_then_changes_then_one_leave,
    who_has_a_position_gets_the_changes_since_and_no_snapshot,
    who_resumes_is_answered_whatever_happened,
    a_position_of_another_epoch_or_of_nobody_gets_a_snapshot,
    own_doing_is_told_to_others_only,
    who_counts_hears_numbers_only,
    a_new_filter_brings_a_new_snapshot,
    a_large_topic_comes_in_parts_of_at_most_64_kib,
    nothing_is_heard_of_a_topic_after_unsubscribing,
    one_connection_watches_many_topics,
);

/// The kinds of subscription there are.
pub(crate) const KINDS: [&str; 3] = ["events", "many", "socket"];

/// A subscription to one topic.
pub(crate) enum Watch {
    Events(Events),
    Socket(Box<Socket>),
}

impl Watch {
    /// A subscription of this kind.
    pub(crate) async fn open(how: &str, server: &Server, topic: &str) -> Self {
        match how {
            "events" => Self::Events(server.events(topic, None).await),
            "many" => {
                let many = json!([{ "topic": topic }]);
                Self::Events(server.events_of_many(&many).await)
            }
            _ => Self::Socket(Box::new(Socket::watching(server, topic).await)),
        }
    }

    pub(crate) async fn hear(&mut self) -> Json {
        match self {
            Self::Events(events) => events.hear().await,
            Self::Socket(socket) => socket.hear().await,
        }
    }

    pub(crate) async fn silent_for(&mut self, time: std::time::Duration) {
        match self {
            Self::Events(events) => events.silent_for(time).await,
            Self::Socket(socket) => socket.silent_for(time).await,
        }
    }

    const fn longest(&self) -> usize {
        match self {
            Self::Events(events) => events.longest,
            Self::Socket(socket) => socket.longest,
        }
    }
}

/// A member with this value has joined.
fn event(kind: &'static str, key: &str) -> Event {
    Event {
        kind,
        member: member(key),
        reason: None,
    }
}

fn left(key: &str, reason: &str) -> Event {
    Event {
        reason: Some(reason.to_owned()),
        ..event("left", key)
    }
}

fn value(x: u32) -> Json {
    json!({"value": {"x": x}})
}

async fn every_subscription_gets_a_snapshot_then_changes_then_one_leave(transport: Transport) {
    let server = Server::start(transport).await;
    let ann = key();
    server.announce(TOPIC, &ann, &value(1)).await;
    for how in KINDS {
        let bob = key();
        let mut watch = Watch::open(how, &server, TOPIC).await;
        let mut view = View::default();
        let snapshot = watch.hear().await;
        assert_eq!(snapshot["type"], "snapshot", "{how}");
        assert_eq!(snapshot["topic"], TOPIC, "{how}");
        assert_eq!(snapshot["entries"][0]["version"], 1, "{how}");
        assert_eq!(view.apply(&snapshot), [event("joined", &ann)], "{how}");

        server.announce(TOPIC, &bob, &value(2)).await;
        let joined = watch.hear().await;
        assert_eq!(view.apply(&joined), [event("joined", &bob)], "{how}");
        assert_eq!(view.counts, json!({"members": 2, "users": 2}), "{how}");

        server.announce(TOPIC, &bob, &value(3)).await;
        let updated = watch.hear().await;
        let value = json!({"x": 3.0, "label": "", "tool": "hand", "typing": false});
        let lean = json!([{"member": member(&bob), "value": value}]);
        assert_eq!(updated["updated"], lean, "{how}");
        assert_eq!(view.apply(&updated), [event("updated", &bob)], "{how}");

        let leave = format!("/presence/{TOPIC}/leave");
        server.post(&leave, &bob, "").await.good();
        let changes = watch.hear().await;
        assert_eq!(view.apply(&changes), [left(&bob, "left")], "{how}");
        assert_eq!(view.counts, json!({"members": 1, "users": 1}), "{how}");
        server.post(&leave, &bob, "").await.good();
        watch.silent_for(millis(150)).await;
    }
}

async fn who_has_a_position_gets_the_changes_since_and_no_snapshot(transport: Transport) {
    let server = Server::start(transport).await;
    let (ann, bob) = (key(), key());
    server.announce(TOPIC, &ann, &value(1)).await;
    let mut view = View::default();
    view.apply(&server.events(TOPIC, None).await.hear().await);
    let at = view.at.clone().expect("a position");

    server.announce(TOPIC, &bob, &value(2)).await;
    server.announce(TOPIC, &ann, &value(3)).await;
    let mut socket = Socket::watcher(&server).await;
    let since = json!({"type": "subscribe", "topic": TOPIC, "since": at});
    socket.done(since).await;
    let many = json!([{"topic": TOPIC, "since": at}]);
    let resumed = [
        Watch::Events(server.events_since(TOPIC, None, Some(&at)).await),
        Watch::Events(server.events_of_many(&many).await),
        Watch::Socket(Box::new(socket)),
    ];
    for mut watch in resumed {
        let mut view = view.clone();
        let changes = watch.hear().await;
        assert_eq!(changes["type"], "changes");
        let told = [event("joined", &bob), event("updated", &ann)];
        assert_eq!(view.apply(&changes), told);
    }

    // Who lacks nothing hears that at once, and nothing more.
    let now = server.value(TOPIC).await["at"]
        .as_str()
        .expect("a position")
        .to_owned();
    let subscribe = json!({"type": "subscribe", "topic": TOPIC, "since": now});
    let mut socket = Socket::watcher(&server).await;
    socket.done(subscribe.clone()).await;
    let resumed = [
        Watch::Events(server.events_since(TOPIC, None, Some(&now)).await),
        Watch::Events(
            server
                .events_of_many(&json!([{"topic": TOPIC, "since": now}]))
                .await,
        ),
        Watch::Socket(Box::new(socket)),
    ];
    for mut watch in resumed {
        let mut nothing = watch.hear().await;
        assert!(nothing["nowMs"].take().is_u64());
        let counts = json!({"members": 2, "users": 2});
        assert_eq!(
            nothing,
            json!({"type": "changes", "topic": TOPIC, "nowMs": null, "counts": counts, "at": now})
        );
        watch.silent_for(millis(150)).await;
    }
}

/// Whoever resumes is answered, also where all that happened is its own doing or out of its sight.
async fn who_resumes_is_answered_whatever_happened(transport: Transport) {
    let server = Server::start(transport).await;
    let (ann, bob) = (key(), key());
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    let at = server.value(TOPIC).await["at"].clone();
    socket.announce(TOPIC, json!({"x": 2})).await;
    let subscribe = json!({"type": "subscribe", "topic": TOPIC, "since": at});
    socket.done(subscribe).await;
    let answer = socket.hear().await;
    let now = server.value(TOPIC).await["at"].clone();
    assert_eq!(
        (answer["type"].as_str(), &answer["at"]),
        (Some("changes"), &now)
    );
    assert_eq!(answer.get("updated"), None);

    let filter = json!({"users": [crate::server::session(&bob)]});
    let mut other = Socket::watcher(&server).await;
    let subscribe = json!({"type": "subscribe", "topic": TOPIC, "since": at, "filter": filter});
    other.done(subscribe.clone()).await;
    let answer = other.hear().await;
    assert_eq!(
        (answer["type"].as_str(), &answer["at"]),
        (Some("changes"), &now)
    );
    // The same again, on a connection that is up to date.
    other.done(subscribe).await;
    assert_eq!(other.hear().await["at"], now);
    other.silent_for(millis(150)).await;
}

async fn a_position_of_another_epoch_or_of_nobody_gets_a_snapshot(transport: Transport) {
    let server = Server::start(transport).await;
    server.announce(TOPIC, &key(), &value(1)).await;
    let value = server.value(TOPIC).await;
    let (epoch, sequence) = value["at"]
        .as_str()
        .and_then(|it| it.split_once('.'))
        .expect("a position");
    let future = format!("{epoch}.{}", sequence.parse::<u64>().expect("a number") + 1);
    for since in ["1.1", "0.0", "", "nonsense", &future] {
        let mut events = server.events_since(TOPIC, None, Some(since)).await;
        assert_eq!(events.hear().await["type"], "snapshot", "{since}");
        let mut socket = Socket::watcher(&server).await;
        let subscribe = json!({"type": "subscribe", "topic": TOPIC, "since": since});
        socket.done(subscribe).await;
        assert_eq!(socket.hear().await["type"], "snapshot", "{since}");
    }
}

async fn own_doing_is_told_to_others_only(transport: Transport) {
    let server = Server::start(transport).await;
    let (ann, bob) = (key(), key());
    let mut own = Socket::hello(&server, &ann).await;
    let mut other = Socket::watching(&server, TOPIC).await;
    own.subscribe(TOPIC).await;
    assert_eq!(own.hear().await["entries"], json!([]));
    assert_eq!(other.hear().await["entries"], json!([]));

    own.announce(TOPIC, json!({"x": 1})).await;
    assert_eq!(other.hear().await["joined"][0]["member"], member(&ann));
    own.announce(TOPIC, json!({"x": 2})).await;
    assert_eq!(other.hear().await["updated"][0]["value"]["x"], 2.0);
    own.silent_for(millis(150)).await;

    // What others did comes with what was kept back.
    server.announce(TOPIC, &bob, &value(1)).await;
    assert_eq!(own.hear().await["joined"][0]["member"], member(&bob));
    assert_eq!(other.hear().await["joined"][0]["member"], member(&bob));
    own.done(json!({"type": "leave", "topic": TOPIC})).await;
    assert_eq!(other.hear().await["left"][0]["reason"], "left");
    own.silent_for(millis(150)).await;
}

#[tokio::test(start_paused = true)]
async fn decay_reaches_the_owner_three_seconds_after_the_field_was_sent() {
    let server = Server::in_memory().await;
    let ann = key();
    let mut own = Socket::hello(&server, &ann).await;
    own.subscribe(TOPIC).await;
    own.hear().await;
    own.announce(TOPIC, json!({"x": 1, "typing": true})).await;
    let began = Instant::now();
    sleep(secs(2)).await;
    // A renewal does not name the field.
    own.done(json!({"type": "heartbeat", "topic": TOPIC})).await;
    let decayed = own.hear().await;
    let took = began.elapsed();
    assert_eq!(decayed["updated"][0]["member"], member(&ann));
    assert_eq!(decayed["updated"][0]["value"]["typing"], false);
    assert!((millis(3000)..=millis(3300)).contains(&took), "{took:?}");
    own.silent_for(secs(30)).await;
}

async fn who_counts_hears_numbers_only(transport: Transport) {
    let server = Server::start(transport).await;
    let (ann, bob) = (key(), key());
    server.announce(TOPIC, &ann, &value(1)).await;
    let mut counting = Socket::hello(&server, &bob).await;
    counting
        .done(json!({"type": "subscribe", "topic": TOPIC, "filter": "count"}))
        .await;
    let snapshot = counting.hear().await;
    assert_eq!(snapshot["counts"], json!({"members": 1, "users": 1}));
    assert_eq!(snapshot["entries"], json!([]));

    // An update changes no number.
    server.announce(TOPIC, &ann, &value(2)).await;
    counting.silent_for(millis(150)).await;

    // Who counts cannot know by itself that it is counted too.
    counting.announce(TOPIC, json!({"x": 1})).await;
    let changes = counting.hear().await;
    assert_eq!(changes["counts"], json!({"members": 2, "users": 2}));
    for list in ["joined", "updated", "left"] {
        assert_eq!(changes.get(list), None);
    }
}

async fn a_new_filter_brings_a_new_snapshot(transport: Transport) {
    let server = Server::start(transport).await;
    server.announce(TOPIC, &key(), &value(1)).await;
    let mut socket = Socket::watching(&server, TOPIC).await;
    assert_eq!(
        socket.hear().await["entries"].as_array().map(Vec::len),
        Some(1)
    );
    let count = json!({"type": "subscribe", "topic": TOPIC, "filter": "count"});
    socket.done(count).await;
    assert_eq!(socket.hear().await["entries"], json!([]));
    socket.subscribe(TOPIC).await;
    assert_eq!(
        socket.hear().await["entries"].as_array().map(Vec::len),
        Some(1)
    );
}

async fn a_large_topic_comes_in_parts_of_at_most_64_kib(transport: Transport) {
    const MEMBERS: usize = 60;
    let topic = "notes:1";
    let server = Server::start(transport).await;
    let text = |i: usize| format!("{i}{}", "x".repeat(3_900));
    let mut empty = Socket::watching(&server, topic).await;
    let mut joining = View::default();
    joining.apply(&empty.hear().await);
    let mut keys = Vec::new();
    for i in 0..MEMBERS {
        let key = key();
        let body = json!({"value": {"text": text(i)}});
        server.announce(topic, &key, &body).await;
        keys.push(key);
    }
    while joining.members.len() < MEMBERS {
        joining.apply(&empty.hear().await);
    }
    assert!(empty.longest <= 64 * 1024, "{}", empty.longest);
    for how in KINDS {
        let mut watch = Watch::open(how, &server, topic).await;
        let (mut view, mut parts) = (View::default(), 0);
        while view.at.is_none() {
            let part = watch.hear().await;
            assert_eq!(part["type"], "snapshot", "{how}");
            view.apply(&part);
            parts += 1;
        }
        // 60 entries of 4 KiB: a frame has room for about fifteen.
        assert!((4..=6).contains(&parts), "{how}: {parts}");
        assert!(watch.longest() <= 64 * 1024, "{how}: {}", watch.longest());
        assert!(watch.longest() > 48 * 1024, "{how}: {}", watch.longest());
        for (i, key) in keys.iter().enumerate() {
            assert_eq!(view.value(&member(key))["text"], text(i), "{how}");
        }
        assert_eq!(view.members, joining.members, "{how}");
    }
}

async fn nothing_is_heard_of_a_topic_after_unsubscribing(transport: Transport) {
    let server = Server::start(transport).await;
    let mut socket = Socket::watching(&server, TOPIC).await;
    socket.hear().await;
    let unsubscribe = json!({"type": "unsubscribe", "topic": TOPIC});
    socket.done(unsubscribe.clone()).await;
    server.announce(TOPIC, &key(), &value(1)).await;
    socket.silent_for(millis(150)).await;
    socket.done(unsubscribe).await;
    socket.subscribe(TOPIC).await;
    assert_eq!(socket.hear().await["counts"]["members"], 1);
}

async fn one_connection_watches_many_topics(transport: Transport) {
    let server = Server::start(transport).await;
    let topics = ["boards:1:cursors", "boards:2:cursors", "notes:1"];
    let many = json!([{"topic": topics[0]}, {"topic": topics[1], "filter": "count"}, {"topic": topics[2]}]);
    let mut events = server.events_of_many(&many).await;
    let mut heard = Vec::new();
    for _ in topics {
        let snapshot = events.hear().await;
        assert_eq!(snapshot["type"], "snapshot");
        heard.push(snapshot["topic"].as_str().expect("a topic").to_owned());
    }
    heard.sort();
    assert_eq!(heard, topics);
    server.announce(topics[1], &key(), &value(1)).await;
    let changes = events.hear().await;
    assert_eq!(changes["topic"], topics[1]);
    assert_eq!(changes.get("joined"), None);
    server.announce(topics[0], &key(), &value(1)).await;
    assert_eq!(events.hear().await["topic"], topics[0]);
}

#[tokio::test(start_paused = true)]
async fn of_two_busy_topics_neither_waits_for_the_other_to_rest() {
    const TOPICS: [&str; 2] = ["boards:1:cursors", "boards:2:cursors"];
    let server = Server::in_memory().await;
    let mut talking = Socket::hello(&server, &key()).await;
    let mut watching = Socket::watcher(&server).await;
    for topic in TOPICS {
        watching.subscribe(topic).await;
        watching.hear().await;
    }
    let mut heard = [0; 2];
    for x in 0..20 {
        for topic in TOPICS {
            talking.announce(topic, json!({ "x": x })).await;
        }
        let until = Instant::now() + millis(100);
        while let Ok(Ok(message)) = timeout_at(until, watching.hear_or_end()).await {
            heard[usize::from(message["topic"] == TOPICS[1])] += 1;
        }
    }
    assert!(heard.iter().all(|it| *it >= 20), "{heard:?}");
}
