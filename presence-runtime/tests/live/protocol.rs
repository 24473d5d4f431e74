//! The WebSocket protocol: what it takes to be heard, and with which code one is sent away.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream, DuplexStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::http::PATIENCE;
use crate::on_both;
use crate::server::{Pipe, Server, Transport, key, quick_config, session};
use crate::socket::{Socket, code};
use crate::topics::{self, millis, secs};

const TOPIC: &str = "boards:1:cursors";

on_both!(
    hello_is_welcomed_with_what_the_connection_may_do,
    whoever_breaks_the_protocol_is_sent_away_with_its_code,
    what_is_said_together_with_the_upgrade_request_is_heard,
    a_connection_has_so_many_topics_and_no_more,
    a_server_has_so_many_connections_and_no_more,
    a_server_that_ends_tells_everybody_to_come_back,
);

async fn hello_is_welcomed_with_what_the_connection_may_do(transport: Transport) {
    let server = Server::start(transport).await;
    let key = key();
    let welcome = Socket::open(&server).await.greet(Some(&key)).await;
    let id = session(&key);
    let expected = json!({
        "type": "welcome",
        "session": id,
        "user": id,
        "heartbeatMs": 300,
        "limits": {"maxMessageBytes": 16_384, "maxTopics": 128},
    });
    assert_eq!(welcome, expected);
    let welcome = Socket::open(&server).await.greet(None).await;
    assert_eq!(welcome["session"], json!(null));
}

async fn whoever_breaks_the_protocol_is_sent_away_with_its_code(transport: Transport) {
    let server = Server::start(transport).await;
    let hello = r#"{"type":"hello","protocol":1}"#;
    let cases = [
        (
            vec![r#"{"type":"subscribe","topic":"boards:1:cursors"}"#],
            "invalid_request",
        ),
        (vec!["nonsense"], "invalid_request"),
        (vec![hello, hello], "invalid_request"),
        (
            vec![r#"{"type":"hello","protocol":2}"#],
            "unsupported_protocol",
        ),
        (
            vec![r#"{"type":"hello","protocol":1,"session":"abc"}"#],
            "invalid_session",
        ),
    ];
    for (texts, expected) in cases {
        let mut socket = Socket::open(&server).await;
        for text in &texts {
            socket.say_text(text).await;
        }
        let mut last = socket.hear().await;
        if texts.len() > 1 {
            last = socket.hear().await;
        }
        assert_eq!(code(&last), expected, "{texts:?}");
        assert_eq!(socket.closed().await, Some(4526), "{texts:?}");
    }
    let long = format!(r#"{{"type":"token","token":"{}"}}"#, "x".repeat(17_000));
    for (message, expected) in [
        (Message::binary(vec![1]), 1003),
        (Message::text(long), 1009),
    ] {
        let mut socket = Socket::watcher(&server).await;
        socket.send(message).await;
        assert_eq!(socket.closed().await, Some(expected));
    }
    // What is wrong in a message after `hello` is answered, and no reason to go.
    let mut socket = Socket::watcher(&server).await;
    socket.say_text("nonsense").await;
    assert_eq!(code(&socket.hear().await), "invalid_request");
    socket.subscribe(TOPIC).await;
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_for_five_seconds_is_sent_away() {
    let server = Server::in_memory().await;
    let began = Instant::now();
    let mut socket = Socket::open(&server).await;
    assert_eq!(socket.closed().await, Some(4008));
    assert!((secs(5)..secs(6)).contains(&began.elapsed()));
}

async fn what_is_said_together_with_the_upgrade_request_is_heard(transport: Transport) {
    let server = Server::start(transport).await;
    let mut pipe = server.dial().await;
    let mut bytes = HANDSHAKE.to_vec();
    bytes.extend(frame(r#"{"type":"hello","protocol":1}"#));
    let subscribe = frame(r#"{"type":"subscribe","topic":"boards:1:cursors"}"#);
    bytes.extend(&subscribe[..7]);
    pipe.write_all(&bytes).await.expect("a connection");
    read_until(&mut pipe, r#""type":"welcome""#).await;
    pipe.write_all(&subscribe[7..]).await.expect("a connection");
    read_until(&mut pipe, r#""type":"snapshot""#).await;
}

const HANDSHAKE: &[u8] = b"GET /presence/ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
    upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A short text frame of a client, masked with nothing.
fn frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).ok().filter(|it| *it < 126);
    let header = [0x81, 0x80 | length.expect("a short text"), 0, 0, 0, 0];
    [&header, text.as_bytes()].concat()
}

async fn read_until(pipe: &mut Pipe, wanted: &str) {
    let mut bytes = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&bytes).contains(wanted) {
            let count = pipe.read_buf(&mut bytes).await.expect("a connection");
            assert_ne!(
                count,
                0,
                "ended after {:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
    };
    timeout(PATIENCE, reading).await.expect("it is said");
}

async fn a_connection_has_so_many_topics_and_no_more(transport: Transport) {
    let mut config = quick_config();
    config.max_topics_per_connection = 3;
    let server = Server::with(transport, topics::all(), config).await;
    let mut socket = Socket::hello(&server, &key()).await;
    for i in 0..3 {
        socket.subscribe(&format!("boards:{i}:cursors")).await;
    }
    let fourth = json!({"type": "subscribe", "topic": "boards:3:cursors"});
    assert_eq!(socket.refused(fourth.clone()).await, "too_many_topics");
    let announce = json!({"type": "heartbeat", "topic": "boards:3:cursors", "value": {"x": 1}});
    assert_eq!(socket.refused(announce).await, "too_many_topics");
    // Announcing where one watches takes no more room.
    socket.announce("boards:0:cursors", json!({"x": 1})).await;
    let unsubscribe = json!({"type": "unsubscribe", "topic": "boards:1:cursors"});
    socket.done(unsubscribe).await;
    socket.done(fourth).await;

    let many: Vec<_> = (0..4)
        .map(|i| json!({"topic": format!("boards:{i}:cursors")}))
        .collect();
    for topics in [&many[..], &[]] {
        let body = json!({ "topics": topics }).to_string();
        let answer = server.post("/presence/changes", &key(), &body).await;
        assert_eq!(answer.refusal(), (429, "too_many_topics".into()));
    }
}

async fn a_server_has_so_many_connections_and_no_more(transport: Transport) {
    let mut config = quick_config();
    config.max_connections = 2;
    let server = Server::with(transport, topics::all(), config).await;
    let mut events = server.events(TOPIC, None).await;
    events.hear().await;
    let socket = Socket::watcher(&server).await;
    assert_eq!(Socket::open(&server).await.closed().await, Some(4029));
    let answer = server.get(&format!("/presence/{TOPIC}/changes")).await;
    assert_eq!(answer.refusal(), (503, "overloaded".into()));
    // Requests are no connections in this sense, and who goes makes room.
    server.value(TOPIC).await;
    socket.close().await;
    let again = async {
        loop {
            let mut socket = Socket::open(&server).await;
            socket.say(&json!({"type": "hello", "protocol": 1})).await;
            if socket.hear_or_end().await.is_ok() {
                return;
            }
        }
    };
    timeout(PATIENCE, again).await.expect("room again");
}

async fn a_server_that_ends_tells_everybody_to_come_back(transport: Transport) {
    let mut server = Server::start(transport).await;
    let mut sockets: Vec<_> = join_all((0..5).map(|_| Socket::watching(&server, TOPIC))).await;
    let mut events = server.events(TOPIC, None).await;
    events.hear().await;
    let began = Instant::now();
    let everybody = async {
        let mut waits = Vec::new();
        for socket in &mut sockets {
            assert_eq!(socket.hear().await["type"], "snapshot");
            let draining = socket.hear().await;
            assert_eq!(draining["type"], "draining");
            waits.push(draining["retryAfterMs"].as_u64());
            assert_eq!(socket.closed().await, Some(1012));
        }
        waits.sort_unstable();
        waits.dedup();
        assert_eq!(waits.len(), 5, "they come back spread out: {waits:?}");
        assert_eq!(events.hear().await["type"], "draining");
        assert_eq!(events.hear_or_end().await, None);
    };
    tokio::join!(server.stop(), everybody);
    assert!(began.elapsed() < secs(3), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_has_said_goodbye_before_it_returns() {
    let mut server = Server::in_memory().await;
    let mut socket = Socket::watching(&server, TOPIC).await;
    server.stop().await;
    // A process would be gone now: what was not written yet never will be.
    let goodbye = timeout(Duration::ZERO, socket.closed()).await;
    assert_eq!(goodbye, Ok(Some(1012)));
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_gathers_bytes_is_flushed() {
    struct Gathering(mpsc::UnboundedReceiver<DuplexStream>);
    impl presence_runtime::server::Listener for Gathering {
        type Io = BufStream<DuplexStream>;

        async fn accept(&mut self) -> std::io::Result<Self::Io> {
            match self.0.recv().await {
                Some(stream) => Ok(BufStream::new(stream)),
                None => std::future::pending().await,
            }
        }
    }
    let (dial, waiting) = mpsc::unbounded_channel();
    let hub = presence_runtime::Hub::new(topics::all(), quick_config()).expect("figures");
    tokio::spawn(presence_runtime::server::serve(
        hub,
        Gathering(waiting),
        std::future::pending(),
    ));
    let (ours, theirs) = tokio::io::duplex(16 * 1024);
    dial.send(theirs).expect("it listens");
    let mut socket = Socket::over(Box::new(ours)).await;
    socket.greet(None).await;
    socket.subscribe(TOPIC).await;
    assert_eq!(socket.hear().await["type"], "snapshot");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_asks_and_never_reads_is_not_listened_to_for_ever() {
    let server = Server::in_memory().await;
    let mut pipe = server.dial_with(8 * 1024).await;
    pipe.write_all(HANDSHAKE).await.expect("a connection");
    read_until(&mut pipe, "101 Switching").await;
    pipe.write_all(&frame(r#"{"type":"hello","protocol":1}"#))
        .await
        .expect("a connection");
    // Each of these is answered with some 300 bytes.
    let nonsense = frame("?");
    let asking = async {
        let mut asked = 0;
        while pipe.write_all(&nonsense).await.is_ok() {
            asked += 1;
            assert!(asked < 2_000, "listened to {asked} questions");
        }
    };
    // It stops listening, and in the end cuts off who does not listen itself.
    timeout(secs(60), asking).await.expect("it is cut off");
    drop(pipe);
    tokio::time::sleep(millis(1)).await;
}
