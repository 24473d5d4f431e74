//! How many connections, entries and new topics one may have: a user, a session, an address, a process.

use std::net::IpAddr;

use http::Method;
use http_body_util::Full;
use presence_runtime::Config;
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::http::{Answer, Events, request};
use crate::on_both;
use crate::server::{Server, Transport, key, quick_config};
use crate::socket::{Socket, code};
use crate::topics::{self, millis, secs};

const TOPIC: &str = "boards:1:cursors";
/// A proxy whose word is taken.
const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
const ANN: &str = "203.0.113.9";
const BOB: &str = "203.0.113.10";

on_both!(
    a_user_has_so_many_connections_and_no_more,
    a_session_that_comes_back_counts_once,
    this_machine_is_not_counted_by_address,
    a_session_is_in_so_many_topics_over_http_and_no_more,
    a_server_has_so_many_entries_and_no_more,
);

/// Opens the event stream of a topic, as the holder of a key or from an address.
async fn stream(server: &Server, headers: &[(&str, &str)]) -> Result<Events, Answer> {
    let mut asking = request(Method::GET, &format!("/presence/{TOPIC}/changes"));
    for (name, text) in headers {
        asking = asking.header(*name, *text);
    }
    let asking = asking.body(Full::default()).expect("a request");
    Events::try_open(server, asking).await
}

/// The code with which a new socket of a key is sent away, after what it was told.
async fn sent_away(server: &Server, key: &str) -> (String, Option<u16>) {
    let mut socket = Socket::open(server).await;
    let hello = json!({"type": "hello", "protocol": 1, "session": key, "id": 7});
    socket.say(&hello).await;
    let told = socket.hear().await;
    assert_eq!(told["id"], 7);
    (code(&told), socket.closed().await)
}

#[track_caller]
fn too_many(answer: Result<Events, Answer>) {
    let answer = answer.expect_err("too many");
    assert_eq!(answer.refusal(), (429, "too_many_connections".into()));
}

async fn a_user_has_so_many_connections_and_no_more(transport: Transport) {
    let mut config = quick_config();
    config.max_connections_per_user = 3;
    let server = Server::with(transport, topics::all(), config).await;
    let ann = key();
    let as_ann = [("presence-session", ann.as_str())];
    let mut open = Vec::new();
    for _ in 0..2 {
        open.push(stream(&server, &as_ann).await.expect("room"));
    }
    let socket = Socket::hello(&server, &ann).await;
    too_many(stream(&server, &as_ann).await);
    // Requests are no connections in this sense, and others have room of their own.
    server
        .announce(TOPIC, &ann, &json!({"value": {"x": 1}}))
        .await;
    let bob = Socket::hello(&server, &key()).await;
    let _watcher = Socket::watcher(&server).await;
    // Who goes makes room.
    socket.close().await;
    let third = async {
        loop {
            if let Ok(events) = stream(&server, &as_ann).await {
                return events;
            }
            sleep(millis(5)).await;
        }
    };
    open.push(
        tokio::time::timeout(secs(5), third)
            .await
            .expect("room again"),
    );
    let away = sent_away(&server, &ann).await;
    assert_eq!(away, ("too_many_connections".into(), Some(4029)));
    bob.close().await;
}

async fn a_session_that_comes_back_counts_once(transport: Transport) {
    let mut config = quick_config();
    config.max_connections_per_user = 2;
    let server = Server::with(transport, topics::all(), config).await;
    let ann = key();
    let as_ann = [("presence-session", ann.as_str())];
    let _events = stream(&server, &as_ann).await.expect("room");
    let mut before = Socket::hello(&server, &ann).await;
    for _ in 0..5 {
        let after = Socket::hello(&server, &ann).await;
        assert_eq!(before.closed().await, Some(4509));
        before = after;
        too_many(stream(&server, &as_ann).await);
    }
}

async fn this_machine_is_not_counted_by_address(transport: Transport) {
    let mut config = quick_config();
    config.max_connections_per_address = 1;
    config.max_new_topics_per_minute = 1;
    let server = Server::with(transport, topics::all(), config).await;
    let mut open = Vec::new();
    for i in 0..3 {
        open.push(Socket::watching(&server, &format!("boards:{i}:cursors")).await);
    }
}

/// A server that a proxy passes everything to.
fn behind_a_proxy(change: impl FnOnce(&mut Config)) -> Server {
    let mut config = quick_config();
    config.trusted_proxies = vec!["10.0.0.0/8".to_owned()];
    change(&mut config);
    Server::mounted(topics::all(), config, PROXY)
}

/// A socket from an address, which has yet to say `hello`.
async fn socket_from(server: &Server, address: &str) -> Socket {
    Socket::over_with(server.dial().await, &[("x-forwarded-for", address)]).await
}

async fn post_from(server: &Server, address: &str, path: &str, body: &str) -> Answer {
    let asking = request(Method::POST, path)
        .header("x-forwarded-for", address)
        .header("presence-session", key())
        .header("content-type", "application/json")
        .body(Full::from(body.to_owned()));
    server.send(asking.expect("a request")).await
}

#[tokio::test(start_paused = true)]
async fn an_address_has_so_many_connections_and_no_more() {
    let server = behind_a_proxy(|it| it.max_connections_per_address = 3);
    let mut first = socket_from(&server, ANN).await;
    first.greet(None).await;
    // The same client, whatever it says of itself.
    let spoofed = format!("{BOB}, {ANN}");
    let mut second = socket_from(&server, &spoofed).await;
    second.greet(Some(&key())).await;
    let events = stream(&server, &[("x-forwarded-for", ANN)]).await;
    let events = events.expect("room");
    too_many(stream(&server, &[("x-forwarded-for", ANN)]).await);
    let mut fourth = socket_from(&server, ANN).await;
    assert_eq!(fourth.closed().await, Some(4029));
    let mut other = socket_from(&server, BOB).await;
    other.greet(None).await;
    drop(events);
    sleep(millis(10)).await;
    let mut third = socket_from(&server, ANN).await;
    third.greet(None).await;
    let mut fourth = socket_from(&server, ANN).await;
    assert_eq!(fourth.closed().await, Some(4029));
}

#[tokio::test(start_paused = true)]
async fn the_addresses_of_an_ipv6_network_are_one() {
    let server = behind_a_proxy(|it| it.max_connections_per_address = 1);
    let mut first = socket_from(&server, "2001:db8:0:1::1").await;
    first.greet(None).await;
    let mut neighbour = socket_from(&server, "[2001:db8:0:1:ffff::2]:4711").await;
    assert_eq!(neighbour.closed().await, Some(4029));
    let mut elsewhere = socket_from(&server, "2001:db8:0:2::1").await;
    elsewhere.greet(None).await;
}

#[tokio::test(start_paused = true)]
async fn an_address_begins_so_many_topics_a_minute_and_no_more() {
    const MOST: usize = 5;
    let server = behind_a_proxy(|it| it.max_new_topics_per_minute = MOST);
    let topic = |i: usize| format!("boards:{i}:cursors");
    let mut socket = socket_from(&server, ANN).await;
    socket.greet(Some(&key())).await;
    // Each way to begin one.
    socket.subscribe(&topic(0)).await;
    socket.announce(&topic(1), json!({"x": 1})).await;
    let leave = json!({"type": "leave", "topic": topic(2), "n": 5});
    socket.done(leave).await;
    let value = r#"{"value":{"x":1}}"#;
    let announced = post_from(
        &server,
        ANN,
        &format!("/presence/{}/heartbeat", topic(3)),
        value,
    )
    .await;
    assert_eq!(announced.status, 200);
    let body = json!({"topics": [{"topic": topic(4)}]}).to_string();
    let many = request(Method::POST, "/presence/changes")
        .header("x-forwarded-for", ANN)
        .header("content-type", "application/json");
    let many = many.body(Full::from(body)).expect("a request");
    let _events = Events::open(&server, many).await;

    let refused = |error: &Json| {
        assert_eq!(error["code"], "too_many_topics", "{error}");
        let wait = error["retryAfterMs"].as_u64().expect("when to come back");
        assert!((11_000..=12_000).contains(&wait), "{wait}");
    };
    let sixth = topic(5);
    for message in [
        json!({"type": "subscribe", "topic": sixth}),
        json!({"type": "heartbeat", "topic": sixth, "value": {"x": 1}}),
        json!({"type": "leave", "topic": sixth, "n": 5}),
    ] {
        refused(&socket.ask(message).await["error"]);
    }
    let path = format!("/presence/{sixth}/heartbeat");
    let answer = post_from(&server, ANN, &path, value).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), Some("12"));
    refused(&answer.json()["error"]);

    // What lives already is not new, and others have a rate of their own.
    for i in 0..MOST {
        socket.subscribe(&topic(i)).await;
    }
    assert_eq!(post_from(&server, BOB, &path, value).await.status, 200);
    socket.subscribe(&sixth).await;
    let seventh = json!({"type": "subscribe", "topic": topic(6)});
    refused(&socket.ask(seventh.clone()).await["error"]);
    sleep(secs(12)).await;
    socket.done(seventh).await;
    let eighth = json!({"type": "subscribe", "topic": topic(7)});
    assert_eq!(socket.refused(eighth).await, "too_many_topics");
}

#[tokio::test(start_paused = true)]
async fn whose_address_is_not_known_is_not_counted_by_it() {
    let mut config = quick_config();
    config.max_new_topics_per_minute = 1;
    config.max_connections_per_address = 1;
    let server = Server::with(Transport::Memory, topics::all(), config).await;
    let mut sockets = Vec::new();
    for i in 0..3 {
        sockets.push(Socket::watching(&server, &format!("boards:{i}:cursors")).await);
    }
}

fn board(number: usize) -> String {
    format!("boards:{number}:cursors")
}

async fn say_over_http(
    server: &Server,
    key: &str,
    number: usize,
    verb: &str,
    body: &str,
) -> Answer {
    let path = format!("/presence/{}/{verb}", board(number));
    server.post(&path, key, body).await
}

async fn a_session_is_in_so_many_topics_over_http_and_no_more(transport: Transport) {
    const VALUE: &str = r#"{"value":{"x":1}}"#;
    let mut config = quick_config();
    config.max_topics_per_session = 3;
    let server = Server::with(transport, topics::all(), config).await;
    let (ann, bob) = (key(), key());
    let announce =
        async |key, number| say_over_http(&server, key, number, "heartbeat", VALUE).await;
    for number in 0..3 {
        assert_eq!(announce(&ann, number).await.good()["change"], "joined");
    }
    let answer = announce(&ann, 3).await;
    assert_eq!(answer.refusal(), (429, "too_many_topics".into()));
    // Where it is, it goes on, and others are not concerned.
    let moved = say_over_http(&server, &ann, 0, "heartbeat", r#"{"value":{"x":2}}"#).await;
    assert_eq!(moved.good()["change"], "updated");
    assert_eq!(announce(&bob, 3).await.good()["change"], "joined");
    let left = say_over_http(&server, &ann, 1, "leave", "{}").await;
    assert_eq!(left.good()["left"], true);
    assert_eq!(announce(&ann, 3).await.good()["change"], "joined");
    assert_eq!(announce(&ann, 1).await.status, 429);
    // A WebSocket counts the topics of its own.
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(&board(4), json!({"x": 1})).await;
    assert_eq!(announce(&ann, 5).await.status, 429);
}

async fn a_server_has_so_many_entries_and_no_more(transport: Transport) {
    let mut config = quick_config();
    config.max_entries = 3;
    let server = Server::with(transport, topics::all(), config).await;
    let bot = server.hub.member("bot");
    let here = topics::Cursor::topic("0").expect("a topic");
    let value = || topics::Cursor {
        x: 1.0,
        label: String::new(),
        tool: topics::Tool::Hand,
        typing: false,
    };
    let here = bot.join(here, value()).expect("room");
    let mut socket = Socket::hello(&server, &key()).await;
    socket.announce(&board(0), json!({"x": 1})).await;
    let ann = key();
    server
        .announce(&board(1), &ann, &json!({"value": {"x": 1}}))
        .await;

    let path = format!("/presence/{}/heartbeat", board(2));
    let fourth = async || server.post(&path, &key(), r#"{"value":{"x":1}}"#).await;
    assert_eq!(fourth().await.refusal(), (503, "overloaded".into()));
    let beat = json!({"type": "heartbeat", "topic": board(2), "value": {"x": 1}});
    assert_eq!(socket.refused(beat.clone()).await, "overloaded");
    let elsewhere = topics::Cursor::topic("2").expect("a topic");
    let refused = bot.join(elsewhere, value()).expect_err("no room");
    assert_eq!(refused.code, presence_runtime::Code::Overloaded);
    // Who is there goes on, and who goes makes room for one.
    server
        .announce(&board(1), &ann, &json!({"value": {"x": 2}}))
        .await;
    here.update(|it| it.x = 3.0).expect("it is here");
    drop(here);
    assert_eq!(fourth().await.good()["change"], "joined");
    assert_eq!(fourth().await.status, 503);
    assert_eq!(socket.refused(beat).await, "overloaded");
}
