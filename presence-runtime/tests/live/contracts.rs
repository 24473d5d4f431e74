//! Clients that were generated from other contracts: what differs is named, and they go on.

use presence_runtime::Presence;
use serde_json::{Value as Json, json};

use crate::on_both;
use crate::server::{Server, Transport, key};
use crate::socket::{Socket, code};
use crate::topics::Cursor;

const TOPIC: &str = "boards:1:cursors";

on_both!(
    who_has_the_same_contract_hears_nothing_of_it,
    a_mismatch_names_the_older_side_and_the_field,
    a_contract_can_be_compared_later,
    over_http_the_answer_says_what_differs,
    what_is_no_contract_is_refused,
);

/// What a client says that was generated from this very contract.
fn contract() -> Json {
    let fields: Json = Cursor::SCHEMA
        .digests()
        .into_iter()
        .map(|(key, digest)| (key.to_owned(), Json::from(digest)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({"fingerprint": Cursor::SCHEMA.fingerprint(), "fields": fields})
}

/// What a client says that was generated before `tool` came and `label` changed.
fn older() -> Json {
    let mut contract = contract();
    contract["fingerprint"] = "0123456789abcdef".into();
    contract["fields"]["label"] = "01234567".into();
    contract["fields"]
        .as_object_mut()
        .expect("an object")
        .remove("tool");
    contract
}

fn what_became_of_it() -> Json {
    json!([
        {"field": "label", "change": "changed"},
        {"field": "tool", "change": "added"},
    ])
}

async fn greeted(server: &Server, schemas: Json) -> Socket {
    let mut socket = Socket::open(server).await;
    socket
        .say(&json!({"type": "hello", "protocol": 1, "session": key(), "schemas": schemas}))
        .await;
    assert_eq!(socket.hear().await["type"], "welcome");
    socket
}

async fn who_has_the_same_contract_hears_nothing_of_it(transport: Transport) {
    let server = Server::start(transport).await;
    for same in [contract(), contract()["fingerprint"].clone()] {
        let mut socket = greeted(&server, json!({"Cursor": same})).await;
        let done = socket.announce(TOPIC, json!({"x": 1})).await;
        assert_eq!(done["type"], "ok");
    }
}

async fn a_mismatch_names_the_older_side_and_the_field(transport: Transport) {
    let server = Server::start(transport).await;
    let mut newer = contract();
    newer["fingerprint"] = "0123456789abcdef".into();
    newer["fields"]["colour"] = "01234567".into();
    let cases = [
        (older(), "client", what_became_of_it()),
        (
            newer,
            "server",
            json!([{"field": "colour", "change": "added"}]),
        ),
        (json!("0123456789abcdef"), "client", json!([])),
    ];
    for (said, older, fields) in cases {
        let mut socket = greeted(&server, json!({"Cursor": said})).await;
        let expected =
            json!({"type": "mismatch", "schema": "Cursor", "older": older, "fields": fields});
        assert_eq!(socket.hear().await, expected);
        // Whoever differs may go on; values are judged one by one.
        let done = socket.announce(TOPIC, json!({"x": 1})).await;
        assert_eq!(done["type"], "ok");
    }
    let mut socket = greeted(&server, json!({"Tomorrow": "0123456789abcdef"})).await;
    let unknown =
        json!({"type": "mismatch", "schema": "Tomorrow", "older": "server", "fields": []});
    assert_eq!(socket.hear().await, unknown);
}

async fn a_contract_can_be_compared_later(transport: Transport) {
    let server = Server::start(transport).await;
    let mut socket = greeted(&server, json!({})).await;
    let message = json!({"type": "schemas", "schemas": {"Cursor": older()}});
    assert_eq!(socket.done(message).await["type"], "ok");
    let heard = socket.hear().await;
    assert_eq!(
        (&heard["older"], &heard["fields"]),
        (&json!("client"), &what_became_of_it())
    );
}

async fn over_http_the_answer_says_what_differs(transport: Transport) {
    let server = Server::start(transport).await;
    let path = format!("/presence/{TOPIC}/heartbeat");
    let key = key();
    let beat = async |schema: Json| {
        let body = json!({"value": {"x": 1}, "schema": schema});
        server.post(&path, &key, &body.to_string()).await
    };
    let answer = beat(contract()).await.good();
    assert_eq!(answer["change"], "joined");
    assert_eq!(answer["mismatch"], json!(null));
    let expected = json!({"schema": "Cursor", "older": "client", "fields": what_became_of_it()});
    assert_eq!(beat(older()).await.good()["mismatch"], expected);
    let refused = beat(json!(1)).await;
    assert_eq!(refused.refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(refused.json()["error"]["details"][0]["path"], "/schema");
}

async fn what_is_no_contract_is_refused(transport: Transport) {
    let server = Server::start(transport).await;
    let mut socket = Socket::open(&server).await;
    socket
        .say(&json!({"type": "hello", "protocol": 1, "schemas": {"Cursor": {"fields": {}}}}))
        .await;
    assert_eq!(code(&socket.hear().await), "invalid_request");
    assert_eq!(socket.closed().await, Some(4526));
}
