//! How many there may be of something.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use http::Method;
use http_body_util::Full;
use presence_runtime::{Hub, Topics, hook};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{Outcome, Try, probes};
use crate::http::{Events, Http, request};
use crate::server::{FAR, Server, Transport, key};
use crate::socket::Socket;
use crate::topics::{self, Cursor, millis};

probes! {
    max_connections = (3, 1),
    max_connections_per_user = (3, 1),
    max_connections_per_address = (3, 1),
    max_http_connections = (3, 1),
    max_http_connections_per_address = (3, 1),
    max_topics = (3, 1),
    max_new_topics_per_minute = (3, 1),
    max_topics_per_connection = (3, 1),
    max_topics_per_session = (3, 1),
    max_entries = (3, 1),
    max_members = (3, 1),
    max_values_per_second = (3, 1),
    max_messages_per_second = (10, 1),
    max_hook_backlog = (3, 1),
    users = (128, 1),
    history = (3, 1),
    max_history = (3, 1),
}

const TOPIC: &str = "boards:1:cursors";

fn topic(number: u64) -> String {
    format!("boards:{number}:cursors")
}

async fn server(it: &Try) -> Server {
    Server::with(Transport::Memory, topics::slow(), it.config.clone()).await
}

async fn stream(server: &Server, key: Option<&str>) -> Result<Events, Outcome> {
    let mut asking = request(Method::GET, &format!("/presence/{TOPIC}/changes"));
    if let Some(key) = key {
        asking = asking.header("presence-session", key);
    }
    let asking = asking.body(Full::default()).expect("a request");
    let opened = Events::try_open(server, asking).await;
    opened.map_err(|answer| Outcome::of(&answer))
}

/// As many streams as are wanted, the last of which may be one too many, and a socket instead of it.
async fn streams(server: &Server, wanted: u64, key: Option<&str>) -> Vec<Outcome> {
    let mut open = Vec::new();
    for _ in 1..wanted {
        open.push(stream(server, key).await.expect("room"));
    }
    let last = stream(server, key).await;
    let by_stream = last.as_ref().err().cloned().unwrap_or(Outcome::Good);
    drop(last);
    // That it is gone may take a tick to be noticed.
    sleep(millis(100)).await;
    let mut socket = Socket::open(server).await;
    let mut hello = json!({"type": "hello", "protocol": 1});
    if let Some(key) = key {
        hello["session"] = key.into();
    }
    socket.try_say(&hello).await;
    let by_socket = match socket.hear_or_end().await {
        Ok(told) => match Outcome::told(&told) {
            Outcome::Good => vec![Outcome::Good],
            told => vec![told, Outcome::end_of(&mut socket).await],
        },
        Err(code) => vec![Outcome::Closed(code.expect("a code"))],
    };
    [vec![by_stream], by_socket].concat()
}

async fn max_connections(it: Try) -> Vec<Outcome> {
    streams(&server(&it).await, it.wanted, None).await
}

async fn max_connections_per_user(it: Try) -> Vec<Outcome> {
    streams(&server(&it).await, it.wanted, Some(&key())).await
}

async fn max_connections_per_address(it: Try) -> Vec<Outcome> {
    let server = Server::mounted(topics::slow(), it.config, FAR);
    streams(&server, it.wanted, None).await
}

/// As many connections as are wanted, all of which have asked for something and stay.
async fn idle(server: &Server, wanted: u64) -> Vec<Outcome> {
    let mut open = Vec::new();
    let mut last = Outcome::Good;
    for _ in 0..wanted {
        assert_eq!(last, Outcome::Good);
        let mut http = Http::open(server).await;
        let asking = request(Method::GET, "/presence/topics").body(Full::default());
        last = Outcome::of(&http.send(asking.expect("a request")).await);
        open.push(http);
    }
    vec![last]
}

async fn max_http_connections(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let outcomes = idle(&server, it.wanted).await;
    sleep(millis(10)).await;
    // Who becomes a WebSocket or a stream makes room, and so does who goes.
    let mut open = Vec::new();
    for _ in 0..2 * it.most {
        open.push(Socket::watcher(&server).await);
    }
    outcomes
}

async fn max_http_connections_per_address(it: Try) -> Vec<Outcome> {
    let server = Server::far(topics::slow(), it.config);
    idle(&server, it.wanted).await
}

/// Somebody announces in as many topics, each time as somebody else or not.
async fn announce(server: &Server, wanted: u64, one: bool) -> Vec<Outcome> {
    let ann = key();
    let mut last = Outcome::Good;
    for number in 0..wanted {
        assert_eq!(last, Outcome::Good);
        let who = if one { ann.clone() } else { key() };
        let path = format!("/presence/{}/heartbeat", topic(number));
        last = Outcome::of(&server.post(&path, &who, r#"{"value": {"x": 1}}"#).await);
    }
    vec![last]
}

async fn max_topics(it: Try) -> Vec<Outcome> {
    announce(&server(&it).await, it.wanted, false).await
}

async fn max_new_topics_per_minute(it: Try) -> Vec<Outcome> {
    let server = Server::mounted(topics::slow(), it.config, FAR);
    announce(&server, it.wanted, false).await
}

async fn max_topics_per_session(it: Try) -> Vec<Outcome> {
    announce(&server(&it).await, it.wanted, true).await
}

async fn max_entries(it: Try) -> Vec<Outcome> {
    announce(&server(&it).await, it.wanted, false).await
}

async fn max_topics_per_connection(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let mut socket = Socket::watcher(&server).await;
    let mut last = json!(null);
    for number in 0..it.wanted {
        last = socket
            .ask(json!({"type": "subscribe", "topic": topic(number)}))
            .await;
    }
    let many: Vec<_> = (0..it.wanted)
        .map(|it| json!({"topic": topic(it)}))
        .collect();
    let asking = request(Method::POST, "/presence/changes")
        .header("content-type", "application/json")
        .body(Full::from(json!({ "topics": many }).to_string()));
    let opened = Events::try_open(&server, asking.expect("a request")).await;
    let by_stream = opened.map_or_else(|it| Outcome::of(&it), |_| Outcome::Good);
    vec![Outcome::told(&last), by_stream]
}

async fn max_members(it: Try) -> Vec<Outcome> {
    let most = usize::try_from(it.most).expect("few");
    let topics = Topics::new().register::<Cursor>().max_members(most);
    let server = Server::with(Transport::Memory, topics, it.config).await;
    let mut last = Outcome::Good;
    let mut socket = Socket::hello(&server, &key()).await;
    for number in 1..=it.wanted {
        assert_eq!(last, Outcome::Good);
        let path = format!("/presence/{TOPIC}/heartbeat");
        if number == it.wanted {
            let beat = json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 1}});
            let told = Outcome::told(&socket.ask(beat).await);
            socket.ask(json!({"type": "leave", "topic": TOPIC})).await;
            let answer = server.post(&path, &key(), r#"{"value": {"x": 1}}"#).await;
            return vec![told, Outcome::of(&answer)];
        }
        last = Outcome::of(&server.post(&path, &key(), r#"{"value": {"x": 1}}"#).await);
    }
    vec![last]
}

async fn max_values_per_second(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let mut socket = Socket::hello(&server, &key()).await;
    // The first is how one joins.
    for x in 0..=it.wanted {
        socket.announce(TOPIC, json!({"x": x})).await;
    }
    let shown = async || server.value(TOPIC).await["entries"][0]["value"]["x"].as_f64();
    #[expect(clippy::cast_precision_loss, reason = "few")]
    let newest = Some(it.wanted as f64);
    let at_once = shown().await == newest;
    sleep(millis(400)).await;
    assert_eq!(shown().await, newest, "the newest counts in the end");
    vec![if at_once {
        Outcome::Good
    } else {
        Outcome::Otherwise
    }]
}

async fn max_messages_per_second(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let began = Instant::now();
    // The first is `hello`.
    let mut socket = Socket::watcher(&server).await;
    for _ in 1..it.wanted {
        socket
            .done(json!({"type": "unsubscribe", "topic": TOPIC}))
            .await;
    }
    vec![if began.elapsed() < millis(20) {
        Outcome::Good
    } else {
        Outcome::Otherwise
    }]
}

async fn max_hook_backlog(it: Try) -> Vec<Outcome> {
    // Clients of a runtime of their own, with threads to spare for a hook that takes its time.
    let (told, outcomes) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let _ = told.send(runtime.block_on(behind_a_hook(it)));
    });
    outcomes.await.expect("no panic")
}

async fn behind_a_hook(it: Try) -> Vec<Outcome> {
    let (release, released) = channel::<()>();
    let (begin, begun) = channel();
    let released = Mutex::new(released);
    let hub = Hub::builder(topics::slow())
        .config(it.config)
        .on_change(move |_: hook::Changed<Cursor>| {
            let _ = begin.send(());
            // Over when the test drops its end. Other tasks may wait for this thread, and go elsewhere.
            let _ =
                tokio::task::block_in_place(|| released.lock().expect("no hook panicked").recv());
        })
        .build()
        .expect("sensible figures");
    let server = Arc::new(Server::of(Transport::Tcp, hub).await);
    let mut socket = Socket::hello(&server, &key()).await;
    let slow = key();
    let path = format!("/presence/{TOPIC}/heartbeat");
    server
        .announce(TOPIC, &slow, &json!({"value": {"x": 0}}))
        .await;
    let (other, busy) = (server.clone(), path.clone());
    let waiting = tokio::spawn(async move {
        other
            .post(&busy, &slow, r#"{"value": {"x": 1}}"#)
            .await
            .status
    });
    tokio::task::spawn_blocking(move || begun.recv())
        .await
        .expect("no panic")
        .expect("the hook runs");
    for x in 1..it.wanted {
        socket.announce(TOPIC, json!({"x": x})).await;
    }
    let beat = json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 99}});
    let told = socket.ask(beat).await;
    drop(release);
    assert_eq!(waiting.await.expect("no panic"), 200);
    vec![Outcome::told(&told)]
}

/// How many transitions of these topics are remembered.
async fn remembered(server: &Server, topics: impl Iterator<Item = u64>) -> u64 {
    let mut count = 0;
    for number in topics {
        let path = format!("/presence/{}/history", topic(number));
        let page = server.get(&path).await.good();
        count += page["transitions"].as_array().expect("a list").len() as u64;
    }
    count
}

fn or_forgotten(remembered: u64, wanted: u64) -> Vec<Outcome> {
    vec![if remembered == wanted {
        Outcome::Good
    } else {
        Outcome::Otherwise
    }]
}

async fn history(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    for _ in 0..it.wanted {
        let value = json!({"value": {"x": 1}});
        server.announce(&topic(0), &key(), &value).await;
    }
    or_forgotten(remembered(&server, 0..1).await, it.wanted)
}

async fn max_history(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    announce(&server, it.wanted, false).await;
    or_forgotten(remembered(&server, 0..it.wanted).await, it.wanted)
}

async fn users(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let ann = key();
    let many: Vec<_> = (0..it.wanted).map(|it| format!("user-{it}")).collect();
    let body = json!({"value": {"x": 1}, "following": many}).to_string();
    let path = format!("/presence/{TOPIC}/heartbeat");
    let followed = Outcome::of(&server.post(&path, &ann, &body).await);
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    let follow = json!({"type": "follow", "topic": TOPIC, "users": many});
    let told = Outcome::told(&socket.ask(follow).await);
    let filter = json!({"type": "subscribe", "topic": TOPIC, "filter": {"users": many}});
    vec![followed, told, Outcome::told(&socket.ask(filter).await)]
}
