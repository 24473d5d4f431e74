//! Requests that are none, or none for here: methods, targets, types, encodings, lengths.

use serde_json::Value as Json;

use super::server;
use crate::raw::{Raw, ask};
use crate::server::key;

const VALUE: &str = "/presence/boards:1:cursors/value";
const HEARTBEAT: &str = "/presence/boards:1:cursors/heartbeat";

fn get(target: &str) -> String {
    request("GET", target, "")
}

fn request(method: &str, target: &str, headers: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n")
}

fn post(headers: &str, body: &str) -> String {
    let (key, length) = (key(), body.len());
    let headers = format!("presence-session: {key}\r\ncontent-length: {length}\r\n{headers}");
    request("POST", HEARTBEAT, &headers) + body
}

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test]
async fn unknown_methods_are_refused_with_those_there_are() {
    let server = server().await;
    for (target, allow) in [
        (HEARTBEAT, "POST, OPTIONS"),
        ("/presence/boards:1:cursors/leave", "POST, OPTIONS"),
        ("/presence/changes", "POST, OPTIONS"),
        (VALUE, "GET, HEAD, OPTIONS"),
        ("/presence/boards:1:cursors/changes", "GET, HEAD, OPTIONS"),
        ("/presence/ws", "GET, HEAD, OPTIONS"),
        ("/presence/topics", "GET, HEAD, OPTIONS"),
        ("/presence/users/ann", "GET, HEAD, OPTIONS"),
        ("/presence/schemas/Cursor", "GET, HEAD, OPTIONS"),
        ("/presence/openapi.json", "GET, HEAD, OPTIONS"),
    ] {
        for method in ["TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "get", "X"] {
            let mut raw = Raw::open(&server, request(method, target, "max-forwards: 0\r\n")).await;
            let answer = raw.answer().await;
            assert_eq!(answer.status, 405, "{method} {target}: {answer:?}");
            assert_eq!(answer.code(), "method_not_allowed", "{method} {target}");
            assert_eq!(answer.header("allow"), Some(allow), "{method} {target}");
            // And what comes next on the connection is answered.
            raw.say(get("/presence/topics")).await;
            assert_eq!(raw.answer().await.status, 200, "after {method} {target}");
        }
    }
}

#[tokio::test]
async fn targets_that_are_nothing_are_errors_in_json() {
    let server = server().await;
    for (request, status, code) in [
        (get("/"), 404, "not_found"),
        (get("/presence"), 404, "not_found"),
        (get("/presence/"), 404, "not_found"),
        (get("/presence//value"), 400, "invalid_topic"),
        (get("/presence/../value"), 400, "invalid_topic"),
        (get("/presence/%2e%2e/value"), 400, "invalid_topic"),
        (get("/presence/%ff/value"), 404, "not_found"),
        (get("/presence/%/value"), 400, "invalid_topic"),
        (get("/presence/%0/value"), 400, "invalid_topic"),
        (get("/presence/%zz/value"), 400, "invalid_topic"),
        (get("/presence/%00/value"), 400, "invalid_topic"),
        (get("/presence/a%0d%0ab/value"), 400, "invalid_topic"),
        (get("/presence/a%2fb/value"), 400, "invalid_topic"),
        (get("/presence/%1b%5b31m/value"), 400, "invalid_topic"),
        (get("/presence/%e2%80%ae/value"), 400, "invalid_topic"),
        (get("/presence/%ed%a0%80/value"), 404, "not_found"),
        (get("/presence/%2541/value"), 400, "invalid_topic"),
        (get("/presence/__proto__/value"), 404, "unknown_topic"),
        (get("/presence/constructor/value"), 404, "unknown_topic"),
        (get("/presence/users/__proto__"), 200, ""),
        (get("/presence/users/%00"), 400, "invalid_request"),
        (get("/presence/schemas/__proto__"), 404, "not_found"),
        (get("/presence/schemas/%e2%80%ae"), 404, "not_found"),
        (get("/presence/x/y/z/value"), 404, "not_found"),
        (request("OPTIONS", "*", ""), 404, "not_found"),
        (request("GET", "*", ""), 404, "not_found"),
        (
            "CONNECT localhost:80 HTTP/1.1\r\nhost: localhost:80\r\n\r\n".to_owned(),
            404,
            "not_found",
        ),
        (get(&format!("{VALUE}?after=%")), 400, "invalid_request"),
        (get(&format!("{VALUE}?after=-1")), 400, "invalid_request"),
        (
            get(&format!("{VALUE}?after=99999999999999999999")),
            400,
            "invalid_request",
        ),
        (get(&format!("{VALUE}?__proto__=1")), 400, "invalid_request"),
    ] {
        let answer = ask(&server, &request).await;
        assert_eq!(answer.status, status, "{request:?}: {answer:?}");
        if status == 200 {
            continue;
        }
        assert_eq!(answer.code(), code, "{request:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let shown = |c: char| (' '..='~').contains(&c);
        assert!(answer.body.chars().all(shown), "{answer:?}");
    }
}

#[tokio::test]
async fn a_token_in_a_url_is_refused_in_any_spelling() {
    let server = server().await;
    for query in [
        "token=SECRET",
        "?token=SECRET",
        "%74oken=SECRET",
        "%74%6F%6b%65%6E=SECRET",
        "after=1&%61ccess_token=SECRET",
        "a;token=SECRET",
        "JWT=SECRET",
        "authorization=SECRET",
    ] {
        let request = get(&format!("{VALUE}?{query}"));
        let answer = ask(&server, &request).await;
        assert_eq!(answer.code(), "invalid_request", "{query}: {answer:?}");
        assert!(!answer.body.contains("SECRET"), "{answer:?}");
        let said = answer.body.contains("does not belong into a URL");
        assert!(said || query.contains("a;"), "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn head_answers_as_get_does_without_a_body() {
    let server = server().await;
    for target in [
        VALUE,
        "/presence/boards:1:cursors/changes",
        "/presence/topics",
        "/presence/users/ann",
        "/presence/schemas/Cursor",
        "/presence/schemas/Nothing",
        "/presence/openapi.json",
        "/presence/ws",
        "/presence/nothing",
        "/presence/a%00b/value",
        "/presence/boards:1:cursors/changes?filter=nonsense",
    ] {
        let mut got = Raw::open(&server, get(target)).await;
        let got = got.head().await;
        let mut raw = Raw::open(&server, request("HEAD", target, "")).await;
        let asked = raw.head().await;
        assert_eq!(asked.status, got.status, "{target}");
        for name in [
            "content-type",
            "content-length",
            "cache-control",
            "x-accel-buffering",
            "etag",
            "vary",
            "upgrade",
            "sec-websocket-version",
        ] {
            // A time may have had fewer digits.
            let timed = name == "content-length" && asked.status == 200;
            let plain = |it: Option<&str>| it.map(|text| if timed { "" } else { text }.to_owned());
            let (asked, got) = (plain(asked.header(name)), plain(got.header(name)));
            assert_eq!(asked, got, "{name} of {target}");
        }
        // The next answer follows at once: there was no body.
        raw.say(get("/presence/topics")).await;
        let next = raw.answer().await;
        assert!(next.head.starts_with("HTTP/1.1 200"), "{target}: {next:?}");
    }
    assert_eq!(
        server.get("/presence/topics").await.json()["topics"],
        Json::Array(Vec::new())
    );
}

#[tokio::test]
async fn a_body_is_json_and_says_so() {
    let server = server().await;
    let good = r#"{"value": {"x": 1}}"#;
    for (headers, status) in [
        (JSON, 200),
        ("content-type: Application/JSON; charset=utf-8\r\n", 200),
        (
            "content-type: application/json\r\ncontent-encoding: identity\r\n",
            200,
        ),
        ("", 415),
        ("content-type: text/plain\r\n", 415),
        ("content-type: application/jsonx\r\n", 415),
        ("content-type: application/x-www-form-urlencoded\r\n", 415),
        ("content-type: \r\n", 415),
        (
            "content-type: text/plain\r\ncontent-type: application/json\r\n",
            415,
        ),
        (
            "content-type: application/json\r\ncontent-type: text/plain\r\n",
            415,
        ),
    ] {
        let answer = ask(&server, post(headers, good)).await;
        assert_eq!(answer.status, status, "{headers:?}: {answer:?}");
        if status == 415 {
            assert_eq!(answer.code(), "unsupported_media_type");
        }
    }
    for headers in [
        "content-encoding: gzip\r\n",
        "content-encoding: identity, br\r\n",
    ] {
        for body in [good, ""] {
            let answer = ask(&server, post(&format!("{JSON}{headers}"), body)).await;
            assert_eq!(answer.status, 415, "{headers:?}: {answer:?}");
            assert_eq!(answer.code(), "unsupported_media_type");
            assert_eq!(answer.header("accept-encoding"), Some("identity"));
        }
    }
}

#[tokio::test]
async fn who_asks_before_sending_a_body_is_told_to_go_on_or_why_not() {
    let server = server().await;
    let body = r#"{"value": {"x": 1}}"#;
    let expecting = format!("{JSON}expect: 100-continue\r\n");
    let whole = post(&expecting, body);
    let head = whole.strip_suffix(body).expect("the body");
    let mut raw = Raw::open(&server, head).await;
    assert_eq!(raw.until("\r\n\r\n").await, "HTTP/1.1 100 Continue");
    raw.say(body).await;
    assert_eq!(raw.answer().await.status, 200);
    for (headers, status) in [
        ("content-encoding: gzip\r\n", 415),
        ("content-length: 99999\r\n", 413),
        ("presence-session: nonsense\r\n", 400),
    ] {
        let whole = post(&format!("{expecting}{headers}"), "");
        let whole = match status {
            413 => whole.replace("content-length: 0\r\n", ""),
            400 => request(
                "POST",
                HEARTBEAT,
                &format!("{expecting}{headers}content-length: 5\r\n"),
            ),
            _ => whole,
        };
        let answer = ask(&server, whole).await;
        assert_eq!(answer.status, status, "{headers:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_target_is_so_long_and_no_longer() {
    const MOST: usize = 8 * 1024;
    let server = server().await;
    let start = format!("{VALUE}?after=");
    for (length, status) in [(MOST - 1, 200), (MOST, 200), (MOST + 1, 414)] {
        let target = format!("{start}{}", "0".repeat(length - start.len()));
        let answer = ask(&server, get(&target)).await;
        assert_eq!(answer.status, status, "{length}: {answer:?}");
        if status == 414 {
            assert_eq!(answer.code(), "uri_too_long");
        }
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused_by_its_status_and_the_connection_ends() {
    let server = server().await;
    let line = |line: &str| format!("{line}\r\nhost: localhost\r\n\r\n");
    for request in [
        line("GET / HTTP/9.9"),
        line("GET /presence/topics"),
        line("GET  /presence/topics HTTP/1.1"),
        line("G\0T /presence/topics HTTP/1.1"),
        line("GET /presence/to\u{7f}pics HTTP/1.1"),
        line("GET presence/topics HTTP/1.1"),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n".to_owned(),
        request("GET", VALUE, "x: a\0b\r\n"),
        request("GET", VALUE, "x : y\r\n"),
        request("GET", VALUE, "x: y\r\n folded\r\n"),
        request("GET", VALUE, ": y\r\n"),
        request("GET", VALUE, "no colon\r\n"),
        request("GET", VALUE, "x: \u{1b}[31m\r\n"),
        request("GET", VALUE, "x: a\rb\r\n"),
    ] {
        let answer = Raw::open(&server, &request).await.rest().await;
        let bad = answer.starts_with("HTTP/1.1 400");
        assert!(bad, "{request:?}: {answer:?}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer:?}");
    }
    // HTTP/2 is not spoken, and nobody is kept waiting.
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0";
    let answer = Raw::open(&server, preface).await.rest().await;
    assert!(!answer.contains(" 200 "), "{answer:?}");
}

#[tokio::test]
async fn heads_are_so_large_and_no_larger() {
    let server = server().await;
    let most = server.hub.config().max_head;
    let start = request("GET", "/presence/topics", "x: ").len();
    for (length, status) in [(most - 1, 200), (most, 200), (most + 1, 431)] {
        let filler = format!("x: {}\r\n", "x".repeat(length - start - 2));
        let request = request("GET", "/presence/topics", &filler);
        assert_eq!(request.len(), length);
        let mut raw = Raw::open(&server, &request).await;
        let answer = raw.answer().await;
        assert_eq!(answer.status, status, "{length}: {answer:?}");
        if status == 431 {
            assert_eq!(raw.rest().await, "");
        }
    }
    // With `host`.
    for (lines, status) in [(98, 200), (99, 200), (100, 431)] {
        let filler = "x: y\r\n".repeat(lines);
        let request = request("GET", "/presence/topics", &filler);
        let answer = ask(&server, &request).await;
        assert_eq!(answer.status, status, "{lines} lines: {answer:?}");
    }
    // A head that never ends.
    let mut raw = Raw::open(&server, "GET / HTTP/1.1\r\nhost: localhost\r\n").await;
    for _ in 0..100 {
        raw.say(format!("x: {}\r\n", "x".repeat(1000))).await;
    }
    assert!(raw.rest().await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn what_is_asked_at_once_is_answered_in_order() {
    let server = server().await;
    let body = r#"{"value": {"x": 1}}"#;
    let all = [
        post(JSON, body),
        get(VALUE),
        request("PUT", VALUE, "content-length: 3\r\n") + "abc",
        "\r\n\r\n".to_owned() + &get("/presence/nothing"),
        request(
            "GET",
            "/presence/topics",
            "upgrade: h2c\r\nconnection: upgrade\r\n",
        ),
        post(JSON, "nonsense"),
        get("/presence/topics"),
    ];
    let mut raw = Raw::open(&server, all.concat()).await;
    for status in [200, 200, 405, 404, 200, 400, 200] {
        assert_eq!(raw.answer().await.status, status);
    }
}
