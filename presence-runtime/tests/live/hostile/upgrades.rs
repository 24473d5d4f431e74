//! The WebSocket handshake: all of it is looked at before anything is promised.

use serde_json::json;

use super::server;
use crate::raw::{Raw, ask};
use crate::socket::message_text;

const GOOD: [&str; 5] = [
    "Host: localhost",
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

fn handshake(line: &str, headers: &[&str]) -> String {
    format!("{line}\r\n{}\r\n\r\n", headers.join("\r\n"))
}

const LINE: &str = "GET /presence/ws HTTP/1.1";

#[tokio::test]
async fn a_handshake_is_whole_or_refused_before_any_promise() {
    let server = server().await;
    let answer = Raw::open(&server, handshake(LINE, &GOOD))
        .await
        .head()
        .await;
    assert_eq!(answer.status, 101);
    let with = |lines: &[&'static str]| [&GOOD[..], lines].concat();
    let without = |name: &str| {
        let lines = GOOD.into_iter().filter(|it| !it.starts_with(name));
        lines.collect::<Vec<_>>()
    };
    let instead = |name: &str, line: &'static str| [without(name), vec![line]].concat();
    let (key, version) = ("Sec-WebSocket-Key", "Sec-WebSocket-Version");
    for (line, headers, status) in [
        ("GET /presence/ws HTTP/1.0", GOOD.to_vec(), 426),
        ("POST /presence/ws HTTP/1.1", GOOD.to_vec(), 405),
        ("HEAD /presence/ws HTTP/1.1", GOOD.to_vec(), 426),
        ("GET /presence/ws/ HTTP/1.1", GOOD.to_vec(), 404),
        (LINE, without("Host"), 400),
        (LINE, without("Connection"), 426),
        (LINE, without("Upgrade"), 426),
        (LINE, without(key), 400),
        (LINE, without(version), 426),
        (LINE, instead("Connection", "Connection: keep-alive"), 426),
        (LINE, instead("Connection", "Connection: Upgrades"), 426),
        (LINE, instead("Upgrade", "Upgrade: websockets"), 426),
        (LINE, instead("Upgrade", "Upgrade: h2c"), 426),
        (LINE, instead(version, "Sec-WebSocket-Version: 8"), 426),
        (LINE, instead(version, "Sec-WebSocket-Version: 013"), 426),
        (LINE, instead(version, "Sec-WebSocket-Version: 13, 8"), 426),
        (LINE, with(&["Sec-WebSocket-Version: 13"]), 426),
        (LINE, with(&["Sec-WebSocket-Version: 8"]), 426),
        (
            LINE,
            with(&["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]),
            400,
        ),
        (
            LINE,
            with(&["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]),
            400,
        ),
        (LINE, instead(key, "Sec-WebSocket-Key: AAAA"), 400),
        (LINE, instead(key, "Sec-WebSocket-Key: "), 400),
        (
            LINE,
            instead(key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"),
            400,
        ),
        (
            LINE,
            instead(key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR=="),
            400,
        ),
        (
            LINE,
            instead(key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==AAAA"),
            400,
        ),
        (LINE, with(&["Content-Length: 5"]), 400),
        (LINE, with(&["Transfer-Encoding: chunked"]), 400),
        (LINE, with(&["Origin: https://evil.example"]), 403),
    ] {
        let request = handshake(line, &headers);
        let mut raw = Raw::open(&server, &request).await;
        raw.half_close().await;
        let answer = raw.rest().await;
        let found = answer.split(' ').nth(1).and_then(|it| it.parse().ok());
        assert_eq!(found, Some(status), "{request:?}: {answer:?}");
        assert!(!answer.contains("sec-websocket-accept"), "{answer:?}");
        let version = answer.contains("sec-websocket-version: 13\r\n");
        assert_eq!(version, status == 426, "{answer:?}");
        if line == LINE {
            let code = match status {
                403 => "forbidden_origin",
                426 => "upgrade_required",
                _ => "invalid_request",
            };
            assert!(answer.contains(code), "{request:?}: {answer:?}");
        }
    }
    // An empty body is none.
    let none = handshake(LINE, &with(&["Content-Length: 0"]));
    assert_eq!(Raw::open(&server, none).await.head().await.status, 101);
}

#[tokio::test]
async fn nothing_is_promised_that_is_not_spoken() {
    let server = server().await;
    let mut headers = GOOD.to_vec();
    headers.extend([
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame",
        "Sec-WebSocket-Protocol: chat, superchat",
    ]);
    let mut raw = Raw::open(&server, handshake(LINE, &headers)).await;
    let answer = raw.head().await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("sec-websocket-extensions"), None);
    assert_eq!(answer.header("sec-websocket-protocol"), None);
    assert_eq!(
        answer.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
}

#[tokio::test]
async fn who_is_refused_may_ask_again_on_the_same_connection() {
    let server = server().await;
    let mut raw = Raw::open(&server, handshake(LINE, &GOOD[..4])).await;
    assert_eq!(raw.answer().await.status, 400);
    raw.say("GET /presence/topics HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    assert_eq!(raw.answer().await.status, 200);
    raw.say(handshake(LINE, &GOOD)).await;
    assert_eq!(raw.head().await.status, 101);
    let hello = message_text(&json!({"type": "hello", "protocol": 1}));
    let length = u8::try_from(hello.len()).expect("short");
    raw.say([&[0x81, 0x80 | length, 0, 0, 0, 0], hello.as_bytes()].concat())
        .await;
    raw.until("\"welcome\"").await;
    // Behind a request, in one piece with it and the first message.
    let all = "GET /presence/topics HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned()
        + &handshake(LINE, &GOOD);
    let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], hello.as_bytes()].concat();
    let mut raw = Raw::open(&server, [all.as_bytes(), &frame].concat()).await;
    assert_eq!(raw.answer().await.status, 200);
    assert_eq!(raw.head().await.status, 101);
    raw.until("\"welcome\"").await;
    assert_eq!(ask(&server, handshake(LINE, &GOOD[1..])).await.status, 400);
}
