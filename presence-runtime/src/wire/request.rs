//! The bodies of HTTP requests.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::Activity;
use super::envelope::{self, ACTIVITY, ANY, COUNT, FLAG, TEXT, needed, object, optional, users};
use super::fault::Fault;
use super::filter::Filter;
use super::secret::Secret;
use crate::schema::{Field, Rules, Shape};

/// `POST /presence/{topic}/heartbeat`. An empty body is an empty object: a renewal.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeartbeatBody<'a> {
    /// The new value; without it the heartbeat renews.
    #[serde(borrow, default, deserialize_with = "envelope::given")]
    pub value: Option<&'a RawValue>,
    /// How long the entry lives after this heartbeat, in ms. Defaults to the topic's ttl.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub ttl_ms: Option<u64>,
    /// The session's order of messages.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub n: Option<u64>,
    /// What the member is doing.
    #[serde(default, deserialize_with = "envelope::given")]
    pub activity: Option<Activity>,
    /// Whether the tab is hidden, so that its timers may be slow.
    #[serde(default, deserialize_with = "envelope::given")]
    pub hidden: Option<bool>,
    /// Whom the member follows.
    #[serde(default, deserialize_with = "envelope::given")]
    pub following: Option<Vec<String>>,
    /// The contract the client was generated from.
    #[serde(borrow, default, deserialize_with = "envelope::given")]
    pub schema: Option<&'a RawValue>,
}

impl<'a> HeartbeatBody<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// `invalid_request` with everything that is wrong.
    pub fn parse(body: &'a [u8]) -> Result<Self, Fault> {
        const SHAPE: &Shape = &Shape::Struct(&object(
            "Heartbeat",
            &[
                optional("value", ANY),
                optional("ttlMs", COUNT),
                optional("n", COUNT),
                optional("activity", ACTIVITY),
                optional("hidden", FLAG),
                users("following"),
                optional("schema", ANY),
            ],
        ));
        if body.is_empty() {
            return Ok(Self::default());
        }
        envelope::parse(body, SHAPE)
    }
}

/// `POST /presence/{topic}/leave`. An empty body is an empty object.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeaveBody {
    /// The session's order of messages.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub n: Option<u64>,
    /// How long to wait for a heartbeat that cancels it, in ms. Defaults to not at all.
    #[serde(default, deserialize_with = "envelope::given_count")]
    pub after_ms: Option<u64>,
    /// The session key, for a page end that cannot set headers.
    #[serde(default, deserialize_with = "envelope::given")]
    pub session: Option<Secret>,
}

impl LeaveBody {
    /// Reads a body.
    ///
    /// # Errors
    /// `invalid_request` with everything that is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, Fault> {
        const SHAPE: &Shape = &Shape::Struct(&object(
            "Leave",
            &[
                optional("n", COUNT),
                optional("afterMs", COUNT),
                optional("session", TEXT),
            ],
        ));
        if body.is_empty() {
            return Ok(Self::default());
        }
        envelope::parse_secret(body, SHAPE, &["n", "afterMs"])
    }
}

/// `POST /presence/changes`: one stream for many topics.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangesBody {
    /// What to watch, at least one.
    #[serde(deserialize_with = "envelope::objects")]
    pub topics: Vec<Watched>,
}

/// One topic of a stream for many.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// Its name.
    pub topic: String,
    /// The position the reader has. Defaults to nothing: a snapshot comes first.
    #[serde(default, deserialize_with = "envelope::given")]
    pub since: Option<String>,
    /// Whom to hear of. Defaults to everybody.
    #[serde(default)]
    pub filter: Filter,
}

impl ChangesBody {
    /// Reads a body.
    ///
    /// # Errors
    /// `invalid_request` with everything that is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, Fault> {
        const WATCHED: &Shape = &Shape::Struct(&object(
            "Watched",
            &[
                needed("topic", TEXT),
                optional("since", TEXT),
                optional("filter", Filter::SHAPE),
            ],
        ));
        const LIST: &Shape = &Shape::List(WATCHED);
        const SHAPE: &Shape = &Shape::Struct(&object(
            "Changes",
            &[Field {
                rules: Rules {
                    max_items: Some(envelope::MAX_TOPICS),
                    ..Rules::NONE
                },
                ..needed("topics", LIST)
            }],
        ));
        envelope::parse(body, SHAPE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Rule;

    fn refused(body: &str) -> Vec<(String, Rule)> {
        let fault = HeartbeatBody::parse(body.as_bytes()).expect_err(body);
        let details = fault.details.into_iter();
        details.map(|it| (it.path, it.rule)).collect()
    }

    #[test]
    fn an_envelope_is_an_object_and_no_array() {
        let array = r#"[{"x": 1}, 30000, 5, "idle", false, []]"#;
        assert_eq!(refused(array), [(String::new(), Rule::Type)]);
        let inner = r#"{"topics": [["boards:1:cursors", null, "everybody"]]}"#;
        let fault = ChangesBody::parse(inner.as_bytes()).expect_err("an array");
        assert_eq!(fault.details[0].path, "/topics/0");
    }

    #[test]
    fn counts_are_integers_that_javascript_holds() {
        for good in ["0", "1.0", "1e3", "9007199254740991"] {
            let body = format!(r#"{{"n": {good}}}"#);
            assert!(HeartbeatBody::parse(body.as_bytes()).is_ok(), "{good}");
        }
        let path = || "/n".to_owned();
        assert_eq!(refused(r#"{"n": 9007199254740992}"#), [(path(), Rule::Max)]);
        assert_eq!(refused(r#"{"n": -1}"#), [(path(), Rule::Min)]);
        assert_eq!(refused(r#"{"n": 0.5}"#), [(path(), Rule::Type)]);
    }

    #[test]
    fn null_is_not_the_same_as_leaving_out() {
        for field in ["ttlMs", "n", "activity", "hidden", "following"] {
            let body = format!(r#"{{"{field}": null}}"#);
            assert_eq!(refused(&body), [(format!("/{field}"), Rule::Type)]);
        }
    }
}
