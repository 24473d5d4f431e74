//! `/metrics`: what is counted, that it goes back to nothing, and that no client chooses a name in it.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use presence_runtime::server::{Body, Operations};
use serde_json::json;

use crate::http::request;
use crate::on_both;
use crate::raw::ask;
use crate::server::{Server, Transport, key, quick_config};
use crate::socket::Socket;
use crate::topics::{self, millis};

const TOPIC: &str = "quick:1";

on_both![
    everything_is_counted_and_gauges_return_to_zero,
    nothing_that_clients_choose_becomes_a_name,
];

/// The figures by name and labels.
pub(crate) async fn figures(server: &Server) -> BTreeMap<String, f64> {
    let text = text(server).await;
    let samples = text.lines().filter(|it| !it.starts_with('#'));
    let pairs = samples.map(|line| {
        let (name, figure) = line.rsplit_once(' ').expect("a name and a figure");
        (name.to_owned(), figure.parse().expect("a figure"))
    });
    pairs.collect()
}

async fn text(server: &Server) -> String {
    use http_body_util::BodyExt;
    let operations = Operations::open(server.hub.clone());
    let request = request(http::Method::GET, "/metrics")
        .body(())
        .expect("a request");
    let answer = operations.answer(request);
    assert_eq!(answer.status(), 200);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.headers()["content-type"], kind);
    let body: Body = answer.into_body();
    let body = body.collect().await.expect("a body").to_bytes();
    String::from_utf8(body.to_vec()).expect("text")
}

async fn everything_is_counted_and_gauges_return_to_zero(transport: Transport) {
    let server = Server::start(transport).await;
    let mut sockets = join_all((0..5).map(|_| async {
        let mut socket = Socket::hello(&server, &key()).await;
        socket.announce(TOPIC, json!({"x": 1})).await;
        socket.announce(TOPIC, json!({"x": 2})).await;
        socket.subscribe(TOPIC).await;
        socket
    }))
    .await;
    let mut events = server.events(TOPIC, None).await;
    events.hear().await;
    let bob = key();
    server
        .announce(TOPIC, &bob, &json!({"value": {"x": 1}}))
        .await;
    server.announce(TOPIC, &bob, &json!({})).await;
    let wrong = json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": "one"}, "id": 9});
    sockets[0].say(&wrong).await;
    while sockets[0].hear().await["type"] != "error" {}

    let now = figures(&server).await;
    let figure = |name: &str| {
        *now.get(name)
            .unwrap_or_else(|| panic!("{name} in {now:#?}"))
    };
    assert_eq!(figure("presence_ready"), 1.0);
    assert_eq!(figure("presence_connections{transport=\"websocket\"}"), 5.0);
    assert_eq!(figure("presence_connections{transport=\"events\"}"), 1.0);
    assert_eq!(figure("presence_topics{type=\"Quick\"}"), 1.0);
    assert_eq!(figure("presence_topics{type=\"Note\"}"), 0.0);
    assert_eq!(figure("presence_entries{type=\"Quick\"}"), 6.0);
    assert_eq!(figure("presence_subscriptions{type=\"Quick\"}"), 6.0);
    assert_eq!(figure("presence_users"), 6.0);
    assert_eq!(figure("presence_sessions"), 6.0);
    let beats = |change| {
        figure(&format!(
            "presence_heartbeats_total{{type=\"Quick\",change=\"{change}\"}}"
        ))
    };
    assert_eq!((beats("joined"), beats("updated")), (6.0, 5.0));
    assert_eq!((beats("renewed"), beats("stale")), (1.0, 0.0));
    assert_eq!(figure("presence_joins_total{type=\"Quick\"}"), 6.0);
    assert_eq!(
        figure("presence_refusals_total{code=\"invalid_value\"}"),
        1.0
    );
    assert_eq!(figure("presence_requests_total{route=\"heartbeat\"}"), 2.0);
    assert_eq!(figure("presence_requests_total{route=\"changes\"}"), 1.0);
    assert_eq!(
        figure("presence_limit{setting=\"max_connections\"}"),
        20_000.0
    );
    assert!(figure("presence_messages_total") >= 21.0);
    assert!(figure("presence_messages_bytes_total") > 1_000.0);
    let parts = figure("presence_parts_delivered_total{type=\"Quick\"}");
    assert!(parts >= 6.0 && parts >= figure("presence_parts_encoded_total{type=\"Quick\"}"));
    assert!(figure("presence_delivered_bytes_total{type=\"Quick\"}") > 500.0);
    let flushes = figure("presence_flush_seconds_count");
    assert!(flushes >= 2.0);
    assert_eq!(
        figure("presence_flush_seconds_bucket{le=\"+Inf\"}"),
        flushes
    );
    assert!(figure("presence_flush_seconds_sum") >= 0.0);

    for mut socket in sockets {
        socket.done(json!({"type": "leave", "topic": TOPIC})).await;
        socket.close().await;
    }
    server
        .post(&format!("/presence/{TOPIC}/leave"), &bob, "")
        .await
        .good();
    drop(events);
    let mut left = Vec::new();
    for _ in 0..400 {
        let now = figures(&server).await;
        let gauges = [
            "presence_connections{",
            "presence_topics{",
            "presence_entries{",
            "presence_subscriptions{",
            "presence_users",
            "presence_sessions",
            "presence_pending_bytes",
        ];
        left = now
            .iter()
            .filter(|(name, figure)| {
                // Who has left is remembered for half a minute, which only paused time waits for.
                let lasts = transport == Transport::Tcp && name.starts_with("presence_topics");
                !lasts && gauges.iter().any(|it| name.starts_with(it)) && **figure != 0.0
            })
            .map(|(name, figure)| (name.clone(), *figure))
            .collect();
        if left.is_empty() {
            assert_eq!(
                now["presence_leaves_total{type=\"Quick\",reason=\"left\"}"],
                6.0
            );
            let opened = "presence_connections_opened_total{transport=\"websocket\"}";
            assert_eq!(now[opened], 5.0);
            let ended: f64 = now
                .iter()
                .filter(|(name, _)| name.starts_with("presence_websockets_ended_total"))
                .map(|(_, figure)| figure)
                .sum();
            assert_eq!(ended, 5.0);
            return;
        }
        tokio::time::sleep(millis(100)).await;
    }
    panic!("not everything went: {left:?}");
}

/// The refusals by code.
async fn refusals(server: &Server) -> BTreeMap<String, f64> {
    let figures = figures(server).await.into_iter();
    let refusals = figures.filter_map(|(name, count)| {
        let code = name.strip_prefix("presence_refusals_total{code=\"")?;
        Some((code.strip_suffix("\"}")?.to_owned(), count))
    });
    refusals.collect()
}

#[tokio::test]
async fn every_refusal_is_counted_once_wherever_it_is_made() {
    let server = Server::start(Transport::Tcp).await;
    let mut counted = BTreeMap::new();
    let mut is_counted = async |code: &str| {
        *counted.entry(code.to_owned()).or_default() += 1.0;
        assert_eq!(refusals(&server).await, counted, "{code}");
    };
    for (asking, host, code) in [
        ("GET /", "evil.example", "invalid_host"),
        ("GET /presence/topics", "evil.example", "invalid_host"),
        ("GET /", "", "invalid_request"),
        ("GET /nothing", "localhost", "not_found"),
        ("POST /healthz", "localhost", "method_not_allowed"),
        ("PUT /presence/topics", "localhost", "method_not_allowed"),
    ] {
        let request = format!("{asking} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        assert_eq!(ask(&server, &request).await.code(), code, "{request:?}");
        is_counted(code).await;
    }
    for target in ["/", "/presence/topics"] {
        let twice = "transfer-encoding: gzip, chunked";
        let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n{twice}\r\n\r\n");
        assert_eq!(ask(&server, &request).await.code(), "invalid_request");
        is_counted("invalid_request").await;
    }

    let guarded = Operations::guarded(server.hub.clone(), "correct-horse-battery");
    let guarded = guarded.expect("a password");
    let open = Operations::open(server.hub.clone());
    for (operations, host, path, code) in [
        (&open, "evil.example", "/metrics", "invalid_host"),
        (&open, "localhost", "/nothing", "not_found"),
        (&guarded, "localhost", "/metrics", "unauthenticated"),
    ] {
        let request = http::Request::get(path).header("host", host).body(());
        let status = operations.answer(request.expect("a request")).status();
        assert!(status.is_client_error(), "{path} at {host}: {status}");
        is_counted(code).await;
    }
}

/// Also where there is not even room to be told so.
#[tokio::test(start_paused = true)]
async fn who_finds_no_room_at_the_doors_is_counted_once() {
    let mut config = quick_config();
    config.max_http_connections = 1;
    let server = Server::with(Transport::Memory, topics::all(), config).await;
    let mut inside = Vec::new();
    for _ in 0..301 {
        inside.push(server.dial().await);
    }
    tokio::time::sleep(millis(10)).await;
    assert_eq!(
        refusals(&server).await,
        [("overloaded".to_owned(), 300.0)].into()
    );
}

async fn nothing_that_clients_choose_becomes_a_name(transport: Transport) {
    let server = Server::start(transport).await;
    let before: Vec<_> = figures(&server).await.into_keys().collect();
    let bob = key();
    for topic in [
        "boards:chosen1:cursors",
        "boards:chosen2:cursors",
        "chosen3",
    ] {
        let path = format!("/presence/{topic}/heartbeat");
        server
            .post(&path, &bob, "{\"value\":{\"x\":1,\"chosen4\":1}}")
            .await;
        server.post(&path, &bob, "{\"value\":{\"x\":1}}").await;
    }
    server.get("/presence/chosen5").await;
    server.get("/presence/schemas/chosen6").await;
    let mut socket = Socket::hello(&server, &key()).await;
    socket.say(&json!({"type": "chosen7"})).await;
    socket.hear().await;
    let text = text(&server).await;
    assert!(
        !text.contains("chosen") && !text.contains(&crate::server::session(&bob)),
        "{text}"
    );
    let after: Vec<_> = figures(&server).await.into_keys().collect();
    let new: Vec<_> = after.iter().filter(|it| !before.contains(it)).collect();
    assert!(
        new.iter()
            .all(|it| it.starts_with("presence_refusals_total{code=")),
        "{new:?}"
    );
}
