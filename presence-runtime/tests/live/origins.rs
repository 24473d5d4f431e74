//! Whose pages are answered: attacks by foreign ones, and what the browsers of listed ones are told.

use http::{Method, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::json;

use crate::http::{Answer, Events, request};
use crate::on_both;
use crate::server::{Server, Transport, key, quick_config};
use crate::topics;

const TOPIC: &str = "boards:1:cursors";
const APP: &str = "https://app.example";

on_both!(
    a_foreign_page_can_do_nothing_on_any_route,
    a_page_that_hides_its_origin_can_do_nothing,
    a_rebound_name_is_not_answered_whatever_origin_it_says,
    the_own_page_and_what_is_no_page_are_answered,
    a_listed_page_is_answered_and_may_read_the_answers,
    browsers_are_told_what_they_ask_before_a_listed_page_sends,
    a_page_of_a_development_server_is_told_what_to_do,
);

/// Every way in: a method, a path, and what belongs to the request.
fn every_way_in() -> Vec<http::request::Builder> {
    let heartbeat = format!("/presence/{TOPIC}/heartbeat");
    let leave = format!("/presence/{TOPIC}/leave");
    let posts = [heartbeat.as_str(), &leave, "/presence/changes"].map(|path| {
        let request = Request::post(path).header("presence-session", key());
        request.header("content-type", "application/json")
    });
    let value = format!("/presence/{TOPIC}/value");
    let changes = format!("/presence/{TOPIC}/changes");
    let gets = [
        value.as_str(),
        &changes,
        "/presence/topics",
        "/presence/users/ann",
        "/presence/schemas/Cursor",
        "/presence/openapi.json",
        "/presence/nothing/here",
    ];
    let socket = Request::get("/presence/ws")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let mut all: Vec<_> = posts.into_iter().collect();
    all.extend(gets.map(Request::get));
    all.push(socket);
    all
}

async fn server(transport: Transport, origins: &[&str]) -> Server {
    let mut config = quick_config();
    config.hosts = vec!["board.example".to_owned()];
    config.origins = origins.iter().map(ToString::to_string).collect();
    Server::with(transport, topics::all(), config).await
}

async fn ask(server: &Server, request: http::request::Builder) -> Answer {
    let is_handshake = request
        .headers_ref()
        .is_some_and(|it| it.contains_key("upgrade"));
    let body = Bytes::from_static(if is_handshake {
        b""
    } else {
        br#"{"value":{"x":1}}"#
    });
    let request = request.body(Full::new(body)).expect("a request");
    server.send(request).await
}

#[track_caller]
fn is_forbidden(answer: &Answer, why: &str) {
    assert_eq!(answer.refusal(), (403, "forbidden_origin".into()), "{why}");
    for name in answer.headers.keys() {
        let name = name.as_str();
        assert!(!name.starts_with("access-control"), "{why}: {name}");
    }
    assert_eq!(answer.header("vary"), Some("origin"), "{why}");
}

async fn nobody_came(server: &Server) {
    assert_eq!(server.value(TOPIC).await["counts"]["members"], 0);
}

async fn a_foreign_page_can_do_nothing_on_any_route(transport: Transport) {
    let server = server(transport, &[APP, "http://localhost:3000"]).await;
    for origin in [
        "https://evil.example",
        "http://app.example",
        "https://app.example.evil.example",
        "https://evilapp.example",
        "https://sub.app.example",
        "https://app.example:8443",
        "https://app.example.",
        "https://app.example/",
        "https://app.example@evil.example",
        "https://xn--pp-pia.example",
        "http://board.example:8080",
        "http://localhost:3001",
        "http://127.0.0.1:3000",
        "null",
        "*",
        "",
        "app.example",
        "b\u{f6}se",
    ] {
        for request in every_way_in() {
            let why = format!("{origin:?}, {:?}", request.uri_ref());
            let request = request.header("host", "board.example");
            let value = http::HeaderValue::from_bytes(origin.as_bytes()).expect("bytes");
            is_forbidden(&ask(&server, request.header("origin", value)).await, &why);
        }
    }
    for request in every_way_in() {
        let request = request.header("host", "board.example");
        let twice = request.header("origin", APP).header("origin", APP);
        is_forbidden(&ask(&server, twice).await, "twice");
    }
    let asking = request(Method::OPTIONS, &format!("/presence/{TOPIC}/heartbeat"))
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "POST");
    is_forbidden(&ask(&server, asking).await, "before it sends");
    nobody_came(&server).await;
}

async fn a_page_that_hides_its_origin_can_do_nothing(transport: Transport) {
    let server = server(transport, &[APP]).await;
    for (site, mode, dest) in [
        ("cross-site", "no-cors", "image"),
        ("cross-site", "no-cors", "empty"),
        ("cross-site", "navigate", "iframe"),
        ("same-site", "no-cors", "script"),
    ] {
        for request in every_way_in() {
            let request = request.header("host", "localhost");
            let request = request.header("sec-fetch-site", site);
            let request = request.header("sec-fetch-mode", mode);
            let request = request.header("sec-fetch-dest", dest);
            is_forbidden(&ask(&server, request).await, site);
        }
    }
    // A form elsewhere that leads here, by a browser that keeps its origin to itself.
    let post = Request::post(format!("/presence/{TOPIC}/heartbeat"))
        .header("host", "localhost")
        .header("presence-session", key())
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document");
    is_forbidden(&ask(&server, post).await, "a form");
    nobody_came(&server).await;
    // Following a link is nobody's page.
    let link = request(Method::GET, "/presence/openapi.json")
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document");
    assert_eq!(ask(&server, link).await.status, 200);
}

async fn a_rebound_name_is_not_answered_whatever_origin_it_says(transport: Transport) {
    let server = server(transport, &[APP]).await;
    for origin in [
        None,
        Some("http://evil.example:7700"),
        Some("http://localhost:7700"),
        Some(APP),
    ] {
        for host in ["evil.example:7700", "localhost.evil.example", "localhost."] {
            for mut request in every_way_in() {
                request = request.header("host", host);
                if let Some(origin) = origin {
                    request = request.header("origin", origin);
                }
                let answer = ask(&server, request).await;
                assert_eq!(answer.refusal(), (421, "invalid_host".into()), "{host}");
                assert_eq!(answer.header("access-control-allow-origin"), None);
            }
        }
    }
    nobody_came(&server).await;
}

async fn the_own_page_and_what_is_no_page_are_answered(transport: Transport) {
    let server = server(transport, &[]).await;
    let heartbeat = format!("/presence/{TOPIC}/heartbeat");
    for (host, origin) in [
        ("localhost", None),
        ("localhost:7700", Some("http://localhost:7700")),
        ("[::1]:7700", Some("http://[::1]:7700")),
        ("board.example", Some("https://board.example")),
        ("BOARD.example", Some("HTTP://board.EXAMPLE:80")),
    ] {
        let mut request = Request::post(&heartbeat)
            .header("host", host)
            .header("presence-session", key())
            .header("content-type", "application/json");
        if let Some(origin) = origin {
            request = request
                .header("origin", origin)
                .header("sec-fetch-site", "same-origin");
        }
        let answer = ask(&server, request).await;
        assert_eq!(answer.good()["change"], "joined", "{host}");
        assert_eq!(answer.header("vary"), Some("origin"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    for request in every_way_in() {
        let socket = request
            .uri_ref()
            .is_some_and(|it| it.path().ends_with("/ws"));
        if socket {
            let request = request.header("host", "board.example");
            let request = request.header("origin", "https://board.example");
            assert_eq!(ask(&server, request).await.status, 101);
        }
    }
}

async fn a_listed_page_is_answered_and_may_read_the_answers(transport: Transport) {
    let server = server(transport, &[APP, "HTTPS://Other.Example:443"]).await;
    for origin in [APP, "https://other.example"] {
        let allowed = |answer: &Answer| {
            let header = |name| answer.header(name).map(ToOwned::to_owned);
            assert_eq!(
                header("access-control-allow-origin").as_deref(),
                Some(origin)
            );
            let credentials = header("access-control-allow-credentials");
            assert_eq!(credentials.as_deref(), Some("true"));
            let exposed = header("access-control-expose-headers");
            assert_eq!(exposed.as_deref(), Some("etag, retry-after"));
            assert_eq!(header("vary").as_deref(), Some("origin"));
        };
        let from = |method, path: &str| {
            request(method, path)
                .header("origin", origin)
                .header("sec-fetch-site", "cross-site")
        };
        let heartbeat = format!("/presence/{TOPIC}/heartbeat");
        let good = from(Method::POST, &heartbeat)
            .header("presence-session", key())
            .header("content-type", "application/json");
        let answer = ask(&server, good).await;
        assert_eq!(answer.good()["change"], "joined");
        allowed(&answer);
        // What went wrong is told too: or the browser would hide it.
        for (method, path, status) in [
            (Method::POST, heartbeat.as_str(), 415),
            (Method::GET, &heartbeat, 405),
            (Method::GET, "/presence/nothing/here", 404),
            (Method::GET, "/presence/ws", 426),
        ] {
            let answer = ask(&server, from(method, path)).await;
            assert_eq!(answer.status, status, "{path}");
            allowed(&answer);
        }
        let value = from(Method::GET, &format!("/presence/{TOPIC}/value"));
        allowed(&ask(&server, value).await);
        let changes = from(Method::GET, &format!("/presence/{TOPIC}/changes"));
        let mut events = Events::open(&server, changes.body(Full::default()).expect("one")).await;
        assert_eq!(events.hear().await["type"], "snapshot");
        for request in every_way_in() {
            let socket = request
                .uri_ref()
                .is_some_and(|it| it.path().ends_with("/ws"));
            if socket {
                let request = request.header("host", "localhost");
                let answer = ask(&server, request.header("origin", origin)).await;
                assert_eq!(answer.status, 101);
            }
        }
    }
}

async fn browsers_are_told_what_they_ask_before_a_listed_page_sends(transport: Transport) {
    let server = server(transport, &[APP]).await;
    for (path, methods) in [
        (format!("{TOPIC}/heartbeat"), "POST"),
        (format!("{TOPIC}/leave"), "POST"),
        (format!("{TOPIC}/value"), "GET, HEAD"),
        (format!("{TOPIC}/changes"), "GET, HEAD"),
        ("changes".to_owned(), "POST"),
        ("ws".to_owned(), "GET, HEAD"),
        ("topics".to_owned(), "GET, HEAD"),
        ("users/ann".to_owned(), "GET, HEAD"),
        ("schemas/Cursor".to_owned(), "GET, HEAD"),
        ("openapi.json".to_owned(), "GET, HEAD"),
    ] {
        let options = || request(Method::OPTIONS, &format!("/presence/{path}"));
        let asking = options()
            .header("origin", APP)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "presence-session,x-own");
        let answer = ask(&server, asking).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        for (name, text) in [
            ("access-control-allow-origin", APP),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", methods),
            (
                "access-control-allow-headers",
                "content-type, presence-session, authorization, last-event-id, if-none-match",
            ),
            ("access-control-max-age", "7200"),
            (
                "vary",
                "origin, access-control-request-method, access-control-request-headers",
            ),
        ] {
            assert_eq!(answer.header(name), Some(text), "{path}");
        }
        // Whoever just asks what there is.
        let plain = ask(&server, options()).await;
        assert_eq!((plain.status, plain.body.len()), (204, 0), "{path}");
        let allow = format!("{methods}, OPTIONS");
        assert_eq!(plain.header("allow"), Some(allow.as_str()), "{path}");
        assert_eq!(plain.header("access-control-allow-methods"), None, "{path}");
        assert_eq!(plain.header("access-control-allow-origin"), None, "{path}");
    }
    let nothing = request(Method::OPTIONS, "/presence/nothing/here").header("origin", APP);
    assert_eq!(ask(&server, nothing).await.status, 404);
}

async fn a_page_of_a_development_server_is_told_what_to_do(transport: Transport) {
    let page = "http://localhost:3000";
    let post = || {
        Request::post(format!("/presence/{TOPIC}/heartbeat"))
            .header("host", "127.0.0.1:7700")
            .header("origin", page)
            .header("presence-session", key())
            .header("content-type", "application/json")
    };
    let refused = ask(&server(transport, &[]).await, post()).await;
    is_forbidden(&refused, page);
    assert_eq!(
        refused.json()["error"]["message"],
        json!(
            "pages of `http://localhost:3000` may not use this server, `127.0.0.1:7700`; where they may, \
             name `http://localhost:3000` in `Config::origins`"
        )
    );
    let answer = ask(&server(transport, &[page]).await, post()).await;
    assert_eq!(answer.good()["change"], "joined");
}
