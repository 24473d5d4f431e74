//! What nodes tell each other of a member, inside of a [`Record`].

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{NodeId, Record};
use crate::schema::{Schema, Value};
use crate::server::neighbours::Report;
use crate::topic::{Activity, User};

/// A body. What is as it mostly is stays out.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    /// Somebody else than its node wrote this, who had heard something newer.
    #[serde(rename = "m", default, skip_serializing_if = "is_default")]
    mended: bool,
    /// The `n` of what the member said last, unless it is that of the record.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    said: Option<u64>,
    /// How long it had been present when it said this, in milliseconds, where something in that decays. The
    /// engine says how long it is present, and so how old the value is.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    set: Option<u64>,
    #[serde(rename = "v", borrow)]
    value: &'a RawValue,
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    activity: u8,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    following: Vec<String>,
    #[serde(rename = "h", default, skip_serializing_if = "is_default")]
    hidden: bool,
    #[serde(rename = "c", default, skip_serializing_if = "is_default")]
    connected: bool,
}

fn is_default<T: Default + PartialEq>(it: &T) -> bool {
    *it == T::default()
}

/// Why another node's record is of no use here: its application has another contract, mostly.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it is not written as this node writes: {0}")]
    Body(#[from] serde_json::Error),
    #[error("its value is not of the type that is registered here: {0}")]
    Value(#[from] crate::schema::Invalid),
}

/// What others are told of a member that is at this node.
pub(super) fn record(node: NodeId, report: &Report) -> Record {
    write(node, report, false)
}

/// What its node is told of a member that is there, and said something newer here.
pub(super) fn mended(node: NodeId, report: &Report) -> Record {
    write(node, report, true)
}

/// Whether a record of a member that is at this node was written by another.
pub(super) fn is_mended(record: &Record) -> bool {
    record.body.starts_with(br#"{"m":"#)
}

fn write(node: NodeId, report: &Report, mended: bool) -> Record {
    let json = std::str::from_utf8(report.value.json()).expect("JSON is text");
    let set = report.present.saturating_sub(report.set).as_millis();
    let decays = report.value.decaying() != 0;
    let body = Body {
        mended,
        set: decays.then(|| u64::try_from(set).unwrap_or(u64::MAX)),
        said: (report.said != report.n).then_some(report.said),
        value: serde_json::from_str(json).expect("a value is JSON"),
        activity: match report.activity {
            Activity::Active => 0,
            Activity::Idle => 1,
            Activity::Away => 2,
        },
        following: report.following.iter().map(ToString::to_string).collect(),
        hidden: report.hidden,
        connected: report.connected,
    };
    let body = serde_json::to_vec(&body).expect("bodies have string keys only");
    Record {
        node,
        member: report.member.clone(),
        digest: report.digest,
        n: report.n,
        present: report.present,
        body: Bytes::from(body),
    }
}

/// What another node says of a member, judged as everything is that comes from outside.
pub(super) fn report(schema: &'static Schema, record: &Record) -> Result<Report, Unreadable> {
    let body: Body<'_> = serde_json::from_slice(&record.body)?;
    let set = body.set.map(Duration::from_millis);
    let set = set.map_or(Duration::ZERO, |it| record.present.saturating_sub(it));
    let following = body.following.iter().filter_map(|it| User::parse(it).ok());
    Ok(Report {
        member: record.member.clone(),
        digest: record.digest,
        n: record.n,
        said: body.said.unwrap_or(record.n),
        present: record.present,
        set,
        value: Value::parse(schema, body.value.get().as_bytes())?,
        activity: match body.activity {
            0 => Activity::Active,
            1 => Activity::Idle,
            _ => Activity::Away,
        },
        following: following.collect(),
        hidden: body.hidden,
        connected: body.connected,
    })
}
