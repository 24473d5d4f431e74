//! The inspector's page: only where it was asked for, and no way around anything.

use std::sync::Arc;

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use presence_runtime::{Config, Hub, Service};
use serde_json::{Value as Json, json};

use crate::access::{Office, guarded};
use crate::topics;

fn open() -> Hub {
    Hub::new(topics::slow(), Config::default()).expect("sensible figures")
}

fn closed() -> Hub {
    let hub = guarded(Config::default(), &Arc::new(Office::default()));
    hub.build().expect("sensible figures")
}

async fn get(service: &Service, path: &str, header: (&str, &str)) -> (StatusCode, String) {
    let mut request = Request::get(path).header("host", "localhost");
    if header.0 == "host" {
        request = Request::get(path);
    }
    let request = request.header(header.0, header.1);
    let request = request.body(Empty::<Bytes>::new()).expect("a request");
    let answer = service.answer(request).await;
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("a body");
    let text = String::from_utf8(body.to_bytes().to_vec()).expect("text");
    (status, text)
}

const ACCEPT: (&str, &str) = ("accept", "*/*");

#[tokio::test]
async fn the_page_is_there_only_where_it_was_asked_for() {
    let (with, without) = (
        Service::open(open()).with_inspector(),
        Service::open(open()),
    );
    let (status, page) = get(&with, "/inspector", ACCEPT).await;
    assert_eq!(status, 200);
    // Every file that one names is there as well.
    let mut found = vec![page];
    let mut seen = Vec::new();
    while let Some(text) = found.pop() {
        for named in text
            .split('"')
            .filter(|it| it.ends_with(".js") || it.ends_with(".css"))
        {
            let name = named
                .trim_start_matches("./")
                .trim_start_matches("inspector/");
            if !seen.contains(&name.to_owned()) {
                seen.push(name.to_owned());
                let path = format!("/inspector/{name}");
                let (status, text) = get(&with, &path, ACCEPT).await;
                assert_eq!(status, 200, "{path}");
                assert_eq!(get(&without, &path, ACCEPT).await.0, 404, "{path}");
                found.push(text);
            }
        }
    }
    assert!(seen.len() >= 8, "{seen:?}");
    for none in [
        "/inspector/",
        "/inspector/page.html",
        "/inspector/../mod.rs",
    ] {
        assert_eq!(get(&with, none, ACCEPT).await.0, 404, "{none}");
    }
    for path in ["/inspector", "/inspector/totals"] {
        assert_eq!(get(&without, path, ACCEPT).await.0, 404, "{path}");
        // A name that somebody else has made this machine's own (DNS rebinding).
        let (status, _) = get(&with, path, ("host", "evil.example")).await;
        assert_eq!(status, 421, "{path}");
    }
}

#[tokio::test]
async fn the_page_tells_nobody_anything_that_they_may_not_know() {
    let service = Service::open(closed()).with_inspector();
    assert_eq!(get(&service, "/inspector", ACCEPT).await.0, 200);
    assert_eq!(get(&service, "/inspector/totals", ACCEPT).await.0, 401);
    let token = json!({"user": "ann", "claims": {}}).to_string();
    let header = ("authorization", &*format!("Bearer {token}"));
    let (_, totals) = get(&service, "/inspector/totals", header).await;
    let totals: Json = serde_json::from_str(&totals).expect("JSON");
    assert_eq!(totals, json!({"connections": null}));
    let service = Service::open(open()).with_inspector();
    let (_, totals) = get(&service, "/inspector/totals", ACCEPT).await;
    assert_eq!(totals, r#"{"connections":0}"#);
}
