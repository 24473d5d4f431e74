//! The routes: methods, hosts, pages, conditional requests, connections kept.

use http::{Method, Request};
use http_body_util::Full;
use serde_json::{Value as Json, json};

use crate::http::{Http, post, request};
use crate::on_both;
use crate::server::{Server, Transport, key, member};

const TOPIC: &str = "boards:1:cursors";

on_both!(
    other_methods_are_refused_with_those_there_are,
    only_known_hosts_are_answered,
    the_socket_route_asks_for_a_proper_upgrade,
    a_connection_serves_one_request_after_another,
    an_unchanged_topic_is_not_sent_again,
    a_schema_is_served_by_its_name,
);

async fn other_methods_are_refused_with_those_there_are(transport: Transport) {
    let server = Server::start(transport).await;
    for (path, method, allow) in [
        ("boards:1:cursors/heartbeat", Method::GET, "POST, OPTIONS"),
        ("boards:1:cursors/leave", Method::DELETE, "POST, OPTIONS"),
        ("boards:1:cursors/value", Method::POST, "GET, HEAD, OPTIONS"),
        (
            "boards:1:cursors/changes",
            Method::POST,
            "GET, HEAD, OPTIONS",
        ),
        ("changes", Method::GET, "POST, OPTIONS"),
        ("ws", Method::POST, "GET, HEAD, OPTIONS"),
        ("schemas/Cursor", Method::PUT, "GET, HEAD, OPTIONS"),
        ("openapi.json", Method::POST, "GET, HEAD, OPTIONS"),
    ] {
        let request = request(method, &format!("/presence/{path}"));
        let answer = server
            .send(request.body(Full::default()).expect("a request"))
            .await;
        assert_eq!(
            answer.refusal(),
            (405, "method_not_allowed".into()),
            "{path}"
        );
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
    }
    let head = request(Method::HEAD, &format!("/presence/{TOPIC}/value"));
    let answer = server
        .send(head.body(Full::default()).expect("a request"))
        .await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
}

async fn only_known_hosts_are_answered(transport: Transport) {
    let server = Server::start(transport).await;
    let path = format!("/presence/{TOPIC}/value");
    for (host, status) in [
        ("localhost", 200),
        ("LOCALHOST:7700", 200),
        ("127.0.0.1:80", 200),
        ("[::1]:80", 200),
        ("10.1.2.3:7700", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
    ] {
        let request = Request::get(&path).header("host", host);
        let answer = server
            .send(request.body(Full::default()).expect("a request"))
            .await;
        assert_eq!(answer.status, status, "{host}");
        if status == 421 {
            assert_eq!(answer.refusal().1, "invalid_host");
        }
    }
}

async fn the_socket_route_asks_for_a_proper_upgrade(transport: Transport) {
    let server = Server::start(transport).await;
    let answer = server.get("/presence/ws").await;
    assert_eq!(answer.refusal(), (426, "upgrade_required".into()));
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    assert_eq!(answer.header("sec-websocket-version"), Some("13"));
    let old = request(Method::GET, "/presence/ws")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "8")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let answer = server
        .send(old.body(Full::default()).expect("a request"))
        .await;
    assert_eq!(answer.status, 426);
}

async fn a_connection_serves_one_request_after_another(transport: Transport) {
    let server = Server::start(transport).await;
    let mut http = Http::open(&server).await;
    let heartbeat = format!("/presence/{TOPIC}/heartbeat");
    let key = key();
    let bodies = [
        (r#"{"value": {"x": 1}}"#, 200),
        (r#"{"value": {"x": -1}}"#, 422),
        ("{}", 200),
    ];
    for (body, status) in bodies {
        let answer = http.send(post(&heartbeat, &key, body)).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let value = request(Method::GET, &format!("/presence/{TOPIC}/value"));
    let value = http
        .send(value.body(Full::default()).expect("a request"))
        .await;
    assert_eq!(value.good()["counts"]["members"], 1);
}

async fn an_unchanged_topic_is_not_sent_again(transport: Transport) {
    let server = Server::start(transport).await;
    let path = format!("/presence/{TOPIC}/value");
    let ann = key();
    server
        .announce(TOPIC, &ann, &json!({"value": {"x": 1}}))
        .await;
    let etag = server
        .get(&path)
        .await
        .header("etag")
        .expect("a tag")
        .to_owned();
    let known = async || {
        let request = request(Method::GET, &path).header("if-none-match", &etag);
        server
            .send(request.body(Full::default()).expect("a request"))
            .await
    };
    // A renewal is no change.
    server.announce(TOPIC, &ann, &json!({})).await;
    let answer = known().await;
    assert_eq!((answer.status, answer.body.len()), (304, 0));
    assert_eq!(answer.header("etag"), Some(etag.as_str()));
    server
        .announce(TOPIC, &ann, &json!({"value": {"x": 2}}))
        .await;
    let answer = known().await;
    assert_eq!(answer.good()["entries"][0]["value"]["x"], 2.0);
    assert_ne!(answer.header("etag"), Some(etag.as_str()));
}

async fn a_schema_is_served_by_its_name(transport: Transport) {
    let server = Server::start(transport).await;
    let answer = server.get("/presence/schemas/Cursor").await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/schema+json")
    );
    let required = &answer.good()["required"];
    assert_eq!(required, &json!(["x"]));
    let answer = server.get("/presence/schemas/Cursor.output").await.good();
    assert_eq!(answer["required"], json!(["x", "label", "tool", "typing"]));

    let answer = server.get("/presence/openapi.json").await.good();
    assert_eq!(answer["openapi"], "3.1.0");
    let path = &answer["paths"]["/boards:{board}:cursors/heartbeat"]["post"];
    assert_eq!(path["parameters"][0]["name"], "board");

    let answer = server.get("/presence/schemas/Nothing").await;
    assert_eq!(answer.refusal(), (404, "not_found".into()));
}

#[tokio::test(start_paused = true)]
async fn a_value_of_nobody_has_the_clock_of_all_others() {
    let server = Server::in_memory().await;
    server
        .announce("boards:2:cursors", &key(), &json!({"value": {"x": 1}}))
        .await;
    tokio::time::sleep(crate::topics::secs(7)).await;
    let here = server.value("boards:2:cursors").await["nowMs"].as_u64();
    let nobody = server.value(TOPIC).await;
    assert_eq!(nobody["entries"], json!([]));
    assert_eq!(nobody["nowMs"].as_u64(), here);
}

#[tokio::test(start_paused = true)]
async fn a_large_topic_is_read_page_by_page() {
    const MEMBERS: usize = 2_300;
    let server = Server::in_memory().await;
    let heartbeat = format!("/presence/{TOPIC}/heartbeat");
    let mut http = Http::open(&server).await;
    let mut expected = Vec::new();
    for _ in 0..MEMBERS {
        let key = key();
        http.send(post(&heartbeat, &key, r#"{"value": {"x": 1}}"#))
            .await
            .good();
        expected.push(member(&key));
    }
    let (mut found, mut next, mut sizes) = (Vec::new(), String::new(), Vec::new());
    loop {
        let page = server
            .get(&format!("/presence/{TOPIC}/value{next}"))
            .await
            .good();
        assert_eq!(page["counts"]["members"], MEMBERS);
        let entries = page["entries"].as_array().expect("entries");
        sizes.push(entries.len());
        let names = entries
            .iter()
            .map(|it| it["member"].as_str().expect("a member").to_owned());
        found.extend(names);
        match page.get("next").and_then(Json::as_str) {
            Some(after) => next = format!("?after={after}"),
            None => break,
        }
    }
    assert_eq!(sizes, [1000, 1000, 300]);
    assert_eq!(found, expected);
    let answer = server.get(&format!("/presence/{TOPIC}/value?page=2")).await;
    assert_eq!(answer.refusal(), (400, "invalid_request".into()));
}
