//! Minds that change while somebody is being let in.

use std::pin::pin;
use std::time::Duration;

use http::{Method, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use super::{Asker, Seat, editor, socket, start, token};
use crate::http::Events;
use crate::on_both;
use crate::server::{Server, Transport, key};
use crate::socket::Socket;
use crate::topics::{Cursor, millis};

on_both!(
    no_stream_opens_by_what_was_decided_before_a_change,
    who_is_revoked_while_they_come_in_does_not_come_in,
    a_body_that_takes_its_time_announces_nobody_who_was_revoked,
    what_holds_for_ever_never_ends,
);

/// What an application does about somebody.
type Change = fn(&Server);

fn streams(ann: &Asker, topic: &str) -> [Request<Full<Bytes>>; 2] {
    let one = format!("/presence/{topic}/changes");
    let many = json!({"topics": [{"topic": topic}]}).to_string();
    [
        ann.request(Method::GET, &one, ""),
        ann.request(Method::POST, "/presence/changes", &many),
    ]
}

/// A token about which it takes a moment to find out.
fn slow(user: &str) -> String {
    let mut token: Json = serde_json::from_str(&editor(user)).expect("JSON");
    token["mood"] = "slow".into();
    token.to_string()
}

async fn no_stream_opens_by_what_was_decided_before_a_change(transport: Transport) {
    let (server, office) = start(transport).await;
    let ann = Asker::new(&token("ann", json!({})), &key());
    let change: [(Change, bool); 3] = [
        (|server| server.hub.reauthorize("ann"), false),
        (|server| server.hub.revoke("ann"), false),
        // Somebody else's rights are somebody else's.
        (|server| server.hub.revoke("bob"), true),
    ];
    for (change, opens) in change {
        for request in streams(&ann, "seats:gate") {
            let mut opening = pin!(Events::try_open(&server, request));
            assert!(timeout(millis(50), &mut opening).await.is_err());
            // It is being found out whether they may; and that is over already.
            change(&server);
            office.gate.notify_one();
            match opening.await {
                Ok(mut events) => {
                    assert!(opens, "a stream that nobody ends");
                    events.hear().await;
                }
                Err(refused) => {
                    assert!(!opens);
                    assert_eq!(refused.refusal(), (503, "unavailable".to_owned()));
                }
            }
            // Nothing is remembered of it either.
            server.hub.reauthorize("ann");
        }
    }
}

async fn who_is_revoked_while_they_come_in_does_not_come_in(transport: Transport) {
    let (server, _) = start(transport).await;
    let revoke = async || {
        sleep(millis(40)).await;
        server.hub.revoke("ann");
    };
    for key in [None, Some(key())] {
        let mut hello = json!({"type": "hello", "protocol": 1, "token": slow("ann")});
        if let Some(key) = key {
            hello["session"] = key.into();
        }
        let mut anns = Socket::open(&server).await;
        anns.say(&hello).await;
        revoke().await;
        assert_eq!(anns.hear().await["error"]["code"], "unavailable");
        assert_eq!(anns.closed().await, Some(1013));
    }
    let ann = Asker::new(&slow("ann"), &key());
    for request in streams(&ann, "boards:1:cursors") {
        let (opened, ()) = tokio::join!(Events::try_open(&server, request), revoke());
        let refused = opened.expect_err("no stream");
        assert_eq!(refused.refusal(), (503, "unavailable".to_owned()));
    }
    let (answer, ()) = tokio::join!(
        ann.announce(&server, "boards:1:cursors", json!({"x": 1})),
        revoke()
    );
    assert_eq!(answer.refusal(), (503, "unavailable".to_owned()));
    let topic = Cursor::topic("1").expect("a topic");
    assert_eq!(server.hub.members(&topic).len(), 0);
    // Whoever comes again is asked again, and counts from the start.
    let ann = key();
    for _ in 0..3 {
        let mut anns = socket(&server, &slow("ann"), Some(&ann)).await;
        anns.announce("boards:1:cursors", json!({"x": 1})).await;
    }
}

async fn a_body_that_takes_its_time_announces_nobody_who_was_revoked(transport: Transport) {
    let (server, _) = start(transport).await;
    let mut pipe = server.dial().await;
    let body = r#"{"value":{"at":1},"ttlMs":300000}"#;
    let head = format!(
        "POST /presence/seats:1/heartbeat HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Presence-Session: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        editor("ann"),
        key(),
        body.len()
    );
    let (first, last) = body.split_at(body.len() - 1);
    pipe.write_all(format!("{head}{first}").as_bytes())
        .await
        .expect("it is open");
    sleep(millis(50)).await;
    server.hub.revoke("ann");
    pipe.write_all(last.as_bytes()).await.expect("it is open");
    let mut answer = String::new();
    let read = timeout(Duration::from_secs(5), pipe.read_to_string(&mut answer)).await;
    read.expect("an answer in time").expect("text");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let seats = Seat::topic(1).expect("a topic");
    assert_eq!(server.hub.members(&seats).len(), 0);
}

async fn what_holds_for_ever_never_ends(transport: Transport) {
    let (server, _) = start(transport).await;
    for time in [json!("ever"), json!(u64::MAX)] {
        let mut token: Json = serde_json::from_str(&editor("ann")).expect("JSON");
        token["for"] = time;
        let ann = Asker::new(&token.to_string(), &key());
        for request in streams(&ann, "boards:1:cursors") {
            Events::open(&server, request).await.hear().await;
        }
        let mut anns = socket(&server, &token.to_string(), Some(&key())).await;
        anns.announce("boards:1:cursors", json!({"x": 1})).await;
    }
}
