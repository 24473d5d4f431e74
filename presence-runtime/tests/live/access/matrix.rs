//! Every route and every message, for everybody: none forgets to ask.

use http::Method;
use serde_json::{Value as Json, json};

use super::{Asker, editor, socket, start, token};
use crate::server::{Transport, key};
use crate::socket::Socket;

/// What the routes answer to somebody who shows nothing, to somebody without any claim, to somebody
/// who may read, and to somebody who may announce.
const ROUTES: [(&str, &str, [u16; 4]); 11] = [
    ("post", "/presence/{topic}/heartbeat", [401, 403, 403, 200]),
    ("post", "/presence/{topic}/leave", [401, 403, 403, 200]),
    ("get", "/presence/{topic}/value", [401, 403, 200, 200]),
    ("get", "/presence/{topic}/changes", [401, 403, 200, 200]),
    // That takes another right; see `inspecting`.
    ("get", "/presence/{topic}/history", [401, 403, 403, 403]),
    ("post", "/presence/changes", [401, 403, 200, 200]),
    ("get", "/presence/users/{user}", [401, 200, 200, 200]),
    ("get", "/presence/topics", [401, 200, 200, 200]),
    ("get", "/presence/schemas/{name}", [401, 200, 200, 200]),
    ("get", "/presence/openapi.json", [401, 200, 200, 200]),
    // Who it is is asked in `hello`.
    ("get", "/presence/ws", [426, 426, 426, 426]),
];

fn viewer() -> String {
    token("vic", json!({"sees": ["1"]}))
}

#[tokio::test]
async fn every_route_asks_who_it_is_and_what_they_may() {
    let (server, _) = start(Transport::Memory).await;
    let everybody = [
        None,
        Some(token("eve", json!({}))),
        Some(viewer()),
        Some(editor("ann")),
    ];
    for (method, route, expected) in ROUTES {
        let path = route
            .replace("{topic}", "boards:1:cursors")
            .replace("{user}", "ann")
            .replace("{name}", "Cursor");
        let body = match route {
            "/presence/{topic}/heartbeat" => r#"{"value":{"x":1}}"#,
            "/presence/changes" => r#"{"topics":[{"topic":"boards:1:cursors"}]}"#,
            _ => "",
        };
        for (token, status) in everybody.iter().zip(expected) {
            let asker = Asker {
                token: token.clone(),
                key: Some(key()),
            };
            let method: Method = method.to_uppercase().parse().expect("a method");
            let request = asker.request(method, &path, body);
            assert_eq!(server.status(request).await, status, "{route} {token:?}");
        }
    }
    // A route that is not in the list above is in the document that describes them all.
    let ann = Asker::new(&editor("ann"), &key());
    let document = ann.get(&server, "/presence/openapi.json").await.good();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            let general = ["boards:{board}:cursors", "notes:{room}", "seats:{room}"]
                .iter()
                .fold(format!("/presence{path}"), |path, it| {
                    path.replace(it, "{topic}")
                });
            let listed = ROUTES
                .iter()
                .any(|(of, route, _)| of == method && *route == general);
            assert!(
                listed || method == "parameters",
                "{method} {path} is not tested"
            );
        }
    }
}

/// What the messages are answered for somebody without any claim, somebody who may read, and somebody
/// who may announce.
fn messages() -> Vec<(Json, [&'static str; 3])> {
    let topic = "boards:1:cursors";
    vec![
        (
            json!({"type": "schemas", "schemas": {}}),
            ["ok", "ok", "ok"],
        ),
        (
            json!({"type": "subscribe", "topic": topic}),
            ["forbidden", "ok", "ok"],
        ),
        (
            json!({"type": "subscribe", "topic": topic, "filter": "count"}),
            ["forbidden", "ok", "ok"],
        ),
        (
            json!({"type": "heartbeat", "topic": topic, "value": {"x": 1}}),
            ["forbidden", "forbidden", "ok"],
        ),
        (
            json!({"type": "follow", "topic": topic, "users": []}),
            ["forbidden", "forbidden", "ok"],
        ),
        (
            json!({"type": "activity", "activity": "idle"}),
            ["ok", "ok", "ok"],
        ),
        (
            json!({"type": "leave", "topic": topic}),
            ["forbidden", "forbidden", "ok"],
        ),
        (
            json!({"type": "unsubscribe", "topic": topic}),
            ["ok", "ok", "ok"],
        ),
        // A token that is not one's own changes nothing.
        (
            json!({"type": "token", "token": editor("root")}),
            ["forbidden", "forbidden", "forbidden"],
        ),
        (
            json!({"type": "hello", "protocol": 1}),
            ["invalid_request"; 3],
        ),
    ]
}

#[tokio::test]
async fn every_message_asks_what_its_sender_may() {
    let (server, _) = start(Transport::Memory).await;
    let everybody = [token("eve", json!({})), viewer(), editor("ann")];
    for (i, token) in everybody.iter().enumerate() {
        let mut asker = socket(&server, token, Some(&key())).await;
        for (message, expected) in messages() {
            let answer = asker.ask(message.clone()).await;
            let found = answer["error"]["code"].as_str().unwrap_or("ok");
            assert_eq!(found, expected[i], "{message} of {token}: {answer}");
        }
    }
    // Whoever has not said `hello` says nothing else.
    for (message, _) in messages() {
        if message["type"] != "hello" {
            let mut nobody = Socket::open(&server).await;
            nobody.say(&message).await;
            assert_eq!(nobody.hear().await["error"]["code"], "invalid_request");
            assert_eq!(nobody.closed().await, Some(4526));
        }
    }
    // A message that is not in the list above is in the one a client gets that says something else.
    let mut asker = socket(&server, &editor("ann"), None).await;
    asker.say(&json!({"type": "nonsense"})).await;
    let refused = asker.hear().await;
    let expected = refused["error"]["details"][0]["expected"]
        .as_str()
        .expect("a list");
    let known: Vec<_> = expected.split('`').skip(3).step_by(2).collect();
    assert!(known.contains(&"heartbeat"), "{expected}");
    for kind in known {
        let listed = messages()
            .iter()
            .any(|(message, _)| message["type"] == kind);
        assert!(listed, "{kind} is not tested: {expected}");
    }
}
