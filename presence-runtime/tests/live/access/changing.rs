//! What changes while somebody is here: tokens, rules, their minds.

use std::sync::atomic::Ordering;

use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use super::{Asker, editor, say_hello, socket, start, token};
use crate::http::Events;
use crate::on_both;
use crate::server::{Transport, key, session};
use crate::socket::Socket;
use crate::topics::{millis, secs};

on_both!(
    another_token_keeps_presence_and_counts_from_then_on,
    what_is_no_longer_allowed_ends_and_the_rest_goes_on,
    who_is_revoked_is_gone_everywhere,
    losing_the_right_over_http_ends_presence_with_the_next_heartbeat,
    a_question_in_flight_is_not_answered_with_the_old_rules,
);

const TOPIC: &str = "boards:1:cursors";
const SEATS: &str = "seats:1";

/// A token that holds for so many milliseconds.
fn passing(user: &str, millis: u64) -> String {
    let mut token: Json = serde_json::from_str(&editor(user)).expect("JSON");
    token["for"] = millis.into();
    token.to_string()
}

#[tokio::test(start_paused = true)]
async fn a_token_is_warned_of_and_ends_when_it_does() {
    let (server, _) = start(Transport::Memory).await;
    let mut observer = socket(&server, &editor("bob"), None).await;
    observer.subscribe(TOPIC).await;
    observer.hear().await;

    let ann = key();
    let mut anns = Socket::open(&server).await;
    let welcome = say_hello(&mut anns, &passing("ann", 100_000), Some(&ann)).await;
    assert_eq!(welcome["expiresInMs"], 100_000);
    anns.announce(TOPIC, json!({"x": 1})).await;
    assert_eq!(observer.hear().await["joined"][0]["user"], "ann");

    // Nobody sees anything of what follows.
    let watching = tokio::spawn(async move { observer.silent_for(secs(125)).await });
    let began = Instant::now();
    let warned = anns.hear_within(secs(80)).await;
    assert_eq!(warned["type"], "expiring");
    assert_eq!(
        (
            began.elapsed().as_secs_f64().round(),
            warned["expiresInMs"].as_u64()
        ),
        (70.0, Some(30_000))
    );
    anns.done(json!({"type": "token", "token": passing("ann", 40_000)}))
        .await;
    let warned = anns.hear_within(secs(30)).await;
    assert_eq!(
        (
            began.elapsed().as_secs_f64().round(),
            warned["expiresInMs"].as_u64()
        ),
        (90.0, Some(20_000))
    );
    // Without one the connection ends, and may come back with one.
    assert_eq!(anns.hear_or_end().await, Err(Some(4010)));
    assert_eq!(began.elapsed().as_secs_f64().round(), 110.0);
    sleep(secs(5)).await;
    let mut back = socket(&server, &editor("ann"), Some(&ann)).await;
    assert_eq!(
        back.announce(TOPIC, json!({"x": 1})).await["change"],
        "renewed"
    );
    watching.await.expect("silence");
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_ends_with_its_token() {
    let (server, _) = start(Transport::Memory).await;
    let ann = Asker::new(&passing("ann", 15_000), &key());
    let request = ann.request(http::Method::GET, "/presence/boards:1:cursors/changes", "");
    let mut events = Events::open(&server, request).await;
    events.hear().await;
    let began = Instant::now();
    assert_eq!(events.hear_or_end().await, None);
    // It is looked at with every comment.
    assert!(
        (15..=25).contains(&began.elapsed().as_secs()),
        "{:?}",
        began.elapsed()
    );
}

async fn another_token_keeps_presence_and_counts_from_then_on(transport: Transport) {
    let (server, _) = start(transport).await;
    let mut observer = socket(&server, &editor("bob"), None).await;
    observer.subscribe(SEATS).await;
    observer.hear().await;
    let ann = key();
    let mut anns = socket(&server, &editor("ann"), Some(&ann)).await;
    anns.announce(SEATS, json!({"at": 7})).await;
    let joined = observer.hear().await["joined"][0].clone();
    let expected = json!({"at": 7, "role": "editor", "name": "ann", "kind": "human"});
    assert_eq!(joined["value"], expected);

    // What the server says of them changes, and nobody leaves.
    let owner = token("ann", json!({"rooms": ["1"], "role": "owner"}));
    anns.done(json!({"type": "token", "token": owner})).await;
    let changed = observer.hear().await;
    assert_eq!(changed["updated"][0]["value"]["role"], "owner");
    assert_eq!(changed["updated"][0]["value"]["at"], 7);
    assert_eq!((changed.get("left"), changed.get("joined")), (None, None));

    // Somebody else's token, a wrong one and an expired one change nothing.
    let expired = json!({"user": "ann", "mood": "expired"}).to_string();
    for (token, code) in [
        (editor("bob"), "forbidden"),
        ("nonsense".to_owned(), "unauthenticated"),
        (expired, "token_expired"),
    ] {
        let refused = anns.refused(json!({"type": "token", "token": token})).await;
        assert_eq!(refused, code);
    }
    let ack = anns.announce(SEATS, json!({"at": 8})).await;
    assert_eq!(
        (&ack["change"], &ack["member"]),
        (&json!("updated"), &json!(format!("ann.{}", session(&ann))))
    );
    assert_eq!(
        observer.hear().await["updated"][0]["value"]["role"],
        "owner"
    );

    // A token without what the value needs, and without the room, ends what it no longer allows.
    anns.subscribe(SEATS).await;
    anns.hear().await;
    anns.done(json!({"type": "token", "token": token("ann", json!({"rooms": []}))}))
        .await;
    let heard = [anns.hear().await, anns.hear().await];
    let kind = |kind: &str| heard.iter().find(|it| it["type"] == kind).expect(kind);
    assert_eq!(
        (&kind("gone")["topic"], &kind("gone")["reason"]),
        (&json!(SEATS), &json!("kicked"))
    );
    assert_eq!(
        (&kind("ended")["topic"], &kind("ended")["error"]["code"]),
        (&json!(SEATS), &json!("forbidden"))
    );
    assert_eq!(observer.hear().await["left"][0]["reason"], "kicked");
    assert_eq!(
        anns.refused(json!({"type": "heartbeat", "topic": SEATS}))
            .await,
        "forbidden"
    );
}

async fn what_is_no_longer_allowed_ends_and_the_rest_goes_on(transport: Transport) {
    let (server, office) = start(transport).await;
    let mut observer = socket(&server, &editor("bob"), None).await;
    observer.subscribe(TOPIC).await;
    observer.hear().await;
    let ann = key();
    let mut anns = socket(&server, &editor("ann"), Some(&ann)).await;
    anns.subscribe(TOPIC).await;
    anns.hear().await;
    anns.announce(TOPIC, json!({"x": 1})).await;
    observer.hear().await;

    // Nothing changed, nothing happens.
    server.hub.reauthorize("ann");
    anns.silent_for(millis(200)).await;
    // Boards may still be read, and not be announced on.
    office.closed.store(true, Ordering::SeqCst);
    server.hub.reauthorize("bob");
    anns.silent_for(millis(200)).await;
    server.hub.reauthorize("ann");
    assert_eq!(observer.hear().await["left"][0]["reason"], "kicked");
    let heard = [anns.hear().await, anns.hear().await];
    assert!(
        heard
            .iter()
            .any(|it| it["type"] == "gone" && it["reason"] == "kicked"),
        "{heard:?}"
    );
    assert!(
        heard.iter().any(|it| it["left"][0]["reason"] == "kicked"),
        "{heard:?}"
    );
    let refused = anns
        .ask(json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 2}}))
        .await;
    assert_eq!(refused["error"]["code"], "forbidden");
    // Who may see a topic is told what they may not.
    assert!(
        refused["error"]["message"]
            .as_str()
            .expect("text")
            .contains("may see"),
        "{refused}"
    );
    // And back at once, without a time to wait.
    office.closed.store(false, Ordering::SeqCst);
    server.hub.reauthorize("ann");
    assert_eq!(
        anns.announce(TOPIC, json!({"x": 3})).await["change"],
        "joined"
    );
    assert_eq!(observer.hear().await["joined"][0]["user"], "ann");
}

async fn who_is_revoked_is_gone_everywhere(transport: Transport) {
    let (server, _) = start(transport).await;
    let mut observer = socket(&server, &editor("bob"), None).await;
    observer.subscribe(TOPIC).await;
    observer.hear().await;
    // By socket, over HTTP, and only watching.
    let mut socketed = socket(&server, &editor("ann"), Some(&key())).await;
    socketed.announce(TOPIC, json!({"x": 1})).await;
    let mut watching = socket(&server, &editor("ann"), None).await;
    let asker = Asker::new(&editor("ann"), &key());
    asker.announce(&server, TOPIC, json!({"x": 2})).await.good();
    let request = asker.request(http::Method::GET, "/presence/boards:1:cursors/changes", "");
    let mut events = Events::open(&server, request).await;
    events.hear().await;
    let mut seen = 0;
    while seen < 2 {
        seen += observer.hear().await["joined"]
            .as_array()
            .map_or(0, Vec::len);
    }

    server.hub.revoke("ann");
    assert_eq!(socketed.closed().await, Some(4501));
    assert_eq!(watching.closed().await, Some(4501));
    while events.hear_or_end().await.is_some() {}
    let mut left = 0;
    while left < 2 {
        let heard = observer.hear().await;
        for it in heard["left"].as_array().expect("only leaves") {
            assert_eq!(it["reason"], "kicked");
            left += 1;
        }
    }
    // Nobody else is touched.
    observer
        .done(json!({"type": "unsubscribe", "topic": TOPIC}))
        .await;
}

async fn losing_the_right_over_http_ends_presence_with_the_next_heartbeat(transport: Transport) {
    let (server, office) = start(transport).await;
    let ann = Asker::new(&editor("ann"), &key());
    ann.announce(&server, SEATS, json!({"at": 1})).await.good();
    office.closed.store(true, Ordering::SeqCst);
    // What was decided holds for a while.
    let asked = office.asked.load(Ordering::SeqCst);
    ann.renew(&server, SEATS).await.good();
    assert_eq!(office.asked.load(Ordering::SeqCst), asked);
    server.hub.reauthorize("ann");
    assert_eq!(
        ann.renew(&server, SEATS).await.refusal(),
        (403, "forbidden".to_owned())
    );
    let seats = server.hub.members(&super::Seat::topic(1).expect("a topic"));
    assert_eq!(seats.len(), 0);
}

async fn a_question_in_flight_is_not_answered_with_the_old_rules(transport: Transport) {
    let (server, office) = start(transport).await;
    let claims = json!({"rooms": ["1", "hangs"], "role": "editor"});
    let mut anns = socket(&server, &token("ann", claims), Some(&key())).await;
    anns.announce(SEATS, json!({"at": 1}))
        .await
        .get("change")
        .expect("an ack");
    // The connection waits for an answer when the rules change.
    anns.say(&json!({"type": "subscribe", "topic": "seats:hangs"}))
        .await;
    sleep(millis(50)).await;
    office.closed.store(true, Ordering::SeqCst);
    server.hub.reauthorize("ann");
    let mut gone = false;
    while !gone {
        let heard = anns.hear().await;
        gone = heard["type"] == "gone" && heard["topic"] == SEATS;
    }
}
