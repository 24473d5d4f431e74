//! What nodes tell all others and what they order, beside what is logged of topics.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::NodeId;
use crate::schema::TopicName;
use crate::server::neighbours::Order;
use crate::topic::{SessionId, User};

/// A message to all nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// This node hears itself: what it follows gets through.
    Echo(NodeId),
    /// An application ordered something at this node.
    Order(NodeId, Order),
}

#[derive(Serialize, Deserialize)]
struct Written<'a> {
    node: String,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    order: Option<What<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum What<'a> {
    Kick { topic: &'a str, session: &'a str },
    KickUser { topic: &'a str, user: &'a str },
    RemoveSession(&'a str),
    Reauthorize(&'a str),
    Revoke(&'a str),
}

impl Message {
    pub(super) fn to_bytes(&self) -> Bytes {
        let (node, order) = match self {
            Self::Echo(node) => (node, None),
            Self::Order(node, order) => (node, Some(What::of(order))),
        };
        let written = Written {
            node: node.to_string(),
            order,
        };
        Bytes::from(serde_json::to_vec(&written).expect("messages have string keys only"))
    }

    /// Reads a message; nothing when it is none that this node knows, as of a newer one.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let written: Written<'_> = serde_json::from_slice(bytes).ok()?;
        let node = NodeId::parse(&written.node)?;
        Some(match written.order {
            None => Self::Echo(node),
            Some(what) => Self::Order(node, what.order()?),
        })
    }
}

impl<'a> What<'a> {
    fn of(order: &'a Order) -> Self {
        match order {
            Order::Kick { topic, session } => Self::Kick {
                topic: topic.as_str(),
                session: session.as_str(),
            },
            Order::KickUser { topic, user } => Self::KickUser {
                topic: topic.as_str(),
                user: user.as_str(),
            },
            Order::RemoveSession(session) => Self::RemoveSession(session.as_str()),
            Order::Reauthorize(user) => Self::Reauthorize(user.as_str()),
            Order::Revoke(user) => Self::Revoke(user.as_str()),
        }
    }

    fn order(self) -> Option<Order> {
        Some(match self {
            Self::Kick { topic, session } => Order::Kick {
                topic: TopicName::parse(topic).ok()?,
                session: SessionId::parse(session).ok()?,
            },
            Self::KickUser { topic, user } => Order::KickUser {
                topic: TopicName::parse(topic).ok()?,
                user: User::parse(user).ok()?,
            },
            Self::RemoveSession(session) => Order::RemoveSession(SessionId::parse(session).ok()?),
            Self::Reauthorize(user) => Order::Reauthorize(User::parse(user).ok()?),
            Self::Revoke(user) => Order::Revoke(User::parse(user).ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_is_written() {
        let topic = TopicName::parse("boards:1:cursors").expect("a name");
        let session = SessionId::parse("g7j3dno6j6q54b34").expect("an id");
        let user = User::parse("ann@example.org").expect("a user");
        let orders = [
            Order::Kick {
                topic: topic.clone(),
                session,
            },
            Order::KickUser {
                topic,
                user: user.clone(),
            },
            Order::RemoveSession(session),
            Order::Reauthorize(user.clone()),
            Order::Revoke(user),
        ];
        let node = NodeId::new(7);
        let orders = orders.into_iter().map(|it| Message::Order(node, it));
        for message in orders.chain([Message::Echo(node)]) {
            assert_eq!(Message::parse(&message.to_bytes()), Some(message));
        }
        for bad in [
            &b"{}"[..],
            b"",
            br#"{"node":"0000000000000007","order":{"dance":"ann"}}"#,
        ] {
            assert_eq!(Message::parse(bad), None);
        }
    }
}
