//! `Host`: a request names one host, once, and the server answers to it.

use http::Method;
use serde_json::json;

use super::server;
use crate::raw::ask;
use crate::server::key;

/// Every route, and pages beside them.
const TARGETS: [(&str, &str); 14] = [
    ("POST", "/presence/boards:1:cursors/heartbeat"),
    ("POST", "/presence/boards:1:cursors/leave"),
    ("GET", "/presence/boards:1:cursors/value"),
    ("HEAD", "/presence/boards:1:cursors/value"),
    ("GET", "/presence/boards:1:cursors/changes"),
    ("POST", "/presence/changes"),
    ("GET", "/presence/ws"),
    ("GET", "/presence/topics"),
    ("GET", "/presence/users/ann"),
    ("GET", "/presence/schemas/Cursor"),
    ("GET", "/presence/openapi.json"),
    ("OPTIONS", "/presence/topics"),
    ("GET", "/"),
    ("GET", "/nothing"),
];

#[tokio::test]
async fn a_request_that_does_not_name_one_host_once_is_refused_on_every_route() {
    let server = server().await;
    let (one, long) = ("host: localhost\r\n", "x".repeat(300));
    let hosts = [
        String::new(),
        one.repeat(2),
        format!("{one}host: evil.example\r\n"),
        "host:\r\n".to_owned(),
        "host: local host\r\n".to_owned(),
        "host: local/host\r\n".to_owned(),
        "host: ann@localhost\r\n".to_owned(),
        "host: localhost:port\r\n".to_owned(),
        "host: localhost:99999\r\n".to_owned(),
        "host: localhost:0\r\n".to_owned(),
        "host: localhost,localhost\r\n".to_owned(),
        "host: [::1\r\n".to_owned(),
        "host: ::1\r\n".to_owned(),
        "host: http://localhost\r\n".to_owned(),
        "host: localhost..\r\n".to_owned(),
        format!("host: {long}\r\n"),
    ];
    for (method, target) in TARGETS {
        for host in &hosts {
            for version in ["1.1", "1.0"] {
                let request = format!("{method} {target} HTTP/{version}\r\n{host}\r\n");
                let mut raw = crate::raw::Raw::open(&server, &request).await;
                if method == "HEAD" {
                    assert_eq!(raw.head().await.status, 400, "{request:?}");
                    continue;
                }
                let answer = raw.answer().await;
                assert_eq!(answer.status, 400, "{request:?}: {answer:?}");
                assert_eq!(answer.code(), "invalid_request", "{request:?}");
            }
        }
    }
    let nobody = server.value("boards:1:cursors").await;
    assert_eq!(nobody["entries"], json!([]));
}

#[tokio::test]
async fn a_host_that_is_not_this_servers_is_misdirected_on_every_route() {
    let server = server().await;
    for (method, target) in TARGETS.into_iter().filter(|it| it.0 != "HEAD") {
        for host in ["evil.example", "localhost.evil.example:80", "localhost."] {
            let request = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n\r\n");
            let answer = ask(&server, &request).await;
            assert_eq!(answer.status, 421, "{request:?}: {answer:?}");
            assert_eq!(answer.code(), "invalid_host", "{request:?}");
        }
    }
}

#[tokio::test]
async fn a_target_that_names_a_host_names_the_same_one() {
    let server = server().await;
    let get = async |target: &str, host: &str| {
        let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n");
        let answer = ask(&server, &request).await;
        (answer.status, answer)
    };
    for (target, host) in [
        ("http://localhost/presence/topics", "localhost"),
        ("http://localhost:80/presence/topics", "LOCALHOST"),
        ("http://localhost:7700/presence/topics", "localhost:7700"),
        ("http://[::1]/presence/topics", "[::1]"),
    ] {
        let (status, answer) = get(target, host).await;
        assert_eq!(status, 200, "{target} at {host}: {answer:?}");
    }
    for (target, host) in [
        ("http://127.0.0.1/presence/topics", "localhost"),
        ("http://evil.example/presence/topics", "localhost"),
        ("http://localhost/presence/topics", "evil.example"),
        ("http://localhost:1/presence/topics", "localhost:2"),
        ("http://ann@localhost/presence/topics", "localhost"),
        ("http://evil.example/", "localhost"),
    ] {
        let (status, answer) = get(target, host).await;
        assert_eq!(status, 400, "{target} at {host}: {answer:?}");
        assert_eq!(answer.code(), "invalid_request");
    }
    let (status, answer) = get("http://evil.example/presence/topics", "evil.example").await;
    assert_eq!((status, answer.code()), (421, "invalid_host".to_owned()));
}

#[tokio::test]
async fn a_mounted_service_asks_for_one_host_too() {
    let server = crate::server::Server::mounted(
        crate::topics::all(),
        crate::server::quick_config(),
        "203.0.113.9".parse().expect("an address"),
    );
    for (hosts, status) in [(0, 400), (1, 200), (2, 400)] {
        let mut request = http::Request::builder()
            .method(Method::GET)
            .uri("/presence/topics")
            .header("presence-session", key());
        for _ in 0..hosts {
            request = request.header("host", "localhost");
        }
        let request = request.body(http_body_util::Full::default());
        let answer = server.send(request.expect("a request")).await;
        assert_eq!(answer.status, status, "{hosts} hosts: {:?}", answer.body);
    }
}
