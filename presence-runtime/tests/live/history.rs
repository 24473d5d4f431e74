//! Why did Ann vanish? Every way to go, over real connections, and what the history says of it.

use http::Method;
use http_body_util::Full;
use presence_runtime::Config;
use presence_runtime::topic::{Cause, Loss, SessionId, What};
use serde_json::{Value as Json, json};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

use crate::http::{Answer, request};
use crate::on_both;
use crate::server::{Server, Transport, key, member, session};
use crate::socket::Socket;
use crate::topics::{self, Cursor, Quick, Tool, millis, secs};

const TOPIC: &str = "boards:1:cursors";
const HISTORY: &str = "/presence/boards:1:cursors/history";

on_both!(who_goes_in_a_hurry_is_explained);

/// The transitions of a page, the oldest first.
async fn story(server: &Server, query: &str) -> Vec<Json> {
    let page = server.get(&format!("{HISTORY}{query}")).await.good();
    transitions(&page)
}

fn transitions(page: &Json) -> Vec<Json> {
    let all = page["transitions"].as_array().expect("a list");
    all.iter().rev().cloned().collect()
}

fn whats(story: &[Json]) -> Vec<&str> {
    story
        .iter()
        .map(|it| it["what"].as_str().expect("a word"))
        .collect()
}

/// The last that became of a session.
async fn last(server: &Server, key: &str) -> Json {
    let story = story(server, &format!("?member={}", member(key))).await;
    story.last().expect("something became of it").clone()
}

/// Whether `text` of a transition ends so.
fn assert_says(transition: &Json, end: &str) {
    let text = transition["text"].as_str().expect("a text");
    assert!(text.ends_with(end), "{transition} does not say {end:?}");
}

async fn sitter(server: &Server, key: &str) -> Socket {
    let mut socket = Socket::hello(server, key).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    socket
}

/// Keeps a socket alive.
fn lives(mut socket: Socket) {
    tokio::spawn(async move { while socket.hear_or_end().await.is_ok() {} });
}

#[tokio::test(start_paused = true)]
async fn every_way_to_go_is_explained() {
    let server = Server::in_memory().await;
    let keys: [String; 9] = std::array::from_fn(|_| key());
    let [
        said,
        dropped,
        polite,
        deaf,
        silent,
        hidden,
        later,
        streamed,
        kicked,
    ] = &keys;

    let mut leaver = sitter(&server, said).await;
    sleep(secs(5)).await;
    leaver.done(json!({"type": "leave", "topic": TOPIC})).await;
    let left = last(&server, said).await;
    assert_eq!(
        (&left["reason"], &left["cause"]),
        (&json!("left"), &json!("said"))
    );
    assert_says(&left, "left after 5.0 s: it said leave");

    drop(sitter(&server, dropped).await);
    sitter(&server, polite).await.close().await;
    let deaf_one = sitter(&server, deaf).await;
    let beat = json!({"value": {"x": 1}});
    server.announce(TOPIC, silent, &beat).await;
    let beat = json!({"value": {"x": 1}, "hidden": true});
    server.announce(TOPIC, hidden, &beat).await;
    let beat = json!({"value": {"x": 1}});
    server.announce(TOPIC, later, &beat).await;
    let leave = json!({"afterMs": 2_000}).to_string();
    server
        .post("/presence/boards:1:cursors/leave", later, &leave)
        .await
        .good();
    server.announce(TOPIC, streamed, &beat).await;
    drop(server.events(TOPIC, Some(streamed)).await);
    let kicked_one = sitter(&server, kicked).await;
    let id = SessionId::parse(&session(kicked)).expect("an id");
    let topic = Cursor::topic("1").expect("a topic");
    assert_eq!(server.hub.kick(&topic, id), Ok(true));
    lives(kicked_one);

    // What led to it is there before anybody is gone.
    sleep(millis(10)).await;
    let lost = last(&server, dropped).await;
    assert_eq!(
        (&lost["what"], &lost["how"]),
        (&json!("lost"), &json!("broken"))
    );
    assert_says(
        &lost,
        "connection lost; goes in 10.0 s unless it comes back",
    );
    assert_eq!(last(&server, later).await["what"], "leaving");

    sleep(secs(200)).await;
    for (key, reason, cause, says) in [
        (
            dropped,
            "disconnected",
            "lost",
            ": connection lost 10.0 s before, grace over",
        ),
        (
            polite,
            "disconnected",
            "lost",
            ": connection closed by its client 10.0 s before, grace over",
        ),
        (
            deaf,
            "disconnected",
            "lost",
            ": connection silent, given up 10.0 s before, grace over",
        ),
        (
            later,
            "left",
            "announced",
            ": it said leave 2.0 s before, as a closing page does, and nothing since",
        ),
        (
            streamed,
            "disconnected",
            "lost",
            ": event stream ended 10.0 s before, grace over",
        ),
        (
            kicked,
            "kicked",
            "kicked",
            ": kicked by the application, and refused for 1 min 0 s",
        ),
    ] {
        let left = last(&server, key).await;
        assert_eq!(
            (&left["what"], &left["member"]),
            (&json!("left"), &json!(member(key)))
        );
        assert_eq!(
            (&left["reason"], &left["cause"]),
            (&json!(reason), &json!(cause)),
            "{left}"
        );
        assert_says(&left, says);
    }
    for (key, ttl, says) in [
        (silent, 30_000, "ttl 30.0 s"),
        (hidden, 150_000, "ttl of a hidden tab 2 min 30 s"),
    ] {
        let left = last(&server, key).await;
        let number = |key: &str| left[key].as_u64().expect("a number");
        assert_eq!(left["reason"], "expired");
        assert_eq!(number("ttlMs"), ttl);
        let silence = number("atMs") - number("heardAtMs");
        assert!((ttl..ttl + 100).contains(&silence), "{left}");
        assert_says(&left, says);
    }
    drop(deaf_one);
}

async fn who_goes_in_a_hurry_is_explained(transport: Transport) {
    let server = Server::start(transport).await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce("quick:1", json!({"x": 1})).await;
    drop(socket);
    sleep(millis(900)).await;
    let page = server.get("/presence/quick:1/history").await.good();
    let story = transitions(&page);
    assert_eq!(whats(&story), ["joined", "lost", "left"]);
    assert_eq!(story[0]["lease"], "connection");
    assert_eq!(story[1]["graceMs"], 200);
    assert_says(&story[2], " before, grace over");
    let now = page["nowMs"].as_u64().expect("a time");
    for it in &story {
        let (at, ago) = (it["atMs"].as_u64(), it["agoMs"].as_u64());
        assert_eq!(at.expect("a time") + ago.expect("a time"), now);
        assert_eq!(it["user"], session(&ann));
    }
    // The same in Rust, where the topic itself is forgotten as well.
    let topic = Quick::topic("1").expect("a topic");
    let history = server.hub.history(&topic);
    assert_eq!(history.len(), 3);
    assert!(matches!(
        history[0].what,
        What::Left {
            cause: Cause::Lost { .. },
            ..
        }
    ));
}

/// How a connection was lost by whose end its member went, and the sentence of it.
async fn lost(server: &Server, key: &str) -> (Json, String) {
    let story = story(server, &format!("?member={}", member(key))).await;
    let lost = story.iter().find(|it| it["what"] == "lost");
    let lost = lost.unwrap_or_else(|| panic!("a loss in {story:?}"));
    let text = lost["text"].as_str().expect("a text");
    (lost["how"].clone(), text.to_owned())
}

#[tokio::test(start_paused = true)]
async fn who_is_cut_off_is_told_apart_from_who_is_lost() {
    let mut server = Server::in_memory().await;
    let [stalled, rude, sent_off] = std::array::from_fn(|_| key());
    let mut reads_nothing = sitter(&server, &stalled).await;
    reads_nothing.subscribe("notes:1").await;
    for _ in 0..30 {
        let note = json!({"value": {"text": "x".repeat(3_900)}});
        server.announce("notes:1", &key(), &note).await;
    }
    for _ in 0..12 {
        // It lives, and takes nothing.
        let heartbeat = json!({"type": "heartbeat", "topic": TOPIC});
        reads_nothing.try_say(&heartbeat).await;
        sleep(secs(4)).await;
    }
    let (how, text) = lost(&server, &stalled).await;
    assert_eq!(how, "stalled", "{text}");
    assert!(text.contains("connection stalled, cut off"), "{text}");

    let mut socket = sitter(&server, &rude).await;
    socket.send(Message::Binary(vec![1, 2, 3].into())).await;
    assert_eq!(socket.closed().await, Some(1003));
    let (how, text) = lost(&server, &rude).await;
    assert_eq!(how, "refused", "{text}");
    assert!(text.contains("broke the protocol, cut off"), "{text}");

    let going = sitter(&server, &sent_off).await;
    lives(going);
    server.stop().await;
    let history = server.hub.history(Cursor::topic("1").expect("a topic"));
    let id = SessionId::parse(&session(&sent_off)).expect("an id");
    let drained = history.iter().any(|it| {
        let how = Loss::Draining;
        it.member.session == id && matches!(it.what, What::Lost { how: found, .. } if found == how)
    });
    assert!(drained, "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_in_time_never_left() {
    let server = Server::in_memory().await;
    let ann = key();
    drop(sitter(&server, &ann).await);
    sleep(secs(3)).await;
    let first = sitter(&server, &ann).await;
    lives(first);
    // Another tab of the same session, and then none of them but HTTP.
    let mut second = sitter(&server, &ann).await;
    let idle = json!({"type": "activity", "activity": "idle", "hidden": true});
    second.done(idle).await;
    server
        .announce(TOPIC, &ann, &json!({"activity": "active"}))
        .await;
    let leave = json!({"afterMs": 2_000}).to_string();
    server
        .post("/presence/boards:1:cursors/leave", &ann, &leave)
        .await
        .good();
    // A page that is loaded again.
    sleep(secs(1)).await;
    server
        .announce(TOPIC, &ann, &json!({"hidden": false}))
        .await;
    let story = story(&server, "").await;
    let expected = [
        "joined", "lost", "returned", "lost", "returned", "hidden", "activity", "switched",
        "activity", "leaving", "stayed", "hidden",
    ];
    assert_eq!(whats(&story), expected);
    assert_says(&story[2], "came back after 3.0 s, by a connection");
    assert_eq!(story[3]["how"], "takenOver");
    assert_eq!(story[5]["hidden"], true);
    assert_eq!(story[6]["activity"], "idle");
    assert_says(
        &story[7],
        "is present over HTTP, with a ttl of 30.0 s from now on",
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_went_elsewhere_without_a_word_is_explained() {
    let server = Server::in_memory().await;
    let ann = key();
    let mut first = sitter(&server, &ann).await;
    let second = Socket::hello(&server, &ann).await;
    assert_eq!(first.closed().await, Some(4509));
    lives(second);
    sleep(secs(11)).await;
    let left = last(&server, &ann).await;
    assert_eq!(left["how"], "takenOver");
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_another_one_takes_over_from_is_told() {
    let server = Server::in_memory().await;
    let topic = Cursor::topic("1").expect("a topic");
    let bot = server.hub.member("bot");
    let value = || Cursor {
        x: 1.0,
        label: String::new(),
        tool: Tool::Hand,
        typing: false,
    };
    let first = bot.join(&topic, value()).expect("joins");
    let second = bot.join(&topic, value()).expect("takes over");
    drop(first);
    drop(second);
    assert_eq!(
        whats(&story(&server, "?user=bot").await),
        ["joined", "takenOver", "left"]
    );
}

#[tokio::test(start_paused = true)]
async fn values_are_no_transitions() {
    let server = Server::in_memory().await;
    let ann = key();
    let mut socket = sitter(&server, &ann).await;
    for x in 2..50 {
        socket
            .announce(TOPIC, json!({"x": x, "label": "secret"}))
            .await;
        sleep(millis(100)).await;
    }
    let answer = server.get(HISTORY).await;
    assert_eq!(whats(&transitions(&answer.good())), ["joined"]);
    let text = String::from_utf8_lossy(&answer.body);
    assert!(!text.contains("secret") && !text.contains(&ann), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_forgotten_is_remembered_for_an_hour() {
    let server = Server::in_memory().await;
    let ann = key();
    drop(sitter(&server, &ann).await);
    // Grace, what is remembered after it, and the topic's own linger.
    sleep(secs(300)).await;
    let value = server.value(TOPIC).await;
    assert!(
        value["at"].as_str().expect("a position").starts_with("0."),
        "{value}"
    );
    assert_eq!(whats(&story(&server, "").await), ["joined", "lost", "left"]);
    sleep(secs(3_300)).await;
    assert_eq!(whats(&story(&server, "").await), ["left"]);
    sleep(secs(20)).await;
    assert_eq!(story(&server, "").await, [Json::Null; 0]);
}

#[tokio::test(start_paused = true)]
async fn everybody_is_remembered_when_the_hub_closes() {
    let server = Server::in_memory().await;
    let ann = key();
    let _socket = sitter(&server, &ann).await;
    server.hub.close();
    let left = last(&server, &ann).await;
    assert_eq!(
        (&left["reason"], &left["cause"]),
        (&json!("shutdown"), &json!("closed"))
    );
}

async fn asked(server: &Server, query: &str, known: Option<&str>) -> Answer {
    let mut asking = request(Method::GET, &format!("{HISTORY}{query}"));
    if let Some(known) = known {
        asking = asking.header("if-none-match", known);
    }
    server
        .send(asking.body(Full::default()).expect("a request"))
        .await
}

#[tokio::test(start_paused = true)]
async fn a_history_is_asked_for_whose_and_page_by_page_and_again_only_for_news() {
    let mut config = Config::default();
    config.history = 3_000;
    let server = Server::with(Transport::Memory, topics::slow(), config).await;
    let (ann, bob) = (key(), key());
    let page = server.get(HISTORY).await.good();
    assert_eq!(
        (page["most"].as_u64(), &page["transitions"]),
        (Some(3_000), &json!([]))
    );
    server
        .announce(TOPIC, &ann, &json!({"value": {"x": 1}}))
        .await;
    let answer = asked(&server, "", None).await;
    let etag = answer.header("etag").expect("a tag").to_owned();
    assert_eq!(asked(&server, "", Some(&etag)).await.status, 304);
    server
        .announce(TOPIC, &bob, &json!({"value": {"x": 1}}))
        .await;
    assert_eq!(asked(&server, "", Some(&etag)).await.status, 200);
    for by in [
        format!("?user={}", session(&ann)),
        format!("?member={}", member(&ann)),
    ] {
        let story = story(&server, &by).await;
        assert_eq!(whats(&story), ["joined"]);
        assert_eq!(story[0]["member"], member(&ann));
    }
    for i in 0..500 {
        let who = if i % 2 == 0 { &ann } else { &bob };
        for activity in ["idle", "away", "active"] {
            server
                .announce(TOPIC, who, &json!({"activity": activity}))
                .await;
        }
    }
    let first = server.get(HISTORY).await.good();
    assert_eq!(transitions(&first).len(), 1_000);
    let next = first["next"].as_str().expect("another page");
    let second = server.get(&format!("{HISTORY}?before={next}")).await.good();
    assert_eq!(second.get("next"), None);
    let mut all = transitions(&second);
    all.extend(transitions(&first));
    assert_eq!(all.len(), 1_502);
    assert!(all.is_sorted_by_key(|it| it["atMs"].as_u64()));
    for bad in [
        "?x=1",
        "?user",
        "?user=",
        "?user=a%20b",
        "?member=ann",
        "?before=x",
        "?before=1&before=2",
    ] {
        let answer = asked(&server, bad, None).await;
        assert_eq!(
            answer.refusal(),
            (400, "invalid_request".to_owned()),
            "{bad}"
        );
    }
    let answer = server.get("/presence/nothing:1/history").await;
    assert_eq!(answer.refusal(), (404, "unknown_topic".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_topic_remembers_as_many_as_it_may() {
    for (most, expected) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3)] {
        let mut config = Config::default();
        config.history = most;
        let server = Server::with(Transport::Memory, topics::slow(), config).await;
        for _ in 0..3 {
            server
                .announce(TOPIC, &key(), &json!({"value": {"x": 1}}))
                .await;
        }
        assert_eq!(story(&server, "").await.len(), expected, "{most}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_topics_together_remember_as_many_as_they_may() {
    for (most, expected) in [(1, 0), (2, 0), (3, 1), (4, 1)] {
        let mut config = Config::default();
        config.max_history = most;
        let server = Server::with(Transport::Memory, topics::slow(), config).await;
        for topic in [TOPIC, "boards:2:cursors", "notes:3"] {
            let value = match topic {
                "notes:3" => json!({"text": ""}),
                _ => json!({"x": 1}),
            };
            server
                .announce(topic, &key(), &json!({ "value": value }))
                .await;
        }
        assert_eq!(story(&server, "").await.len(), expected, "{most}");
        let newest = server.get("/presence/notes:3/history").await.good();
        assert_eq!(transitions(&newest).len(), 1);
    }
}
