//! Where a request ends: whoever leaves that open, for the proxy in front to see it otherwise
//! (request smuggling), is refused, and the connection with it.

use super::server;
use crate::raw::{Raw, ask};
use crate::server::key;

const HEARTBEAT: &str = "/presence/boards:1:cursors/heartbeat";
/// What must not be taken for a request of its own.
const SMUGGLED: &str = "GET /presence/topics HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A heartbeat with these lines in its head.
fn heartbeat(version: &str, lines: &[&str]) -> String {
    let key = key();
    let lines = lines.join("\r\n");
    format!(
        "POST {HEARTBEAT} HTTP/{version}\r\nhost: localhost\r\npresence-session: {key}\r\n\
         content-type: application/json\r\n{lines}\r\n\r\n"
    )
}

/// A body in one chunk.
fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

const BODY: &str = r#"{"value": {"x": 1}}"#;

#[tokio::test]
async fn a_body_whose_end_is_said_twice_is_refused_with_its_connection() {
    let server = server().await;
    let (te, cl) = ("Transfer-Encoding: chunked", "Content-Length: 19");
    for lines in [
        &[te, cl][..],
        &[cl, te],
        &[te, "Content-Length: 0"],
        &["Content-Length: 0", te],
        &["content-length: 4", "x: y", "transfer-encoding: chunked"],
        &["CONTENT-LENGTH: 4", "TRANSFER-ENCODING: CHUNKED"],
        &[cl, te, cl],
        &[te, te],
        &[cl, cl],
        &[cl, "Content-Length: 20"],
        &["Content-Length: 19, 20"],
        &["Content-Length: 19, 19"],
        &["Content-Length: +19"],
        &["Content-Length: -1"],
        &["Content-Length: 0x13"],
        &["Content-Length: 1 9"],
        &["Content-Length: 18446744073709551616"],
        &["Content-Length: 18446744073709551615"],
        &["Content-Length:"],
        &["Content-Length: nineteen"],
        &["Content-Length : 19"],
        &["Transfer-Encoding: chunked, identity"],
        &["Transfer-Encoding: identity"],
        &["Transfer-Encoding: identity, chunked"],
        &["Transfer-Encoding: gzip, chunked"],
        &["Transfer-Encoding: gzip", te],
        &["Transfer-Encoding: chunked, chunked"],
        &["Transfer-Encoding: xchunked"],
        &["Transfer-Encoding: \"chunked\""],
        &["Transfer-Encoding: chunked;q=1"],
        &["Transfer-Encoding:"],
        &["Transfer-Encoding : chunked"],
        &["Transfer-Encoding:\u{b}chunked"],
        &["Transfer-Encoding\r\n : chunked"],
        &["Transfer-Encoding:\r\n chunked"],
        &["Transfer-Encoding: chunked\0"],
        &["x: y\rContent-Length: 19", te],
    ] {
        // Whichever of the two ends holds, something follows that looks like a request.
        for body in [chunked(BODY) + SMUGGLED, format!("0\r\n\r\n{SMUGGLED}")] {
            let request = heartbeat("1.1", lines) + &body;
            let answers = Raw::open(&server, &request).await.rest().await;
            assert_eq!(
                answers.matches("HTTP/1.1 ").count(),
                1,
                "{lines:?}: {answers:?}"
            );
            let status = &answers[9..12];
            // A length beyond all bounds is too much, in hyper's words.
            let good = status == "400" || (status == "431" && lines[0].contains("1844"));
            assert!(good, "{lines:?}: {answers:?}");
        }
    }
    let request = heartbeat("1.0", &[te]) + &chunked(BODY);
    let answer = Raw::open(&server, &request).await.rest().await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer:?}");
    assert_eq!(
        server.value("boards:1:cursors").await["counts"]["members"],
        0
    );
}

#[tokio::test]
async fn it_is_noticed_in_whatever_pieces_it_comes() {
    let server = server().await;
    let request = heartbeat("1.1", &["Content-Length: 4", "Transfer-Encoding: chunked"]);
    let request = request + &chunked(BODY) + SMUGGLED;
    let mut raw = Raw::open(&server, "").await;
    for byte in request.as_bytes() {
        raw.say([*byte]).await;
        tokio::task::yield_now().await;
    }
    let answers = raw.rest().await;
    assert!(answers.starts_with("HTTP/1.1 400"), "{answers:?}");
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers:?}");
    // Also behind a request that was good, and in a target outside of the routes.
    let mut raw = Raw::open(&server, SMUGGLED).await;
    assert_eq!(raw.answer().await.status, 200);
    let page = heartbeat("1.1", &["Content-Length: 4", "Transfer-Encoding: chunked"]);
    raw.say(page.replace(HEARTBEAT, "/page") + &chunked(BODY) + SMUGGLED)
        .await;
    let answers = raw.rest().await;
    assert!(answers.starts_with("HTTP/1.1 400"), "{answers:?}");
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers:?}");
}

#[tokio::test]
async fn chunks_are_as_good_as_a_length() {
    let server = server().await;
    let te = &["Transfer-Encoding: chunked"][..];
    let mut raw = Raw::open(&server, heartbeat("1.1", te) + &chunked(BODY)).await;
    assert_eq!(raw.answer().await.status, 200);
    // Lines of a body are no headers.
    let lines = format!("\r\ncontent-length: 5\r\n{BODY}");
    let length = format!("content-length: {}", lines.len());
    raw.say(heartbeat("1.1", &[&length]) + &lines).await;
    assert_eq!(raw.answer().await.code(), "invalid_request");
    let mut raw = Raw::open(&server, "").await;
    let pretty = "{\r\n\"value\":\n{\"x\":\r\n\r\n1}}";
    let length = format!("content-length: {}", pretty.len());
    for _ in 0..2 {
        let both = heartbeat("1.1", &[&length]) + pretty + &heartbeat("1.1", te);
        raw.say(both + "5\r\n{\"val\r\n" + "e;x=y\r\nue\": {\"x\": 1}}\r\n0\r\nx: y\r\n\r\n")
            .await;
        assert_eq!(raw.answer().await.status, 200);
        assert_eq!(raw.answer().await.status, 200);
    }
    for broken in [
        "5\r\n{}\r\n0\r\n\r\n",
        "2\n{}\n0\n\n",
        "2\r\n{}0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        "2 2\r\n{}\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "\r\n",
        "2;\n\r\n{}\r\n0\r\n\r\n",
    ] {
        let request = heartbeat("1.1", te) + broken + SMUGGLED;
        let mut raw = Raw::open(&server, request).await;
        raw.half_close().await;
        let answers = raw.rest().await;
        assert!(answers.starts_with("HTTP/1.1 4"), "{broken:?}: {answers:?}");
        assert_eq!(
            answers.matches("HTTP/1.1 ").count(),
            1,
            "{broken:?}: {answers:?}"
        );
    }
    // Chunks that say how much is going to come are not waited for.
    let request = heartbeat("1.1", te) + "7fffffffffffffff\r\n{";
    let mut raw = Raw::open(&server, &request).await;
    raw.say("x".repeat(20_000)).await;
    assert_eq!(raw.answer().await.status, 413);
}

#[tokio::test]
async fn who_sends_more_than_is_taken_reads_why() {
    let server = server().await;
    let length = format!("content-length: {}", 1 << 20);
    for lines in [&[length.as_str()][..], &["transfer-encoding: chunked"]] {
        let mut raw = Raw::open(&server, heartbeat("1.1", lines)).await;
        for _ in 0..64 {
            raw.say(format!("4000\r\n{}\r\n", "x".repeat(16 * 1024)))
                .await;
        }
        let answer = raw.answer().await;
        assert_eq!(answer.status, 413, "{answer:?}");
        assert_eq!(answer.code(), "too_large");
    }
}

#[tokio::test]
async fn lines_that_end_in_a_line_feed_are_lines() {
    // As RFC 9112 allows; what matters is that nothing behind them is taken for more.
    let server = server().await;
    let answer = ask(&server, SMUGGLED.replace("\r\n", "\n")).await;
    assert_eq!(answer.status, 200);
    let both = heartbeat("1.1", &["Content-Length: 4", "Transfer-Encoding: chunked"]);
    let request = both.replace("\r\n", "\n") + &chunked(BODY) + SMUGGLED;
    let answers = Raw::open(&server, &request).await.rest().await;
    assert!(answers.starts_with("HTTP/1.1 400"), "{answers:?}");
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers:?}");
}
