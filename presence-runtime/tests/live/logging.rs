//! The log: one span for each connection, nothing secret in it, and no line that a client wrote.

use std::io;
use std::sync::{Arc, Mutex};

use http::Method;
use http_body_util::Full;
use presence_runtime::{Config, Hub, hook};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::http::{post, request};
use crate::server::{FAR, Server, Transport, key, quick_config, session};
use crate::socket::Socket;
use crate::topics::{self, Cursor};

const TOPIC: &str = "boards:1:cursors";

/// A log that can be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// What was logged, of everything down to `trace`, on this thread.
    pub(crate) fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().expect("a log").clone();
        String::from_utf8(bytes).expect("text")
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What would be a line of its own, move a terminal's cursor, turn text around or end a string.
const NASTY: [&str; 8] = [
    "a\nINFO forged",
    "a\r\nINFO forged",
    "\u{1b}[2J\u{1b}]0;forged\u{7}",
    "\u{9b}31mforged",
    "\u{202e}degrof\u{2066}",
    "a\u{2028}forged\u{85}forged",
    "a\0forged",
    "a\u{7f}\u{8}forged{}%s",
];

/// Every byte as a URL has it.
fn encoded(text: &str) -> String {
    text.bytes().map(|it| format!("%{it:02x}")).collect()
}

#[tokio::test(start_paused = true)]
async fn no_control_character_of_a_client_reaches_the_log() {
    let (log, _logging) = Log::begin();
    let mut config = Config::default();
    config.trusted_proxies = vec![FAR.to_string()];
    let server = Server::far(topics::slow(), config);
    let lines = [
        "Host: localhost\r\nOrigin: ",
        "Host: localhost\r\nX-Forwarded-For: ",
        "Host: localhost\r\nPresence-Session: ",
        "Host: localhost\r\nAuthorization: Bearer ",
        "Host: localhost\r\nLast-Event-ID: ",
        "Host: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: ",
        "Host: localhost\r\nContent-Type: ",
        "Host: localhost\r\nUser-Agent: ",
        "Host: ",
    ];
    for nasty in NASTY {
        let text = encoded(nasty);
        for target in [
            format!("/presence/{text}/value"),
            format!("/presence/boards:{text}:cursors/history?user={text}"),
            format!("/presence/users/{text}"),
            format!("/presence/topics?after={text}&{text}={text}"),
            format!("/presence/schemas/{text}"),
            format!("/{text}"),
        ] {
            server.get(&target).await;
        }
        // As they are; what hyper refuses is no less of an answer.
        for line in lines {
            let head = format!(
                "GET /presence/{TOPIC}/changes HTTP/1.1\r\n{line}{nasty}\r\nConnection: close\r\n\r\n"
            );
            let mut pipe = server.dial().await;
            let _ = pipe.write_all(head.as_bytes()).await;
            let _ = pipe.read(&mut [0; 1024]).await;
        }
        let mut pipe = server.dial().await;
        let _ = pipe
            .write_all(format!("{nasty} /{nasty} {nasty}\r\n\r\n").as_bytes())
            .await;
        let _ = pipe.read(&mut [0; 1024]).await;
        let beat = json!({"value": {"x": 1, "label": nasty, nasty: 1}}).to_string();
        let path = format!("/presence/{TOPIC}/heartbeat");
        server.send(post(&path, &key(), &beat)).await;

        let mut socket = Socket::hello(&server, &key()).await;
        for message in [
            json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 1, "label": nasty}}),
            json!({"type": "heartbeat", "topic": nasty, "value": {nasty: nasty}}),
            json!({"type": "subscribe", "topic": TOPIC, "since": nasty, "filter": {"users": [nasty]}}),
            json!({"type": "follow", "topic": TOPIC, "users": [nasty]}),
            json!({"type": "token", "token": nasty}),
            json!({"type": nasty, nasty: nasty}),
        ] {
            socket.say(&message).await;
        }
        socket.say_text(nasty).await;
        let reason = Some(CloseFrame {
            code: 4999.into(),
            reason: nasty.into(),
        });
        socket.send(Message::Close(reason)).await;
        socket.closed().await;
        let mut socket = Socket::open(&server).await;
        let schemas = json!({nasty: nasty});
        let hello = json!({"type": "hello", "protocol": 1, "session": nasty, "token": nasty, "schemas": schemas});
        socket.say(&hello).await;
        socket.closed().await;
    }
    tokio::time::sleep(topics::secs(1)).await;
    let text = log.text();
    assert!(
        text.matches("refused").count() > 100,
        "they were heard: {text}"
    );
    let raw = |c: char| c != '\n' && c.is_control() || "\u{202e}\u{2066}\u{2028}".contains(c);
    assert!(!text.contains(raw), "{text:?}");
    assert!(!text.contains("forged"), "{text}");
    assert!(text.lines().all(|it| it.starts_with("20")), "{text}");
}

// On one thread, so that everything the server logs goes to this test's log.
#[tokio::test(start_paused = true)]
async fn a_connection_has_one_span_that_says_whose_it_is_and_how_it_ended() {
    let (log, _logging) = Log::begin();
    let mut server = Server::in_memory().await;
    let (ann, bob) = (key(), key());
    let mut first = Socket::hello(&server, &ann).await;
    first.announce(TOPIC, json!({"x": 1})).await;
    first
        .say(&json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": "one"}}))
        .await;
    first.hear().await;
    let mut second = Socket::hello(&server, &ann).await;
    assert_eq!(first.closed().await, Some(4509));
    let mut events = server.events(TOPIC, Some(&bob)).await;
    events.hear().await;
    drop(events);
    second.say_text("no JSON").await;
    second.hear().await;
    let silent = Socket::open(&server).await;
    tokio::time::sleep(topics::secs(6)).await;
    drop(silent);
    drop(second);
    tokio::time::sleep(topics::secs(2)).await;
    server.stop().await;

    let text = log.text();
    assert!(
        text.contains("configuration settings=max_connections=20000 "),
        "{text}"
    );
    let of = |what: &str| {
        text.lines()
            .filter(|line| line.contains(what))
            .collect::<Vec<_>>()
    };
    let (news, closes) = (of("span: new"), of("span: close "));
    assert_eq!((news.len(), closes.len()), (4, 4), "{text}");
    let (ann, bob) = (session(&ann), session(&bob));
    for (connection, lines) in [
        (
            "connection=1 ",
            vec![
                "opened",
                "hello",
                "refused code=invalid_value",
                "closed code=4509",
            ],
        ),
        (
            "connection=2 ",
            vec!["opened", "hello", "refused code=invalid_request", "lost"],
        ),
        ("connection=3 ", vec!["opened", "ended"]),
        ("connection=4 ", vec!["opened", "closed code=4008"]),
    ] {
        let all = of(connection);
        for line in lines {
            assert!(
                all.iter().any(|it| it.contains(line)),
                "{connection}{line}\n{text}"
            );
        }
    }
    let users = [
        ("connection=1 ", &ann),
        ("connection=2 ", &ann),
        ("connection=3 ", &bob),
    ];
    for (connection, user) in users {
        let last = *of(connection).last().expect("a line");
        assert!(last.contains(&format!("user={user}")), "{last}");
        let known = of(connection)
            .iter()
            .filter(|it| it.contains("user="))
            .count();
        assert!(known > 1, "{text}");
    }
    assert!(of("transport=\"events\"").len() >= 2, "{text}");
    assert!(
        text.contains("draining") && text.contains("drained"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_that_a_client_says_is_a_line_or_a_secret_of_the_log() {
    let (log, _logging) = Log::begin();
    let topics = topics::all();
    let hub = Hub::builder(topics)
        .config(quick_config())
        .on_join(|it: hook::Joined<Cursor>| panic!("a hook met \n\x1b[31m {}", it.entry.value.x))
        .build()
        .expect("sensible figures");
    let server = Server::of(Transport::Memory, hub).await;
    let secret = format!("5ec4e7{}", &key()[6..]);
    let nasty = "evil\nINFO forged\u{1b}[2J\u{202e}\u{2028}";
    let value = json!({"x": 77_321.25, "label": "pay-load-text"});
    // Over HTTP: the head, the target, the body.
    server
        .announce(TOPIC, &secret, &json!({"value": value}))
        .await;
    for path in [
        "/presence/forged-topic%0AINFO/value",
        "/presence/topics?token=5ec4e7token",
        "/nowhere%1b",
    ] {
        server.get(path).await;
    }
    for (name, text) in [
        ("origin", "https://forged-origin.example"),
        ("user-agent", "forged-agent"),
        ("authorization", "Bearer 5ec4e7token"),
        ("cookie", "login=5ec4e7token"),
        ("presence-session", "5ec4e7 no key"),
        ("host", "forged-host.example"),
        ("last-event-id", "forged-id"),
    ] {
        let request =
            request(Method::GET, &format!("/presence/{TOPIC}/changes")).header(name, text);
        server
            .status(request.body(Full::default()).expect("a request"))
            .await;
    }
    for body in [
        nasty,
        &json!({"value": {"x": nasty}}).to_string(),
        "{\"value\":{\"forged-key\":1}}",
    ] {
        server
            .send(post(&format!("/presence/{TOPIC}/heartbeat"), &secret, body))
            .await;
    }
    // Over a WebSocket.
    let mut socket = Socket::hello(&server, &secret).await;
    for message in [
        json!({"type": nasty}),
        json!({"type": "heartbeat", "topic": nasty, "value": {"x": 1}}),
        json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": nasty}}),
        json!({"type": "token", "token": "5ec4e7token"}),
        json!({"type": "follow", "topic": TOPIC, "users": [nasty]}),
        json!({"type": "subscribe", "topic": TOPIC, "since": nasty}),
    ] {
        socket.say(&message).await;
    }
    socket.announce(TOPIC, value).await;
    let mut watcher = Socket::open(&server).await;
    watcher
        .say(&json!({"type": "hello", "protocol": 1, "session": nasty, "token": "5ec4e7token"}))
        .await;
    watcher.closed().await;
    drop(socket);
    tokio::time::sleep(topics::secs(2)).await;

    let text = log.text();
    assert!(text.contains("a hook panicked"), "{text}");
    let line = text
        .lines()
        .find(|it| it.contains("a hook panicked"))
        .expect("a line");
    assert!(
        line.contains("tests/live/logging.rs"),
        "where it was registered: {line}"
    );
    assert!(line.contains("a hook met \\u{a}\\u{1b}[31m"), "{line}");
    for hidden in ["5ec4e7", "pay-load-text", "forged", "evil", &secret] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    // What the hook itself says is the application's to keep quiet.
    assert_eq!(
        text.matches("77321.25").count(),
        text.matches("a hook panicked").count()
    );
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{2028}']), "{text}");
    assert!(text.lines().all(|it| it.starts_with("20")), "{text}");
}
