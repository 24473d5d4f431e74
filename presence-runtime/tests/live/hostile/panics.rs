//! An application whose own code panics: that request's error, and nobody else's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::Method;
use presence_runtime::access::{Credentials, Identity, Unauthenticated};
use presence_runtime::{Hub, Presence, Topics, hook};
use serde_json::json;

use crate::access::{Asker, socket};
use crate::on_both;
use crate::server::{Server, Transport, key};
use crate::topics::{self, Cursor, millis};

/// A type whose code takes no 13, and no owner of that name.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "fears:{room}")]
struct Fear {
    #[presence(validate = superstitious)]
    x: u32,
    #[presence(server = "role", max_chars = 16, validate = of_owners)]
    role: String,
    #[serde(default = "sometimes")]
    #[presence(decay = "250ms", validate = after_a_while)]
    mood: u32,
}

/// Moods that can be had no longer, one for each transport.
static OVER: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];

const fn sometimes() -> u32 {
    0
}

fn superstitious(x: &u32) -> Result<(), &'static str> {
    assert_ne!(*x, 13, "on purpose");
    Ok(())
}

fn of_owners(role: &String) -> Result<(), &'static str> {
    assert_ne!(role, "thirteen", "on purpose");
    Ok(())
}

fn after_a_while(mood: &u32) -> Result<(), &'static str> {
    let over = mood.checked_sub(1).and_then(|it| OVER.get(it as usize));
    assert!(
        !over.is_some_and(|it| it.load(Ordering::SeqCst)),
        "on purpose"
    );
    Ok(())
}

on_both!(
    what_panics_over_a_value_is_that_requests_error,
    what_panics_in_a_hook_is_nobodys_error,
);

async fn authenticate(shown: Credentials) -> Result<Identity, Unauthenticated> {
    let said = shown.token().ok_or(Unauthenticated::Missing)?;
    let (user, role) = said.split_once('/').ok_or(Unauthenticated::Missing)?;
    let who = Identity::of(user).map_err(|_| Unauthenticated::invalid("no such user"))?;
    Ok(who.with_claims([("role", json!(role))].into_iter().collect()))
}

async fn what_panics_over_a_value_is_that_requests_error(transport: Transport) {
    let hub = Hub::builder(Topics::new().register::<Fear>())
        .authenticate(authenticate)
        .authorize::<Fear>(|_, _, _| true)
        .build()
        .expect("sensible figures");
    let server = Server::of(transport, hub).await;
    let mood = 1 + transport as u32;
    let is_over = &OVER[transport as usize];
    let topic = "fears:1";
    let mut bob = socket(&server, "bob/editor", Some(&key())).await;
    bob.announce(topic, json!({"x": 1})).await;
    let ann = key();
    let asker = Asker::new("ann/editor", &ann);
    for _ in 0..3 {
        let answer = asker.announce(&server, topic, json!({"x": 13})).await;
        assert_eq!(answer.refusal(), (500, "internal".to_owned()));
    }
    // On a socket too, which stays.
    let mut anns = socket(&server, "ann/editor", Some(&ann)).await;
    let thirteen = json!({"type": "heartbeat", "topic": topic, "value": {"x": 13}});
    assert_eq!(anns.refused(thirteen.clone()).await, "internal");
    anns.announce(topic, json!({"x": 2, "mood": mood})).await;
    assert_eq!(anns.refused(thirteen).await, "internal");
    // What the server sets anew is judged while the topic is locked: she goes, and it stays whole.
    let token = json!({"type": "token", "token": "ann/thirteen"});
    anns.ask(token).await;
    bob.announce(topic, json!({"x": 3})).await;
    anns.done(json!({"type": "token", "token": "ann/editor"}))
        .await;
    // And so is what falls back by itself.
    anns.announce(topic, json!({"x": 4, "mood": mood})).await;
    is_over.store(true, Ordering::SeqCst);
    tokio::time::sleep(millis(600)).await;
    is_over.store(false, Ordering::SeqCst);
    bob.announce(topic, json!({"x": 5})).await;
    let answer = Asker::new("bob/editor", &key())
        .get(&server, &format!("/presence/{topic}/value"))
        .await;
    assert_eq!(answer.good()["counts"]["members"], 2);
}

async fn what_panics_in_a_hook_is_nobodys_error(transport: Transport) {
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = seen.clone();
    let hub = Hub::builder(topics::slow())
        .on_join(|_: hook::Joined<Cursor>| panic!("on purpose"))
        .on_join(move |_: hook::Joined<Cursor>| {
            counted.fetch_add(1, Ordering::SeqCst);
        })
        .on_change(|_: hook::Changed<Cursor>| panic!("on purpose"))
        .on_leave(|_: hook::Left<Cursor>| panic!("on purpose"))
        .on_empty(|_: hook::Emptied<Cursor>| panic!("on purpose"))
        .build()
        .expect("sensible figures");
    let server = Server::of(transport, hub).await;
    let topic = "boards:1:cursors";
    for round in 1..=3 {
        let ann = key();
        for x in 0..2 {
            let value = json!({"value": {"x": x}});
            server.announce(topic, &ann, &value).await;
        }
        let path = format!("/presence/{topic}/leave");
        assert_eq!(server.post(&path, &ann, "{}").await.good()["left"], true);
        assert_eq!(seen.load(Ordering::SeqCst), round);
    }
    let asked = crate::http::request(Method::GET, "/presence/topics");
    let asked = asked.body(http_body_util::Full::default());
    let answer = server.send(asked.expect("a request")).await;
    assert_eq!(answer.good()["topics"], json!([]));
}
