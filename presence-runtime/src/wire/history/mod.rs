//! What is said of a topic's history: in fields for programs, and in words for people.

mod words;

use serde::Serialize;

use super::server::millis;
use super::told::reason;
use crate::schema::TopicName;
use crate::topic::{Activity, Cause, Lease, Loss, Time, Transition, What};

/// `GET /presence/{topic}/history`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryBody<'a> {
    topic: &'a str,
    now_ms: u64,
    /// How many are remembered at most; 0 where none are.
    most: usize,
    /// The newest first.
    transitions: Vec<TransitionBody<'a>>,
    /// What `?before=` takes for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    now: Time,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TransitionBody<'a> {
    at_ms: u64,
    ago_ms: u64,
    member: String,
    user: &'a str,
    what: &'static str,
    text: String,
    #[serde(flatten)]
    details: Details,
}

/// What there is to say beside that it happened. Moments are on the topic's clock, as `atMs` is.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heard_at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grace_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_ms: Option<u64>,
}

impl<'a> HistoryBody<'a> {
    /// A history of which nothing is said yet, in a server that remembers so many of a topic.
    #[must_use]
    pub fn new(topic: &'a TopicName, most: usize, now: Time) -> Self {
        Self {
            topic: topic.as_str(),
            now_ms: now.as_millis(),
            most,
            transitions: Vec::new(),
            next: None,
            now,
        }
    }

    /// Adds what happened before the one that was added last.
    pub fn push(&mut self, transition: &'a Transition) {
        let Transition { at, member, what } = transition;
        self.transitions.push(TransitionBody {
            at_ms: at.as_millis(),
            ago_ms: millis(self.now.saturating_since(*at)),
            member: member.to_string(),
            user: member.user.as_str(),
            what: name(*what),
            text: words::of(*what, *at),
            details: Details::of(*what),
        });
    }

    /// Says that the next page is of those before this number.
    pub fn continue_before(&mut self, number: u64) {
        self.next = Some(number.to_string());
    }

    /// The body as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("bodies have string keys only")
    }
}

const fn name(what: What) -> &'static str {
    match what {
        What::Joined { .. } => "joined",
        What::Left { .. } => "left",
        What::Lost { .. } => "lost",
        What::Returned { .. } => "returned",
        What::Leaving { .. } => "leaving",
        What::Stayed => "stayed",
        What::TakenOver => "takenOver",
        What::Switched { .. } => "switched",
        What::Moved { .. } => "moved",
        What::Activity(_) => "activity",
        What::Hidden(_) => "hidden",
    }
}

const fn how_name(how: Loss) -> &'static str {
    match how {
        Loss::Broken => "broken",
        Loss::Closed => "closed",
        Loss::Silent => "silent",
        Loss::Stalled => "stalled",
        Loss::Expired => "expired",
        Loss::TakenOver => "takenOver",
        Loss::Draining => "draining",
        Loss::Refused => "refused",
        Loss::Stream => "stream",
        Loss::Node => "node",
    }
}

const fn activity_name(activity: Activity) -> &'static str {
    match activity {
        Activity::Active => "active",
        Activity::Idle => "idle",
        Activity::Away => "away",
    }
}

const fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Said => "said",
        Cause::Announced { .. } => "announced",
        Cause::Lost { .. } => "lost",
        Cause::Silent { .. } => "silent",
        Cause::Kicked { .. } => "kicked",
        Cause::Dismissed => "dismissed",
        Cause::Closed => "closed",
        Cause::Told(_) => "told",
    }
}

impl Details {
    fn of(what: What) -> Self {
        let mut details = Self::default();
        match what {
            What::Joined { lease } | What::Switched { lease } | What::Moved { lease } => {
                details.say_lease(lease);
            }
            What::Left { cause, joined } => {
                details.joined_at_ms = Some(joined.as_millis());
                details.say_cause(cause);
            }
            What::Lost { how, grace } => {
                details.how = Some(how_name(how));
                details.grace_ms = Some(millis(grace));
            }
            What::Returned { lost, lease } => {
                details.lost_at_ms = Some(lost.as_millis());
                details.say_lease(lease);
            }
            What::Leaving { after } => details.after_ms = Some(millis(after)),
            What::Stayed | What::TakenOver => {}
            What::Activity(is) => details.activity = Some(activity_name(is)),
            What::Hidden(hidden) => details.hidden = Some(hidden),
        }
        details
    }

    fn say_lease(&mut self, lease: Lease) {
        match lease {
            Lease::Connection(_) => self.lease = Some("connection"),
            Lease::Deadline { ttl } => {
                self.lease = Some("deadline");
                self.ttl_ms = Some(millis(ttl));
            }
            Lease::Node => self.lease = Some("node"),
        }
    }

    fn say_cause(&mut self, cause: Cause) {
        self.reason = Some(reason(cause.reason()));
        self.cause = Some(cause_name(cause));
        match cause {
            Cause::Announced { after } => self.after_ms = Some(millis(after)),
            Cause::Lost { how, since } => {
                self.how = Some(how_name(how));
                self.lost_at_ms = Some(since.as_millis());
            }
            Cause::Silent { heard, ttl, hidden } => {
                self.heard_at_ms = Some(heard.as_millis());
                self.ttl_ms = Some(millis(ttl));
                self.hidden = Some(hidden);
            }
            Cause::Kicked { refused } => self.refused_ms = Some(millis(refused)),
            Cause::Said | Cause::Dismissed | Cause::Closed | Cause::Told(_) => {}
        }
    }
}
