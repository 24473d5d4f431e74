//! A server that goes: who asks learns it, and everybody is told and sent off, not all at once.

use std::time::Duration;

use futures_util::future::join_all;
use http::{Method, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use presence_runtime::server::Readiness;
use presence_runtime::topic::Reason;
use presence_runtime::{Change, TopicOf};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

use crate::http::{Events, Http, PATIENCE, post, request};
use crate::on_both;
use crate::server::{Server, Transport, key, member, quick_config};
use crate::socket::Socket;
use crate::topics::{self, Cursor, millis};

const TOPIC: &str = "boards:1:cursors";
const WINDOW: Duration = millis(1_000);

on_both![
    a_server_that_goes_says_so_and_answers_to_the_end,
    everybody_is_told_at_once_and_ends_at_a_time_of_their_own,
];

fn board() -> TopicOf<Cursor> {
    Cursor::topic("1").expect("a board")
}

async fn draining(transport: Transport) -> Server {
    let mut config = quick_config();
    config.drain = WINDOW;
    Server::with(transport, topics::all(), config).await
}

fn get(path: &str) -> Request<Full<Bytes>> {
    request(Method::GET, path)
        .body(Full::default())
        .expect("a request")
}

fn upgrade() -> Request<Full<Bytes>> {
    request(Method::GET, "/presence/ws")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(Full::default())
        .expect("a request")
}

async fn a_server_that_goes_says_so_and_answers_to_the_end(transport: Transport) {
    let mut server = draining(transport).await;
    let ann = key();
    assert_eq!(
        server.get("/readyz").await.good(),
        json!({"status": "ready"})
    );
    server
        .announce(TOPIC, &ann, &json!({"value": {"x": 1}}))
        .await;
    let mut kept = Http::open(&server).await;
    kept.send(get("/presence/topics")).await.good();
    let began = Instant::now();
    let hub = server.hub.clone();
    let going = hub.drain();
    let asking = async {
        // The one that asked is polled first.
        tokio::task::yield_now().await;
        assert_eq!(server.hub.readiness(), Readiness::Draining);
        let ready = server.get("/readyz").await;
        assert_eq!(
            (ready.status, ready.json()),
            (503, json!({"status": "draining"}))
        );
        assert_eq!(server.get("/healthz").await.status, 200);
        // What is no connection that stays is answered as ever, and finds another server next time.
        let beat = post(&format!("/presence/{TOPIC}/heartbeat"), &ann, "");
        let answer = kept.send(beat).await;
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(answer.good()["change"], "renewed");
        for stays in [upgrade(), get(&format!("/presence/{TOPIC}/changes"))] {
            let refused = server.send(stays).await;
            assert_eq!(refused.refusal(), (503, "overloaded".to_owned()));
            let wait = refused.json()["error"]["retryAfterMs"]
                .as_u64()
                .expect("a time");
            let seconds = wait.div_ceil(1000).to_string();
            assert!((1..=2_000).contains(&wait), "{wait}");
            assert_eq!(refused.header("retry-after"), Some(&*seconds));
        }
        assert_eq!(server.hub.counts(board()).members, 1);
    };
    tokio::join!(going, asking);
    // Nobody was connected, but whoever asked whether it is ready had the time to ask again.
    assert!(began.elapsed() >= WINDOW, "{:?}", began.elapsed());
    assert_eq!(server.hub.counts(board()).members, 0);
    server.stop().await;
}

async fn everybody_is_told_at_once_and_ends_at_a_time_of_their_own(transport: Transport) {
    let mut server = draining(transport).await;
    let mut sockets: Vec<_> = join_all((0..8).map(|_| Socket::watching(&server, TOPIC))).await;
    let mut events = server.events(TOPIC, None).await;
    events.hear().await;
    let ann = key();
    let mut person = Socket::hello(&server, &ann).await;
    person.announce(TOPIC, json!({"x": 1})).await;
    let mut watch = server.hub.watch(board()).expect("a topic");
    watch.next().await;
    // Behind something that asks, ten connections take the whole time.
    server.get("/readyz").await;
    let began = Instant::now();
    let everybody = sockets.iter_mut().map(|socket| async {
        let told = loop {
            let message = socket.hear().await;
            if message["type"] == "draining" {
                break message["retryAfterMs"].as_u64().expect("a time");
            }
        };
        let told_after = began.elapsed();
        assert_eq!(socket.closed().await, Some(1012));
        (told, told_after, began.elapsed())
    });
    let streaming = async {
        let told = loop {
            let message = events.hear().await;
            if message["type"] == "draining" {
                break message["retryAfterMs"].as_u64();
            }
        };
        // Browsers do by themselves what this says.
        assert_eq!(events.retry, told);
        // It hears what happens until it ends.
        while events.hear_or_end().await.is_some() {}
        assert!(told.expect("a time") < 1_000);
    };
    let (all, (), ()) = tokio::join!(join_all(everybody), streaming, server.stop());
    assert!(
        all.iter().all(|(_, told, _)| *told < millis(300)),
        "{all:?}"
    );
    let mut hints: Vec<_> = all.iter().map(|it| it.0).collect();
    hints.sort_unstable();
    let widest = hints.windows(2).map(|two| two[1] - two[0]).max();
    assert!(widest.expect("hints") < 500, "{hints:?}");
    let mut ends: Vec<_> = all.iter().map(|it| it.2).collect();
    ends.sort_unstable();
    assert!(ends[7] - ends[0] > WINDOW / 2, "{ends:?}");
    assert!(ends[7] < WINDOW + millis(500), "{ends:?}");
    // Whoever lost its connection by that is present to the end, and leaves because of it.
    server.hub.close();
    let mut reasons = Vec::new();
    while let Some(change) = watch.next().await {
        if let Change::Left {
            member: left,
            reason,
        } = change
        {
            assert_eq!(left.to_string(), member(&ann));
            reasons.push(reason);
        }
    }
    assert_eq!(reasons, [Reason::Shutdown]);
}

#[tokio::test(start_paused = true)]
async fn a_server_whom_nobody_watches_ends_with_the_last_connection() {
    let mut server = draining(Transport::Memory).await;
    let began = Instant::now();
    server.stop().await;
    assert!(began.elapsed() <= millis(50), "{:?}", began.elapsed());

    let mut server = draining(Transport::Memory).await;
    let sockets: Vec<_> = join_all((0..4).map(|_| Socket::watching(&server, TOPIC))).await;
    let began = Instant::now();
    let listening = join_all(sockets.into_iter().map(|mut socket| async move {
        assert_eq!(socket.closed().await, Some(1012));
    }));
    tokio::join!(server.stop(), listening);
    assert!(began.elapsed() < WINDOW / 4, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_before_the_end_is_answered() {
    let mut server = draining(Transport::Memory).await;
    server.get("/readyz").await;
    let mut pipe = server.dial().await;
    let slow = async {
        let head = format!(
            "POST /presence/{TOPIC}/heartbeat HTTP/1.1\r\nHost: localhost\r\nPresence-Session: {}\r\n\
             Content-Type: application/json\r\nContent-Length: 17\r\n\r\n",
            key()
        );
        pipe.write_all(head.as_bytes()).await.expect("it is open");
        sleep(WINDOW + millis(500)).await;
        pipe.write_all(b"{\"value\":{\"x\":1}}")
            .await
            .expect("it is open");
        let mut answer = String::new();
        pipe.read_to_string(&mut answer).await.expect("an answer");
        answer
    };
    let (answer, ()) = tokio::join!(slow, async {
        sleep(millis(100)).await;
        server.stop().await;
    });
    // The hub is open as long as `serve` answers; who closes it does so afterwards.
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn draining_twice_is_draining_once() {
    let server = draining(Transport::Memory).await;
    let mut events = Events::open(&server, get(&format!("/presence/{TOPIC}/changes"))).await;
    events.hear().await;
    let both = async { tokio::join!(server.hub.drain(), server.hub.drain()) };
    let hearing = async {
        assert_eq!(events.hear().await["type"], "draining");
        assert_eq!(events.hear_or_end().await, None);
    };
    timeout(PATIENCE, async { tokio::join!(both, hearing) })
        .await
        .expect("it ends");
}
