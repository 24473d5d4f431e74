//! How long a server waits for requests.

use std::time::Duration;

use http::Method;
use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use crate::http::{Http, request};
use crate::server::Server;

const VALUE: &str = "/presence/rooms:1/value";

#[tokio::test(start_paused = true)]
async fn a_connection_waits_for_its_next_request_longer_than_a_heartbeat() {
    let server = Server::in_memory().await;
    let mut http = Http::open(&server).await;
    for _ in 0..3 {
        let asking = request(Method::GET, VALUE).body(Full::default());
        http.send(asking.expect("a request")).await;
        sleep(Duration::from_secs(12)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_whole_request_is_closed_after_the_header_timeout() {
    let server = Server::in_memory().await;
    let mut pipe = server.dial().await;
    let began = Instant::now();
    pipe.write_all(b"GET /presence").await.expect("it is open");
    let mut answer = Vec::new();
    pipe.read_to_end(&mut answer).await.expect("it ends");
    assert_eq!(began.elapsed().as_secs(), 5);
    assert!(answer.is_empty());
}
