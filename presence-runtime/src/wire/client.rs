//! What a client says over a WebSocket.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope::{
    self, ACTIVITY, ANY, COUNT, FLAG, TEXT, TEXTS, needed, object, optional, users,
};
use super::fault::{Detail, Fault};
use super::filter::Filter;
use super::secret::Secret;
use crate::schema::{Invalid, Rule, Shape};
use crate::topic;

/// A message of a client. `id`, where there is one, asks for an answer.
#[derive(Debug)]
pub enum ClientMessage<'a> {
    /// Who speaks; always first.
    Hello(Hello<'a>),
    /// Say from what further contracts one was generated.
    Schemas(Schemas<'a>),
    /// Watch a topic.
    Subscribe(Subscribe<'a>),
    /// Stop watching it.
    Unsubscribe(OnTopic<'a>),
    /// Announce or renew.
    Heartbeat(Heartbeat<'a>),
    /// Stop being present.
    Leave(Leave<'a>),
    /// Declare whom one follows in a topic.
    Follow(Follow<'a>),
    /// Say how active one is, in all topics.
    Activity(Active),
    /// Replace the token.
    Token(Token),
}

/// `hello`: who speaks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello<'a> {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// The protocol version, 1.
    #[serde(deserialize_with = "envelope::count")]
    pub protocol: u64,
    /// The session key; not needed for watching.
    #[serde(default, deserialize_with = "envelope::given")]
    pub session: Option<Secret>,
    /// A token for the application's authentication.
    #[serde(default, deserialize_with = "envelope::given")]
    pub token: Option<Secret>,
    /// The contracts the client was generated from, by the names of the types.
    #[serde(borrow, default, deserialize_with = "envelope::given")]
    pub schemas: Option<&'a RawValue>,
}

/// `schemas`: contracts that `hello` did not name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schemas<'a> {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// The contracts, by the names of the types.
    #[serde(borrow)]
    pub schemas: &'a RawValue,
}

/// `subscribe`: watch a topic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe<'a> {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// The topic.
    #[serde(borrow)]
    pub topic: std::borrow::Cow<'a, str>,
    /// The position the client has. Defaults to nothing: a snapshot comes first.
    #[serde(default, deserialize_with = "envelope::given")]
    pub since: Option<String>,
    /// Whom to hear of. Defaults to everybody.
    #[serde(default)]
    pub filter: Filter,
}

/// A message that names a topic and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnTopic<'a> {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// The topic.
    #[serde(borrow)]
    pub topic: std::borrow::Cow<'a, str>,
}

/// `heartbeat`: announce or renew.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat<'a> {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// The topic.
    #[serde(borrow)]
    pub topic: std::borrow::Cow<'a, str>,
    /// The new value; without it the heartbeat renews.
    #[serde(borrow, default, deserialize_with = "envelope::given")]
    pub value: Option<&'a RawValue>,
    /// The session's order of messages.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub n: Option<u64>,
    /// What the member is doing.
    #[serde(default, deserialize_with = "envelope::given")]
    pub activity: Option<Activity>,
    /// Whether the tab is hidden.
    #[serde(default, deserialize_with = "envelope::given")]
    pub hidden: Option<bool>,
    /// Whom the member follows.
    #[serde(default, deserialize_with = "envelope::given")]
    pub following: Option<Vec<String>>,
}

/// `leave`: stop being present.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Leave<'a> {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// The topic.
    #[serde(borrow)]
    pub topic: std::borrow::Cow<'a, str>,
    /// The session's order of messages.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub n: Option<u64>,
    /// How long to wait for a heartbeat that cancels it, in ms. Defaults to not at all.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub after_ms: Option<u64>,
}

/// `follow`: whom one follows in a topic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow<'a> {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// The topic.
    #[serde(borrow)]
    pub topic: std::borrow::Cow<'a, str>,
    /// All whom one follows now.
    pub users: Vec<String>,
    /// The session's order of messages.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub n: Option<u64>,
}

/// `activity`: how active one is, in all topics announced on this connection.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Active {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// What the member is doing.
    #[serde(default, deserialize_with = "envelope::given")]
    pub activity: Option<Activity>,
    /// Whether the tab is hidden.
    #[serde(default, deserialize_with = "envelope::given")]
    pub hidden: Option<bool>,
    /// The session's order of messages.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub n: Option<u64>,
}

/// `token`: a fresh token for a live connection.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    #[serde(rename = "type")]
    _type: Kind,
    /// Asks for an answer with this id.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub id: Option<u64>,
    /// The token.
    pub token: Secret,
}

/// How active a member is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Activity {
    /// Input within the last minute.
    Active,
    /// Input within the last five minutes.
    Idle,
    /// No input for longer, or the tab is hidden.
    Away,
}

impl From<Activity> for topic::Activity {
    fn from(activity: Activity) -> Self {
        match activity {
            Activity::Active => Self::Active,
            Activity::Idle => Self::Idle,
            Activity::Away => Self::Away,
        }
    }
}

/// The first key of every message, already read when a message is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Hello,
    Schemas,
    Subscribe,
    Unsubscribe,
    Heartbeat,
    Leave,
    Follow,
    Activity,
    Token,
}

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
        id: Option<u64>,
    }
    serde_json::from_str::<Id>(text).ok()?.id
}

#[cfg(test)]
mod tests {
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
}
