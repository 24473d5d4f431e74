//! Event streams as bytes: over TCP they have a connection to themselves once the head of the answer
//! has gone, and HTTP must not show it.

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep};

use crate::http::PATIENCE;
use crate::leaving::Observer;
use crate::raw::Raw;
use crate::server::{Server, Transport, key, quick_config};
use crate::socket::Socket;
use crate::topics::{self, millis, secs};

const TOPIC: &str = "quick:1";

fn asking(version: &str, more: &str) -> String {
    format!("GET /presence/{TOPIC}/changes HTTP/{version}\r\nhost: localhost\r\n{more}\r\n")
}

#[tokio::test]
async fn every_event_is_a_chunk_and_the_end_of_the_server_the_last_one() {
    let mut server = Server::start(Transport::Tcp).await;
    let mut raw = Raw::open(&server, &asking("1.1", "")).await;
    let head = raw.until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    for line in ["transfer-encoding: chunked", "connection: close"] {
        assert!(head.contains(line), "{line} in {head}");
    }
    for event in ["snapshot", "changes"] {
        let size = raw.until("\r\n").await;
        let size = usize::from_str_radix(&size, 16).expect("a size in hex digits");
        let chunk = raw.until("\n\n\r\n").await;
        assert!(chunk.starts_with(&format!("event: {event}\n")), "{chunk}");
        assert_eq!(chunk.len() + 2, size);
        server
            .announce(TOPIC, &key(), &json!({"value": {"x": 1}}))
            .await;
    }
    let (rest, ()) = tokio::join!(raw.rest(), server.stop());
    assert!(rest.ends_with("0\r\n\r\n"), "{rest:?}");
}

#[tokio::test]
async fn a_client_that_knows_no_chunks_gets_none() {
    let mut server = Server::start(Transport::Tcp).await;
    let mut raw = Raw::open(&server, &asking("1.0", "")).await;
    let head = raw.until("\r\n\r\n").await;
    assert!(!head.contains("chunked"), "{head}");
    assert_eq!(raw.until("\n").await, "event: snapshot");
    raw.until("\n\n").await;
    server
        .announce(TOPIC, &key(), &json!({"value": {"x": 1}}))
        .await;
    assert_eq!(raw.until("\n").await, "event: changes");
    let (rest, ()) = tokio::join!(raw.rest(), server.stop());
    assert!(rest.ends_with("\n\n"), "{rest:?}");
}

#[tokio::test]
async fn a_stream_comes_after_the_answers_to_what_was_asked_before() {
    const ASKED: usize = 2_000;
    let server = Server::start(Transport::Tcp).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(8 * 1024).expect("a socket");
    socket.set_send_buffer_size(512 * 1024).expect("a socket");
    let nothing = "HEAD /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let requests = nothing.repeat(ASKED) + &asking("1.1", "");
    let mut raw = Raw::over(socket, &server, &requests).await;
    // More answers than the sockets have room for.
    sleep(millis(300)).await;
    for _ in 0..ASKED {
        let head = raw.until("\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    }
    let head = raw.until("\r\n\r\n").await;
    assert!(head.contains("text/event-stream"), "{head}");
    raw.until("event: snapshot").await;
}

#[tokio::test]
async fn what_is_asked_behind_a_stream_is_not_answered_and_hurts_nobody() {
    let server = Server::start(Transport::Tcp).await;
    let behind = "GET /presence/topics HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut raw = Raw::open(&server, &(asking("1.1", "") + behind)).await;
    raw.until("event: snapshot").await;
    let written = raw.stream.write_all(behind.repeat(100).as_bytes()).await;
    written.expect("a connection");
    server
        .announce(TOPIC, &key(), &json!({"value": {"x": 1}}))
        .await;
    let between = raw.until("event: changes").await;
    assert!(!between.contains("HTTP/1.1"), "{between}");
}

#[tokio::test]
async fn a_client_that_closes_its_side_ends_the_stream_and_what_is_bound_to_it() {
    let server = Server::start(Transport::Tcp).await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let body = json!({"value": {"x": 1}, "ttlMs": 300_000});
    server.announce(TOPIC, &ann, &body).await;
    observer.sees_join(&ann).await;
    let request = asking("1.1", &format!("presence-session: {ann}\r\n"));
    let mut raw = Raw::open(&server, &request).await;
    raw.until("event: snapshot").await;
    let began = Instant::now();
    raw.half_close().await;
    let rest = raw.rest().await;
    assert!(rest.ends_with("0\r\n\r\n"), "it ended well: {rest}");
    observer
        .sees_leave_in(&ann, "disconnected", began, millis(200)..=secs(2))
        .await;
}

#[tokio::test]
async fn a_silent_stream_carries_comments() {
    let mut config = quick_config();
    config.comment = millis(100);
    let server = Server::with(Transport::Tcp, topics::all(), config).await;
    let mut raw = Raw::open(&server, &asking("1.1", "")).await;
    raw.until("event: snapshot").await;
    raw.until("\n\n\r\n").await;
    for _ in 0..2 {
        assert_eq!(raw.until("3\r\n:\n\n\r\n").await, "");
    }
}

#[tokio::test]
async fn a_stream_that_is_not_read_is_cut_off() {
    const NOTES: &str = "notes:1";
    let mut config = quick_config();
    config.stall_timeout = millis(200);
    // The stalled stream, who talks, and whoever asks whether there is room.
    config.max_connections = 2;
    let server = Server::with(Transport::Tcp, topics::all(), config).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a socket");
    let request = asking("1.1", "").replace(TOPIC, NOTES);
    let stalled = Raw::over(socket, &server, &request).await;
    let mut talking = Socket::hello(&server, &key()).await;
    let began = Instant::now();
    for round in 0.. {
        for turn in 0..5 {
            let text = format!("{round}.{turn}{}", "x".repeat(3_900));
            talking.announce(NOTES, json!({"text": text})).await;
            sleep(millis(10)).await;
        }
        let mut asking = Raw::open(&server, &asking("1.1", "")).await;
        if asking.until("\r\n").await.contains("200") {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "it is still there");
    }
    assert!(began.elapsed() > millis(1_200), "that was early");
    let rest = stalled.rest().await;
    assert!(!rest.contains("0\r\n\r\n"), "it did not end well");
}
