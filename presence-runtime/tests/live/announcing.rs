//! Announcing: what heartbeats and leaves answer, and what is refused.

use http::Method;
use http_body_util::Full;
use serde_json::{Value as Json, json};

use crate::http::{post, request};
use crate::on_both;
use crate::server::{Server, Transport, key, member, session};
use crate::socket::Socket;

const TOPIC: &str = "boards:1:cursors";
const HEARTBEAT: &str = "/presence/boards:1:cursors/heartbeat";

on_both!(
    a_heartbeat_joins_then_updates_then_renews_then_is_stale,
    a_heartbeat_over_a_socket_answers_the_same,
    a_leave_says_whether_somebody_was_there,
    what_is_wrong_with_a_value_is_told_and_changes_nothing,
    what_is_wrong_with_a_request_is_told_and_changes_nothing,
    a_value_beyond_the_registered_size_is_too_large,
    a_socket_refuses_what_http_refuses,
);

async fn a_heartbeat_joins_then_updates_then_renews_then_is_stale(transport: Transport) {
    let server = Server::start(transport).await;
    let key = key();
    let joined = server
        .announce(TOPIC, &key, &json!({"value": {"x": 1}, "n": 1}))
        .await;
    let expected = json!({
        "change": "joined",
        "member": member(&key),
        "version": 1,
        "expiresInMs": 30_000,
        "heartbeatMs": 300,
        "throttleMs": 50,
    });
    assert_eq!(joined, expected);
    for (body, change, version) in [
        (json!({"value": {"x": 2.0}, "n": 2}), "updated", 2),
        (json!({"value": {"x": 2}, "n": 3}), "renewed", 2),
        (json!({}), "renewed", 2),
        (json!({"value": {"x": 3}, "n": 4}), "stale", 2),
        (
            json!({"activity": "idle", "following": ["ann"]}),
            "updated",
            3,
        ),
    ] {
        let answer = server.announce(TOPIC, &key, &body).await;
        let found = (&answer["change"], &answer["version"]);
        assert_eq!(found, (&json!(change), &json!(version)), "{body}");
    }
    let value = server.value(TOPIC).await;
    assert_eq!(value["counts"], json!({"members": 1, "users": 1}));
    let entry = &value["entries"][0];
    let id = session(&key);
    assert_eq!(entry["member"], member(&key));
    assert_eq!(entry["user"], id);
    assert_eq!(
        entry["value"],
        json!({"x": 2.0, "label": "", "tool": "hand", "typing": false})
    );
    assert_eq!(entry["activity"], "idle");
    assert_eq!(entry["following"], json!(["ann"]));
}

async fn a_heartbeat_over_a_socket_answers_the_same(transport: Transport) {
    let server = Server::start(transport).await;
    let key = key();
    let mut socket = Socket::hello(&server, &key).await;
    let joined = socket.announce(TOPIC, json!({"x": 1})).await;
    let expected = json!({
        "type": "ok",
        "id": 1,
        "change": "joined",
        "member": member(&key),
        "version": 1,
        "heartbeatMs": 300,
        "throttleMs": 50,
    });
    assert_eq!(joined, expected);
    let beat = |more: Json| {
        let mut beat = json!({"type": "heartbeat", "topic": TOPIC});
        let fields = beat.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        beat
    };
    for (message, change) in [
        (beat(json!({"value": {"x": 2}})), "updated"),
        (beat(json!({})), "renewed"),
        (beat(json!({"n": 1, "value": {"x": 3}})), "stale"),
        (
            json!({"type": "follow", "topic": TOPIC, "users": ["ann"]}),
            "updated",
        ),
    ] {
        let answer = socket.done(message.clone()).await;
        assert_eq!(answer["change"], change, "{message}");
    }
    let answer = socket
        .done(json!({"type": "activity", "activity": "away"}))
        .await;
    assert_eq!(answer, json!({"type": "ok", "id": 6}));
    let late = json!({"type": "activity", "activity": "idle", "n": 1});
    assert_eq!(socket.done(late).await, json!({"type": "ok", "id": 7}));
    let value = server.value(TOPIC).await;
    assert_eq!(value["entries"][0]["value"]["x"], 2.0);
    assert_eq!(value["entries"][0]["activity"], "away");
    assert_eq!(value["entries"][0]["following"], json!(["ann"]));
    assert_eq!(value["entries"][0].get("expiresInMs"), None);
}

async fn a_leave_says_whether_somebody_was_there(transport: Transport) {
    let server = Server::start(transport).await;
    let key = key();
    server
        .announce(TOPIC, &key, &json!({"value": {"x": 1}}))
        .await;
    let leave = format!("/presence/{TOPIC}/leave");
    assert_eq!(
        server.post(&leave, &key, "").await.good(),
        json!({"left": true})
    );
    assert_eq!(
        server.post(&leave, &key, "{}").await.good(),
        json!({"left": false})
    );
    assert_eq!(server.value(TOPIC).await["entries"], json!([]));

    // At a page's end there are no headers: the key may stand in the body.
    server
        .announce(TOPIC, &key, &json!({"value": {"x": 1}}))
        .await;
    let body = json!({"session": key}).to_string();
    let request = request(Method::POST, &leave)
        .header("content-type", "application/json")
        .body(Full::from(body));
    let answer = server.send(request.expect("a request")).await;
    assert_eq!(answer.good(), json!({"left": true}));

    let mut socket = Socket::hello(&server, &key).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    let leave = json!({"type": "leave", "topic": TOPIC});
    assert_eq!(socket.done(leave.clone()).await["left"], true);
    assert_eq!(socket.done(leave).await["left"], false);
}

async fn what_is_wrong_with_a_value_is_told_and_changes_nothing(transport: Transport) {
    let server = Server::start(transport).await;
    let key = key();
    server
        .announce(TOPIC, &key, &json!({"value": {"x": 7}}))
        .await;
    let before = server.value(TOPIC).await;
    let deep = format!(
        r#"{{"x": 1, "label": {}1{}}}"#,
        "[".repeat(400),
        "]".repeat(400)
    );
    let deepest = format!("/label{}", "/0".repeat(15));
    let cases = [
        (r#"{"x": "1"}"#, vec![("/x", "type")]),
        (r#"{"x": -0.5}"#, vec![("/x", "min")]),
        (r#"{"x": 100000.5}"#, vec![("/x", "max")]),
        (r#"{"x": 1, "z": 1}"#, vec![("/z", "unknown")]),
        (r#"{"x": 1, "x": 2}"#, vec![("/x", "duplicate")]),
        (r#"{}"#, vec![("/x", "required")]),
        (r#"[1]"#, vec![("", "type")]),
        (r#"null"#, vec![("", "type")]),
        (r#"{"x": 1, "tool": "axe"}"#, vec![("/tool", "variant")]),
        (
            r#"{"x": 1, "label": "abcdefghijklmnopqrstuvwxyz1234567"}"#,
            vec![("/label", "maxChars")],
        ),
        (
            r#"{"x": 1, "label": "\u0007"}"#,
            vec![("/label", "control")],
        ),
        (r#"{"x": 1e400}"#, vec![("/x", "json")]),
        (&deep, vec![(deepest.as_str(), "depth"), ("/label", "type")]),
        (
            r#"{"x": "1", "label": 2, "typing": 3}"#,
            vec![("/x", "type"), ("/label", "type"), ("/typing", "type")],
        ),
    ];
    for (value, expected) in cases {
        let answer = server
            .post(HEARTBEAT, &key, &format!(r#"{{"value": {value}}}"#))
            .await;
        assert_eq!(answer.refusal(), (422, "invalid_value".into()), "{value}");
        let error = &answer.json()["error"];
        let details = error["details"].as_array().expect("details");
        let found: Vec<_> = details
            .iter()
            .map(|it| {
                (
                    it["path"].as_str().expect("a path"),
                    it["rule"].as_str().expect("a rule"),
                )
            })
            .collect();
        assert_eq!(found, expected, "{value}");
        for detail in details {
            for said in ["expected", "found"] {
                assert_ne!(detail[said].as_str().unwrap_or_default(), "", "{value}");
            }
        }
    }
    let after = server.value(TOPIC).await;
    assert_eq!(after["at"], before["at"]);
    assert_eq!(after["entries"][0]["value"], before["entries"][0]["value"]);
}

async fn what_is_wrong_with_a_request_is_told_and_changes_nothing(transport: Transport) {
    let server = Server::start(transport).await;
    let key = key();
    server
        .announce(TOPIC, &key, &json!({"value": {"x": 7}}))
        .await;
    let before = server.value(TOPIC).await;
    let large = format!(r#"{{"value": {{"x": 1}}{}}}"#, " ".repeat(17_000));
    for (body, status, code) in [
        (r#"{"value": {"x": 1}"#, 400, "invalid_request"),
        (r#"{"value": {"x": NaN}}"#, 400, "invalid_request"),
        (r#"nonsense"#, 400, "invalid_request"),
        ("\u{feff}{}", 400, "invalid_request"),
        (
            r#"[{"x": 1}, 30000, 5, "idle", false, []]"#,
            400,
            "invalid_request",
        ),
        (
            r#"{"value": {"x": 1}, "value": {"x": 2}}"#,
            400,
            "invalid_request",
        ),
        (r#"{"vlaue": {"x": 1}}"#, 400, "invalid_request"),
        (r#"{"n": -1}"#, 400, "invalid_request"),
        (r#"{"n": 9007199254740992}"#, 400, "invalid_request"),
        (r#"{"activity": "asleep"}"#, 400, "invalid_request"),
        (r#"{"following": ["not a user"]}"#, 400, "invalid_request"),
        (r#"{"value": {"x": 1}, "ttlMs": 999}"#, 400, "invalid_ttl"),
        (
            r#"{"value": {"x": 1}, "ttlMs": 300001}"#,
            400,
            "invalid_ttl",
        ),
        (&large, 413, "too_large"),
    ] {
        let answer = server.post(HEARTBEAT, &key, body).await;
        let said: String = body.chars().take(60).collect();
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{said}");
    }
    for (path, status, code) in [
        ("/presence/boards:1:nothing/heartbeat", 404, "unknown_topic"),
        ("/presence/boards:/heartbeat", 400, "invalid_topic"),
        ("/presence/bo%20ards/heartbeat", 400, "invalid_topic"),
        ("/presence/users/heartbeat", 405, "method_not_allowed"),
        ("/presence/topics/heartbeat", 400, "invalid_topic"),
        ("/presence/boards:1:cursors/nothing", 404, "not_found"),
        ("/elsewhere", 404, "not_found"),
    ] {
        let answer = server.post(path, &key, r#"{"value": {"x": 1}}"#).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{path}");
    }
    for malformed in ["", "123", &"g".repeat(32), &"a".repeat(33)] {
        let answer = server
            .post(HEARTBEAT, malformed, r#"{"value": {"x": 1}}"#)
            .await;
        assert_eq!(
            answer.refusal(),
            (400, "invalid_session".into()),
            "{malformed}"
        );
        assert!(malformed.is_empty() || !format!("{:?}", answer.body).contains(malformed));
    }
    let mut keyless = post(HEARTBEAT, &key, r#"{"value": {"x": 1}}"#);
    keyless.headers_mut().remove("presence-session");
    assert_eq!(
        server.send(keyless).await.refusal(),
        (400, "invalid_session".into())
    );
    for kind in [None, Some("text/plain"), Some("application/jsonp")] {
        let mut other = post(HEARTBEAT, &key, r#"{"value": {"x": 1}}"#);
        other.headers_mut().remove("content-type");
        if let Some(kind) = kind {
            let kind = http::HeaderValue::from_static(kind);
            other.headers_mut().insert("content-type", kind);
        }
        let refusal = server.send(other).await.refusal();
        assert_eq!(refusal, (415, "unsupported_media_type".into()), "{kind:?}");
    }
    let after = server.value(TOPIC).await;
    assert_eq!(
        (&after["at"], &after["counts"]),
        (&before["at"], &before["counts"])
    );
    // Renewing what is absent is no joining.
    let absent = server.post(HEARTBEAT, &crate::server::key(), "{}").await;
    assert_eq!(absent.refusal(), (404, "not_present".into()));
}

async fn a_value_beyond_the_registered_size_is_too_large(transport: Transport) {
    let topics = presence_runtime::Topics::new()
        .register::<crate::topics::Note>()
        .max_bytes(20);
    let server = Server::with(transport, topics, crate::server::quick_config()).await;
    let key = key();
    let note = |text: &str| json!({"value": {"text": text}});
    // `{"text":"…"}` has eleven bytes beside the text.
    server.announce("notes:1", &key, &note("123456789")).await;
    let body = note("1234567890").to_string();
    let answer = server
        .post("/presence/notes:1/heartbeat", &key, &body)
        .await;
    assert_eq!(answer.refusal(), (413, "too_large".into()));
    let detail = &answer.json()["error"]["details"][0];
    assert_eq!(detail["rule"], "maxBytes");
    assert_eq!(detail["found"], "21 bytes");
    let value = server.value("notes:1").await;
    assert_eq!(value["entries"][0]["value"]["text"], "123456789");
}

async fn a_socket_refuses_what_http_refuses(transport: Transport) {
    let server = Server::start(transport).await;
    let mut socket = Socket::hello(&server, &key()).await;
    socket.announce(TOPIC, json!({"x": 7})).await;
    let beat =
        |topic: &str, value: Json| json!({"type": "heartbeat", "topic": topic, "value": value});
    for (message, code) in [
        (beat(TOPIC, json!({"x": -1})), "invalid_value"),
        (beat(TOPIC, Json::Null), "invalid_value"),
        (beat("boards:1", json!({"x": 1})), "unknown_topic"),
        (beat("boards::1", json!({"x": 1})), "invalid_topic"),
        (
            json!({"type": "heartbeat", "topic": "boards:2:cursors"}),
            "not_present",
        ),
        (
            json!({"type": "heartbeat", "topic": TOPIC, "ttlMs": 5000}),
            "invalid_request",
        ),
        (json!({"type": "heartbeat"}), "invalid_request"),
        (
            json!({"type": "subscribe", "topic": TOPIC, "filter": "nobody"}),
            "invalid_request",
        ),
        (json!({"type": "shout", "topic": TOPIC}), "invalid_request"),
    ] {
        assert_eq!(socket.refused(message.clone()).await, code, "{message}");
    }
    // Without an `id` there is an answer only when something is wrong.
    socket.say(&beat(TOPIC, json!({"x": 8}))).await;
    socket.say(&beat(TOPIC, json!({"x": -8}))).await;
    let answer = socket.hear().await;
    assert_eq!(crate::socket::code(&answer), "invalid_value");
    assert_eq!(answer.get("id"), None);
    assert_eq!(server.value(TOPIC).await["entries"][0]["value"]["x"], 8.0);

    let mut watcher = Socket::watcher(&server).await;
    assert_eq!(
        watcher.refused(beat(TOPIC, json!({"x": 1}))).await,
        "invalid_session"
    );
}
