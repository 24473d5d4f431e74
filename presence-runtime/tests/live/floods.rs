//! One user's flood, of whatever kind, leaves others alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use presence_runtime::{Hub, hook};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::http::{Http, post};
use crate::on_both;
use crate::server::{Server, Transport, key, quick_config};
use crate::socket::{Socket, message_text};
use crate::topics::{self, millis, secs};

const TOPIC: &str = "boards:1:cursors";
/// Where a tick takes 10 ms.
const QUICK: &str = "quick:1";
/// That tick, and 20 ms.
const PROMISE: Duration = millis(30);
/// Of the machine, which may be busy with other tests.
const LAG: Duration = millis(250);

on_both!(whoever_says_too_much_is_heard_later_and_not_sent_away);

async fn whoever_says_too_much_is_heard_later_and_not_sent_away(transport: Transport) {
    const MOST: usize = 50;
    let mut config = quick_config();
    config.max_messages_per_second = MOST;
    let server = Server::with(transport, topics::all(), config).await;
    let mut socket = Socket::hello(&server, &key()).await;
    sleep(secs(1)).await;
    let began = Instant::now();
    for id in 1..=2 * MOST {
        let message = json!({"type": "unsubscribe", "topic": TOPIC, "id": id});
        socket.say(&message).await;
    }
    let mut heard = Vec::new();
    for id in 1..=2 * MOST {
        assert_eq!(socket.hear().await["id"], id);
        heard.push(began.elapsed());
    }
    // As many at once as in a second, and then one after the other.
    let late = if transport == Transport::Tcp {
        LAG
    } else {
        millis(1)
    };
    assert!(heard[MOST - 2] <= late, "{:?}", heard[MOST - 2]);
    for (id, at) in heard.iter().enumerate().skip(MOST) {
        let due = secs(1) * u32::try_from(id - MOST + 1).expect("few") / 50;
        let window = due.saturating_sub(millis(1))..=due + late;
        assert!(window.contains(at), "{id}: {at:?}, not {window:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_wrong_messages_is_answered_to_the_last() {
    const MANY: usize = 20_000;
    let mut config = quick_config();
    config.max_messages_per_second = 100_000;
    let server = Server::with(Transport::Memory, topics::all(), config).await;
    let pipe = Socket::watcher(&server).await.into_pipe();
    let (mut hearing, mut saying) = tokio::io::split(pipe);
    let mut answers = vec![0; 1024];
    saying.write_all(&frame(0x81, "?")).await.expect("it stays");
    sleep(millis(10)).await;
    let one = hearing.read(&mut answers).await.expect("it stays");
    answers.resize(one * MANY, 0);
    let flood = async {
        let frames = frame(0x81, "?").repeat(MANY);
        saying.write_all(&frames).await.expect("it stays");
    };
    let answers = async {
        let all = hearing.read_exact(&mut answers).await;
        all.expect("as many answers");
    };
    tokio::join!(flood, answers);
}

#[tokio::test(start_paused = true)]
async fn values_that_come_too_fast_are_conflated_for_everybody() {
    let changes = Arc::new(AtomicUsize::new(0));
    let counted = changes.clone();
    let hub = Hub::builder(topics::all())
        .config(quick_config())
        .on_change(move |_: hook::Changed<topics::Cursor>| {
            counted.fetch_add(1, Ordering::Relaxed);
        })
        .build()
        .expect("sensible figures");
    let topic = topics::Cursor::topic("1").expect("a topic");
    let x = |hub: &Hub| hub.members(&topic).first().map(|it| it.1.x);
    let server = Server::of(Transport::Memory, hub.clone()).await;
    let mut watcher = Socket::watching(&server, TOPIC).await;
    let mut socket = Socket::hello(&server, &key()).await;
    socket.announce(TOPIC, json!({"x": 0})).await;
    let mut say = async |from: u32, pause: Duration| {
        for x in from..from + 480 {
            let told = socket.announce(TOPIC, json!({"x": x})).await;
            assert_eq!(told["change"], "updated");
            sleep(pause).await;
        }
        f64::from(from + 479)
    };
    // As many as in a second are taken at once, and then the newest.
    let newest = say(1, Duration::ZERO).await;
    assert_eq!(x(&hub), Some(60.0));
    sleep(millis(23)).await;
    assert_eq!(x(&hub), Some(newest));
    assert_eq!(changes.swap(0, Ordering::Relaxed), 61);
    // 200 a second for 2.4 s, of which the first second's worth is not there any more.
    let newest = say(1_000, millis(5)).await;
    sleep(millis(23)).await;
    assert_eq!(x(&hub), Some(newest));
    let taken = changes.load(Ordering::Relaxed);
    assert!((120..=60 * 5 / 2 + 3).contains(&taken), "{taken}");
    // Who watches ends with the newest too.
    let mut last = json!(null);
    while last != newest {
        let heard = watcher.hear().await;
        last = heard["updated"][0]["value"]["x"].clone();
    }
}

/// What a flood is made of.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Valid,
    Invalid,
    Tiny,
    Pings,
    Posts,
}

/// Says as much as the server takes, and reads whatever it answers.
async fn flood(server: &Server, kind: Kind, key: &str) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    if let Kind::Posts = kind {
        let mut http = Http::open(server).await;
        let key = key.to_owned();
        tasks.spawn(async move {
            for x in 0.. {
                let body = json!({"value": {"x": x % 1_000}}).to_string();
                let path = format!("/presence/{QUICK}/heartbeat");
                http.send(post(&path, &key, &body)).await;
            }
        });
        return tasks;
    }
    let mut socket = Socket::hello(server, key).await;
    socket.subscribe(QUICK).await;
    let pipe = socket.into_pipe();
    let (mut hearing, mut saying) = tokio::io::split(pipe);
    let frames = move |from: u32| -> Vec<u8> {
        let frame = |x: u32| match kind {
            Kind::Valid => {
                let beat = json!({"type": "heartbeat", "topic": QUICK, "value": {"x": x % 1_000}});
                frame(0x81, &message_text(&beat))
            }
            Kind::Invalid => {
                let value = json!({"x": -1, "y": true, "label": x, "tool": "Axe", "typing": 1});
                let beat = json!({"type": "heartbeat", "topic": QUICK, "value": value});
                frame(0x81, &message_text(&beat))
            }
            Kind::Tiny => frame(0x81, "?"),
            Kind::Pings | Kind::Posts => frame(0x89, ""),
        };
        (from..from + 500).flat_map(frame).collect()
    };
    tasks.spawn(async move {
        for i in 0.. {
            if saying.write_all(&frames(500 * i)).await.is_err() {
                return;
            }
        }
    });
    tasks.spawn(async move {
        let mut waste = vec![0; 64 * 1024];
        while let Ok(1..) = hearing.read(&mut waste).await {}
    });
    tasks
}

/// A short frame of a client, masked with nothing.
pub(crate) fn frame(first: u8, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text");
    let mut frame = vec![first];
    match u8::try_from(length) {
        Ok(length @ 0..126) => frame.push(0x80 | length),
        _ => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// How long the slowest of somebody's values takes to the one who watches.
async fn slowest(server: &Server) -> Duration {
    let mut speaker = Socket::hello(server, &key()).await;
    let mut watcher = Socket::watching(server, QUICK).await;
    let mut took = Vec::new();
    for x in 50_000..50_060 {
        let began = Instant::now();
        let beat = json!({"type": "heartbeat", "topic": QUICK, "value": {"x": x}});
        speaker.say(&beat).await;
        while !watcher
            .hear()
            .await
            .to_string()
            .contains(&format!("\"x\":{x}"))
        {}
        took.push(began.elapsed());
        sleep(millis(3)).await;
    }
    took.into_iter().max().expect("some values")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_users_flood_leaves_the_delivery_of_others_within_its_promise() {
    let mut config = quick_config();
    config.max_connections_per_user = 4;
    let server = Server::with(Transport::Tcp, topics::all(), config).await;
    for kind in [
        Kind::Valid,
        Kind::Invalid,
        Kind::Tiny,
        Kind::Pings,
        Kind::Posts,
    ] {
        let tasks = flood(&server, kind, &key()).await;
        sleep(millis(100)).await;
        let mut took = Vec::new();
        // Other tests may keep the machine busy for a while, but not every time.
        while took.last().is_none_or(|it| *it > PROMISE + LAG) {
            assert!(took.len() < 5, "{kind:?}: {took:?}");
            took.push(slowest(&server).await);
        }
        drop(tasks);
    }
}
