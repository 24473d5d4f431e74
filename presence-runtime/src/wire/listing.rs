//! Answers about many topics: where a user is, and in which topics somebody is.

use serde::Serialize;
use serde_json::value::RawValue;

use super::position::format_position;
use super::server::CountsBody;
use crate::schema::TopicName;
use crate::topic::{Counts, Position, Time, User};

/// `GET /presence/users/{user}`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserBody<'a> {
    user: &'a str,
    now_ms: u64,
    topics: Vec<UserTopic>,
    /// What `?after=` takes for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct UserTopic {
    topic: String,
    members: Vec<Box<RawValue>>,
}

impl<'a> UserBody<'a> {
    /// A user of whom nothing is said yet.
    #[must_use]
    pub fn new(user: &'a User, now: Time) -> Self {
        Self {
            user: user.as_str(),
            now_ms: now.as_millis(),
            topics: Vec::new(),
            next: None,
        }
    }

    /// Adds a topic with the user's entries in it.
    pub fn push(&mut self, topic: &TopicName, members: Vec<Box<RawValue>>) {
        self.topics.push(UserTopic {
            topic: topic.to_string(),
            members,
        });
    }

    /// Says that the next page begins after this topic.
    pub fn continue_after(&mut self, topic: &TopicName) {
        self.next = Some(topic.to_string());
    }

    /// The body as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("bodies have string keys only")
    }
}

/// `GET /presence/topics`.
#[derive(Debug, Default, Serialize)]
pub struct TopicsBody {
    topics: Vec<TopicCounts>,
    /// What `?after=` takes for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct TopicCounts {
    topic: String,
    counts: CountsBody,
    at: String,
}

impl TopicsBody {
    /// Adds a topic that stands at this position.
    pub fn push(&mut self, topic: &TopicName, counts: Counts, at: Position) {
        self.topics.push(TopicCounts {
            topic: topic.to_string(),
            counts: counts.into(),
            at: format_position(at),
        });
    }

    /// Says that the next page begins after this topic.
    pub fn continue_after(&mut self, topic: &TopicName) {
        self.next = Some(topic.to_string());
    }

    /// The body as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("bodies have string keys only")
    }
}
