//! Several tabs and devices of one user, and those who would like to be one of them.

use serde_json::json;

use super::{Asker, editor, socket, start, token};
use crate::http::Events;
use crate::on_both;
use crate::server::{Transport, key, session};

on_both!(
    a_user_is_as_many_members_as_tabs_and_closing_one_leaves_the_others,
    nobody_acts_for_a_member_that_is_not_theirs,
    a_stolen_key_takes_nothing_over_without_its_user,
);

const TOPIC: &str = "boards:1:cursors";

async fn a_user_is_as_many_members_as_tabs_and_closing_one_leaves_the_others(transport: Transport) {
    let (server, _) = start(transport).await;
    let mut observer = socket(&server, &editor("bob"), None).await;
    observer.subscribe(TOPIC).await;
    observer.hear().await;
    let (first, second) = (key(), key());
    let mut laptop = socket(&server, &editor("ann"), Some(&first)).await;
    laptop.announce(TOPIC, json!({"x": 1})).await;
    assert_eq!(
        observer.hear().await["counts"],
        json!({"members": 1, "users": 1})
    );
    let phone = Asker::new(&editor("ann"), &second);
    phone.announce(&server, TOPIC, json!({"x": 2})).await.good();
    assert_eq!(
        observer.hear().await["counts"],
        json!({"members": 2, "users": 1})
    );
    laptop.done(json!({"type": "leave", "topic": TOPIC})).await;
    let heard = observer.hear().await;
    assert_eq!(heard["counts"], json!({"members": 1, "users": 1}));
    assert_eq!(
        heard["left"][0]["member"],
        format!("ann.{}", session(&first))
    );
    let found = phone.get(&server, "/presence/users/ann").await.good();
    assert_eq!(
        found["topics"][0]["members"][0]["member"],
        format!("ann.{}", session(&second))
    );
}

async fn nobody_acts_for_a_member_that_is_not_theirs(transport: Transport) {
    let (server, _) = start(transport).await;
    let anns_key = key();
    let ann = Asker::new(&editor("ann"), &anns_key);
    ann.announce(&server, TOPIC, json!({"x": 1})).await.good();
    let present = || async {
        let value = ann
            .get(&server, "/presence/boards:1:cursors/value")
            .await
            .good();
        let all = value["entries"].as_array().expect("a list").clone();
        all.into_iter()
            .map(|it| (it["user"].clone(), it["value"]["x"].clone()))
            .collect::<Vec<_>>()
    };
    let only_ann = vec![(json!("ann"), json!(1.0))];

    // Another's public id is no key.
    let id = session(&anns_key);
    let by_id = Asker::new(&editor("eve"), &id);
    assert_eq!(
        by_id
            .announce(&server, TOPIC, json!({"x": 9}))
            .await
            .refusal()
            .1,
        "invalid_session"
    );
    // A key that was stolen does not help without the user's token.
    let eve = Asker::new(&editor("eve"), &anns_key);
    assert_eq!(
        eve.announce(&server, TOPIC, json!({"x": 9}))
            .await
            .refusal(),
        (409, "session_taken".to_owned())
    );
    let path = "/presence/boards:1:cursors/leave";
    let leave = server.send(eve.request(http::Method::POST, path, "")).await;
    assert_eq!(leave.refusal(), (409, "session_taken".to_owned()));
    let mut eves = socket(&server, &editor("eve"), Some(&anns_key)).await;
    let beat = json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 9}});
    assert_eq!(eves.refused(beat).await, "session_taken");
    assert_eq!(
        eves.refused(json!({"type": "leave", "topic": TOPIC})).await,
        "session_taken"
    );
    drop(eves);
    assert_eq!(present().await, only_ann);
    // Nor does a token say for whom a claim is: a user's name is not a member's.
    let posing = Asker::new(
        &token(&format!("ann.{id}"), json!({"boards": ["1"]})),
        &key(),
    );
    posing
        .announce(&server, TOPIC, json!({"x": 5}))
        .await
        .good();
    assert_eq!(present().await.len(), 2);
    assert_eq!(present().await[0], only_ann[0]);

    // What was overheard and comes again is stale, and so is what comes late.
    let beat = |n: u64, x: u32| {
        let body = json!({"value": {"x": x}, "n": n}).to_string();
        ann.request(
            http::Method::POST,
            "/presence/boards:1:cursors/heartbeat",
            &body,
        )
    };
    assert_eq!(server.send(beat(10, 2)).await.good()["change"], "updated");
    for old in [beat(10, 2), beat(9, 3), beat(1, 4)] {
        assert_eq!(server.send(old).await.good()["change"], "stale");
    }
    let left = ann.request(http::Method::POST, path, r#"{"n":11}"#);
    assert_eq!(server.send(left).await.good()["left"], true);
    assert_eq!(server.send(beat(10, 2)).await.good()["change"], "stale");
    assert_eq!(present().await.len(), 1);
}

async fn a_stolen_key_takes_nothing_over_without_its_user(transport: Transport) {
    let (server, _) = start(transport).await;
    let anns_key = key();
    let mut anns = socket(&server, &editor("ann"), Some(&anns_key)).await;
    anns.announce(TOPIC, json!({"x": 1})).await;
    let mut eves = socket(&server, &editor("eve"), Some(&anns_key)).await;
    let beat = json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 9}});
    assert_eq!(eves.refused(beat).await, "session_taken");
    // Nor does the end of what she opens end anything of Ann's, and what she says of the future is hers.
    let eve = Asker::new(&editor("eve"), &anns_key);
    let path = "/presence/boards:1:cursors/changes";
    let stream = Events::open(&server, eve.request(http::Method::GET, path, "")).await;
    drop(stream);
    let path = "/presence/seats:1/leave";
    let far = eve.request(http::Method::POST, path, r#"{"n":9007199254740991}"#);
    assert_eq!(server.send(far).await.good()["left"], false);
    anns.done(json!({"type": "heartbeat", "topic": "seats:1", "value": {"at": 1}, "n": 1}))
        .await;
    drop(eves);
    assert_eq!(
        anns.announce(TOPIC, json!({"x": 2})).await["change"],
        "updated"
    );
    let members = server.hub.topics_of("ann").len();
    assert_eq!(members, 2);
    // Ann herself takes over with it.
    let mut again = socket(&server, &editor("ann"), Some(&anns_key)).await;
    assert_eq!(anns.closed().await, Some(4509));
    assert_eq!(
        again.announce(TOPIC, json!({"x": 2})).await["change"],
        "renewed"
    );
}
