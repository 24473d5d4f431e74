//! The route: whose history, page by page, and again only for news.

use http::Method;
use http_body_util::Full;
use presence_runtime::Config;
use serde_json::json;

use super::{HISTORY, TOPIC, story, transitions, whats};
use crate::http::{Answer, request};
use crate::server::{Server, Transport, key, member, session};
use crate::topics;

async fn asked(server: &Server, query: &str, known: Option<&str>) -> Answer {
    let mut asking = request(Method::GET, &format!("{HISTORY}{query}"));
    if let Some(known) = known {
        asking = asking.header("if-none-match", known);
    }
    server
        .send(asking.body(Full::default()).expect("a request"))
        .await
}

#[tokio::test(start_paused = true)]
async fn a_history_is_asked_for_whose_and_page_by_page_and_again_only_for_news() {
    let mut config = Config::default();
    config.history = 3_000;
    let server = Server::with(Transport::Memory, topics::slow(), config).await;
    let (ann, bob) = (key(), key());
    let page = server.get(HISTORY).await.good();
    assert_eq!(
        (page["most"].as_u64(), &page["transitions"]),
        (Some(3_000), &json!([]))
    );
    server
        .announce(TOPIC, &ann, &json!({"value": {"x": 1}}))
        .await;
    let answer = asked(&server, "", None).await;
    let etag = answer.header("etag").expect("a tag").to_owned();
    assert_eq!(asked(&server, "", Some(&etag)).await.status, 304);
    server
        .announce(TOPIC, &bob, &json!({"value": {"x": 1}}))
        .await;
    assert_eq!(asked(&server, "", Some(&etag)).await.status, 200);
    for by in [
        format!("?user={}", session(&ann)),
        format!("?member={}", member(&ann)),
    ] {
        let story = story(&server, &by).await;
        assert_eq!(whats(&story), ["joined"]);
        assert_eq!(story[0]["member"], member(&ann));
    }
    for i in 0..500 {
        let who = if i % 2 == 0 { &ann } else { &bob };
        for activity in ["idle", "away", "active"] {
            server
                .announce(TOPIC, who, &json!({"activity": activity}))
                .await;
        }
    }
    let first = server.get(HISTORY).await.good();
    assert_eq!(transitions(&first).len(), 1_000);
    let next = first["next"].as_str().expect("another page");
    let second = server.get(&format!("{HISTORY}?before={next}")).await.good();
    assert_eq!(second.get("next"), None);
    let mut all = transitions(&second);
    all.extend(transitions(&first));
    assert_eq!(all.len(), 1_502);
    assert!(all.is_sorted_by_key(|it| it["atMs"].as_u64()));
    for bad in [
        "?x=1",
        "?user",
        "?user=",
        "?user=a%20b",
        "?member=ann",
        "?before=x",
        "?before=1&before=2",
    ] {
        let answer = asked(&server, bad, None).await;
        assert_eq!(
            answer.refusal(),
            (400, "invalid_request".to_owned()),
            "{bad}"
        );
    }
    let answer = server.get("/presence/nothing:1/history").await;
    assert_eq!(answer.refusal(), (404, "unknown_topic".to_owned()));
}
