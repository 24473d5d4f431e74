//! `client.json` and `server.json`: the messages of a WebSocket and the bodies of errors.

use std::num::NonZeroU64;
use std::time::Duration;

use presence_runtime::TopicName;
use presence_runtime::schema::{Difference, FieldChange, Mismatch, Side};
use presence_runtime::topic::{
    Ack, Activity, Cause, Change, ConnectionId, Lease, Loss, Member, Position, Reason, Refusal,
    Time, Transition, User, What,
};
use presence_runtime::wire::{
    Acked, ClientMessage, Code, Fault, HeartbeatFigures, HistoryBody, Limits, ServerMessage,
    TopicsBody, UserBody, ValueBody,
};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use crate::file;

#[test]
fn client_messages_are_understood_or_refused_with_what_is_wrong() {
    let mut vectors = file::read("client");
    for case in vectors["messages"].as_array_mut().expect("a list") {
        let text = case["text"].as_str().expect("a text");
        *case = match ClientMessage::parse(text) {
            Ok(message) => json!({"text": text, "kind": kind(&message)}),
            Err((id, fault)) => {
                let details = fault.details.iter();
                let details = details.map(|it| json!({"path": it.path, "rule": it.rule}));
                let mut refused = json!({
                    "text": text,
                    "code": fault.code,
                    "details": details.collect::<Json>(),
                });
                if let Some(id) = id {
                    refused["id"] = id.into();
                }
                refused
            }
        };
    }
    file::compare("client", &vectors);
}

const fn kind(message: &ClientMessage<'_>) -> &'static str {
    match message {
        ClientMessage::Hello(_) => "hello",
        ClientMessage::Schemas(_) => "schemas",
        ClientMessage::Subscribe(_) => "subscribe",
        ClientMessage::Unsubscribe(_) => "unsubscribe",
        ClientMessage::Heartbeat(_) => "heartbeat",
        ClientMessage::Leave(_) => "leave",
        ClientMessage::Follow(_) => "follow",
        ClientMessage::Activity(_) => "activity",
        ClientMessage::Token(_) => "token",
    }
}

/// Everything that may become of a member.
fn story() -> Vec<Transition> {
    let member = Member::parse("ann.g7j3dno6j6q54b34").expect("a member");
    let (by_connection, by_deadline) = (
        Lease::Connection(ConnectionId(NonZeroU64::MIN)),
        Lease::Deadline {
            ttl: Duration::from_secs(30),
        },
    );
    let grace = Duration::from_secs(10);
    let (joined, before) = (Time::from_millis(1_000), Time::from_millis(20_000));
    let losses = [
        Loss::Broken,
        Loss::Closed,
        Loss::Silent,
        Loss::Stalled,
        Loss::Expired,
        Loss::TakenOver,
        Loss::Draining,
        Loss::Refused,
        Loss::Stream,
        Loss::Node,
    ];
    let mut whats = vec![
        What::Joined {
            lease: by_connection,
        },
        What::Joined { lease: by_deadline },
        What::Returned {
            lost: before,
            lease: by_connection,
        },
        What::Leaving {
            after: Duration::from_secs(2),
        },
        What::Stayed,
        What::Moved { lease: Lease::Node },
        What::Moved {
            lease: by_connection,
        },
        What::TakenOver,
        What::Switched { lease: by_deadline },
        What::Activity(Activity::Active),
        What::Activity(Activity::Idle),
        What::Activity(Activity::Away),
        What::Hidden(true),
        What::Hidden(false),
    ];
    whats.extend(losses.map(|how| What::Lost { how, grace }));
    let causes = [
        Cause::Said,
        Cause::Announced {
            after: Duration::from_secs(2),
        },
        Cause::Lost {
            how: Loss::Broken,
            since: before,
        },
        Cause::Silent {
            heard: before,
            ttl: Duration::from_secs(30),
            hidden: false,
        },
        Cause::Kicked {
            refused: Duration::from_secs(60),
        },
        Cause::Dismissed,
        Cause::Closed,
        Cause::Told(Reason::Left),
    ];
    whats.extend(causes.map(|cause| What::Left { cause, joined }));
    let at = Time::from_millis(30_000);
    let whats = whats.into_iter().map(|what| Transition {
        at,
        member: member.clone(),
        what,
    });
    whats.collect()
}

#[test]
fn server_messages_have_these_very_bytes() {
    let mismatch = Mismatch {
        schema: "Cursor".to_owned(),
        older: Side::Client,
        fields: vec![Difference {
            field: "tool".to_owned(),
            change: FieldChange::Added,
        }],
    };
    let ended = Fault::new(
        Code::Forbidden,
        "there is no such topic, or it is not for you",
    );
    let messages: Json = messages(&mismatch, &ended)
        .into_iter()
        .map(|(name, message)| {
            let text = String::from_utf8(message.to_json()).expect("UTF-8");
            json!({"name": name, "text": text})
        })
        .collect();
    let errors: Json = faults()
        .into_iter()
        .map(|(name, fault)| {
            let text = String::from_utf8(fault.to_json()).expect("UTF-8");
            json!({"name": name, "status": fault.code.status(), "text": text})
        })
        .collect();
    let nobody = ValueBody::new(
        "boards:42:cursors",
        Position {
            epoch: 0,
            sequence: 0,
        },
        Time::from_millis(1500),
        presence_runtime::topic::Counts {
            members: 0,
            users: 0,
        },
        Vec::new(),
    );
    let nobody = String::from_utf8(nobody.continued(17).to_json()).expect("UTF-8");
    let one = presence_runtime::topic::Counts {
        members: 2,
        users: 1,
    };
    let topic = TopicName::parse("boards:42:cursors").expect("a topic");
    let entry = RawValue::from_string("{\"member\":\"ann.g7j3dno6j6q54b34\"}".to_owned());
    let ann = User::parse("ann").expect("a user");
    let mut user = UserBody::new(&ann, Time::from_millis(1500));
    user.push(&topic, vec![entry.expect("JSON")]);
    user.continue_after(&topic);
    let user = String::from_utf8(user.to_json()).expect("UTF-8");
    let mut topics = TopicsBody::default();
    let at = Position {
        epoch: 0xbeef,
        sequence: 7,
    };
    topics.push(&topic, one, at);
    topics.continue_after(&topic);
    let topics = String::from_utf8(topics.to_json()).expect("UTF-8");
    let story = story();
    let mut history = HistoryBody::new(&topic, 64, Time::from_millis(100_000));
    for it in story.iter().rev() {
        history.push(it);
    }
    history.continue_before(7);
    let history = String::from_utf8(history.to_json()).expect("UTF-8");
    let heartbeat = String::from_utf8(acked(Some(30)).to_json()).expect("UTF-8");
    let mismatched = Acked {
        mismatch: Some(mismatch),
        ..acked(Some(30))
    };
    let mismatched = String::from_utf8(mismatched.to_json()).expect("UTF-8");
    let bodies = json!([
        {"name": "heartbeat", "text": heartbeat},
        {"name": "heartbeat: with a mismatch", "text": mismatched},
        {"name": "value: a page of nobody, and more", "text": nobody},
        {"name": "users: a page with an entry cut short, and more", "text": user},
        {"name": "topics: a page, and more", "text": topics},
        {"name": "history: everything that there is, and more", "text": history},
    ]);
    let vectors = json!({"messages": messages, "errors": errors, "bodies": bodies});
    file::compare("server", &vectors);
}

fn acked(secs: Option<u64>) -> Acked {
    let ack = Ack {
        change: Change::Joined,
        member: Member::parse("ann.g7j3dno6j6q54b34").expect("a member"),
        version: 17,
        expires_in: secs.map(std::time::Duration::from_secs),
    };
    let figures = HeartbeatFigures {
        heartbeat_ms: 10_000,
        throttle_ms: 50,
    };
    Acked {
        ack,
        figures,
        mismatch: None,
    }
}

fn messages<'a>(
    mismatch: &'a Mismatch,
    ended: &'a Fault,
) -> Vec<(&'static str, ServerMessage<'a>)> {
    let ok = |ack, left| ServerMessage::Ok { id: 7, ack, left };
    let limits = Limits {
        max_message_bytes: 16_384,
        max_topics: 128,
    };
    vec![
        (
            "welcome",
            ServerMessage::Welcome {
                session: Some("g7j3dno6j6q54b34"),
                user: Some("ann"),
                heartbeat_ms: 10_000,
                limits,
                expires_in_ms: None,
            },
        ),
        (
            "welcome: with a token that expires",
            ServerMessage::Welcome {
                session: Some("g7j3dno6j6q54b34"),
                user: Some("ann"),
                heartbeat_ms: 10_000,
                limits,
                expires_in_ms: Some(3_600_000),
            },
        ),
        (
            "expiring",
            ServerMessage::Expiring {
                expires_in_ms: 30_000,
            },
        ),
        (
            "ended",
            ServerMessage::Ended {
                topic: "boards:42:cursors",
                error: ended,
            },
        ),
        (
            "welcome: only watching",
            ServerMessage::Welcome {
                session: None,
                user: None,
                heartbeat_ms: 10_000,
                limits,
                expires_in_ms: None,
            },
        ),
        ("ok", ok(None, None)),
        ("ok: a heartbeat was done", ok(Some(acked(None)), None)),
        ("ok: a leave was done", ok(None, Some(true))),
        (
            "gone",
            ServerMessage::gone("boards:42:cursors", Reason::Kicked),
        ),
        ("mismatch", ServerMessage::Mismatch(mismatch)),
        ("status", ServerMessage::Status { remote: "stale" }),
        (
            "draining",
            ServerMessage::Draining {
                retry_after_ms: 1500,
            },
        ),
    ]
}

fn faults() -> Vec<(&'static str, Fault)> {
    let message = r#"{"type":"subscribe","topic":1,"sinse":"feed.2"}"#;
    let (_, request) = ClientMessage::parse(message).expect_err("it is wrong");
    let kicked = Refusal::Kicked {
        retry_after: std::time::Duration::from_millis(59_999),
    };
    vec![
        ("invalid_request: with details", request),
        ("too_large: with a detail", Fault::value_too_large(512, 530)),
        ("not_present", Refusal::NotPresent.into()),
        ("kicked: with a time to wait", kicked.into()),
        (
            "token_expired",
            Fault::new(Code::TokenExpired, "the token has \"expired\""),
        ),
    ]
}
