//! Fields that only the application sets.

use serde_json::json;

use super::{Asker, Seat, editor, socket, start, token};
use crate::on_both;
use crate::server::{Transport, key};

on_both!(
    nobody_forges_what_the_server_sets,
    over_http_another_token_counts_with_the_next_heartbeat,
    without_a_claim_that_is_needed_nobody_announces,
);

const SEATS: &str = "seats:1";

async fn nobody_forges_what_the_server_sets(transport: Transport) {
    let (server, _) = start(transport).await;
    let ann = Asker::new(&editor("ann"), &key());
    let mut anns = socket(&server, &editor("ann"), Some(&key())).await;
    for (field, value) in [
        ("role", json!("owner")),
        ("name", json!("bob")),
        ("kind", json!(null)),
    ] {
        let mut forged = json!({"at": 1});
        forged[field] = value;
        let answer = ann.announce(&server, SEATS, forged.clone()).await;
        assert_eq!(answer.refusal(), (422, "invalid_value".to_owned()));
        let detail = answer.json()["error"]["details"][0].clone();
        assert_eq!(
            (&detail["path"], &detail["rule"]),
            (&json!(format!("/{field}")), &json!("server"))
        );
        let refused = anns
            .refused(json!({"type": "heartbeat", "topic": SEATS, "value": forged}))
            .await;
        assert_eq!(refused, "invalid_value");
    }
    // Claims of these names do not replace who somebody is.
    let claims = json!({"rooms": ["1"], "role": "x", "user": "bob", "kind": "service"});
    let mut bot: serde_json::Value = serde_json::from_str(&token("bot", claims)).expect("JSON");
    bot["kind"] = "agent".into();
    let bot = Asker::new(&bot.to_string(), &key());
    bot.announce(&server, SEATS, json!({"at": 2})).await.good();
    let seats = server.hub.members(&Seat::topic(1).expect("a topic"));
    let expected = Seat {
        at: 2,
        role: "x".into(),
        name: "bot".into(),
        kind: "agent".into(),
    };
    assert_eq!(seats[0].1, expected);
}

async fn over_http_another_token_counts_with_the_next_heartbeat(transport: Transport) {
    let (server, _) = start(transport).await;
    let key = key();
    let role = || {
        server.hub.members(&Seat::topic(1).expect("a topic"))[0]
            .1
            .role
            .clone()
    };
    Asker::new(&editor("ann"), &key)
        .announce(&server, SEATS, json!({"at": 1}))
        .await
        .good();
    assert_eq!(role(), "editor");
    // A renewal has no value of its own.
    let owner = token("ann", json!({"rooms": ["1"], "role": "owner"}));
    Asker::new(&owner, &key).renew(&server, SEATS).await.good();
    assert_eq!(role(), "owner");
}

async fn without_a_claim_that_is_needed_nobody_announces(transport: Transport) {
    let (server, _) = start(transport).await;
    let key = key();
    let nobody = Asker::new(&token("ann", json!({"rooms": ["1"]})), &key);
    let answer = nobody.announce(&server, SEATS, json!({"at": 1})).await;
    assert_eq!(answer.refusal(), (403, "forbidden".to_owned()));
    // Who loses it is present no longer.
    Asker::new(&editor("ann"), &key)
        .announce(&server, SEATS, json!({"at": 1}))
        .await
        .good();
    assert_eq!(
        nobody.renew(&server, SEATS).await.refusal(),
        (403, "forbidden".to_owned())
    );
    assert!(
        server
            .hub
            .members(&Seat::topic(1).expect("a topic"))
            .is_empty()
    );
}
