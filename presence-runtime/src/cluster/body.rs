//! What nodes tell each other of a member, inside of a [`Record`].

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{NodeId, Part, Record};
use crate::schema::{Schema, Value};
use crate::server::neighbours::Report;
use crate::topic::{Activity, Said, User};

/// The bits of a record's state.
const HIDDEN: u8 = 1;
const CONNECTED: u8 = 2;

/// The part that is a value.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    /// How long its member had been present when it said this, in milliseconds, where something in it decays.
    /// The engine says how long it is present, and so how old the value is.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    set: Option<u64>,
    #[serde(rename = "v", borrow)]
    value: &'a RawValue,
}

/// Why another node's record is of no use here: its application has another contract, mostly.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it is not written as this node writes: {0}")]
    Body(#[from] serde_json::Error),
    #[error("its value is not of the type that is registered here: {0}")]
    Value(#[from] crate::schema::Invalid),
}

/// What others are told of a member. What is as it mostly is, is empty.
pub(super) fn record(node: NodeId, report: &Report) -> Record {
    let Said {
        value,
        activity,
        following,
    } = report.said;
    let part = |n, body| Part { n, body };
    Record {
        node,
        member: report.member.clone(),
        digest: report.digest,
        n: report.n,
        present: report.present,
        state: u8::from(report.hidden) * HIDDEN + u8::from(report.connected) * CONNECTED,
        parts: [
            part(value, written(report)),
            part(activity, busy(report.activity)),
            part(following, listed(&report.following)),
        ],
    }
}

/// What another node says of a member, judged as everything is that comes from outside.
pub(super) fn report(schema: &'static Schema, record: &Record) -> Result<Report, Unreadable> {
    let [value, activity, following] = &record.parts;
    let body: Body<'_> = serde_json::from_slice(&value.body)?;
    let set = body.set.map(Duration::from_millis);
    let names: Vec<String> = match &*following.body {
        [] => Vec::new(),
        names => serde_json::from_slice(names)?,
    };
    Ok(Report {
        member: record.member.clone(),
        digest: record.digest,
        n: record.n,
        said: Said {
            value: value.n,
            activity: activity.n,
            following: following.n,
        },
        present: record.present,
        set: set.map_or(Duration::ZERO, |it| record.present.saturating_sub(it)),
        value: Value::parse(schema, body.value.get().as_bytes())?,
        activity: match &*activity.body {
            b"" => Activity::Active,
            b"1" => Activity::Idle,
            _ => Activity::Away,
        },
        following: names.iter().filter_map(|it| User::parse(it).ok()).collect(),
        hidden: record.state & HIDDEN != 0,
        connected: record.state & CONNECTED != 0,
    })
}

fn written(report: &Report) -> Bytes {
    let json = std::str::from_utf8(report.value.json()).expect("JSON is text");
    let set = report.present.saturating_sub(report.set).as_millis();
    let decays = report.value.decaying() != 0;
    let body = Body {
        set: decays.then(|| u64::try_from(set).unwrap_or(u64::MAX)),
        value: serde_json::from_str(json).expect("a value is JSON"),
    };
    let body = serde_json::to_vec(&body).expect("bodies have string keys only");
    Bytes::from(body)
}

const fn busy(activity: Activity) -> Bytes {
    Bytes::from_static(match activity {
        Activity::Active => b"",
        Activity::Idle => b"1",
        Activity::Away => b"2",
    })
}

fn listed(following: &[User]) -> Bytes {
    if following.is_empty() {
        return Bytes::new();
    }
    let names: Vec<_> = following.iter().map(User::as_str).collect();
    Bytes::from(serde_json::to_vec(&names).expect("names are strings"))
}
