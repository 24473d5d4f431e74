//! What nobody uses costs nothing.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use presence_runtime::{Config, Hub, Service, Topics, hook};
use tokio::runtime::Handle;

use crate::topics::{Cursor, board, hub, join, secs, topics};

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test(start_paused = true)]
async fn a_hub_runs_one_task_once_a_topic_is_used_and_none_before_and_after() {
    let hub = hub();
    let bot = hub.member("bot");
    assert_eq!(hub.members(&board()), []);
    assert_eq!(hub.counts(board()).members, 0);
    assert_eq!(hub.topics_of("bot"), []);
    assert_eq!(tasks(), 0, "nothing was used");

    let here: Vec<_> = (0..10).map(|x| join(&hub, "bot", x)).collect();
    let mut watch = hub.watch(board()).expect("a topic");
    watch.next().await;
    assert_eq!(tasks(), 1);
    drop((bot, here, watch));
    assert_eq!(tasks(), 1);
    drop(hub);
    tokio::time::sleep(secs(1)).await;
    assert_eq!(tasks(), 0);
}

#[tokio::test]
async fn hooks_cost_no_task() {
    let hub = Hub::builder(topics())
        .on_join(|_: hook::Joined<Cursor>| {})
        .build()
        .expect("sensible figures");
    assert_eq!(tasks(), 0);
    let _here = join(&hub, "bot", 1);
    assert_eq!(tasks(), 1, "the hub's own");
}

#[tokio::test]
async fn a_hub_without_topic_types_has_no_task_and_no_route_that_leads_anywhere() {
    let hub = Hub::new(Topics::new(), Config::default()).expect("sensible figures");
    let service = Service::open(hub);
    let routes = [
        ("POST", "/boards:42:cursors/heartbeat"),
        ("POST", "/boards:42:cursors/leave"),
        ("GET", "/boards:42:cursors/value"),
        ("GET", "/boards:42:cursors/changes"),
        ("GET", "/schemas/Cursor"),
    ];
    for (method, path) in routes {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("presence-session", "0".repeat(32))
            .body(Full::<Bytes>::default())
            .expect("a request");
        let response = service.answer(request).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        assert!(body.starts_with(b"{\"error\":"), "{path}");
    }
    assert_eq!(tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn topics_that_everybody_left_are_forgotten() {
    let mut config = Config::default();
    config.max_topics = 10;
    let hub = Hub::new(topics(), config).expect("sensible figures");
    for round in 0..5 {
        for number in 0..10 {
            let topic = Cursor::topic(format!("{round}-{number}")).expect("a topic");
            let mut watch = hub.watch(&topic).expect("room for ten");
            drop(hub.member("bot").join(&topic, crate::topics::at(1)));
            watch.next().await;
        }
        // Who left is remembered for grace and 30 s, and the topic for grace more.
        tokio::time::sleep(secs(60)).await;
    }
}
