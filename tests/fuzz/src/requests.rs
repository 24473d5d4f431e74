//! The bodies of requests: what is read is what any reader of JSON finds there.

use presence_runtime::Fault;
use presence_runtime::wire::{ChangesBody, Filter, HeartbeatBody, LeaveBody, known, known_by_name};
use serde_json::Value as Json;

use crate::faults::check;
use crate::messages::{by_anybody, count};

/// The first byte says what the rest is the body of.
pub fn requests(data: &[u8]) {
    let Some((knob, body)) = data.split_first() else {
        return;
    };
    match knob % 5 {
        0 => heartbeat(body),
        1 => leave(body),
        2 => changes(body),
        _ => contracts(body),
    }
}

/// What was read and what others read; nothing where it was refused, as it has to be.
fn both<T>(body: &[u8], read: Result<T, Fault>) -> Option<(T, Json)> {
    match read {
        Ok(read) => {
            let body = if body.is_empty() { b"{}" } else { body };
            let json = by_anybody(body)?;
            assert!(json.is_object());
            Some((read, json))
        }
        Err(fault) => {
            check(&fault);
            assert!(!fault.details.is_empty(), "what is wrong is said");
            None
        }
    }
}

fn heartbeat(body: &[u8]) {
    let Some((read, json)) = both(body, HeartbeatBody::parse(body)) else {
        return;
    };
    const KEYS: [&str; 7] = [
        "value",
        "ttlMs",
        "n",
        "activity",
        "hidden",
        "following",
        "schema",
    ];
    check_keys(&json, &KEYS);
    assert_eq!(read.ttl_ms, json.get("ttlMs").and_then(count));
    assert_eq!(read.n, json.get("n").and_then(count));
    assert_eq!(read.hidden, json.get("hidden").and_then(Json::as_bool));
    assert_eq!(read.activity.is_some(), json.get("activity").is_some());
    assert_eq!(read.following.is_some(), json.get("following").is_some());
    let value = read
        .value
        .map(|it| serde_json::from_str::<Json>(it.get()).expect("JSON"));
    assert_eq!(value.as_ref(), json.get("value"));
    if let Some(following) = read.following {
        assert_eq!(json["following"], serde_json::json!(following));
        assert!(following.len() <= 128);
    }
}

fn leave(body: &[u8]) {
    let Some((read, json)) = both(body, LeaveBody::parse(body)) else {
        return;
    };
    check_keys(&json, &["n", "afterMs", "session"]);
    assert_eq!(read.n, json.get("n").and_then(count));
    assert_eq!(read.after_ms, json.get("afterMs").and_then(count));
    let session = read.session.as_ref().map(|it| it.as_str());
    assert_eq!(session, json.get("session").and_then(Json::as_str));
}

fn changes(body: &[u8]) {
    let Some((read, json)) = both(body, ChangesBody::parse(body)) else {
        return;
    };
    check_keys(&json, &["topics"]);
    let topics = json["topics"].as_array().expect("a list");
    assert_eq!(read.topics.len(), topics.len());
    for (read, json) in read.topics.iter().zip(topics) {
        check_keys(json, &["topic", "since", "filter"]);
        assert_eq!(json["topic"], read.topic);
        assert_eq!(
            read.since.as_deref(),
            json.get("since").and_then(Json::as_str)
        );
        let filter = match &read.filter {
            Filter::Everybody => "everybody".into(),
            Filter::Count => "count".into(),
            Filter::Following => "following".into(),
            Filter::Users(users) => serde_json::json!({ "users": users }),
        };
        assert_eq!(json.get("filter").unwrap_or(&"everybody".into()), &filter);
    }
}

fn contracts(body: &[u8]) {
    let Ok(text) = std::str::from_utf8(body) else {
        return;
    };
    let Ok(raw) = serde_json::from_str(text) else {
        return;
    };
    match known_by_name(raw) {
        Ok(read) => {
            let json: Json = serde_json::from_str(text).expect("JSON");
            let names = json.as_object().expect("an object").keys();
            assert!(read.keys().eq(names));
        }
        Err(fault) => check(&fault),
    }
    if let Err(fault) = known(raw, "/schema") {
        check(&fault);
    }
}

fn check_keys(json: &Json, known: &[&str]) {
    let mut keys = json.as_object().expect("an object").keys();
    assert!(keys.all(|key| known.contains(&key.as_str())), "{json}");
}
