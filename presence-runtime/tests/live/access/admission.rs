//! Who comes in: what is shown, where, and what becomes of it.

use http::Method;
use http_body_util::Full;
use serde_json::json;
use tokio::time::Instant;

use super::{Asker, editor, plain, say_hello, socket, start, token};
use crate::http::request;
use crate::metrics::figures;
use crate::on_both;
use crate::server::{Transport, key, session};
use crate::socket::Socket;
use crate::topics::{Cursor, Tool, millis};

on_both!(
    a_token_says_who_somebody_is_over_http_and_websockets,
    who_shows_nothing_or_nonsense_is_refused_with_a_reason,
    a_token_in_a_url_is_refused_and_not_repeated,
    an_application_that_panics_or_hangs_is_a_refusal,
    a_cookie_is_as_good_as_a_token,
);

const TOPIC: &str = "boards:1:cursors";

async fn a_token_says_who_somebody_is_over_http_and_websockets(transport: Transport) {
    let (server, _) = start(transport).await;
    let ann = Asker::new(&editor("ann"), &key());
    let joined = ann.announce(&server, TOPIC, json!({"x": 1})).await.good();
    let id = session(ann.key.as_deref().expect("a key"));
    assert_eq!(joined["member"], format!("ann.{id}"));

    let bob = key();
    let mut bobs = Socket::open(&server).await;
    let welcome = say_hello(&mut bobs, &editor("bob"), Some(&bob)).await;
    assert_eq!(
        (&welcome["user"], &welcome["session"]),
        (&json!("bob"), &json!(session(&bob)))
    );
    assert_eq!(welcome.get("expiresInMs"), None);
    let joined = bobs.announce(TOPIC, json!({"x": 2})).await;
    assert_eq!(joined["member"], format!("bob.{}", session(&bob)));

    let value = ann
        .get(&server, "/presence/boards:1:cursors/value")
        .await
        .good();
    assert_eq!(value["counts"], json!({"members": 2, "users": 2}));
    // Of whom nothing is known but the session, that is the user.
    let carl = key();
    let guest = json!({"claims": {"boards": ["1"]}}).to_string();
    let joined = Asker::new(&guest, &carl)
        .announce(&server, TOPIC, json!({"x": 3}))
        .await;
    assert_eq!(joined.good()["member"], session(&carl));
}

async fn who_shows_nothing_or_nonsense_is_refused_with_a_reason(transport: Transport) {
    let (server, _) = start(transport).await;
    let expired = json!({"mood": "expired"}).to_string();
    for (token, code, close) in [
        (None, "unauthenticated", 4501),
        (Some("nonsense"), "unauthenticated", 4501),
        (Some(&*token("an/n", json!({}))), "unauthenticated", 4501),
        (Some(&*expired), "token_expired", 4010),
    ] {
        let asker = Asker {
            token: token.map(str::to_owned),
            key: Some(key()),
        };
        let answer = asker.announce(&server, TOPIC, json!({"x": 1})).await;
        assert_eq!(answer.refusal(), (401, code.to_owned()));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));

        let mut socket = Socket::open(&server).await;
        let mut hello = json!({"type": "hello", "protocol": 1, "id": 5});
        if let Some(token) = token {
            hello["token"] = token.into();
        }
        socket.say(&hello).await;
        let refused = socket.hear().await;
        assert_eq!(
            (&refused["error"]["code"], &refused["id"]),
            (&json!(code), &json!(5))
        );
        assert_eq!(socket.closed().await, Some(close));
    }
    // A good token does not make up for a bad key, and nothing that came with either is repeated.
    let bad = Asker::new(&editor("ann"), "secret-key");
    let answer = bad.announce(&server, TOPIC, json!({"x": 1})).await;
    assert_eq!(answer.refusal(), (400, "invalid_session".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
    let mut socket = Socket::open(&server).await;
    socket
        .say_text(r#"{"type":"hello","protocol":1,"token":{"secret":1},"session":["secret"]}"#)
        .await;
    let refused = socket.hear().await;
    assert_eq!(refused["error"]["code"], "invalid_request");
    assert!(!refused.to_string().contains("secret"), "{refused}");
    assert_eq!(socket.closed().await, Some(4526));
}

async fn a_token_in_a_url_is_refused_and_not_repeated(transport: Transport) {
    let (server, _) = start(transport).await;
    let ann = Asker::new(&editor("ann"), &key());
    for query in [
        "token=secret",
        "after=1&Access_Token=secret",
        "jwt",
        "authorization=Bearer+secret",
    ] {
        for path in [
            format!("boards:1:cursors/value?{query}"),
            format!("topics?{query}"),
            format!("ws?{query}"),
        ] {
            let answer = ann.get(&server, &format!("/presence/{path}")).await;
            assert_eq!(
                answer.refusal(),
                (400, "invalid_request".to_owned()),
                "{path}"
            );
            let said = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!said.contains("secret") && said.contains("URL"), "{said}");
        }
    }
}

async fn an_application_that_panics_or_hangs_is_a_refusal(transport: Transport) {
    let (server, _) = start(transport).await;
    // Somebody else notices nothing of it.
    let mut bob = socket(&server, &editor("bob"), Some(&key())).await;
    for mood in ["panics", "hangs"] {
        let token = json!({"user": "ann", "mood": mood}).to_string();
        let ann = Asker::new(&token, &key());
        let answer = ann.announce(&server, TOPIC, json!({"x": 1}));
        let mut anns = Socket::open(&server).await;
        anns.say(&json!({"type": "hello", "protocol": 1, "token": token}))
            .await;
        let before = Instant::now();
        bob.announce(TOPIC, json!({"x": 1})).await;
        assert!(before.elapsed() < millis(300));
        assert_eq!(answer.await.refusal(), (503, "unavailable".to_owned()));
        assert_eq!(anns.hear().await["error"]["code"], "unavailable");
        assert_eq!(anns.closed().await, Some(1013));
    }
    // The same of rules: who may not be told yes is told no.
    for topic in ["boards:panics:cursors", "seats:panics", "seats:hangs"] {
        let claims = json!({"boards": ["panics", "1"], "rooms": ["panics", "hangs"]});
        let ann = Asker::new(&token("ann", claims.clone()), &key());
        let answer = ann.renew(&server, topic);
        let mut anns = socket(&server, &token("ann", claims), Some(&key())).await;
        let refused = anns.refused(json!({"type": "subscribe", "topic": topic}));
        let before = Instant::now();
        bob.announce(TOPIC, json!({"x": 1})).await;
        assert!(before.elapsed() < millis(300));
        assert_eq!(
            answer.await.refusal(),
            (403, "forbidden".to_owned()),
            "{topic}"
        );
        assert_eq!(refused.await, "forbidden", "{topic}");
        // And what comes behind the question is heard afterwards.
        anns.announce(TOPIC, json!({"x": 2})).await;
    }
    // Whoever runs it learns how often.
    let figures = figures(&server).await;
    for (asked, reason, least) in [
        ("authentication", "panic", 2.0),
        ("authentication", "timeout", 2.0),
        ("rule", "panic", 4.0),
        ("rule", "timeout", 2.0),
    ] {
        let name =
            format!("presence_access_failures_total{{asked=\"{asked}\",reason=\"{reason}\"}}");
        assert!(figures[&name] >= least, "{name} {}", figures[&name]);
    }
}

async fn a_cookie_is_as_good_as_a_token(transport: Transport) {
    let (server, _) = start(transport).await;
    let with = |cookie: &str| {
        let request = request(Method::GET, "/presence/boards:1:cursors/value");
        let request = request.header("cookie", cookie).body(Full::default());
        request.expect("a request")
    };
    assert_eq!(server.send(with("login=ann")).await.status, 200);
    // Whoever sets a second one cannot choose which counts.
    assert_eq!(server.send(with("login=ann; login=bob")).await.status, 401);
}

#[tokio::test]
async fn whoever_asks_for_a_topic_that_is_not_theirs_learns_nothing_of_it() {
    let (server, _) = start(Transport::Memory).await;
    let owner = Asker::new(&token("owner", json!({"boards": ["secret"]})), &key());
    owner
        .announce(&server, "boards:secret:cursors", json!({"x": 1}))
        .await
        .good();

    let (ann, bob) = (Asker::new(&editor("ann"), &key()), key());
    let mut anns = socket(&server, &editor("ann"), Some(&bob)).await;
    let (mut answers, mut messages) = (Vec::new(), Vec::new());
    // There, not there, of a type without a rule, and of no type at all.
    for topic in [
        "boards:secret:cursors",
        "boards:none:cursors",
        "notes:1",
        "no:such:type",
    ] {
        let mut of_topic = Vec::new();
        for (method, route, body) in [
            (Method::GET, "value", ""),
            (Method::GET, "changes", ""),
            (Method::POST, "heartbeat", r#"{"value":{"x":"wrong"}}"#),
            (Method::POST, "heartbeat", r#"{"ttlMs":1}"#),
            (Method::POST, "leave", r#"{"n":7}"#),
        ] {
            let path = format!("/presence/{topic}/{route}");
            of_topic.push(plain(&server.send(ann.request(method, &path, body)).await));
        }
        let body = json!({"topics": [{"topic": topic}]}).to_string();
        let request = ann.request(Method::POST, "/presence/changes", &body);
        of_topic.push(plain(&server.send(request).await));
        answers.push(of_topic);

        let mut of_topic = Vec::new();
        for mut message in [
            json!({"type": "subscribe"}),
            json!({"type": "heartbeat", "value": {"x": "wrong"}}),
            json!({"type": "heartbeat"}),
            json!({"type": "follow", "users": ["owner"]}),
            json!({"type": "leave", "n": 9}),
        ] {
            message["topic"] = topic.into();
            let mut answer = anns.ask(message).await;
            answer["id"] = json!(0);
            of_topic.push(answer.to_string());
        }
        messages.push(of_topic);
    }
    for it in &answers {
        assert_eq!(*it, answers[0]);
        assert!(it.iter().all(|(status, ..)| *status == 403));
    }
    for it in &messages {
        assert_eq!(*it, messages[0]);
        assert!(it.iter().all(|it| it.contains("forbidden")), "{it:?}");
    }
    // Nor do lists tell.
    let found = ann.get(&server, "/presence/users/owner").await.good();
    assert_eq!(found["topics"], json!([]));
    let found = ann.get(&server, "/presence/topics").await.good();
    assert_eq!(found, json!({"topics": []}));
    let found = owner.get(&server, "/presence/topics").await.good();
    assert_eq!(found["topics"][0]["topic"], "boards:secret:cursors");
}

#[tokio::test]
async fn a_page_goes_on_at_nothing_that_its_reader_may_not_know() {
    let (server, _) = start(Transport::Memory).await;
    let bot = server.hub.member("bot");
    let join = |board: String| {
        let cursor = Cursor {
            x: 1.0,
            label: String::new(),
            tool: Tool::Hand,
            typing: false,
        };
        let topic = Cursor::topic(board).expect("a topic");
        bot.join(topic, cursor).expect("room")
    };
    let boards = (0..2_500).map(|i| format!("secret{i:04}"));
    let _here: Vec<_> = boards.chain(["1".into(), "z".into()]).map(join).collect();
    let ann = Asker::new(&token("ann", json!({"boards": ["1", "z"]})), &key());
    for path in ["/presence/topics", "/presence/users/bot"] {
        let page = ann.get(&server, path).await.good();
        let topics = page["topics"].as_array().expect("a list");
        let names: Vec<_> = topics.iter().map(|it| it["topic"].clone()).collect();
        assert_eq!(names, ["boards:1:cursors", "boards:z:cursors"]);
        assert_eq!(page.get("next"), None);
    }
}
