//! Reading what a client says: the first key tells which message it is, and its shape what it may be.

use serde::Deserialize;

use super::{ClientMessage, Kind};
use crate::schema::{Invalid, Rule, Shape};
use crate::wire::envelope::{
    self, ACTIVITY, ANY, COUNT, FLAG, Object, TEXT, TEXTS, needed, object, optional, users,
};
use crate::wire::fault::{Detail, Fault};
use crate::wire::filter::Filter;

const KINDS: [(&str, Kind); 9] = [
    ("heartbeat", Kind::Heartbeat),
    ("subscribe", Kind::Subscribe),
    ("unsubscribe", Kind::Unsubscribe),
    ("leave", Kind::Leave),
    ("follow", Kind::Follow),
    ("activity", Kind::Activity),
    ("token", Kind::Token),
    ("schemas", Kind::Schemas),
    ("hello", Kind::Hello),
];

macro_rules! shape {
    ($name:literal, $($field:expr),*) => {
        &Shape::Struct(&object($name, &[needed("type", TEXT), optional("id", COUNT), $($field),*]))
    };
}

const HELLO: &Shape = shape!(
    "hello",
    needed("protocol", COUNT),
    optional("session", TEXT),
    optional("token", TEXT),
    optional("schemas", ANY)
);
const SCHEMAS: &Shape = shape!("schemas", needed("schemas", ANY));
const SUBSCRIBE: &Shape = shape!(
    "subscribe",
    needed("topic", TEXT),
    optional("since", TEXT),
    optional("filter", Filter::SHAPE)
);
const UNSUBSCRIBE: &Shape = shape!("unsubscribe", needed("topic", TEXT));
const HEARTBEAT: &Shape = shape!(
    "heartbeat",
    needed("topic", TEXT),
    optional("value", ANY),
    optional("n", COUNT),
    optional("activity", ACTIVITY),
    optional("hidden", FLAG),
    users("following")
);
const LEAVE: &Shape = shape!(
    "leave",
    needed("topic", TEXT),
    optional("n", COUNT),
    optional("afterMs", COUNT)
);
const FOLLOW: &Shape = shape!(
    "follow",
    needed("topic", TEXT),
    needed("users", TEXTS),
    optional("n", COUNT)
);
const ACTIVE: &Shape = shape!(
    "activity",
    optional("activity", ACTIVITY),
    optional("hidden", FLAG),
    optional("n", COUNT)
);
const TOKEN: &Shape = shape!("token", needed("token", TEXT));

impl<'a> ClientMessage<'a> {
    /// Reads a message.
    ///
    /// # Errors
    /// `invalid_request` with everything that is wrong, and the message's `id` if it has one.
    pub fn parse(text: &'a str) -> Result<Self, (Option<u64>, Fault)> {
        let json = text.as_bytes();
        let read = match kind(text) {
            Some(Kind::Heartbeat) => envelope::parse(json, HEARTBEAT).map(Self::Heartbeat),
            Some(Kind::Subscribe) => envelope::parse(json, SUBSCRIBE).map(Self::Subscribe),
            Some(Kind::Unsubscribe) => envelope::parse(json, UNSUBSCRIBE).map(Self::Unsubscribe),
            Some(Kind::Leave) => envelope::parse(json, LEAVE).map(Self::Leave),
            Some(Kind::Follow) => envelope::parse(json, FOLLOW).map(Self::Follow),
            Some(Kind::Activity) => envelope::parse(json, ACTIVE).map(Self::Activity),
            Some(Kind::Token) => envelope::parse_secret(json, TOKEN, &["id"]).map(Self::Token),
            Some(Kind::Schemas) => envelope::parse(json, SCHEMAS).map(Self::Schemas),
            Some(Kind::Hello) => {
                envelope::parse_secret(json, HELLO, &["id", "protocol", "schemas"]).map(Self::Hello)
            }
            None => Err(untyped(text)),
        };
        read.map_err(|fault| (id(text), fault))
    }
}

/// What kind of message begins like this: `{"type":"heartbeat"`, with white space where JSON has it.
fn kind(text: &str) -> Option<Kind> {
    let name = first_type(text)?;
    let found = KINDS.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

/// The text of `type`, where that is the first key. Nothing else of a message whose kind is not known
/// is looked at: there may be a token in it.
fn first_type(text: &str) -> Option<&str> {
    let rest = text.trim_start().strip_prefix('{')?.trim_start();
    let rest = rest.strip_prefix("\"type\"")?.trim_start();
    let rest = rest.strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (name, _) = rest.split_once('"')?;
    Some(name)
}

fn cut(name: &str) -> String {
    name.chars().take(32).collect()
}

fn untyped(text: &str) -> Fault {
    let names: Vec<_> = KINDS.iter().map(|(name, _)| format!("`{name}`")).collect();
    let detail = Detail {
        path: "/type".to_owned(),
        rule: Rule::Variant,
        expected: format!(
            "an object whose first key is `type`, one of {}",
            names.join(", ")
        ),
        found: first_type(text)
            .map_or_else(|| "none".to_owned(), |name| format!("`{}`", cut(name))),
    };
    Fault::request(Invalid {
        violations: vec![detail],
    })
}

/// The `id` of a message that is otherwise wrong, so that its sender learns which one it was.
fn id(text: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Id {
        #[serde(default, deserialize_with = "envelope::given_count")]
        id: Option<u64>,
    }
    let Object(Id { id }) = serde_json::from_str(text).ok()?;
    id
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn the_first_key_tells_the_kind() {
        assert_eq!(kind(r#"{"type":"leave","topic":"a"}"#), Some(Kind::Leave));
        assert_eq!(kind(" {\n\"type\" : \"token\"}"), Some(Kind::Token));
        for none in [
            "",
            "[]",
            r#"{"topic":"a","type":"leave"}"#,
            r#"{"type":"nope"}"#,
            r#"{"type":1}"#,
        ] {
            assert_eq!(kind(none), None, "{none}");
        }
    }

    #[test]
    fn a_null_value_is_a_value() {
        let text = r#"{"type":"heartbeat","topic":"a","value":null}"#;
        let Ok(ClientMessage::Heartbeat(beat)) = ClientMessage::parse(text) else {
            panic!("a heartbeat");
        };
        assert_eq!(beat.value.map(RawValue::get), Some("null"));
    }

    #[test]
    fn a_mistake_keeps_the_id_and_names_the_place() {
        let text = r#"{"type":"subscribe","id":7,"topic":1,"zz":2}"#;
        let (id, fault) = ClientMessage::parse(text).expect_err("wrong");
        assert_eq!(id, Some(7));
        let paths: Vec<_> = fault.details.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["/topic", "/zz"]);
    }

    #[test]
    fn a_mistake_keeps_the_id_in_every_spelling_of_a_count_and_no_other() {
        for (said, kept) in [
            ("1.0", Some(1)),
            ("1e1", Some(10)),
            ("9007199254740991", Some(9_007_199_254_740_991)),
            ("9007199254740992", None),
            ("18446744073709551615", None),
            ("-1", None),
            ("null", None),
            ("\"7\"", None),
        ] {
            let text = format!(r#"{{"type":"leave","id":{said}}}"#);
            let (id, _) = ClientMessage::parse(&text).expect_err("no topic");
            assert_eq!(id, kept, "{said}");
        }
        let (id, _) = ClientMessage::parse("[5]").expect_err("no object");
        assert_eq!(id, None, "no object has no keys");
    }
}
