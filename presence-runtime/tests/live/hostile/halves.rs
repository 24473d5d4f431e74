//! Half-closed connections: who has said everything and closes their side is answered.

use serde_json::json;
use tokio::time::Instant;

use super::server;
use crate::access::{self, editor};
use crate::raw::Raw;
use crate::server::{Transport, key};
use crate::topics::secs;

const VALUE: &str = "/presence/boards:1:cursors/value";

fn get(target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n")
}

#[tokio::test]
async fn who_closes_their_side_after_a_request_is_answered() {
    let server = server().await;
    let (key, body) = (key(), r#"{"value": {"x": 1}}"#);
    let post = format!(
        "POST /presence/boards:1:cursors/heartbeat HTTP/1.1\r\nhost: localhost\r\npresence-session: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for (requests, statuses) in [
        (vec![get(VALUE, "")], vec![200]),
        (vec![post.clone()], vec![200]),
        (
            vec![post, get("/presence/x", ""), get(VALUE, "")],
            vec![200, 404, 200],
        ),
        (vec![get("/page", "")], vec![404]),
        (vec![get(VALUE, "").replace("1.1", "1.0")], vec![200]),
        (vec![get("/presence/ws", "")], vec![426]),
    ] {
        // All at once, and one after the other.
        let mut raw = Raw::open(&server, requests.concat()).await;
        raw.half_close().await;
        for status in &statuses {
            assert_eq!(raw.answer().await.status, *status, "{requests:?}");
        }
        assert_eq!(raw.rest().await, "");
        let mut raw = Raw::open(&server, "").await;
        for (i, (request, status)) in requests.iter().zip(&statuses).enumerate() {
            raw.say(request).await;
            if i + 1 == requests.len() {
                raw.half_close().await;
            }
            assert_eq!(raw.answer().await.status, *status, "{request:?}");
        }
        assert_eq!(raw.rest().await, "");
    }
}

#[tokio::test]
async fn an_answer_that_takes_its_time_comes_all_the_same() {
    let (server, _) = access::start(Transport::Tcp).await;
    let token = json!({"user": "ann", "mood": "slow", "claims": {"boards": ["1"]}});
    let shown = format!(
        "authorization: Bearer {token}\r\npresence-session: {}\r\n",
        key()
    );
    let body = r#"{"value": {"x": 1}}"#;
    let length = format!(
        "content-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    let post = get(
        "/presence/boards:1:cursors/heartbeat",
        &format!("{shown}{length}"),
    );
    let post = post.replace("GET", "POST") + body;
    for request in [get(VALUE, &shown), post.clone(), post + &get(VALUE, &shown)] {
        let began = Instant::now();
        let mut raw = Raw::open(&server, &request).await;
        raw.half_close().await;
        for _ in 0..request.matches("HTTP/1.1").count() {
            let answer = raw.answer().await;
            assert_eq!(answer.status, 200, "{request:?}: {answer:?}");
        }
        assert_eq!(raw.rest().await, "");
        assert!(began.elapsed() < secs(3), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn who_closes_their_side_within_a_request_is_told_at_once() {
    let server = server().await;
    for (request, status) in [
        ("GET /presence/topics HTTP/1.1\r\nhost: loc".to_owned(), 0),
        (
            get(
                &VALUE.replace("value", "heartbeat"),
                "content-length: 20\r\n",
            )
            .replace("GET", "POST")
                + "{",
            400,
        ),
    ] {
        let began = Instant::now();
        let mut raw = Raw::open(&server, &request).await;
        raw.half_close().await;
        let answer = raw.rest().await;
        let expected = match status {
            0 => answer.is_empty(),
            _ => answer.starts_with(&format!("HTTP/1.1 {status}")),
        };
        assert!(expected, "{request:?}: {answer:?}");
        assert!(began.elapsed() < secs(3), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn an_event_stream_to_somebody_who_closed_their_side_says_what_there_is_and_ends() {
    let server = server().await;
    for version in ["1.1", "1.0"] {
        let target = "/presence/boards:1:cursors/changes";
        let mut raw = Raw::open(&server, get(target, "").replace("1.1", version)).await;
        raw.half_close().await;
        let head = raw.head().await;
        assert_eq!(head.status, 200, "{head:?}");
        let rest = raw.rest().await;
        assert!(rest.contains("event: snapshot"), "{version}: {rest:?}");
        let whole = if version == "1.1" {
            "0\r\n\r\n"
        } else {
            "\n\n"
        };
        assert!(rest.ends_with(whole), "{version}: {rest:?}");
    }
    let (server, _) = access::start(Transport::Tcp).await;
    let shown = format!("authorization: Bearer {}\r\n", editor("ann"));
    let target = "/presence/boards:1:cursors/changes";
    let mut raw = Raw::open(&server, get(target, &shown)).await;
    raw.half_close().await;
    assert!(raw.rest().await.contains("event: snapshot"));
}
