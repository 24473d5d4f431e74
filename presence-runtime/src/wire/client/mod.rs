//! What a client says over a WebSocket.

mod reading;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope;
use super::filter::Filter;
use super::secret::Secret;
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
