//! Attacks, one after the other, while two innocent people look at each other: they see each other's
//! changes all the while, and nothing is left of any attack (G14).

use std::fmt::Write as _;
use std::time::Duration;

use futures_util::future::join_all;
use presence_runtime::Topics;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

use crate::raw::Raw;
use crate::server::{Server, Transport, key, quick_config};
use crate::socket::Socket;
use crate::topics::{Cursor, Quick, millis, secs};

/// Where the innocent are; a tick takes 10 ms there.
const INNOCENT: &str = "quick:innocent";
const TOPIC: &str = "boards:1:cursors";
const HEARTBEAT: &str = "/presence/boards:1:cursors/heartbeat";
/// A tick and 20 ms, and what a machine may be busy with other tests.
const PROMISE: Duration = millis(30 + 400);

/// Somebody and whoever watches them.
struct Couple {
    ann: Socket,
    bob: Socket,
    x: u32,
}

impl Couple {
    async fn of(server: &Server) -> Self {
        let mut bob = Socket::watching(server, INNOCENT).await;
        assert_eq!(bob.hear().await["type"], "snapshot");
        let ann = Socket::hello(server, &key()).await;
        Self { ann, bob, x: 0 }
    }

    /// They see a change, in time.
    async fn see(&mut self) -> Duration {
        self.x += 1;
        let began = Instant::now();
        self.ann.announce(INNOCENT, json!({"x": self.x})).await;
        loop {
            let heard = self.bob.hear().await;
            let lists = ["joined", "updated"].map(|it| heard[it][0]["value"]["x"].clone());
            if lists.contains(&json!(self.x)) {
                return began.elapsed();
            }
            assert_eq!(heard["type"], "changes", "{heard}");
        }
    }

    /// They see changes while this goes on, to its end.
    async fn watch(&mut self, attack: impl Future<Output = ()>, name: &str) {
        let mut attack = std::pin::pin!(attack);
        let mut late = Vec::new();
        let mut over = false;
        while !over {
            let seeing = async {
                let took = self.see().await;
                sleep(millis(5)).await;
                took
            };
            let mut seeing = std::pin::pin!(seeing);
            let took = loop {
                tokio::select! {
                    () = &mut attack, if !over => over = true,
                    took = &mut seeing => break took,
                }
            };
            if took > PROMISE {
                late.push(took);
            }
        }
        assert!(late.len() <= 1, "{name}: they waited {late:?}");
    }
}

/// Says it on a connection of its own, and goes once it is answered.
async fn say(server: &Server, bytes: impl AsRef<[u8]>) {
    let mut raw = Raw::open(server, bytes).await;
    let mut some = [0; 1024];
    let _ = timeout(millis(200), raw.stream.read(&mut some)).await;
}

fn posted(body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "POST {HEARTBEAT} HTTP/1.1\r\nhost: localhost\r\npresence-session: {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        key(),
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// JSON that nobody means well by.
fn payloads() -> Vec<Vec<u8>> {
    let value = |x: &str| format!(r#"{{"value": {{"x": {x}}}}}"#).into_bytes();
    let label = |text: &str| format!(r#"{{"value": {{"x": 1, "label": {text}}}}}"#).into_bytes();
    let mut all = vec![
        "[".repeat(16_000).into_bytes(),
        r#"{"a":"#.repeat(3_000).into_bytes(),
        value(&"[".repeat(15_000)),
        value(&format!("{}{}", "[".repeat(7_000), "]".repeat(7_000))),
        value("1e999"),
        value("-1E400"),
        value("1e-999"),
        value("-0"),
        value(&"9".repeat(400)),
        value(&format!("0.{}", "9".repeat(10_000))),
        value("NaN"),
        value("Infinity"),
        value("0x1"),
        value("01"),
        value("1}} trailing"),
        br#"{"value": {"x": 1, "x": 2}}"#.to_vec(),
        br#"{"value": {"x": 1}, "value": {"x": 2}}"#.to_vec(),
        br#"{"__proto__": {"x": 1}}"#.to_vec(),
        br#"{"value": {"__proto__": {"x": 1}, "constructor": 1, "x": 1}}"#.to_vec(),
        br#"{"value": {"x": 1, "tool": "__proto__"}}"#.to_vec(),
        br#"{"following": ["__proto__", "constructor", "toString"]}"#.to_vec(),
        label(r#""\ud800""#),
        label(r#""\udc00\ud800""#),
        label(r#""\u0000""#),
        label("\"\u{1b}[2J\""),
        label("\"\u{202e}\u{2066}\""),
        b"{\"value\": {\"x\": 1, \"label\": \"\xff\xfe\"}}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"\xff\xfe{\0}\0".to_vec(),
        vec![0; 16_000],
        vec![b'"'; 16_000],
        b"\\".repeat(16_000),
    ];
    // As many keys as there is room for.
    let mut keys = String::from(r#"{"value": {"x": 1"#);
    for i in 0..1_200 {
        let _ = write!(keys, r#","k{i}":{i}"#);
    }
    all.push((keys + "}}").into_bytes());
    all
}

async fn junk_bodies(server: &Server) {
    for body in payloads() {
        let mut raw = Raw::open(server, posted(&body)).await;
        let answer = raw.answer().await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert!(
            [200, 400, 404, 422].contains(&answer.status),
            "{shown}: {answer:?}"
        );
        if answer.status != 200 {
            let hidden = |c: char| !(' '..='~').contains(&c) && c.escape_debug().len() > 1;
            assert!(!answer.body.contains(hidden), "{shown}: {answer:?}");
            let error: Json = serde_json::from_str(&answer.body).expect("JSON");
            let details = error["error"]["details"].as_array();
            assert!(
                details.is_none_or(|it| it.len() <= 16),
                "{shown}: {answer:?}"
            );
            assert!(
                answer.body.len() < 16 * 1024,
                "{shown}: {}",
                answer.body.len()
            );
        }
    }
}

async fn junk_messages(server: &Server) {
    let mut socket = Socket::hello(server, &key()).await;
    for body in payloads() {
        let Ok(text) = String::from_utf8(body) else {
            continue;
        };
        socket.say_text(&text).await;
        assert_eq!(socket.hear().await["type"], "error");
    }
    for kind in ["__proto__", "constructor", "\\u202e", "", "hello\\u0000"] {
        socket.say_text(&format!(r#"{{"type":"{kind}"}}"#)).await;
        assert_eq!(socket.hear().await["type"], "error");
    }
    socket.close().await;
}

async fn half_requests(server: &Server) {
    let whole = posted(r#"{"value": {"x": 1}}"#);
    join_all((0..whole.len()).step_by(3).map(async |end| {
        let mut raw = Raw::open(server, &whole[..end]).await;
        if end % 2 == 0 {
            raw.half_close().await;
        }
        sleep(millis(20)).await;
    }))
    .await;
}

async fn resets(server: &Server) {
    for round in 0..150 {
        let stream = crate::network::connect_to_reset(server.addr()).await;
        if round % 2 == 0 {
            let _ = stream.try_write(b"GET /presence/ws HTTP/1.1\r\nhost: loc");
        }
    }
}

async fn many_idle_connections(server: &Server) {
    let open = join_all((0..300).map(|_| Raw::open(server, ""))).await;
    sleep(millis(100)).await;
    drop(open);
}

async fn many_silent_sockets(server: &Server) {
    let open = join_all((0..200).map(|_| Socket::open(server))).await;
    sleep(millis(100)).await;
    drop(open);
}

async fn many_topics(server: &Server) {
    for round in 0..20 {
        let mut socket = Socket::watcher(server).await;
        for number in 0..128 {
            socket
                .subscribe(&format!("boards:{round}-{number}:cursors"))
                .await;
        }
        // The next one is refused, and nothing is left of any of them.
        let next = json!({"type": "subscribe", "topic": TOPIC});
        assert_eq!(socket.refused(next).await, "too_many_topics");
    }
}

async fn a_flood_that_reads_nothing(server: &Server) {
    let mut socket = Socket::hello(server, &key()).await;
    socket.subscribe(TOPIC).await;
    let mut pipe = socket.into_pipe();
    let frame = [&[0x81, 0x81, 0, 0, 0, 0, b'?'][..]].concat().repeat(1_000);
    let began = Instant::now();
    while began.elapsed() < millis(500) {
        let _ = timeout(millis(20), pipe.write_all(&frame)).await;
    }
}

async fn junk_bytes(server: &Server) {
    // Seeded, so that every run sends the same.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..100 {
        let bytes: Vec<u8> = (0..400)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state as u8
            })
            .collect();
        say(server, [&bytes[..], b"\r\n\r\n"].concat()).await;
    }
}

async fn injected_headers(server: &Server) {
    for value in [
        "a\u{1b}[31m",
        "\u{202e}cba",
        "x%0d%0aset-cookie: a=b",
        "${jndi:ldap://localhost/a}",
        "../../../../etc/passwd",
    ] {
        for name in [
            "origin",
            "presence-session",
            "last-event-id",
            "if-none-match",
            "x-forwarded-for",
            "authorization",
        ] {
            let request = format!(
                "GET /presence/{TOPIC}/value HTTP/1.1\r\nhost: localhost\r\n{name}: {value}\r\n\r\n"
            );
            let answer = Raw::open(server, &request).await.answer().await;
            assert!(answer.status < 500, "{answer:?}");
            assert_eq!(answer.header("set-cookie"), None, "{answer:?}");
            assert!(answer.head.is_ascii(), "{answer:?}");
        }
    }
}

async fn streams_from_nowhere(server: &Server) {
    for id in [
        "",
        "x",
        "0.0",
        "ffffffffffffffff.18446744073709551615",
        "-1.-1",
        "\u{202e}",
        "a.b.c",
    ] {
        let request = format!(
            "GET /presence/{TOPIC}/changes HTTP/1.1\r\nhost: localhost\r\nlast-event-id: {id}\r\n\r\n"
        );
        let mut raw = Raw::open(server, &request).await;
        // A position that nobody gave out is as good as none.
        raw.until("event: snapshot").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_innocent_see_each_other_through_all_of_it_and_nothing_is_left() {
    let mut config = quick_config();
    // So that whoever is left half way is over soon.
    config.header_timeout = millis(500);
    config.hello_timeout = millis(500);
    config.idle_timeout = secs(2);
    config.body_timeout = millis(500);
    let topics = Topics::new()
        .register::<Cursor>()
        .ttl(secs(1))
        .register::<Quick>();
    let server = Server::with(Transport::Tcp, topics, config).await;
    let mut couple = Couple::of(&server).await;
    couple.see().await;
    macro_rules! attack {
        ($($attack:ident),+ $(,)?) => {$(
            couple.watch($attack(&server), stringify!($attack)).await;
        )+};
    }
    attack!(
        junk_bodies,
        junk_messages,
        half_requests,
        resets,
        many_idle_connections,
        many_silent_sockets,
        many_topics,
        a_flood_that_reads_nothing,
        junk_bytes,
        injected_headers,
        streams_from_nowhere,
    );
    // Whoever got in leaves by ttl or grace, and then only the innocent are there.
    let left = async {
        loop {
            let topics = server.get("/presence/topics").await.good()["topics"].clone();
            let names: Vec<_> = topics
                .as_array()
                .expect("a list")
                .iter()
                .map(|it| it["topic"].clone())
                .collect();
            if names == [json!(INNOCENT)] {
                return;
            }
            couple.see().await;
            sleep(millis(100)).await;
        }
    };
    timeout(secs(10), left).await.expect("nothing is left");
}
