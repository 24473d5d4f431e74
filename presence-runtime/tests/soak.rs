//! Churn: thousands of joins and leaves a second against the real server over loopback, watched by
//! those who do it, every other of whom breaks off in the end, after which nothing is left of them.
//!
//! `SOAK_SECS` says for how long; then the memory is looked at too, once the server need not
//! remember anybody any longer.

#![cfg(feature = "server")]

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use presence_runtime::{Config, Presence, Server, Topics};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::{Instant, interval, sleep};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

/// Sockets that come and go with their members, and the pace of each of them.
const SOCKETS: u64 = 50;
const A_SECOND: u64 = 5_000 / SOCKETS;
/// How long the topic is known of somebody who broke off: their grace, their last `n` for grace and
/// 30 s, the topic itself for grace again.
const MEMORY: Duration = Duration::from_secs(10 + 40 + 10 + 5);

#[derive(Presence, Debug)]
#[presence(topic = "soak:{room}")]
struct Dot {
    x: u32,
}

/// What a process holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    kilobytes: usize,
    files: usize,
    tasks: usize,
}

impl Held {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let words = line.and_then(|it| it.split_whitespace().next());
        Self {
            kilobytes: words.and_then(|it| it.parse().ok()).expect("a number"),
            files: std::fs::read_dir("/proc/self/fd")
                .expect("this is Linux")
                .count(),
            tasks: Handle::current().metrics().num_alive_tasks(),
        }
    }
}

/// Joins and leaves on one socket at its pace. Returns how often.
async fn churn(addr: std::net::SocketAddr, number: u64, round: u64, until: Instant) -> u64 {
    let stream = TcpStream::connect(addr).await.expect("the server listens");
    let (mut socket, _) = client_async("ws://localhost/presence/ws", stream)
        .await
        .expect("a handshake");
    let key = format!("{:032x}", round * SOCKETS + number + 1);
    let hello = format!(r#"{{"type":"hello","protocol":1,"session":"{key}"}}"#);
    socket.send(Message::text(hello)).await.expect("it is open");
    let watch = format!(r#"{{"type":"subscribe","topic":"soak:{number}"}}"#);
    socket.send(Message::text(watch)).await.expect("it is open");
    let mut pace = interval(Duration::from_millis(1000 / A_SECOND));
    let mut count = 0;
    while Instant::now() < until {
        pace.tick().await;
        let topic = format!("soak:{}", (number + count) % 100);
        let join = format!(r#"{{"type":"heartbeat","topic":"{topic}","value":{{"x":{count}}}}}"#);
        let leave = format!(r#"{{"type":"leave","topic":"{topic}","id":{count}}}"#);
        socket.feed(Message::text(join)).await.expect("it is open");
        socket.send(Message::text(leave)).await.expect("it is open");
        loop {
            let heard = socket.next().await.expect("it is open").expect("a message");
            if let Message::Text(text) = heard
                && text.starts_with(r#"{"type":"ok""#)
            {
                assert!(text.ends_with(r#""left":true}"#), "{text}");
                break;
            }
        }
        count += 1;
    }
    if number.is_multiple_of(2) {
        let _ = socket.close(None).await;
        while let Some(Ok(_)) = socket.next().await {}
    } else {
        // Breaks off while it is present.
        let join = format!(r#"{{"type":"heartbeat","topic":"soak:{number}","value":{{"x":0}}}}"#);
        socket.send(Message::text(join)).await.expect("it is open");
    }
    count
}

/// All sockets, new ones every other second. Returns how many joined and left.
async fn play(addr: std::net::SocketAddr, secs: u64) -> u64 {
    let mut count = 0;
    for round in 0..secs.div_ceil(2) {
        let until = Instant::now() + Duration::from_secs(2);
        let sockets: Vec<_> = (0..SOCKETS)
            .map(|number| tokio::spawn(churn(addr, number, round, until)))
            .collect();
        for socket in sockets {
            count += socket.await.expect("no socket breaks");
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_who_came_and_went() {
    let asked = std::env::var("SOAK_SECS").ok();
    let secs = asked
        .as_ref()
        .map_or(4, |it| it.parse().expect("SOAK_SECS is a number"));
    let topics = Topics::new().register::<Dot>();
    let server = Server::bind("127.0.0.1:0", topics, Config::default())
        .await
        .expect("a port");
    let addr = server.addr();
    tokio::spawn(server.run(std::future::pending()));
    // Buffers, threads and maps have their size afterwards. An allocator keeps what was needed at the
    // highest tide, so the long version waits for that: until as many are forgotten as come.
    let warm_up = if asked.is_some() { 50 } else { 2 };
    play(addr, warm_up).await;
    if asked.is_some() {
        sleep(MEMORY).await;
    }
    let before = Held::now();

    let began = Instant::now();
    let count = play(addr, secs).await;
    let pace = count / began.elapsed().as_secs().max(1);
    let patience = Instant::now() + Duration::from_secs(5);
    while Held::now().tasks > before.tasks && Instant::now() < patience {
        sleep(Duration::from_millis(20)).await;
    }
    if asked.is_some() {
        sleep(MEMORY).await;
    }
    let after = Held::now();
    eprintln!("{count} joined and left, {pace} a second; {before:?}, then {after:?}");
    assert!(count > 0);
    assert!(after.tasks <= before.tasks, "{before:?}, then {after:?}");
    assert!(after.files <= before.files, "{before:?}, then {after:?}");
    let grown = after.kilobytes.saturating_sub(before.kilobytes);
    // What topics remember for a while of who left is bounded, but it is there.
    let most = if asked.is_some() { 4 } else { 32 };
    assert!(grown < most * 1024, "{before:?}, then {after:?}");
}
