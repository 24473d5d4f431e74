//! What the server says beside snapshots and changes, and the bodies of HTTP answers.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::fault::Fault;
use super::frame::{Draft, Frame};
use super::position::format_position;
use super::printable;
use super::told::{put_entry_open, reason};
use crate::schema::Mismatch;
use crate::topic::{self, Ack, Counts, Entry, Position, Reason, Time};

/// A message of the server on a WebSocket.
#[derive(Debug, Serialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ServerMessage<'a> {
    /// The answer to `hello`.
    Welcome {
        /// The session's public id; nothing when it only watches.
        session: Option<&'a str>,
        /// Who the server takes the client for.
        user: Option<&'a str>,
        /// How often a heartbeat is due over HTTP; a WebSocket needs none.
        heartbeat_ms: u64,
        /// What the connection may do.
        limits: Limits,
        /// How long the token holds, in ms, where it does not hold for ever.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_in_ms: Option<u64>,
    },
    /// The token is about to expire: send another one.
    Expiring {
        /// In ms.
        expires_in_ms: u64,
    },
    /// The client was generated from another contract than this server has.
    Mismatch(&'a Mismatch),
    /// The message with this `id` was done. Written by hand, because it answers every heartbeat.
    #[serde(skip_serializing)]
    Ok {
        /// The message's.
        id: u64,
        /// What a heartbeat did.
        ack: Option<Acked>,
        /// Whether a leave found somebody present.
        left: Option<bool>,
    },
    /// A message was refused.
    Error {
        /// The message's `id`, if it had one.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        /// Why.
        error: &'a Fault,
    },
    /// The client's entry went without its doing.
    Gone {
        /// Where.
        topic: &'a str,
        /// Why.
        reason: &'static str,
    },
    /// A subscription ended: the client may no longer read the topic.
    Ended {
        /// Where.
        topic: &'a str,
        /// Why.
        error: &'a Fault,
    },
    /// How fresh the members at other nodes are.
    Status {
        /// `live`, or `stale`: they may have changed or gone since.
        remote: &'static str,
    },
    /// The server is about to go: reconnect after this time.
    Draining {
        /// In ms.
        retry_after_ms: u64,
    },
}

impl ServerMessage<'_> {
    /// `gone` for a topic.
    #[must_use]
    pub const fn gone(topic: &str, why: Reason) -> ServerMessage<'_> {
        ServerMessage::Gone {
            topic,
            reason: reason(why),
        }
    }

    /// `status` in every form.
    #[must_use]
    pub fn status(stale: bool) -> Frame {
        let remote = if stale { "stale" } else { "live" };
        ServerMessage::Status { remote }
            .draft()
            .finish("status", None)
    }

    /// `draining` in every form: event streams are told too, and browsers wait so long by themselves.
    #[must_use]
    pub fn draining(retry_after_ms: u64) -> Frame {
        let message = ServerMessage::Draining { retry_after_ms };
        let frame = message.draft().finish("draining", None);
        frame.with_retry(retry_after_ms)
    }

    /// The message as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        self.draft().into_json()
    }

    /// The message as a WebSocket text frame.
    #[must_use]
    pub fn to_websocket(&self) -> Bytes {
        self.draft().into_websocket()
    }

    fn draft(&self) -> Draft {
        let mut draft = Draft::new();
        if let Self::Error { .. } | Self::Ended { .. } = self {
            draft.put(&printable::to_string(self));
            return draft;
        }
        let Self::Ok { id, ack, left } = self else {
            draft.put_serde(self);
            return draft;
        };
        draft.put("{\"type\":\"ok\",\"id\":");
        draft.put_number(*id);
        if let Some(ack) = ack {
            draft.put(",");
            ack.put(&mut draft);
        }
        if let Some(left) = left {
            draft.put(",\"left\":");
            draft.put_serde(left);
        }
        draft.put("}");
        draft
    }
}

/// What a connection may do.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Most bytes of a message.
    pub max_message_bytes: usize,
    /// Most topics of a connection.
    pub max_topics: usize,
}

/// The pace a heartbeat's answer asks for.
#[derive(Debug, Clone, Copy)]
pub struct HeartbeatFigures {
    /// When the next heartbeat is due, in ms.
    pub heartbeat_ms: u64,
    /// How far apart values should be, in ms.
    pub throttle_ms: u64,
}

/// What a heartbeat did: what the topic answered, with the pace it asks for.
#[derive(Debug, Clone)]
pub struct Acked {
    /// The topic's answer.
    pub ack: Ack,
    /// The pace.
    pub figures: HeartbeatFigures,
    /// How the contract of the client differs, when it said which it has.
    pub mismatch: Option<Mismatch>,
}

impl Acked {
    /// The body of the HTTP answer.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut draft = Draft::new();
        draft.put("{");
        self.put(&mut draft);
        draft.put("}");
        draft.into_json()
    }

    fn put(&self, draft: &mut Draft) {
        let Self {
            ack,
            figures,
            mismatch,
        } = self;
        draft.put(match ack.change {
            topic::Change::Joined => "\"change\":\"joined\",\"member\":",
            topic::Change::Updated => "\"change\":\"updated\",\"member\":",
            topic::Change::Renewed => "\"change\":\"renewed\",\"member\":",
            topic::Change::Stale => "\"change\":\"stale\",\"member\":",
        });
        draft.put_member(&ack.member);
        draft.put(",\"version\":");
        draft.put_number(ack.version);
        if let Some(expires_in) = ack.expires_in {
            draft.put(",\"expiresInMs\":");
            draft.put_number(millis(expires_in));
        }
        draft.put(",\"heartbeatMs\":");
        draft.put_number(figures.heartbeat_ms);
        draft.put(",\"throttleMs\":");
        draft.put_number(figures.throttle_ms);
        if let Some(mismatch) = mismatch {
            draft.put(",\"mismatch\":");
            draft.put_serde(mismatch);
        }
    }
}

/// `GET /presence/{topic}/value`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueBody<'a> {
    topic: &'a str,
    at: String,
    now_ms: u64,
    counts: CountsBody,
    entries: Vec<Box<RawValue>>,
    /// What `?after=` takes for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct CountsBody {
    members: usize,
    users: usize,
}

impl From<Counts> for CountsBody {
    fn from(Counts { members, users }: Counts) -> Self {
        Self { members, users }
    }
}

impl<'a> ValueBody<'a> {
    /// A page of a topic's entries.
    #[must_use]
    pub fn new(
        topic: &'a str,
        at: Position,
        now: Time,
        counts: Counts,
        entries: Vec<Box<RawValue>>,
    ) -> Self {
        Self {
            topic,
            at: format_position(at),
            now_ms: now.as_millis(),
            counts: counts.into(),
            entries,
            next: None,
        }
    }

    /// Says where the next page begins.
    #[must_use]
    pub fn continued(mut self, after: u64) -> Self {
        self.next = Some(after.to_string());
        self
    }

    /// The body as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("bodies have string keys only")
    }
}

/// An entry as `value` shows it: with `expiresInMs` where there is a deadline.
#[must_use]
pub fn entry_with_expiry(entry: &Entry, now: Time) -> Box<RawValue> {
    let mut draft = Draft::new();
    put_entry_open(&mut draft, entry);
    if let Some(expires_in) = entry.expires_in(now) {
        draft.put(",\"expiresInMs\":");
        draft.put_number(millis(expires_in));
    }
    draft.put("}");
    let json = String::from_utf8(draft.into_json()).expect("entries are UTF-8");
    RawValue::from_string(json).expect("entries are JSON")
}

/// A time in whole ms, as messages have it.
pub(crate) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_streams_are_told_that_the_server_goes_in_words_of_their_own() {
        let event = ServerMessage::draining(1500).event();
        let text =
            "event: draining\nretry: 1500\ndata: {\"type\":\"draining\",\"retryAfterMs\":1500}\n\n";
        assert_eq!(event, text);
    }
}
