//! `sessions.json`: keys and the public ids they stand for.

use presence_runtime::topic::{Session, SessionKey};
use serde_json::{Value as Json, json};

use crate::file;

#[test]
fn keys_have_their_public_ids() {
    let mut vectors = file::read("sessions");
    for case in vectors["sessions"].as_array_mut().expect("a list") {
        let key = case["key"].as_str().expect("a key");
        let key = SessionKey::parse(key).expect("a well-formed key");
        case["session"] = Session::of(&key).id.as_str().into();
    }
    file::compare("sessions", &vectors);
}

#[test]
fn malformed_keys_are_refused() {
    let vectors = file::read("sessions");
    let malformed = vectors["malformed"].as_array().expect("a list");
    let keys: Vec<_> = malformed.iter().filter_map(Json::as_str).collect();
    assert!(keys.len() >= 5);
    for key in keys {
        assert!(SessionKey::parse(key).is_err(), "{}", json!(key));
    }
}
