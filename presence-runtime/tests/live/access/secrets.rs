//! Tokens and keys: nobody finds them in a log, in an answer or in what `Debug` shows.

use http::Method;
use presence_runtime::wire::ClientMessage;
use serde_json::json;

use super::{Asker, editor, socket, start};
use crate::logging::Log;
use crate::server::{Transport, key};
use crate::socket::Socket;

// On one thread, so that everything the server logs goes to this test's log.
#[tokio::test(start_paused = true)]
async fn the_log_tells_what_went_wrong_and_no_secret() {
    let (log, _logging) = Log::begin();
    let (server, _) = start(Transport::Memory).await;
    let key = format!("5ec4e7{}", &key()[6..]);
    let mut answers = String::new();
    for token in [
        editor("ann"),
        "tok-secret".to_owned(),
        json!({"user": "tok-secret", "mood": "panics"}).to_string(),
        json!({"user": "tok-secret", "mood": "hangs"}).to_string(),
        json!({"user": "tok-secret", "mood": "expired"}).to_string(),
        json!({"user": "tok/secret"}).to_string(),
    ] {
        let asker = Asker::new(&token, &key);
        for (method, path) in [
            (Method::POST, "boards:1:cursors/heartbeat"),
            (Method::POST, "boards:panics:cursors/heartbeat"),
            (Method::GET, "seats:panics/value"),
            (Method::GET, "topics?token=tok-secret"),
        ] {
            let request = asker.request(method, &format!("/presence/{path}"), "{}");
            let answer = server.send(request).await;
            answers.push_str(&String::from_utf8_lossy(&answer.body));
            answers.push_str(&format!("{:?}", answer.headers));
        }
        let mut socket = Socket::open(&server).await;
        socket
            .say(&json!({"type": "hello", "protocol": 1, "session": key, "token": token}))
            .await;
        answers.push_str(&socket.hear().await.to_string());
    }
    let mut ann = socket(&server, &editor("ann"), Some(&key)).await;
    for wrong in [
        json!({"type": "token", "token": "tok-secret"}),
        json!({"type": "token", "token": ["tok-secret"]}),
        json!({"type": "token", "toke": "tok-secret"}),
        json!({"type": "tokens", "token": "tok-secret"}),
        json!({"type": "hello", "protocol": 1, "session": [key], "token": 1}),
    ] {
        ann.say(&wrong).await;
        answers.push_str(&ann.hear().await.to_string());
    }
    ann.say_text(r#"{"type":"token","token":"tok-secret"#).await;
    answers.push_str(&ann.hear().await.to_string());
    ann.say_text(r#"{"token":"tok-secret","type":"token"}"#)
        .await;
    answers.push_str(&ann.hear().await.to_string());

    let log = log.text();
    assert!(
        log.contains("panicked") && log.contains("too long"),
        "{log}"
    );
    for text in [&log, &answers] {
        for secret in ["tok-secret", "tok/secret", &key] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn messages_do_not_show_their_secrets() {
    for text in [
        r#"{"type":"hello","protocol":1,"session":"tok-secret","token":"tok-secret"}"#,
        r#"{"type":"token","token":"tok-secret"}"#,
    ] {
        let message = ClientMessage::parse(text).expect("a message");
        let shown = format!("{message:?}");
        assert!(!shown.contains("tok-secret"), "{shown}");
    }
}
