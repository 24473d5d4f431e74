//! Filters: who is told of some hears of these and of nobody else, and misses nothing of them.

use http::Method;
use http_body_util::Full;
use serde_json::{Value as Json, json};

use crate::http::{Events, request};
use crate::on_both;
use crate::server::{Server, Transport, key, member, session};
use crate::socket::Socket;
use crate::topics::millis;
use crate::view::View;
use crate::watching::{KINDS, Watch};

const TOPIC: &str = "boards:1:cursors";

on_both!(
    who_names_users_is_told_of_these_only,
    who_follows_is_told_of_those_followed_at_any_time,
    an_entry_that_goes_takes_its_list_along,
    a_position_is_resumed_with_a_filter_too,
    a_position_of_another_list_gets_a_snapshot,
    own_doing_is_not_told_to_those_who_name_themselves,
    a_new_filter_starts_anew_whatever_position_it_comes_with,
    a_new_filter_waits_for_the_rest_of_what_has_begun,
    what_is_no_filter_is_refused,
    readers_of_every_filter_end_with_exactly_what_there_is,
);

fn value(x: u32) -> Json {
    json!({"value": {"x": x}})
}

fn users(keys: &[&String]) -> Json {
    let users: Vec<_> = keys.iter().map(|it| session(it)).collect();
    json!({ "users": users })
}

fn members(view: &View) -> Vec<String> {
    view.members.keys().cloned().collect()
}

fn sorted(keys: &[&String]) -> Vec<String> {
    let mut members: Vec<_> = keys.iter().map(|it| member(it)).collect();
    members.sort();
    members
}

impl Watch {
    /// A subscription of this kind with a filter, of the holder of a key.
    async fn filtered(how: &str, server: &Server, key: &str, filter: &Json) -> Self {
        Self::filtered_since(how, server, key, filter, None).await
    }

    async fn filtered_since(
        how: &str,
        server: &Server,
        key: &str,
        filter: &Json,
        since: Option<&str>,
    ) -> Self {
        let mut watched = json!({"topic": TOPIC, "filter": filter});
        if let Some(since) = since {
            watched["since"] = since.into();
        }
        match how {
            "events" => {
                let path = format!("/presence/{TOPIC}/changes?{}", query(filter));
                let request = request(Method::GET, &path)
                    .header("presence-session", key)
                    .header("last-event-id", since.unwrap_or_default())
                    .body(Full::default());
                Self::Events(Events::open(server, request.expect("a request")).await)
            }
            "many" => {
                let body = json!({ "topics": [watched] }).to_string();
                let request = request(Method::POST, "/presence/changes")
                    .header("presence-session", key)
                    .header("content-type", "application/json")
                    .body(Full::from(body));
                Self::Events(Events::open(server, request.expect("a request")).await)
            }
            _ => {
                let mut socket = Socket::hello(server, key).await;
                watched["type"] = "subscribe".into();
                socket.done(watched).await;
                Self::Socket(Box::new(socket))
            }
        }
    }
}

/// A filter as the query of `changes`.
fn query(filter: &Json) -> String {
    match filter.get("users") {
        None => format!("filter={}", filter.as_str().expect("a word")),
        Some(users) => users
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| format!("user={}", it.as_str().expect("a user")))
            .collect::<Vec<_>>()
            .join("&"),
    }
}

async fn who_names_users_is_told_of_these_only(transport: Transport) {
    for how in KINDS {
        let server = Server::start(transport).await;
        let (ann, bob, cem) = (key(), key(), key());
        server.announce(TOPIC, &ann, &value(1)).await;
        server.announce(TOPIC, &bob, &value(2)).await;
        let filter = users(&[&cem, &ann]);
        let mut watch = Watch::filtered(how, &server, &key(), &filter).await;
        let mut view = View::default();
        view.apply(&watch.hear().await);
        assert_eq!(members(&view), sorted(&[&ann]), "{how}");
        assert_eq!(view.counts, json!({"members": 2, "users": 2}), "{how}");

        server.announce(TOPIC, &bob, &value(3)).await;
        let leave = format!("/presence/{TOPIC}/leave");
        server.post(&leave, &bob, "").await.good();
        watch.silent_for(millis(150)).await;

        server.announce(TOPIC, &cem, &value(4)).await;
        let joined = watch.hear().await;
        view.apply(&joined);
        assert_eq!(members(&view), sorted(&[&ann, &cem]), "{how}");
        assert_eq!(joined.get("left"), None, "{how}: bob was never mentioned");
        let now = server.value(TOPIC).await;
        assert_eq!(
            (&joined["at"], &joined["counts"]),
            (&now["at"], &now["counts"])
        );

        server.post(&leave, &ann, "").await.good();
        view.apply(&watch.hear().await);
        assert_eq!(members(&view), sorted(&[&cem]), "{how}");
    }
}

async fn who_follows_is_told_of_those_followed_at_any_time(transport: Transport) {
    for how in KINDS {
        let server = Server::start(transport).await;
        let (own, ann, bob) = (key(), key(), key());
        server.announce(TOPIC, &ann, &value(1)).await;
        server.announce(TOPIC, &bob, &value(2)).await;
        let mut watch = Watch::filtered(how, &server, &own, &json!("following")).await;
        let mut view = View::default();
        view.apply(&watch.hear().await);
        assert_eq!(members(&view), sorted(&[]), "{how}: not even present");
        assert_eq!(view.counts["members"], 2, "{how}");

        // Joining and following by plain HTTP, whatever the subscription is.
        let mut follow = value(9);
        follow["following"] = json!([session(&ann)]);
        server.announce(TOPIC, &own, &follow).await;
        let snapshot = watch.hear().await;
        assert_eq!(snapshot["type"], "snapshot", "{how}");
        view.apply(&snapshot);
        assert_eq!(members(&view), sorted(&[&ann]), "{how}");

        server.announce(TOPIC, &bob, &value(3)).await;
        watch.silent_for(millis(150)).await;
        server.announce(TOPIC, &ann, &value(4)).await;
        view.apply(&watch.hear().await);
        assert_eq!(view.value(&member(&ann))["x"], 4.0, "{how}");

        let follow = json!({"following": [session(&bob), session(&ann)]});
        server.announce(TOPIC, &own, &follow).await;
        view.apply(&watch.hear().await);
        assert_eq!(members(&view), sorted(&[&ann, &bob]), "{how}");
        assert_eq!(view.value(&member(&bob))["x"], 3.0, "{how}");

        // The same people in another order are nothing new.
        let follow = json!({"following": [session(&ann), session(&bob)]});
        server.announce(TOPIC, &own, &follow).await;
        watch.silent_for(millis(150)).await;
        server
            .announce(TOPIC, &own, &json!({"following": []}))
            .await;
        view.apply(&watch.hear().await);
        assert_eq!(members(&view), sorted(&[]), "{how}");
    }
}

async fn an_entry_that_goes_takes_its_list_along(transport: Transport) {
    let server = Server::start(transport).await;
    let (own, ann) = (key(), key());
    server.announce(TOPIC, &ann, &value(1)).await;
    let mut socket = Socket::hello(&server, &own).await;
    socket
        .done(json!({"type": "heartbeat", "topic": TOPIC, "value": {"x": 1}}))
        .await;
    let follow = json!({"type": "follow", "topic": TOPIC, "users": [session(&ann)]});
    socket.done(follow.clone()).await;
    socket
        .done(json!({"type": "subscribe", "topic": TOPIC, "filter": "following"}))
        .await;
    assert_eq!(socket.hear().await["entries"][0]["member"], member(&ann));
    socket.done(json!({"type": "leave", "topic": TOPIC})).await;
    assert_eq!(socket.hear().await["entries"], json!([]));
    socket.announce(TOPIC, json!({"x": 2})).await;
    socket.done(follow).await;
    assert_eq!(socket.hear().await["entries"][0]["member"], member(&ann));
}

async fn a_position_is_resumed_with_a_filter_too(transport: Transport) {
    for how in KINDS {
        let server = Server::start(transport).await;
        let (own, ann, bob) = (key(), key(), key());
        server.announce(TOPIC, &ann, &value(1)).await;
        server.announce(TOPIC, &bob, &value(1)).await;
        let mut follow = value(9);
        follow["following"] = json!([session(&ann)]);
        server.announce(TOPIC, &own, &follow).await;
        for filter in [users(&[&ann]), json!("following")] {
            let mut watch = Watch::filtered(how, &server, &own, &filter).await;
            let mut view = View::default();
            view.apply(&watch.hear().await);
            drop(watch);
            server.announce(TOPIC, &bob, &value(2)).await;
            server.announce(TOPIC, &own, &value(3)).await;
            let at = view.at.clone();
            let mut watch = Watch::filtered_since(how, &server, &own, &filter, at.as_deref()).await;
            // What was missed is out of sight: that is all it is told, and how far it is now.
            let nothing = watch.hear().await;
            assert_eq!(nothing["type"], "changes", "{how} {filter}");
            assert_eq!(nothing["at"], server.value(TOPIC).await["at"]);
            assert!(view.apply(&nothing).is_empty());
            watch.silent_for(millis(150)).await;
            server.announce(TOPIC, &ann, &value(4)).await;
            let changes = watch.hear().await;
            assert_eq!(changes["type"], "changes", "{how} {filter}");
            assert_eq!(changes["at"], server.value(TOPIC).await["at"]);
            view.apply(&changes);
            assert_eq!(members(&view), sorted(&[&ann]), "{how} {filter}");
            server.announce(TOPIC, &ann, &value(1)).await;
        }
    }
}

async fn a_position_of_another_list_gets_a_snapshot(transport: Transport) {
    for how in KINDS {
        let server = Server::start(transport).await;
        let (own, ann, bob) = (key(), key(), key());
        server.announce(TOPIC, &ann, &value(1)).await;
        server.announce(TOPIC, &bob, &value(1)).await;
        let mut follow = value(9);
        follow["following"] = json!([session(&ann)]);
        server.announce(TOPIC, &own, &follow).await;
        let filter = json!("following");
        let mut watch = Watch::filtered(how, &server, &own, &filter).await;
        let at = watch.hear().await["at"].clone();
        drop(watch);
        let follow = json!({"following": [session(&bob)]});
        server.announce(TOPIC, &own, &follow).await;
        let mut watch = Watch::filtered_since(how, &server, &own, &filter, at.as_str()).await;
        let snapshot = watch.hear().await;
        assert_eq!(snapshot["type"], "snapshot", "{how}");
        assert_eq!(snapshot["entries"][0]["member"], member(&bob), "{how}");
    }
}

async fn own_doing_is_not_told_to_those_who_name_themselves(transport: Transport) {
    let server = Server::start(transport).await;
    let (own, ann) = (key(), key());
    let mut socket = Socket::hello(&server, &own).await;
    socket
        .done(json!({"type": "subscribe", "topic": TOPIC, "filter": users(&[&own, &ann])}))
        .await;
    socket.hear().await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    server.announce(TOPIC, &key(), &value(1)).await;
    socket.silent_for(millis(150)).await;
    server.announce(TOPIC, &ann, &value(2)).await;
    assert_eq!(socket.hear().await["joined"][0]["member"], member(&ann));
}

async fn a_new_filter_starts_anew_whatever_position_it_comes_with(transport: Transport) {
    let server = Server::start(transport).await;
    let (ann, bob) = (key(), key());
    server.announce(TOPIC, &ann, &value(1)).await;
    server.announce(TOPIC, &bob, &value(2)).await;
    let mut socket = Socket::watcher(&server).await;
    let mut view = View::default();
    let mut at = Json::Null;
    for (filter, expected) in [
        (users(&[&ann]), sorted(&[&ann])),
        (users(&[&bob]), sorted(&[&bob])),
        (json!("count"), sorted(&[])),
        (json!("everybody"), sorted(&[&ann, &bob])),
    ] {
        let mut subscribe = json!({"type": "subscribe", "topic": TOPIC, "filter": filter});
        if at.is_string() {
            subscribe["since"] = at;
        }
        socket.done(subscribe.clone()).await;
        let snapshot = socket.hear().await;
        assert_eq!(snapshot["type"], "snapshot", "{filter}");
        view.apply(&snapshot);
        assert_eq!(members(&view), expected, "{filter}");
        at = snapshot["at"].clone();
        // The same filter with the position goes on.
        subscribe["since"] = at.clone();
        socket.done(subscribe).await;
        let nothing = socket.hear().await;
        assert_eq!(
            (nothing["type"].as_str(), &nothing["at"]),
            (Some("changes"), &at)
        );
        assert!(view.apply(&nothing).is_empty());
        socket.silent_for(millis(100)).await;
    }
}

async fn a_new_filter_waits_for_the_rest_of_what_has_begun(transport: Transport) {
    let topic = "notes:1";
    let server = Server::start(transport).await;
    let keys: Vec<String> = (0..100).map(|_| key()).collect();
    let note = json!({"value": {"text": "x".repeat(3_900)}});
    for key in &keys {
        server.announce(topic, key, &note).await;
    }
    let own = key();
    let mut follow = note.clone();
    follow["following"] = json!([session(&keys[0])]);
    server.announce(topic, &own, &follow).await;

    // Nothing is read meanwhile, so all of this finds the first run of parts on its way.
    let mut socket = Socket::hello(&server, &own).await;
    let subscribe = |filter: Json| json!({"type": "subscribe", "topic": topic, "filter": filter});
    socket.say(&subscribe(json!("everybody"))).await;
    socket.say(&subscribe(users(&[&keys[1], &keys[2]]))).await;
    socket.say(&subscribe(json!("following"))).await;
    tokio::time::sleep(millis(20)).await;
    follow["following"] = json!([session(&keys[3]), session(&keys[4])]);
    server.announce(topic, &own, &follow).await;

    let mut view = View::default();
    let last = sorted(&[&keys[3], &keys[4]]);
    while members(&view) != last {
        // The view checks that no two runs are mixed.
        view.apply(&socket.hear().await);
    }
    assert!(socket.longest <= 64 * 1024);
    socket.silent_for(millis(150)).await;
    server
        .announce(topic, &keys[4], &json!({"activity": "idle"}))
        .await;
    let changes = socket.hear().await;
    assert_eq!(changes["type"], "changes");
    assert_eq!(changes["at"], server.value(topic).await["at"]);
}

async fn what_is_no_filter_is_refused(transport: Transport) {
    let server = Server::start(transport).await;
    let mut socket = Socket::watcher(&server).await;
    for (filter, code) in [
        (json!("users"), "invalid_request"),
        (json!({"users": "ann"}), "invalid_request"),
        (json!({"users": ["not a user"]}), "invalid_request"),
        (json!({"users": vec!["ann"; 129]}), "invalid_request"),
        (json!({"everybody": null}), "invalid_request"),
        (json!("following"), "invalid_session"),
    ] {
        let subscribe = json!({"type": "subscribe", "topic": TOPIC, "filter": filter});
        assert_eq!(socket.refused(subscribe).await, code, "{filter}");
        let many = json!({"topics": [{"topic": TOPIC, "filter": filter}]}).to_string();
        let request = request(Method::POST, "/presence/changes")
            .header("content-type", "application/json")
            .body(Full::from(many));
        let answer = server.send(request.expect("a request")).await;
        assert_eq!(answer.refusal(), (400, code.to_owned()), "{filter}");
    }
    for (query, code) in [
        ("filter=nobody", "invalid_request"),
        ("filter=count&filter=count", "invalid_request"),
        ("filter=count&user=ann", "invalid_request"),
        ("filter", "invalid_request"),
        ("user=", "invalid_request"),
        ("user=not%20a%20user", "invalid_request"),
        ("users=ann", "invalid_request"),
        ("filter=following", "invalid_session"),
    ] {
        let path = format!("/presence/{TOPIC}/changes?{query}");
        let refusal = server.get(&path).await.refusal();
        assert_eq!(refusal, (400, code.to_owned()), "{query}");
    }
    let many = vec!["user=ann"; 129].join("&");
    let path = format!("/presence/{TOPIC}/changes?{many}");
    assert_eq!(server.get(&path).await.refusal().0, 400);
}

async fn readers_of_every_filter_end_with_exactly_what_there_is(transport: Transport) {
    const PEOPLE: usize = 8;
    let server = Server::start(transport).await;
    let keys: Vec<String> = (0..PEOPLE).map(|_| key()).collect();
    let mut readers = Vec::new();
    for i in 0..PEOPLE {
        let some: Vec<_> = keys[..i].iter().collect();
        let filter = match i {
            0 => json!("everybody"),
            1 => json!("following"),
            _ => users(&some),
        };
        let how = KINDS[i % KINDS.len()];
        let watch = Watch::filtered(how, &server, &keys[i], &filter).await;
        readers.push((filter, keys[i].clone(), watch, View::default()));
    }
    // Not random, and in no order that anything here knows of.
    for step in 0..300_usize {
        let who = &keys[step * step % 7 * step % PEOPLE];
        match step % 5 {
            0 if step % 3 == 0 => {
                let leave = format!("/presence/{TOPIC}/leave");
                server.post(&leave, who, "").await.good();
            }
            1 => {
                let x = u32::try_from(step).expect("small");
                let mut body = value(x);
                body["following"] = users(&[&keys[step % PEOPLE]])["users"].clone();
                server.announce(TOPIC, who, &body).await;
            }
            _ => {
                let x = u32::try_from(step).expect("small");
                server.announce(TOPIC, who, &value(x)).await;
            }
        }
    }
    let now = server.value(TOPIC).await;
    let entries = now["entries"].as_array().expect("a list");
    for (filter, key, mut watch, mut view) in readers {
        let of = |user: &Json| entries.iter().find(|it| it["user"] == *user);
        let seen = match (filter.as_str(), filter.get("users")) {
            (Some("everybody"), _) => entries.iter().map(|it| it["user"].clone()).collect(),
            (Some(_), _) => of(&json!(session(&key)))
                .map(|it| it["following"].as_array().expect("a list").clone())
                .unwrap_or_default(),
            (None, users) => users.and_then(Json::as_array).expect("a list").clone(),
        };
        let expected: Vec<_> = seen.iter().filter_map(of).collect();
        let is_right = |view: &View| {
            view.members.len() == expected.len()
                && expected.iter().all(|it| {
                    let member = it["member"].as_str().expect("a member");
                    let known = view.members.get(member);
                    known.is_some_and(|known| known["value"] == it["value"])
                })
        };
        while !is_right(&view) || view.at.is_none() {
            view.apply(&watch.hear().await);
        }
        watch.silent_for(millis(1_100)).await;
    }
}
