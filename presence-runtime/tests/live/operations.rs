//! What whoever runs a server asks it.

use http::{Method, Request};
use http_body_util::Full;
use serde_json::json;

use crate::http::request;
use crate::on_both;
use crate::server::{Server, Transport};

on_both![a_server_says_that_it_lives_and_takes_more_whoever_asks];

async fn a_server_says_that_it_lives_and_takes_more_whoever_asks(transport: Transport) {
    let server = Server::start(transport).await;
    for (path, status) in [("/healthz", "alive"), ("/readyz", "ready")] {
        assert_eq!(server.get(path).await.good(), json!({"status": status}));
        // Probes know addresses, and no names.
        let request = Request::get(path).header("host", "10.1.2.3:7700");
        let answer = server.send(request.body(Full::default()).expect("a request"));
        let answer = answer.await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let post = request_of(Method::POST, path);
        let answer = server.send(post).await;
        assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()));
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
    // Figures are told to those only whom somebody has let in.
    assert_eq!(server.get("/metrics").await.status, 404);
}

fn request_of(method: Method, path: &str) -> Request<Full<hyper::body::Bytes>> {
    request(method, path)
        .body(Full::default())
        .expect("a request")
}
