//! Who may ask what became of others: nobody whom no rule lets.

use serde_json::{Value as Json, json};

use super::{Asker, editor, plain, socket, start, token};
use crate::http::Answer;
use crate::server::{Server, Transport, key};

const TOPIC: &str = "boards:1:cursors";

fn operator() -> String {
    token("ops", json!({"inspects": ["1"]}))
}

async fn history(server: &Server, token: &str, topic: &str) -> Answer {
    let path = format!("/presence/{topic}/history");
    Asker::new(token, &key()).get(server, &path).await
}

fn newest(answer: &Answer) -> Json {
    answer.good()["transitions"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn only_whom_a_rule_lets_hears_what_became_of_others() {
    let (server, _) = start(Transport::Memory).await;
    let ann = Asker::new(&editor("ann"), &key());
    ann.announce(&server, TOPIC, json!({"x": 1})).await.good();
    // Who may be there is told apart from who may not even know of it, and neither is told more.
    let refused = history(&server, &editor("ann"), TOPIC).await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    assert!(
        refused.json()["error"]["message"]
            .as_str()
            .expect("a message")
            .contains("not what became")
    );
    let eve = token("eve", json!({}));
    let (here, nowhere) = (
        history(&server, &eve, TOPIC).await,
        history(&server, &eve, "nothing:1").await,
    );
    assert_eq!(plain(&here), plain(&nowhere));
    // One right is not the other.
    let seen = history(&server, &operator(), TOPIC).await;
    assert_eq!(newest(&seen)["user"], "ann");
    let path = format!("/presence/{TOPIC}/value");
    let value = Asker::new(&operator(), &key()).get(&server, &path).await;
    assert_eq!(value.status, 403);
    assert_eq!(
        history(&server, &operator(), "boards:2:cursors")
            .await
            .status,
        403
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_revoked_or_dismissed_is_explained() {
    let (server, office) = start(Transport::Memory).await;
    let mut ann = socket(&server, &editor("ann"), Some(&key())).await;
    ann.announce(TOPIC, json!({"x": 1})).await;
    server.hub.revoke("ann");
    assert_eq!(ann.closed().await, Some(4501));
    let left = newest(&history(&server, &operator(), TOPIC).await);
    assert_eq!(
        (&left["reason"], &left["cause"]),
        (&json!("kicked"), &json!("dismissed"))
    );

    let bob = key();
    let asker = Asker::new(&editor("bob"), &bob);
    asker.announce(&server, TOPIC, json!({"x": 1})).await.good();
    office
        .closed
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(asker.renew(&server, TOPIC).await.status, 403);
    let left = newest(&history(&server, &operator(), TOPIC).await);
    assert_eq!(
        (&left["user"], &left["cause"]),
        (&json!("bob"), &json!("dismissed"))
    );
}

#[tokio::test(start_paused = true)]
async fn whose_token_runs_out_is_explained() {
    let (server, _) = start(Transport::Memory).await;
    let short = json!({"user": "ann", "claims": {"boards": ["1"]}, "for": 1_000}).to_string();
    let mut ann = socket(&server, &short, Some(&key())).await;
    ann.announce(TOPIC, json!({"x": 1})).await;
    assert_eq!(ann.closed().await, Some(4010));
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    let left = newest(&history(&server, &operator(), TOPIC).await);
    assert_eq!(left["how"], "expired");
    let text = left["text"].as_str().expect("a text");
    assert!(
        text.ends_with("token expired, connection ended 10.0 s before, grace over"),
        "{text}"
    );
}
