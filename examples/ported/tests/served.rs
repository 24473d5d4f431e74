//! What Grove and EdgeBase show of a server: on its own, mounted, with rules, with a ttl.

mod http;

use std::time::Duration;

use axum::Router;
use ported::types::Editor;
use ported::{config, mounted, rules, standalone, topics};
use presence_runtime::access::{Credentials, Identity, Unauthenticated};
use presence_runtime::server::{ConfigError, StartError};
use presence_runtime::{Config, Hub, Topics};
use tokio::net::TcpListener;

use crate::http::ask;

const KEY: &str = "Presence-Session: 00112233445566778899aabbccddeeff";
const ANN: &str = "Authorization: Bearer ann";
const VALUE: &str = r#"{"value":{"username":"Ann","status":"online"}}"#;

/// Whoever shows a token has its text for a name; who shows none is a guest.
async fn by_name(shown: Credentials) -> Result<Identity, Unauthenticated> {
    match shown.token() {
        Some(name) => Identity::of(name).map_err(|_| Unauthenticated::invalid("no name")),
        None => Ok(Identity::guest()),
    }
}

/// Serves an application on a port of its own.
async fn serve(routes: Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    addr
}

#[tokio::test]
async fn a_server_of_its_own_has_what_is_registered_and_nothing_else() {
    let ttl = Duration::from_secs(60);
    let topics = Topics::new().register::<Editor>().ttl(ttl);
    let server = standalone::bind("127.0.0.1:0", topics)
        .await
        .expect("a port");
    let addr = server.addr();
    tokio::spawn(server.run(std::future::pending()));
    let alice = r#"{"value":{"name":"Alice"}}"#;
    let (status, body) = ask(
        addr,
        "POST",
        "/presence/documents:doc-1/heartbeat",
        &[KEY],
        alice,
    )
    .await;
    assert_eq!(status, 200, "{body}");
    assert!(
        body.contains(r#""change":"joined""#) && body.contains(r#""expiresInMs":60000"#),
        "{body}"
    );
    let (status, body) = ask(addr, "GET", "/presence/presence:game-room/value", &[], "").await;
    assert_eq!(status, 404, "{body}");
}

#[tokio::test]
async fn a_ttl_that_would_lose_people_keeps_a_server_from_starting() {
    let topics = Topics::new()
        .register::<Editor>()
        .ttl(Duration::from_secs(15));
    let refused = standalone::bind("127.0.0.1:0", topics)
        .await
        .expect_err("two heartbeats are 20 s");
    assert!(matches!(refused, StartError::Config(_)), "{refused}");

    assert!(config::hub(Duration::from_secs(60)).is_ok());
    let refused = config::hub(Duration::from_secs(59)).expect_err("two heartbeats are 60 s");
    let text = refused.to_string();
    assert!(
        text.contains("Player") && text.contains("ttl") && text.contains("heartbeat"),
        "{text}"
    );
}

#[tokio::test]
async fn presence_is_a_part_of_an_application_and_not_by_accident() {
    let open = Hub::new(topics(), Config::default()).expect("the settings are right");
    assert!(matches!(mounted::routes(open), Err(ConfigError::Open)));

    let hub = rules::hub(by_name).expect("the settings are right");
    let addr = serve(mounted::routes(hub).expect("it asks who people are")).await;
    assert_eq!(
        ask(addr, "GET", "/", &[], "").await,
        (200, "documents".to_owned())
    );
    let (status, _) = ask(
        addr,
        "POST",
        "/sync/presence:game-room/heartbeat",
        &[KEY, ANN],
        VALUE,
    )
    .await;
    assert_eq!(status, 200);
    let (status, body) = ask(addr, "GET", "/sync/presence:game-room/value", &[ANN], "").await;
    assert_eq!(status, 200);
    assert!(body.contains(r#""user":"ann""#), "{body}");
}

#[tokio::test]
async fn a_channel_is_for_those_who_are_somebody_and_other_types_for_nobody() {
    let hub = rules::hub(by_name).expect("the settings are right");
    let addr = serve(mounted::routes(hub).expect("it asks who people are")).await;
    let channel = "/sync/presence:game-room";
    let heartbeat = format!("{channel}/heartbeat");
    let (status, body) = ask(addr, "POST", &heartbeat, &[KEY], VALUE).await;
    assert_eq!(status, 403, "a guest: {body}");
    let (status, body) = ask(addr, "GET", &format!("{channel}/value"), &[], "").await;
    assert_eq!(status, 403, "a guest: {body}");
    assert_eq!(
        ask(addr, "POST", &heartbeat, &[KEY, ANN], VALUE).await.0,
        200
    );
    // The same session's key is worth nothing to somebody else.
    let (status, body) = ask(
        addr,
        "POST",
        &heartbeat,
        &[KEY, "Authorization: Bearer bo"],
        VALUE,
    )
    .await;
    assert_eq!(status, 409, "{body}");
    let (status, body) = ask(addr, "GET", "/sync/chat:lobby/value", &[ANN], "").await;
    assert_eq!(status, 403, "no rule: {body}");
}
