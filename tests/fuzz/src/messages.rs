//! Messages of clients: what is read is what any reader of JSON finds there, and who is refused learns
//! which message it was.

use presence_runtime::wire::ClientMessage;
use serde_json::Value as Json;

use crate::faults::check;

/// The text, lossily, as it is decoded from a frame.
pub fn messages(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let json: Option<Json> = serde_json::from_str(&text).ok();
    match ClientMessage::parse(&text) {
        Ok(message) => {
            if let Some(json) = by_anybody(text.as_bytes()) {
                check_read(&message, &json);
            }
        }
        Err((id, fault)) => {
            check(&fault);
            assert!(!fault.details.is_empty(), "what is wrong is said");
            let found = json.as_ref().and_then(|json| count(json.get("id")?));
            let is_twice = text.matches("\"id\"").count() > 1 || text.contains('\\');
            assert!(is_twice || id == found, "{text}: {id:?}");
        }
    }
}

/// What anybody finds in what was taken. Nothing where a value has a number that is out of everybody's
/// range: values are judged later.
pub(crate) fn by_anybody(json: &[u8]) -> Option<Json> {
    match serde_json::from_slice(json) {
        Ok(json) => Some(json),
        Err(error) if error.to_string().starts_with("number out of range") => None,
        Err(error) => panic!("what is taken is no JSON: {error}"),
    }
}

/// A count as this protocol has them: a whole number, however it is spelled, that JavaScript holds.
pub(crate) fn count(json: &Json) -> Option<u64> {
    let number = json.as_f64()?;
    let is_count = number.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&number);
    is_count.then_some(number as u64)
}

fn check_read(message: &ClientMessage<'_>, json: &Json) {
    use ClientMessage as It;
    let keys = json.as_object().expect("a message is an object");
    let (kind, id, topic, n) = match message {
        It::Hello(it) => {
            assert_eq!(Some(it.protocol), count(&json["protocol"]));
            assert_eq!(it.token.as_ref().map(|it| it.as_str()), text(json, "token"));
            assert_eq!(
                it.session.as_ref().map(|it| it.as_str()),
                text(json, "session")
            );
            ("hello", it.id, None, None)
        }
        It::Schemas(it) => ("schemas", it.id, None, None),
        It::Subscribe(it) => {
            assert_eq!(it.since.as_deref(), text(json, "since"));
            ("subscribe", it.id, Some(&it.topic), None)
        }
        It::Unsubscribe(it) => ("unsubscribe", it.id, Some(&it.topic), None),
        It::Heartbeat(it) => {
            assert_eq!(it.value.is_some(), keys.contains_key("value"));
            assert_eq!(it.hidden, json.get("hidden").and_then(Json::as_bool));
            ("heartbeat", it.id, Some(&it.topic), it.n)
        }
        It::Leave(it) => {
            assert_eq!(it.after_ms, json.get("afterMs").and_then(count));
            ("leave", it.id, Some(&it.topic), it.n)
        }
        It::Follow(it) => {
            assert_eq!(json["users"], serde_json::json!(it.users));
            ("follow", it.id, Some(&it.topic), it.n)
        }
        It::Activity(it) => {
            assert_eq!(it.hidden, json.get("hidden").and_then(Json::as_bool));
            ("activity", it.id, None, it.n)
        }
        It::Token(it) => {
            assert_eq!(Some(it.token.as_str()), text(json, "token"));
            ("token", it.id, None, None)
        }
    };
    assert_eq!(json["type"], kind);
    assert_eq!(id, json.get("id").and_then(count));
    assert_eq!(n, json.get("n").and_then(count));
    assert_eq!(topic.map(|it| &**it), text(json, "topic"));
}

fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.get(key).and_then(Json::as_str)
}
